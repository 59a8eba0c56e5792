"""The classes of access: who gets which status. Each says what the rules say, not what the code does today."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from tests.authorisation.roles import (
    ELSEWHERE,
    EVERYBODY,
    FAMILY,
    NO_PUPIL,
    NOBODY,
    SIGNED_IN,
    STAFF,
    STRANGERS,
    Role,
)
from tests.authorisation.states import When, acting

OK, SEE_OTHER, BAD, UNKNOWN, FORBIDDEN, NOWHERE, NO_METHOD = 200, 302, 400, 401, 403, 404, 405
CONFLICT, BADLY_FILLED = 409, 422


class Expects(Protocol):
    def expected(self, role: Role, when: When) -> int: ...

    def leaves(self, role: Role, when: When) -> bool: ...


class Access:
    """`expected(role, when)` is the status; `leaves(role, when)` says that such a request leaves something behind."""

    def __init__(self, *rules: tuple[Collection[Role], int], writers: Collection[Role] = ()) -> None:
        """The last rule that names a role counts; every role must be named."""
        self.statuses = {role: status for roles, status in rules for role in roles}
        self.writers = writers
        assert set(self.statuses) == set(EVERYBODY)

    def leaves(self, role: Role, when: When) -> bool:
        return role in self.writers

    def expected(self, role: Role, when: When) -> int:
        return self.statuses[role]


SIGN_IN = (NOBODY, SEE_OTHER)  # who is not signed in is led there, whatever the address

# --- pages for anyone -------------------------------------------------------------------------------------------------
PUBLIC = Access((EVERYBODY, OK))
PUBLIC_FORM_ACCEPTED = Access((EVERYBODY, SEE_OTHER))
VISITORS = Access((NOBODY, OK), (SIGNED_IN, SEE_OTHER))  # signing in, for who is not signed in yet
LED_AWAY = Access((EVERYBODY, SEE_OTHER))  # a step of a path that was not begun
NOT_OFFERED = Access((EVERYBODY, NOWHERE))  # a provider that is not configured here
NEVER_SO = Access((EVERYBODY, NO_METHOD))
NO_SECOND_FACTOR = Access(SIGN_IN, (SIGNED_IN, NOWHERE))
NO_IDENTITY = NO_SECOND_FACTOR  # no identity provider is linked to the accounts of the table
STAFF_GUIDE = Access(SIGN_IN, (SIGNED_IN, NOWHERE), (STAFF, OK))
STAFF_GUIDE_READ_ONLY = Access(SIGN_IN, (SIGNED_IN, NO_METHOD))
ACCOUNT = Access(SIGN_IN, (SIGNED_IN, OK))
ACCOUNT_READ_ONLY = Access(SIGN_IN, (SIGNED_IN, NO_METHOD))
ACCOUNT_LED = Access((EVERYBODY, SEE_OTHER))
REPRESENTATIVES = (Role.MOTHER, Role.FATHER, Role.OTHER_PARENT, Role.FORMER, Role.LEVEL_2, Role.LEVEL_3)
OWN_ADDRESS = Access(SIGN_IN, (SIGNED_IN, SEE_OTHER), (REPRESENTATIVES, OK))  # nobody else has one here (ACC-09)
OWN_ADDRESS_WRITTEN = Access(SIGN_IN, (SIGNED_IN, SEE_OTHER), writers=REPRESENTATIVES)

# --- the family's dossier: 404 for anyone else (ACC-06) ---------------------------------------------------------------
FAMILY_READS = Access(SIGN_IN, (SIGNED_IN, NOWHERE), (FAMILY, OK))


class AppealForm(Access):
    """Read where there is a decision to appeal; elsewhere it leads to the screen of the decision (ANS-07)."""

    def expected(self, role: Role, when: When) -> int:
        return SEE_OTHER if role in FAMILY and when is not When.HEAD else self.statuses[role]


FAMILY_READS_THE_APPEAL_FORM = AppealForm(SIGN_IN, (SIGNED_IN, NOWHERE), (FAMILY, OK))
FAMILY_IS_LED = Access(SIGN_IN, (SIGNED_IN, NOWHERE), (FAMILY, SEE_OTHER))  # to the screen of this verb
SCREEN_TAKES_NO_POST = ACCOUNT_READ_ONLY


@dataclass(frozen=True)
class FamilyActs:
    """A verb of the family: `by` may do it, in the states `when`. The pupil never does, unless of age (ACC-03)."""

    by: str
    when: tuple[When, ...]
    done: int = SEE_OTHER
    otherwise: int = CONFLICT
    never: int = FORBIDDEN
    writes: bool = True

    def expected(self, role: Role, when: When) -> int:
        if role not in FAMILY:
            return FAMILY_READS.expected(role, when)
        if role not in acting(when):
            return self.never
        return self.done if self.may(role, when) else self.otherwise

    def may(self, role: Role, when: When) -> bool:
        author, *others = acting(when)
        by = {"holder": (author,), "representative": (author, *others), "other": others}[self.by]
        return role in by and when in self.when

    def leaves(self, role: Role, when: When) -> bool:
        return self.writes and self.may(role, when)


OPEN = (When.ENTRY, When.OF_AGE, When.CHOICES)
HOLDER_WRITES = FamilyActs("holder", OPEN)  # ACC-04, ACC-05
HOLDER_OPENS_THE_FORM = FamilyActs("holder", OPEN, done=OK, otherwise=SEE_OTHER, never=SEE_OTHER, writes=False)
DRAFT_FORGOTTEN = FamilyActs("holder", OPEN, otherwise=SEE_OTHER, never=SEE_OTHER)  # one's own, if any (ENT-06)
OTHERS_OBJECT = FamilyActs("other", (When.ENTRY,))  # policy « objection »
REPRESENTATIVE_ACKNOWLEDGES = FamilyActs("representative", (When.OPINIONS,))  # OPI-03
HOLDER_ANSWERS = FamilyActs("holder", (When.PROPOSALS,))  # ANS-02
HOLDER_IS_ASKED_TO_CONFIRM = FamilyActs("holder", (When.PROPOSALS,), done=OK, writes=False)
OTHERS_AGREE = FamilyActs("other", (When.AGREEMENT,))  # ANS-06

# --- the staff: a family is led to the admin's own sign-in page, another school gets 404 (ACC-06) ---------------------
OUTSIDE = ((*NOBODY, *FAMILY, *STRANGERS), SEE_OTHER)
EVERY_STAFF = Access(OUTSIDE, (STAFF, OK))
EVERY_STAFF_LED = Access(OUTSIDE, (STAFF, SEE_OTHER))
EVERY_STAFF_REFUSED = Access(OUTSIDE, (STAFF, FORBIDDEN))
EVERY_STAFF_NOWHERE = Access(OUTSIDE, (STAFF, NOWHERE))
EVERY_READER = Access(OUTSIDE, (STAFF, OK), (NO_PUPIL, FORBIDDEN))
EVERY_READER_FINDS = Access(OUTSIDE, (STAFF, OK), (NO_PUPIL, NOWHERE))
EVERY_STAFF_NO_METHOD = Access(OUTSIDE, (STAFF, NO_METHOD))
LED_TO_THE_ONE_DOOR = Access((SIGNED_IN, FORBIDDEN), (NOBODY, SEE_OTHER), (STAFF, SEE_OTHER))
SUPERUSER = Access(OUTSIDE, (STAFF, FORBIDDEN), ((Role.SUPERUSER,), OK))
SUPERUSER_FINDS = Access(OUTSIDE, (STAFF, NOWHERE), ((Role.SUPERUSER,), OK))
OVERSEERS = (Role.NATIONAL, Role.SUPERUSER)
OVERSEER = Access(OUTSIDE, (STAFF, FORBIDDEN), (OVERSEERS, OK))
GOVERNORS = (Role.ACADEMY, Role.OTHER_ACADEMY, Role.SUPERUSER)
SUPERUSER_SAVES = Access(OUTSIDE, (STAFF, FORBIDDEN), ((Role.SUPERUSER,), SEE_OTHER), writers=(Role.SUPERUSER,))
LEAVING_THE_ADMIN = Access(OUTSIDE, (STAFF, OK))
EACH_ACADEMY_TYPES = Access(OUTSIDE, (STAFF, FORBIDDEN), (GOVERNORS, BADLY_FILLED))
EACH_ACADEMY_NOWHERE = Access(OUTSIDE, (STAFF, FORBIDDEN), (GOVERNORS, NOWHERE))
EACH_ACADEMY = Access(OUTSIDE, (STAFF, FORBIDDEN), (GOVERNORS, OK))
NIGHTS = Access(OUTSIDE, (STAFF, FORBIDDEN), (GOVERNORS, OK), (OVERSEERS, OK))
WORKERS = (Role.SECRETARY, Role.HEAD, Role.SUPERUSER)
DECIDERS = (Role.HEAD, Role.SUPERUSER)
VISITORS_OF_DOSSIERS = (Role.HEAD, Role.ACADEMY, Role.SUPERUSER)  # the support finds one: tests/orientation/test_see_as


def school_reads(status: int = OK, *, writes: bool = False) -> Access:
    """The school's staff, its académie and the administrator. `writes`: the history keeps that they did."""
    here = tuple(one for one in STAFF if one not in ELSEWHERE)
    return Access(OUTSIDE, (STAFF, status), (ELSEWHERE, NOWHERE), writers=here if writes else ())


