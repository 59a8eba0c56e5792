"""Facts written by hand for the rules: no database, no clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from orientation.facts import (
    AnswerLine,
    CouncilFact,
    Facts,
    FamilyAnswerFact,
    PenFact,
    Person,
    Policies,
    SignatureFact,
    StatementFact,
    SubmissionFact,
    Window,
)
from orientation.pathways import Choice

MOTHER = UUID(int=1)
FATHER = UUID(int=2)
THIRD = UUID(int=3)
PUPIL = UUID(int=9)
STRANGER = UUID(int=99)
GT, PRO, CAP = Choice("2GT"), Choice("2PRO"), Choice("CAP")

P, D = "PROVISIONAL", "DEFINITIVE"
ENTRY, CONSULTATION = "ENTRY", "CONSULTATION"


def day(month: int, day_: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day_, hour, tzinfo=UTC)


WINDOWS = {
    (P, ENTRY): Window(day(1, 12), day(2, 20)),
    (P, CONSULTATION): Window(day(3, 2), day(4, 30)),
    (D, ENTRY): Window(day(4, 27), day(5, 29)),
    (D, CONSULTATION): Window(day(6, 2), day(6, 12)),
}
PERSONS = (Person(MOTHER, "Ana Martin"), Person(FATHER, "Luc Martin"), Person(THIRD, "Zoé Petit"))


def facts(*, parents: int = 2, policies: dict[str, Any] | None = None, **values: Any) -> Facts:
    base = Facts(
        id=1,
        uuid=UUID(int=100),
        level="3E",
        policies=Policies(**(policies or {})),
        timezone=ZoneInfo("Europe/Paris"),
        student=PUPIL,
        student_name="Camille Martin",
        birth_date=date(2011, 3, 14),
        representatives=PERSONS[:parents],
        windows=tuple(WINDOWS.items()),
    )
    return replace(base, **values)


def entry(by: UUID | None = MOTHER, phase: str = P, version: int = 1, **values: Any) -> SubmissionFact:
    kind = "SCHOOL" if by is None else "STUDENT" if by == PUPIL else "REPRESENTATIVE"
    base = SubmissionFact(
        UUID(int=1000 + version + (500 if phase == D else 0)), phase, version, kind, by, "qui", day(1, 15), (GT, PRO)
    )
    return replace(base, **values)


def line(choice: Choice, value: str, *, requested: bool = True) -> AnswerLine:
    return AnswerLine(1, choice.pathway, choice.series, requested, value)


def opinions(*, version: int = 1, acknowledged: bool = False, **values: Any) -> StatementFact:
    base = StatementFact(
        UUID(int=2000 + version), P, version, UUID(int=1001), day(3, 5), (line(GT, "Favorable"), line(PRO, "Réservé"))
    )
    signature = SignatureFact(UUID(int=1), MOTHER, "Ana Martin", day(3, 6)) if acknowledged else None
    return replace(base, acknowledgement=signature, **values)


def proposals(*, answer: FamilyAnswerFact | None = None, **values: Any) -> StatementFact:
    base = StatementFact(
        UUID(int=3000), D, 1, UUID(int=1501), day(6, 3),
        (line(GT, "NON"), line(PRO, "OUI"), line(CAP, "OUI", requested=False)), family_answer=answer,
    )  # fmt: skip
    return replace(base, **values)


def answer(kind: str = "ACCEPTED", by: UUID = MOTHER, **said: bool) -> FamilyAnswerFact:
    """`said`: FATHER=True, THIRD=False… the agreements given."""
    persons = {"FATHER": FATHER, "THIRD": THIRD}
    agreements = tuple(
        SignatureFact(UUID(int=70), persons[name], name, day(6, 5), agrees) for name, agrees in said.items()
    )
    accepted = (("2PRO", ""),) if kind == "ACCEPTED" else ()
    return FamilyAnswerFact(UUID(int=60), kind, "REPRESENTATIVE", by, "qui", day(6, 4), accepted, agreements)


def pen(holder: UUID, phase: str = P) -> dict[str, Any]:
    return {"pens": ((phase, PenFact(holder, "qui")),)}


def council(phase: str = P, opened_at: datetime | None = None) -> dict[str, Any]:
    return {"councils": ((phase, CouncilFact(None, opened_at or day(2, 10))),)}


SECOND = timedelta(seconds=1)
