"""What a school reads in the simulated Siècle: its divisions, its pupils, and their markers (SIE-06)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from siecle_sync import contract
from siecle_sync.mock.models import (
    MockCouncil,
    MockDivision,
    MockEntry,
    MockFact,
    MockOutbound,
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
    """The family's last version taken, changed by the school or not, else the school's last one (SIE-02…04, SIE-10)."""
    entries = MockEntry.objects.filter(pupil=pupil, phase=phase).order_by("version", "pk")
    return standing_among(entries, changes_among(entries))


def standing_among(entries: Iterable[MockEntry], changes: Mapping[str, MockOutbound]) -> MockEntry | None:
    """Of the versions of one request, oldest first. What a change replaces is marked so."""
    standing = [one for one in entries if one.processed and one.replaced_at is None]
    online = [one for one in standing if one.source == Source.FAMILY]
    changed = [one for one in standing if one.ref in changes]
    candidates = online or changed or standing
    return candidates[-1] if candidates else None


def changes_among(entries: Iterable[MockEntry]) -> dict[str, MockOutbound]:
    """Those made at the family's request (SIE-04), and what the service was told of them: who asked, and when."""
    refs = [one.ref for one in entries if one.source == Source.SCHOOL]
    told = MockOutbound.objects.filter(kind=contract.SCHOOL_CHANGE, ref__in=refs) if refs else []
    return {one.ref: one for one in told}


def statement_in_force(pupil: MockPupil, phase: str) -> MockStatement | None:
    return MockStatement.objects.filter(pupil=pupil, phase=phase, withdrawn_at__isnull=True).first()


def version_of(entry: MockEntry | None, statement: MockStatement | None) -> str:
    """What tells one state of a pupil's council from the next: the request it answers, and what it said of it."""
    return f"{entry.ref if entry else ''}/{statement.ref if statement else ''}"


def typed_by(statements: Iterable[MockStatement]) -> dict[str, str]:
    """Reference of a statement → who typed it."""
    refs = [one.ref for one in statements]
    told = MockOutbound.objects.filter(kind=contract.STATEMENT, ref__in=refs) if refs else MockOutbound.objects.none()
    return dict(told.values_list("ref", "author_name"))


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil of a list, in one phase. `online`: what the family entered last; `change`: what the school made of it."""

    pupil: MockPupil
    entry: MockEntry | None
    online: MockEntry | None
    change: MockOutbound | None
    typed: MockEntry | None
    not_processed: tuple[MockEntry, ...]
    statement: MockStatement | None
    acknowledgement: MockFact | None
    acknowledged_before: MockFact | None
    answer: MockFact | None
    decision: MockFact | None

    @property
    def version(self) -> str:
        return version_of(self.entry, self.statement)

    @property
    def entered_online(self) -> bool:
        return self.entry is not None and self.entry == self.online


def pupils_of(division: MockDivision, *, phase: str) -> list[PupilRow]:
    """The pupils of a division with their markers, in six queries."""
    pupils = list(MockPupil.objects.filter(division=division, present=True).select_related("division"))
    entries = MockEntry.objects.filter(pupil__in=pupils, phase=phase).order_by("version", "pk")
    changes = changes_among(entries)
    statements = MockStatement.objects.filter(pupil__in=pupils, phase=phase, withdrawn_at__isnull=True)
    facts = MockFact.objects.filter(pupil__in=pupils).select_related("statement")
    facts = facts.exclude(~Q(statement__phase=phase), kind=contract.ACKNOWLEDGEMENT)
    facts = facts.order_by("-source", "at", "pk")  # what came online stands before what the school recorded
    return [
        row_of(
            pupil,
            [one for one in entries if one.pupil_id == pupil.pk],
            changes,
            next((one for one in statements if one.pupil_id == pupil.pk), None),
            [one for one in facts if one.pupil_id == pupil.pk],
        )
        for pupil in pupils
    ]


def row_of(
    pupil: MockPupil,
    entries: list[MockEntry],
    changes: Mapping[str, MockOutbound],
    statement: MockStatement | None,
    facts: Sequence[MockFact],
) -> PupilRow:
    entry = standing_among(entries, changes)
    online = [one for one in entries if one.processed and one.source == Source.FAMILY]
    typed = [one for one in entries if one.source == Source.SCHOOL and one.ref not in changes]
    said = {(one.kind, one.statement_id): one for one in facts}
    about = statement.pk if statement else 0
    signed = [one for one in facts if one.kind == contract.ACKNOWLEDGEMENT and one.statement_id != about]
    return PupilRow(
        pupil=pupil,
        entry=entry,
        online=(online or [None])[-1],
        change=changes.get(entry.ref) if entry else None,
        typed=(typed or [None])[-1],
        not_processed=tuple(one for one in entries if not one.processed),
        statement=statement,
        acknowledgement=said.get((contract.ACKNOWLEDGEMENT, about)),
        acknowledged_before=(signed or [None])[-1],
        answer=said.get((contract.ANSWER, about)),
        decision=next((one for (kind, _), one in said.items() if kind == contract.DECISION), None),
    )