def school_works(status: int = OK, *, writes: bool = False) -> Access:
    """Secretary and head (not who only reads; not the académie, which governs and does not run a school)."""
    return Access(
        OUTSIDE, (STAFF, FORBIDDEN), (ELSEWHERE, NOWHERE), (WORKERS, status), writers=WORKERS if writes else ()
    )


def school_undoes(status: int = OK) -> Access:
    """Who works in the school, and its académie (ACC-07)."""
    return Access(OUTSIDE, (STAFF, FORBIDDEN), (ELSEWHERE, NOWHERE), ((*WORKERS, Role.ACADEMY), status))


def school_visits(status: int = OK, *, writes: bool = False) -> Access:
    """Who may see a dossier as its family does: the head, the académie, the administrator."""
    visitors = VISITORS_OF_DOSSIERS
    return Access(
        OUTSIDE, (STAFF, FORBIDDEN), (ELSEWHERE, NOWHERE), (visitors, status), writers=visitors if writes else ()
    )


def each_visitor(status: int = OK) -> Access:
    """Looking for one's own dossiers, whichever they are; the support's are those that a family names."""
    visitors = (*VISITORS_OF_DOSSIERS, *ELSEWHERE)
    return Access(OUTSIDE, (STAFF, FORBIDDEN), (visitors, status), ((Role.NATIONAL,), FORBIDDEN))


