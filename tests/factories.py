"""One small world for the tests: a school, a division, a family, a campaign of 3e with its calendar."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from families.models import Academy, Division, Guardianship, Representative, School, StaffMembership, Student, User
from ledger import clock, journal
from ledger.journal import SIECLE, Actor
from ledger.models import ActorKind, OutgoingEmail
from orientation.enums import Phase, Proposal, WindowKind
from orientation.models import (
    Campaign,
    ClassCouncil,
    CouncilAnswer,
    CouncilStatement,
    Decision,
    Dossier,
    PhaseWindow,
    StatementWithdrawal,
    Submission,
)
from orientation.models.campaign import DEFAULT_POLICIES
from orientation.pathways import Choice

NUMBERS = count(1)

# The year of the tests, in UTC; the school is in Paris (UTC+1, then UTC+2 from 29 March).
INTENTIONS_OPEN = datetime(2026, 1, 12, 7, tzinfo=UTC)
INTENTIONS_CLOSE = datetime(2026, 2, 20, 23, tzinfo=UTC)
OPINIONS_OPEN = datetime(2026, 3, 2, 7, tzinfo=UTC)
OPINIONS_CLOSE = datetime(2026, 4, 30, 22, tzinfo=UTC)
CHOICES_OPEN = datetime(2026, 4, 27, 6, tzinfo=UTC)
CHOICES_CLOSE = datetime(2026, 5, 29, 22, tzinfo=UTC)
PROPOSALS_OPEN = datetime(2026, 6, 2, 6, tzinfo=UTC)
PROPOSALS_CLOSE = datetime(2026, 6, 12, 22, tzinfo=UTC)

DURING_INTENTIONS = datetime(2026, 1, 20, 18, tzinfo=UTC)
DURING_OPINIONS = datetime(2026, 3, 10, 18, tzinfo=UTC)
DURING_CHOICES = datetime(2026, 5, 5, 18, tzinfo=UTC)
DURING_PROPOSALS = datetime(2026, 6, 5, 18, tzinfo=UTC)

GT = Choice("2GT")
PRO = Choice("2PRO", free_text="Métiers de l’alimentation", apprentice_status=True)
CAP = Choice("CAP", free_text="Boulanger", school_status=True)

CALENDAR = {
    (Phase.PROVISIONAL, WindowKind.ENTRY): (INTENTIONS_OPEN, INTENTIONS_CLOSE),
    (Phase.PROVISIONAL, WindowKind.CONSULTATION): (OPINIONS_OPEN, OPINIONS_CLOSE),
    (Phase.DEFINITIVE, WindowKind.ENTRY): (CHOICES_OPEN, CHOICES_CLOSE),
    (Phase.DEFINITIVE, WindowKind.CONSULTATION): (PROPOSALS_OPEN, PROPOSALS_CLOSE),
}


def academy(code: str = "10", **values: Any) -> Academy:
    defaults = {"name": "Lyon", "sender_email": "orientation@ac-lyon.invalid", **values}
    return Academy.objects.get_or_create(code=code, defaults=defaults)[0]


def school(**values: Any) -> School:
    number = next(NUMBERS)
    letter = "ABCDEFGHJKLMNPRSTUVWXYZ"[(690000 + number) % 23]
    defaults = {
        "uai": f"{690000 + number:07}{letter}",
        "name": f"Collège Lucie-Aubrac {number}",
        "phone": "04 00 00 00 00",
        "email": f"ce.{number}@college.invalid",
        **values,
    }
    defaults.setdefault("academy", academy())
    return School.objects.create(**defaults)


def campaign(*, of: Academy | None = None, level: str = "3E", **values: Any) -> Campaign:
    made, created = Campaign.objects.get_or_create(
        academy=of or academy(), year=2025, level=level, defaults={**DEFAULT_POLICIES[level], **values}
    )
    if created:
        PhaseWindow.objects.bulk_create(
            PhaseWindow(campaign=made, phase=phase, kind=kind, opens_at=opens_at, closes_at=closes_at)
            for (phase, kind), (opens_at, closes_at) in CALENDAR.items()
        )
    return made


def division(of: School, code: str = "3 A") -> Division:
    return Division.objects.get_or_create(school=of, year=2025, code=code)[0]


def user(name: str = "", **values: Any) -> User:
    return User.objects.create_user(name or f"compte{next(NUMBERS)}", password="mot-de-passe-solide", **values)


def student(of: Division, **values: Any) -> Student:
    number = next(NUMBERS)
    defaults = {
        "school": of.school, "division": of, "year": of.year, "level": "3E", "siecle_id": number,
        "ine": f"{number:09}AA", "family_name": "Martin", "first_name": f"Camille{number}",
        "birth_date": datetime(2011, 3, 14, tzinfo=UTC).date(), "mef": "10310019110", **values,
    }  # fmt: skip
    return Student.objects.create(**defaults)


def representative(of: Student, *, level: int = 1, account: bool = True, **values: Any) -> Representative:
    number = next(NUMBERS)
    defaults = {
        "school": of.school, "siecle_id": number, "family_name": "Martin", "first_name": f"Dominique{number}",
        "email": f"parent{number}@exemple.invalid", **values,
    }  # fmt: skip
    if account:
        defaults.setdefault("user", user())
    person = Representative.objects.create(**defaults)
    Guardianship.objects.create(student=of, representative=person, level=level, kinship="10")
    return person


@dataclass
class Family:
    """A pupil with a dossier, the given number of legal representatives, and everybody's account."""

    dossier: Dossier
    student: Student
    parents: list[Representative] = field(default_factory=list)

    @property
    def mother(self) -> Representative:
        return self.parents[0]

    @property
    def father(self) -> Representative:
        return self.parents[1]


