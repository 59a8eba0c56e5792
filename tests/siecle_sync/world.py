"""A school's life around Siècle: families enter, the night passes, the school works in Siècle Orientation."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from families.models import Academy, Representative
from ledger import clock
from ledger.models import OutgoingEmail
from orientation.actions.answer import answer_proposals
from orientation.actions.entry import submit_choices
from orientation.actions.opinions import acknowledge
from orientation.models import CouncilStatement, Submission
from orientation.pathways import Choice
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision, MockPupil
from siecle_sync.models import Run
from siecle_sync.night import run_night
from tests import factories
from tests.factories import DURING_OPINIONS, GT, PRO, Family, actor

BOTH = ["default", "siecle_mock"]
FIRST_NIGHT = datetime(2026, 1, 21, 1, tzinfo=UTC)  # two o'clock in Paris
COUNCIL_DAY = datetime(2026, 3, 2, 16, tzinfo=UTC)
SECOND_NIGHT = datetime(2026, 3, 3, 1, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 5, tzinfo=UTC)  # six o'clock in Paris


def enters(
    family: Family, *choices: Choice, by: Representative | None = None, phase: str = "PROVISIONAL"
) -> Submission:
    versions = Submission.objects.filter(dossier=family.dossier, phase=phase).exclude(author_kind="SCHOOL")
    base = max(versions.values_list("version", flat=True), default=0)
    return submit_choices(
        dossier=family.dossier.uuid, phase=phase, choices=choices or (factories.GT,), base_version=base,
        by=actor(by or family.mother),
    )  # fmt: skip


def night(at: datetime) -> Run:
    """Play the night at this instant and return the last run."""
    clock.pretend(at)
    run_night(Academy.objects.get(pk="10"))
    return Run.objects.latest("pk")


def pupil(family: Family) -> MockPupil:
    student = family.student
    return desk.find_pupil(uai=student.school.uai, year=2025, eleve_id=student.siecle_id)


def division(family: Family) -> MockDivision:
    where = family.student.division
    return desk.find_division(uai=where.school.uai, year=2025, code=where.code)


def opens(family: Family, *, at: datetime = COUNCIL_DAY, phase: str = "PROVISIONAL") -> None:
    clock.pretend(at)
    desk.open_council(division(family), phase=phase, held_on=at.date())


def says(family: Family, *answers: tuple[str, str], phase: str = "PROVISIONAL") -> None:
    lines = [{"pathway": pathway, "value": value} for pathway, value in answers]
    desk.type_statement(pupil(family), phase=phase, answers=lines)


def acknowledges(family: Family, statement: UUID) -> None:
    acknowledge(dossier=family.dossier.uuid, statement=statement, by=actor(family.mother))


def answers(family: Family, statement: UUID, kind: str, *accepted: tuple[str, str]) -> None:
    answer_proposals(
        dossier=family.dossier.uuid, statement=statement, kind=kind, accepted=accepted, by=actor(family.mother)
    )


def letters(kind: str) -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(kind=kind).order_by("created_at"))


def published(family: Family, phase: str = "PROVISIONAL") -> CouncilStatement:
    return CouncilStatement.objects.filter(dossier=family.dossier, phase=phase).latest("version")


def until_opinions(family: Family, *answers: tuple[str, str]) -> Run:
    enters(family, GT)
    night(FIRST_NIGHT)
    opens(family)
    says(family, *(answers or [("2GT", "Favorable")]))
    return night(SECOND_NIGHT)


def until_proposals(family: Family, *answers: tuple[str, str]) -> Run:
    until_opinions(family)
    clock.pretend(DURING_OPINIONS)
    acknowledges(family, published(family).uuid)
    clock.pretend(factories.DURING_CHOICES)
    enters(family, GT, PRO, phase="DEFINITIVE")
    night(factories.DURING_CHOICES.replace(day=6, hour=0))
    opens(family, at=factories.DURING_PROPOSALS - timedelta(days=2), phase="DEFINITIVE")
    says(family, *(answers or [("2GT", "NON"), ("2PRO", "OUI")]), phase="DEFINITIVE")
    return night(factories.DURING_PROPOSALS - timedelta(days=1, hours=18))


def four_read_their_opinions() -> list[Family]:
    """Four pupils of one division, whose opinions are known."""
    clock.freeze(factories.DURING_INTENTIONS)
    first = factories.family()
    homes = [first, *(factories.family(of=first.student.division) for _ in range(3))]
    for one in homes:
        enters(one)
    night(FIRST_NIGHT)
    opens(first)
    for one in homes:
        says(one, ("2GT", "Favorable"))
    night(SECOND_NIGHT)
    assert CouncilStatement.objects.count() == 4
    clock.freeze(SECOND_NIGHT + timedelta(hours=10))
    return homes
