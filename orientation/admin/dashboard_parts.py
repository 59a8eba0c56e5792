"""What the pages of the dashboards show: lines, tables and pictures, from the figures as their reader may know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from orientation.enums import Phase
from orientation.figures import counting, drawing, tables
from orientation.figures.counting import ENTRY_OF, SAID_OF, WHOLE_OF, Detail, Scope, Step
from orientation.figures.openings import Opening, of_phase
from orientation.figures.small import Figure, left, shown
from orientation.figures.tables import RECENT, Row
from orientation.wording import words_of

NO_DIVISION = "sans division"
LAST_HOUR = timedelta(hours=1)
FOLLOW_UP = {Phase.PROVISIONAL: "intentions", Phase.DEFINITIVE: "choix"}  # of the follow-up list's filter (SIE-07)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `link` leads to its own figures or to the list of who, and may be empty."""

    label: str
    figures: list[Figure]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The figures of one page: its rows by unit, and their sums, as its reader knows them."""

    sums: Row
    rows: dict[Any, Row]


def none_of(columns: Row) -> Row:
    """The row of a unit that has no dossier."""
    return dict.fromkeys(columns, shown(0))


def known(
    counts: Mapping[Any, Mapping[Any, int]], least: int, *, sums: Row | None = None, wholes: Any = WHOLE_OF
) -> Known:
    """`sums`: how the reader already knows the totals from a page above."""
    if sums is None:
        sums = tables.totals(counting.total(counts, [Step.DOSSIERS, *wholes]), least, wholes)
    return Known(sums, tables.beside(counts, sums, least, wholes))


def evening_counts(
    scope: Scope, unit: counting.Unit, phase: str, instant: datetime
) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Unit → dossiers, entered, entered since `instant`; and which column is part of which."""
    entry = ENTRY_OF[Phase(phase)]
    recent = counting.since(scope, unit, phase, instant)
    counts = {
        key: {Step.DOSSIERS: one[Step.DOSSIERS], entry: one[entry], RECENT: recent.get(key, 0)}
        for key, one in counting.progress(scope, unit).items()
    }
    return counts, {entry: Step.DOSSIERS, RECENT: entry}


def evening_figures(row: Row, phase: str) -> list[Figure]:
    """Dossiers, entered, without entry, within the last hour."""
    dossiers, entered = row[Step.DOSSIERS], row[ENTRY_OF[Phase(phase)]]
    return [dossiers, entered, left(dossiers, entered), row[RECENT]]


def progress_picture(sums: Row) -> drawing.Picture:
    return drawing.lying([(step.label.capitalize(), [sums[step]]) for step in Step])


def phase_parts(
    level: str, detail: Detail, sums: Row, openings: list[Opening], least: int, now: datetime
) -> list[dict[str, Any]]:
    """By pathway and over time, of both phases."""
    return [
        {
            "title": words_of(phase).title,
            "answers": words_of(phase).answers,
            "entered": sums[ENTRY_OF[phase]],
            "given": sums[SAID_OF[phase]],
            "asked": (lines := tables.asked_lines(detail.asked, phase, level, sums, least)),
            "asked_picture": drawing.lying([(one.label, [one.first, one.any_rank]) for one in lines], ("out", "in")),
            "said": tables.said_table(detail.said, phase, level, sums, least),
            "days": (days := days_of(detail.days[phase], of_phase(openings, phase), sums[ENTRY_OF[phase]], least, now)),
            "days_picture": drawing.standing(days),
        }
        for phase in Phase
    ]  # fmt: skip


def days_of(
    counts: Mapping[date, int], opening: Opening | None, entered: Figure, least: int, now: datetime
) -> list[tuple[date, Figure]]:
    """From the opening to today or to the end, in local days; nothing before an entry is open, unless one came."""
    if opening and opening.opens_at <= now:
        first, last = (at.astimezone(opening.zone).date() for at in (opening.opens_at, min(now, opening.ends_at)))
        return tables.day_lines(counts, first, last, entered, least)
    return tables.day_lines(counts, min(counts), max(counts), entered, least) if counts else []


def phase_states(openings: list[Opening], sums: Row, now: datetime) -> list[tuple[str, str]]:
    """What each phase is at, in words."""
    found = []
    for phase in Phase:
        opening = of_phase(openings, phase)
        missing = left(sums[Step.DOSSIERS], sums[ENTRY_OF[phase]]).words
        said = opening.said(now, missing=missing) if opening else "Le calendrier de cette saisie n’est pas encore fixé."
        found.append((words_of(phase).title, said))
    return found


def all_decided(sums: Row) -> bool:
    dossiers, decided = sums[Step.DOSSIERS], sums[Step.DECIDED]
    return dossiers.value > 0 and dossiers.value == decided.value and not (dossiers.hidden or decided.hidden)


def follow_up(school: int, *, phase: str = "", division: int | None = None) -> str:
    """The list of who: of a school, of a division, of those without an entry in a phase."""
    asked: dict[str, Any] = {"student__school__id__exact": school}
    asked |= {"division": division} if division else {}
    asked |= {"manque": FOLLOW_UP[Phase(phase)]} if phase else {}
    return f"{reverse('admin:orientation_dossier_changelist')}?{urlencode(asked)}"