def family(
    *, parents: int = 2, of: Division | None = None, policies: dict[str, Any] | None = None, **pupil: Any
) -> Family:
    where = of or division(school())
    child = student(where, user=user(), **pupil)
    made = campaign(of=where.school.academy, level=child.level, **(policies or {}))
    dossier = Dossier.objects.create(campaign=made, student=child)
    return Family(dossier, child, [representative(child) for _ in range(parents)])


def sibling(of: Family, **pupil: Any) -> Family:
    """Another child of the same parents and class, with a dossier of their own: a twin when born the same day."""
    child = student(of.student.division, user=user(), birth_date=of.student.birth_date, **pupil)
    for person in of.parents:
        Guardianship.objects.create(student=child, representative=person, level=1, kinship="10")
    return Family(Dossier.objects.create(campaign=of.dossier.campaign, student=child), child, of.parents)


def loses_authority(of: Family, person: Representative) -> None:
    """Siècle no longer has the link: the import of the day ends it."""
    Guardianship.objects.filter(student=of.student, representative=person).update(ended_on=clock.now().date())


def changes_division(of: Family, code: str = "3 B") -> Division:
    of.student.division = division(of.student.school, code)
    of.student.save()
    return of.student.division


def leaves(of: Family, on: date = date(2026, 2, 1)) -> None:
    """As the import of Siècle writes it: out of the campaign since that day."""
    of.student.scope, of.student.scope_reason, of.student.leaves_on = "OUT", "LEFT", on
    of.student.save()


def actor(person: Representative | Student, sid: Any = None) -> Actor:
    kind = ActorKind.STUDENT if isinstance(person, Student) else ActorKind.REPRESENTATIVE
    return Actor(kind, person.uuid, person.full_name, sid)


def staff(of: School | Academy | None, role: str = "HEAD") -> User:
    """`of`: nothing for the roles of the whole country."""
    person = user(is_staff=True)
    scope = {"school" if isinstance(of, School) else "academy": of}
    StaffMembership.objects.create(user=person, role=role, **scope)
    return person


def council(of: Family, phase: str = Phase.PROVISIONAL, *, opened_at: datetime | None = None) -> ClassCouncil:
    made = ClassCouncil.objects.update_or_create(
        campaign=of.dossier.campaign, division=of.student.division, phase=phase, defaults={"opened_at": opened_at}
    )[0]
    if opened_at is not None:
        told = {"school": of.student.school.uai, "division": of.student.division.code, "phase": phase}
        journal.write(verb="council_opened", by=SIECLE, at=opened_at, council=str(made.uuid), **told)
    return made


# --- what a night writes, with its line of history and its letters
def line(of: Family, verb: str, *, at: datetime, **data: Any) -> None:
    legal = Representative.objects.filter(
        guardianships__student=of.student, guardianships__level=1, guardianships__ended_on__isnull=True
    )
    then = {"division": of.student.division_id, "legal": [str(one.uuid) for one in legal]}
    journal.write(verb=verb, by=SIECLE, at=at, dossier=of.dossier.uuid, then=then, **data)


def letters(of: Family, kind: str, *, about: UUID, at: datetime) -> None:
    """Already sent: a test that counts what leaves begins after them."""
    for person in of.parents:
        OutgoingEmail.objects.create(
            kind=kind, recipient_uuid=person.uuid, dossier_uuid=of.dossier.uuid, about=about, state="SENT",
            dedup_key=f"{kind}:{about}:{person.uuid}", not_before=at, created_at=at, sent_at=at,
        )  # fmt: skip


def accepted(of: Family, entry: Submission) -> None:
    """Siècle took this entry."""
    if not of.dossier.receipts.filter(ref=entry.uuid).exists():
        of.dossier.receipts.create(kind="SUBMISSION", ref=entry.uuid, outcome="ACCEPTED", at=entry.submitted_at)


