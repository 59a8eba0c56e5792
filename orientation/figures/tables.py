"""The tables of the dashboards: the counts, as whoever reads them may know them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from orientation.enums import Phase, Proposal
from orientation.figures.counting import ENTRY_OF, SAID_OF, WHOLE_OF, Asked, Said
from orientation.figures.small import Figure, Part, by_itself, column
from orientation.models.campaign import default_opinion_values
from orientation.pathways import CATALOGUE, Pathway, pathways_of

Row = dict[Any, Figure]
VALUES = [*default_opinion_values(), *Proposal.values]
RECENT = "RECENT"  # an entry within the last hour


def totals(counts: Mapping[Any, int], least: int, wholes: Mapping[Any, Any] = WHOLE_OF) -> Row:
    """The figures of one row that stands alone. `wholes`: column → the column it is part of, which comes before it."""
    found: Row = {}
    for name, value in counts.items():
        found[name] = by_itself(Part(value, groups(found, name, wholes)), least)
    return found


def beside(
    rows: Mapping[Any, Mapping[Any, int]], sums: Row, least: int, wholes: Mapping[Any, Any] = WHOLE_OF
) -> dict[Any, Row]:
    """The rows of a table; `sums` is the row of their totals, as its reader knows it."""
    found: dict[Any, Row] = {key: {} for key in rows}
    for name, sum_ in sums.items():
        parts = [Part(counts[name], groups(found[key], name, wholes)) for key, counts in rows.items()]
        for key, figure in zip(rows, column(parts, total=sum_, least=least), strict=True):
            found[key][name] = figure
    return found


def groups(row: Row, name: Any, wholes: Mapping[Any, Any]) -> tuple[Figure, ...]:
    """What this column is part of in its row, from the nearest."""
    found = []
    while name in wholes:
        name = wholes[name]
        found.append(row[name])
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AskedLine:
    pathway: str
    label: str
    first: Figure
    any_rank: Figure


def asked_lines(rows: list[Asked], phase: str, level: str, sums: Row, least: int) -> list[AskedLine]:
    """Each pathway of the level: how many dossiers ask for it first, and at any rank."""
    entered = sums[ENTRY_OF[Phase(phase)]]
    found = {one.pathway: one for one in rows if one.phase == phase}
    lines = [found.get(code) or Asked(phase, code, 0, 0) for code in codes(level, found)]
    any_rank = column([Part(one.any_rank, (entered,)) for one in lines], total=None, least=least)
    parts = [Part(one.first, (any_, entered)) for one, any_ in zip(lines, any_rank, strict=True)]
    first = column(parts, total=entered, least=least)
    return [
        AskedLine(one.pathway, short(one.pathway), *figures)
        for one, *figures in zip(lines, first, any_rank, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class SaidLine:
    """`figures` are in the order of the values."""

    pathway: str
    label: str
    given: Figure
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class SaidTable:
    values: list[str]
    lines: list[SaidLine]


def said_table(rows: list[Said], phase: str, level: str, sums: Row, least: int) -> SaidTable:
    """Each pathway on which a council spoke: how many dossiers have each answer."""
    counted = {(one.pathway, one.value): one.count for one in rows if one.phase == phase}
    values = sorted({value for _, value in counted if value}, key=lambda one: (place(one), one))
    spoken = [one for one in codes(level, {pathway: pathway for pathway, _ in counted}) if (one, "") in counted]
    lines = []
    for pathway in spoken:
        given = by_itself(Part(counted[pathway, ""], (sums[SAID_OF[Phase(phase)]],)), least)
        parts = [Part(counted.get((pathway, value), 0), (given,)) for value in values]
        lines.append(SaidLine(pathway, short(pathway), given, column(parts, total=given, least=least)))
    return SaidTable(values, lines)


def place(value: str) -> int:
    return VALUES.index(value) if value in VALUES else len(VALUES)


def codes(level: str, found: Mapping[str, Any]) -> list[str]:
    """The pathways of the level, then those that only the figures know."""
    known = [one.code for one in pathways_of(level)]
    return known + [one for one in found if one not in known]


def short(code: str) -> str:
    pathway: Pathway | None = CATALOGUE.get(code)
    return pathway.short if pathway else code


def day_lines(
    counts: Mapping[date, int], first: date, last: date, entered: Figure, least: int
) -> list[tuple[date, Figure]]:
    """Each day from `first` to `last`, widened to the days that have an entry."""
    first, last = min([first, *counts]), max([last, *counts])
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    parts = [Part(counts.get(one, 0), (entered,)) for one in days]
    return list(zip(days, column(parts, total=entered, least=least), strict=True))