def school_edits() -> Access:
    """The admin's own form of one row: who may write no row at all gets 403, whether this one exists or not."""
    return Access(OUTSIDE, (STAFF, FORBIDDEN), ((Role.OTHER_HEAD,), NOWHERE), (WORKERS, SEE_OTHER), writers=WORKERS)


def academy_reads(status: int = OK) -> Access:
    """What belongs to the académie is read by all its schools."""
    return Access(OUTSIDE, (STAFF, status), ((Role.OTHER_ACADEMY, *NO_PUPIL), NOWHERE))


def academy_alone(status: int = OK, *, writes: bool = False) -> Access:
    """What no school ever finds: a row of the académie's own desk."""
    allowed = (Role.ACADEMY, Role.SUPERUSER)
    return Access(OUTSIDE, (STAFF, NOWHERE), (allowed, status), writers=allowed if writes else ())


def academy_governs(status: int = OK, *, writes: bool = False) -> Access:
    allowed = (Role.ACADEMY, Role.SUPERUSER)
    return Access(
        OUTSIDE,
        (STAFF, FORBIDDEN),
        ((Role.OTHER_ACADEMY, *NO_PUPIL), NOWHERE),
        (allowed, status),
        writers=allowed if writes else (),
    )


@dataclass(frozen=True)
class PowerFirst:
    """Where the power is asked before the row: who has it nowhere gets 403, whether this row exists or not."""

    of: Expects

    def expected(self, role: Role, when: When) -> int:
        return FORBIDDEN if role in NO_PUPIL else self.of.expected(role, when)

    def leaves(self, role: Role, when: When) -> bool:
        return self.of.leaves(role, when)


@dataclass(frozen=True)
class StaffActs:
    """An act on one dossier, in the states `when`; in the others there is nothing to do, the dossier is shown again."""

    by: tuple[Role, ...]
    when: tuple[When, ...]
    done: int = OK
    writes: bool = False

    def expected(self, role: Role, when: When) -> int:
        if role in self.by:
            return self.done if when in self.when else SEE_OTHER
        return school_reads(FORBIDDEN).expected(role, when)

    def leaves(self, role: Role, when: When) -> bool:
        return self.writes and role in self.by and when in self.when


def head_decides(*when: When) -> tuple[StaffActs, StaffActs]:
    """The page and the act. The head alone: not the secretary, not the académie (ACC-08, OPI-05)."""
    return StaffActs(DECIDERS, when), StaffActs(DECIDERS, when, SEE_OTHER, writes=True)


def school_records(*when: When) -> tuple[StaffActs, StaffActs]:
    """The page and the act, by secretary or head: a fact that came on paper (ANS-07)."""
    return StaffActs(WORKERS, when), StaffActs(WORKERS, when, SEE_OTHER, writes=True)


# --- programs: a token, never a session -------------------------------------------------------------------------------
WRONG_SECRET = Access((EVERYBODY, UNKNOWN))  # a provider's: nobody here has it (tests/ledger/test_tracking.py)


def with_token(role: Role, status: int) -> Access:
    return Access((EVERYBODY, UNKNOWN), ((role,), status))