def left_aside(of: Family, entry: Submission, *, at: datetime) -> None:
    """Siècle had no night to take this entry before the council opened (SIE-03)."""
    of.dossier.receipts.create(kind="SUBMISSION", ref=entry.uuid, outcome="NOT_PROCESSED", at=at)
    line(of, "entry_not_processed", at=at, kind="SUBMISSION", ref=str(entry.uuid))
    letters(of, "entry_not_processed", about=entry.uuid, at=at)


def withdraw(of: Family, said: CouncilStatement, *, at: datetime, reason: str = "CHANGED") -> None:
    StatementWithdrawal.objects.create(statement=said, at=at, reason=reason)
    line(of, "statement_withdrawn", at=at, statement=str(said.uuid), phase=said.phase, version=said.version)


def decided(
    of: Family, *pathways: str, origin: str = "HEAD", at: datetime, notified_on: date | None = None
) -> Decision:
    """The head's decision after a meeting, or the appeal commission's."""
    made = Decision.objects.create(
        dossier=of.dossier, origin=origin, at=at, notified_on=notified_on, siecle_ref=f"test-{next(NUMBERS)}"
    )
    for pathway in pathways:
        made.pathways.create(pathway=pathway)
    line(of, "decision_made", at=at, decision=str(made.uuid), origin=origin)
    letters(of, "decision_recorded", about=made.uuid, at=at)
    return made


def typed(
    of: Family, phase: str, *choices: Choice, at: datetime, asked_by: str = "", asked_on: date | None = None
) -> Submission:
    """What the school types, of its own (SIE-10) or because the family asked for a change (SIE-04)."""
    versions = Submission.objects.filter(dossier=of.dossier, phase=phase)
    made = Submission.objects.create(
        dossier=of.dossier, phase=phase, version=versions.count() + 1, author_kind="SCHOOL", choice_count=len(choices),
        author_name="le secrétariat", submitted_at=at, asked_by=asked_by, asked_on=asked_on,
        siecle_ref=f"test-{next(NUMBERS)}",
    )  # fmt: skip
    for rank, choice in enumerate(choices, start=1):
        made.choices.create(rank=rank, **choice.as_json())
    verb = "entry_changed_by_school" if asked_by else "school_entry_received"
    asked = {"asked_by": asked_by, "asked_on": asked_on.isoformat()} if asked_on else {}
    line(of, verb, at=at, submission=str(made.uuid), phase=phase, version=made.version, **asked)
    if asked_by:
        letters(of, verb, about=made.uuid, at=at)
        for said in of.dossier.statements.filter(phase=phase, withdrawal__isnull=True):
            withdraw(of, said, at=at, reason="ENTRY_CHANGED")
    return made


def statement(
    of: Family,
    phase: str = Phase.PROVISIONAL,
    *,
    answers: list[tuple[Choice, str]],
    beside: list[Choice] | None = None,
    published_at: datetime,
    submission: Submission | None = None,
    told: bool = True,
) -> CouncilStatement:
    """What the council says, as the night publishes it. `beside`: pathways not asked for.

    What it answers is taken, the council open, the former version withdrawn, the family `told`.
    """
    received_at = published_at - timedelta(hours=4)
    _before_a_statement(of, phase, submission, received_at)
    version = CouncilStatement.objects.filter(dossier=of.dossier, phase=phase).count() + 1
    made = CouncilStatement.objects.create(
        division=of.student.division,
        dossier=of.dossier, phase=phase, version=version, submission=submission, published_at=published_at,
        entered_at=published_at - timedelta(days=1), received_at=received_at,
        siecle_ref=f"test-{next(NUMBERS)}",
    )  # fmt: skip
    lines = [(choice, value, True) for choice, value in answers]
    lines += [(choice, Proposal.YES if phase == Phase.DEFINITIVE else "Favorable", False) for choice in beside or []]
    CouncilAnswer.objects.bulk_create(
        CouncilAnswer(
            statement=made, position=position, pathway=choice.pathway, series=choice.series, requested=requested,
            value=value,
        )
        for position, (choice, value, requested) in enumerate(lines, start=1)
    )  # fmt: skip
    line(of, "statement_published", at=received_at, statement=str(made.uuid), phase=phase, version=version)
    kind = "proposals_available" if phase == Phase.DEFINITIVE else "opinions_available"
    if told:
        letters(of, kind, about=made.uuid, at=received_at)
    return made


def _before_a_statement(of: Family, phase: str, submission: Submission | None, received_at: datetime) -> None:
    if submission is not None and submission.author_kind != "SCHOOL":
        accepted(of, submission)
    sitting = ClassCouncil.objects.filter(campaign=of.dossier.campaign, division=of.student.division, phase=phase)
    if not sitting.filter(opened_at__isnull=False).exists():
        council(of, phase, opened_at=received_at - timedelta(hours=21))
    for said in of.dossier.statements.filter(phase=phase, withdrawal__isnull=True):
        withdraw(of, said, at=received_at)
