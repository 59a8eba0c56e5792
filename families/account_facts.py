"""What « Mon compte » says of an account: its ways in, its children, who else reads them, where it was used."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from families.models import Attachment, Guardianship, Representative, Student, User, Way
from families.oidc.claims import Who
from families.oidc.parties import KINDS, Party, parties
from families.powers import zone_of
from families.sessions import open_sessions

RECENT = 10  # sign-ins shown
LIVE = Prefetch("attachments", Attachment.objects.filter(ended_at=None), to_attr="live")
MEANS = {Way.CODE: "avec le code remis par l’établissement", Way.INE: "par le numéro national de l’élève"}


@dataclass(frozen=True, slots=True)
class Tie:
    """An account that reads a child: its owner's name, since when (None: before this was kept), and by what means."""

    name: str
    since: datetime | None = None
    means: str = ""
    of_pupil: bool = False


@dataclass(slots=True)
class Child:
    """`mine`: how this account came to the child; `others`: the other persons whose account reads them too (ACC-06)."""

    student: Student
    mine: Tie | None = None
    others: list[Tie] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Linked:
    slug: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How an account signs in. `offered`: the providers that may vouch for its owner and are not linked yet."""

    password: bool
    linked: list[Linked]
    offered: list[Party]

    @property
    def may_unlink(self) -> bool:
        """Never the last way in."""
        return self.password or len(self.linked) > 1


@dataclass(frozen=True, slots=True)
class Use:
    """A sign-in, or a session (`sid`, `last_at`) that is open. `device` and `provider` are "" when not known."""

    at: datetime | None
    device: str
    provider: str
    sid: UUID | None = None
    last_at: datetime | None = None


def children_of(user: User) -> list[Child]:
    """The children this account reads, with the accounts that read them: their owners' names and a date, no more.

    Four queries at most, whatever the number of children.
    """
    students = (
        Student.objects.visible_to(user)
        .select_related("school__academy", "division")
        .prefetch_related(LIVE)
        .order_by("first_name", "pk")
    )
    links = (
        Guardianship.objects.legal()
        .filter(student__in=students, representative__user__isnull=False)
        .select_related("representative")
        .prefetch_related(Prefetch("representative__attachments", LIVE.queryset, to_attr="live"))
        .order_by("representative__family_name", "representative__first_name", "pk")
    )
    children = {student.pk: Child(student) for student in students}
    for child in children.values():
        _place(child, child.student, user)
    for link in links:
        _place(children[link.student_id], link.representative, user)
    return list(children.values())


def _place(child: Child, person: Representative | Student, user: User) -> None:
    if person.user_id == user.pk:
        child.mine = _tie(person)
    elif person.user_id is not None:
        child.others.append(_tie(person))


def _tie(person: Representative | Student) -> Tie:
    of_pupil = isinstance(person, Student)
    kept: list[Attachment] = person.live  # type: ignore[union-attr]
    if not kept:
        return Tie(person.full_name, of_pupil=of_pupil)
    return Tie(person.full_name, kept[0].at, MEANS[Way(kept[0].way)], of_pupil)


def ways_in(user: User, children: list[Child]) -> WaysIn:
    rows = user.identities.order_by("linked_at", "pk")
    linked = [Linked(one.provider, name_of(one.provider), one.linked_at) for one in rows]
    who, slugs = whom(user, children), {one.slug for one in linked}
    offered = [one for one in parties() if one.slug not in slugs and one.who & who]
    return WaysIn(user.has_usable_password(), linked, offered)


def whom(user: User, children: list[Child]) -> set[Who]:
    """As whom a provider may present this account's owner."""
    if any(child.student.user_id == user.pk for child in children):
        return {Who.PUPIL}
    as_staff = {Who.STAFF} if user.is_staff else set()
    return as_staff | {Who.REPRESENTATIVE} if children or not user.is_staff else as_staff


def name_of(way: str) -> str:
    """« FranceConnect »; "" for the password. A provider that is not offered any more keeps its name."""
    return KINDS[way].name if way in KINDS else way


def sign_ins(user: User) -> list[Use]:
    """The last ones, the latest first."""
    return [Use(one.at, one.device, name_of(one.way)) for one in user.sign_ins.order_by("-at")[:RECENT]]


def sessions_of(user: User, key: str | None) -> tuple[list[Use], list[Use]]:
    """The session of this key, then those open elsewhere, the last used first."""
    here: list[Use] = []
    elsewhere: list[Use] = []
    for one in open_sessions(user).defer("session_data"):
        use = Use(one.began_at, one.device, name_of(one.way), one.sid, one.last_activity_at)
        (here if one.session_key == key else elsewhere).append(use)
    return here, elsewhere


def zone_for(user: User, children: list[Child]) -> ZoneInfo:
    """In which time zone the hours of this account are said: of a child's school, else of one's own (CAL-02)."""
    return children[0].student.school.timezone if children else zone_of(user)
