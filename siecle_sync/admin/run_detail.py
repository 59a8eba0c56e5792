"""What the page of one run shows: its figures, its parts, its schools, page by page."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from families.models import School, User
from families.powers import Power, schools_with
from siecle_sync.admin.wording import plain_error, state_words
from siecle_sync.models import Direction, PartState, Run, RunPart, RunSchool
from siecle_sync.report import UNKNOWN, Figures, figures_of_schools, names_of, reasons
from siecle_sync.steps import Step

PER_PAGE = 50
LONGEST = 100  # of what is searched


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One school one way: its counts, which add up, and why lines were refused or left aside."""

    row: RunSchool
    name: str
    reasons: list[tuple[str, str, int]]

    @property
    def signalled(self) -> bool:
        return bool(self.reasons)


@dataclass(frozen=True, slots=True)
class PartRow:
    part: RunPart
    state: str
    step: str
    error: str

    @property
    def failed(self) -> bool:
        return self.part.state == PartState.FAILED


def rows_seen(run: Run, user: User, *, governs: bool) -> QuerySet[RunSchool]:
    """Every line of the run for its académie; for a school, its own."""
    rows = RunSchool.objects.filter(run=run).order_by("uai", "-direction")
    if governs:
        return rows
    return rows.filter(uai__in=list(schools_with(user, Power.READ).values_list("uai", flat=True)))


def matching(rows: QuerySet[RunSchool], run: Run, asked: str) -> QuerySet[RunSchool]:
    """Those whose UAI begins with what is asked, or whose name holds it."""
    if not asked:
        return rows
    named = School.objects.filter(academy=run.academy_id, name__icontains=asked).values("uai")
    return rows.filter(Q(uai__istartswith=asked) | Q(uai__in=named))


def asked_in(data: Any) -> str:
    return data.get("q", "").replace("\0", "").strip()[:LONGEST]


def totals(rows: QuerySet[RunSchool]) -> list[tuple[Direction, Figures]]:
    return [(way, figures) for way, figures in figures_of_schools(rows).items()]


def page_of(rows: QuerySet[RunSchool], number: Any) -> tuple[Page, list[SchoolRow]]:
    page = Paginator(rows, PER_PAGE).get_page(number)
    names = names_of(row.uai for row in page)
    return page, [SchoolRow(row, names.get(row.uai, UNKNOWN), reasons(row.by_code)) for row in page]


def parts_of(run: Run) -> list[PartRow]:
    return [
        PartRow(
            part, state_words(part.state, part.get_state_display()), Step(part.step).label if part.step else "",
            plain_error(part.error),
        )
        for part in run.parts.all()
    ]  # fmt: skip
