"""What a school reads in the simulated Siècle: its divisions, its pupils, and their markers (SIE-06)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siecle_sync import contract
from siecle_sync.mock.models import (
    MockCouncil,
    MockDivision,
    MockEntry,
    MockFact,
    MockPupil,
    MockStatement,
    Source,
)


def find_division(*, uai: str, year: int, code: str, level: str = "3E") -> MockDivision:
    return MockDivision.objects.get(uai=uai, year=year, level=level, code=code)


def find_pupil(*, uai: str, year: int, eleve_id: int, level: str = "3E") -> MockPupil:
    return MockPupil.objects.select_related("division").get(uai=uai, year=year, level=level, eleve_id=eleve_id)


def council_of(division: MockDivision | None, phase: str) -> MockCouncil | None:
    return MockCouncil.objects.filter(division=division, phase=phase).first() if division else None


def is_open(division: MockDivision | None, phase: str) -> bool:
    council = council_of(division, phase)
    return council is not None and council.opened_at is not None


def entry_in_force(pupil: MockPupil, phase: str) -> MockEntry | None:
    """The family's last version taken, else the school's last one (SIE-02, SIE-03, SIE-10)."""
    taken = MockEntry.objects.filter(pupil=pupil, phase=phase, processed=True, replaced_at__isnull=True)
    return taken.order_by("source", "-version").first()  # FAMILY comes before SCHOOL


def statement_in_force(pupil: MockPupil, phase: str) -> MockStatement | None:
    return MockStatement.objects.filter(pupil=pupil, phase=phase, withdrawn_at__isnull=True).first()


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil of a list, in one phase."""

    pupil: MockPupil
    entry: MockEntry | None
    typed: MockEntry | None
    not_processed: tuple[MockEntry, ...]
    statement: MockStatement | None
    acknowledgement: MockFact | None
    answer: MockFact | None
    decision: MockFact | None

    @property
    def entered_online(self) -> bool:
        return self.entry is not None and self.entry.source == Source.FAMILY


def pupils_of(division: MockDivision, *, phase: str) -> list[PupilRow]:
    """The pupils of a division with their markers, in five queries."""
    pupils = list(MockPupil.objects.filter(division=division, present=True).select_related("division"))
    entries = MockEntry.objects.filter(pupil__in=pupils, phase=phase).order_by("version", "pk")
    statements = MockStatement.objects.filter(pupil__in=pupils, phase=phase, withdrawn_at__isnull=True)
    facts = MockFact.objects.filter(pupil__in=pupils).select_related("statement")
    facts = facts.order_by("-source", "at", "pk")  # what came online stands before what the school recorded
    return [
        row_of(
            pupil,
            [one for one in entries if one.pupil_id == pupil.pk],
            next((one for one in statements if one.pupil_id == pupil.pk), None),
            {(one.kind, one.statement_id): one for one in facts if one.pupil_id == pupil.pk},
        )
        for pupil in pupils
    ]


def row_of(
    pupil: MockPupil, entries: list[MockEntry], statement: MockStatement | None, facts: Mapping[Any, MockFact]
) -> PupilRow:
    standing = [one for one in entries if one.processed and one.replaced_at is None]
    online = [one for one in standing if one.source == Source.FAMILY]
    typed = [one for one in entries if one.source == Source.SCHOOL]
    about = statement.pk if statement else 0
    return PupilRow(
        pupil=pupil,
        entry=(online or standing or [None])[-1],
        typed=(typed or [None])[-1],
        not_processed=tuple(one for one in entries if not one.processed),
        statement=statement,
        acknowledgement=facts.get((contract.ACKNOWLEDGEMENT, about)),
        answer=facts.get((contract.ANSWER, about)),
        decision=next((one for (kind, _), one in facts.items() if kind == contract.DECISION), None),
    )
