"""The figures of the dashboards: four queries, whatever the number of dossiers. Everything counts dossiers.

Counted are the dossiers of the pupils whom their school still follows (`Facts.enrolled`). An entry is the last version,
the school's own included; what a council said counts as long as it is not withdrawn.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import connection, models

from orientation.enums import Phase


class Step(models.TextChoices):
    """What is counted of a dossier; the labels are the heads of the columns."""

    DOSSIERS = "DOSSIERS", "dossiers"
    INTENTIONS = "INTENTIONS", "intentions saisies"
    OPINIONS = "OPINIONS", "avis rendus"
    ACKNOWLEDGED = "ACKNOWLEDGED", "avis accusés"
    CHOICES = "CHOICES", "choix saisis"
    PROPOSALS = "PROPOSALS", "propositions rendues"
    ANSWERED = "ANSWERED", "réponses"
    DECIDED = "DECIDED", "décisions"


# a dossier counted in a step is counted in this one too
WHOLE_OF = {
    Step.INTENTIONS: Step.DOSSIERS,
    Step.OPINIONS: Step.DOSSIERS,
    Step.ACKNOWLEDGED: Step.OPINIONS,
    Step.CHOICES: Step.DOSSIERS,
    Step.PROPOSALS: Step.DOSSIERS,
    Step.ANSWERED: Step.PROPOSALS,
    Step.DECIDED: Step.DOSSIERS,
}
ENTRY_OF = {Phase.PROVISIONAL: Step.INTENTIONS, Phase.DEFINITIVE: Step.CHOICES}
SAID_OF = {Phase.PROVISIONAL: Step.OPINIONS, Phase.DEFINITIVE: Step.PROPOSALS}
Counts = dict[Step, int]


class Unit(StrEnum):
    """What a row of figures is about: the column that tells one from another."""

    DIVISION = "s.division_id"
    SCHOOL = "s.school_id"
    ACADEMY = "h.academy_id"


@dataclass(frozen=True, slots=True)
class Scope:
    """The dossiers of one year and level, of a division or a school (primary keys), of an académie, of everybody."""

    year: int
    level: str
    academy: str = ""
    school: int | None = None
    division: int | None = None

    @property
    def condition(self) -> str:
        narrowed = [f"{column} = %({name})s" for name, column in NARROWED.items() if getattr(self, name)]
        return " AND ".join(["c.year = %(year)s", "c.level = %(level)s", *narrowed])

    @property
    def values(self) -> dict[str, Any]:
        return asdict(self)


NARROWED = {"academy": "c.academy_id", "school": "s.school_id", "division": "s.division_id"}


@dataclass(frozen=True, slots=True)
class Asked:
    """How many dossiers ask for a pathway in a phase: first, and at any rank."""

    phase: str
    pathway: str
    first: int
    any_rank: int


@dataclass(frozen=True, slots=True)
class Said:
    """How many dossiers have this answer of the council for a pathway; `value` is empty for any answer."""

    phase: str
    pathway: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Detail:
    """By pathway, by answer and by day."""

    asked: list[Asked]
    said: list[Said]
    days: dict[str, dict[date, int]]


DOSSIERS = """
FROM orientation_dossier d
JOIN orientation_campaign c ON c.id = d.campaign_id
JOIN families_student s ON s.id = d.student_id
JOIN families_school h ON h.id = s.school_id
{more}
WHERE {condition} AND s.scope <> 'OUT' AND s.year = c.year AND s.level IN (c.level, '')
"""
STANDING = """LEFT JOIN (
  SELECT t.id, t.dossier_id FROM orientation_councilstatement t
  LEFT JOIN orientation_statementwithdrawal w ON w.statement_id = t.id
  WHERE t.phase = '{phase}' AND w.id IS NULL) {name} ON {name}.dossier_id = d.id
"""
DECISIONS = "LEFT JOIN orientation_decision {name} ON {name}.dossier_id = d.id AND {name}.origin = '{origin}'\n"
# every join finds one row at most: the first version of an entry, what stands of a council, one decision an origin
FACTS = (
    """
LEFT JOIN orientation_submission i ON i.dossier_id = d.id AND i.phase = 'PROVISIONAL' AND i.version = 1
LEFT JOIN orientation_submission q ON q.dossier_id = d.id AND q.phase = 'DEFINITIVE' AND q.version = 1
"""
    + STANDING.format(phase="PROVISIONAL", name="o")
    + STANDING.format(phase="DEFINITIVE", name="p")
    + """
LEFT JOIN orientation_acknowledgement k ON k.statement_id = o.id
LEFT JOIN orientation_familyanswer f ON f.statement_id = p.id
"""
    + DECISIONS.format(name="e", origin="ACCEPTANCE")
    + DECISIONS.format(name="eh", origin="HEAD")
    + DECISIONS.format(name="ea", origin="APPEAL")
)
STEPS = (
    "count(*), count(i.id), count(o.id), count(k.id), count(q.id), count(p.id), count(f.id),"
    " count(COALESCE(e.id, eh.id, ea.id))"
)
LAST_ENTRY = """
JOIN orientation_submission m ON m.dossier_id = d.id AND NOT EXISTS (
  SELECT 1 FROM orientation_submission n
  WHERE n.dossier_id = m.dossier_id AND n.phase = m.phase AND n.version > m.version)
JOIN orientation_rankedchoice r ON r.submission_id = m.id
"""
# only a pathway that has series may be asked for several times: the first time counts
FIRST_TIME = """(r.series = '' OR NOT EXISTS (
  SELECT 1 FROM orientation_rankedchoice b
  WHERE b.submission_id = r.submission_id AND b.pathway = r.pathway AND b.rank < r.rank))"""
STANDING_ANSWERS = """
JOIN orientation_councilstatement t ON t.dossier_id = d.id AND NOT EXISTS (
  SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = t.id)
JOIN orientation_councilanswer a ON a.statement_id = t.id
"""
FIRST_ANSWER = """(a.series = '' OR NOT EXISTS (
  SELECT 1 FROM orientation_councilanswer b
  WHERE b.statement_id = a.statement_id AND b.pathway = a.pathway AND b.position < a.position {same}))"""
ZONE = "COALESCE(NULLIF(h.own_timezone, ''), y.timezone)"
FIRST_VERSIONS = """
JOIN families_academy y ON y.code = h.academy_id
JOIN orientation_submission m ON m.dossier_id = d.id AND m.version = 1
"""
SINCE = "JOIN orientation_submission m ON m.dossier_id = d.id AND m.phase = %(phase)s AND m.submitted_at > %(since)s"


def progress(scope: Scope, unit: Unit) -> dict[Any, Counts]:
    """Unit's primary key (None: pupils in no division) → how many dossiers have come to each step."""
    rows = _rows(scope, f"SELECT {unit}, {STEPS}", FACTS, "GROUP BY 1")
    return {key: dict(zip(Step, counts, strict=True)) for key, *counts in rows}


def total(rows: Mapping[Any, Mapping[Any, int]], names: Iterable[Any] = Step) -> dict[Any, int]:
    """The sums of columns, none forgotten when there is no row."""
    return {name: sum(one[name] for one in rows.values()) for name in names}


def asked(scope: Scope) -> list[Asked]:
    """Each pathway asked for in the last version of an entry, at both phases."""
    counted = f"SELECT m.phase, r.pathway, count(*) FILTER (WHERE r.rank = 1), count(*) FILTER (WHERE {FIRST_TIME})"
    return [Asked(*row) for row in _rows(scope, counted, LAST_ENTRY, "GROUP BY 1, 2 ORDER BY 1, 2")]


def said(scope: Scope) -> list[Said]:
    """What the councils answered, by pathway and value, then by pathway whatever the value."""
    each, whole = (FIRST_ANSWER.format(same=same) for same in ("AND b.value = a.value", ""))
    counted = f"SELECT t.phase, a.pathway, a.value, count(*) FILTER (WHERE {each}), count(*) FILTER (WHERE {whole})"
    rows = list(_rows(scope, counted, STANDING_ANSWERS, "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"))
    values = [Said(phase, pathway, value, count) for phase, pathway, value, count, _ in rows]
    wholes: dict[tuple[str, str], int] = {}
    for phase, pathway, _, _, count in rows:
        wholes[phase, pathway] = wholes.get((phase, pathway), 0) + count
    return values + [Said(*key, "", count) for key, count in wholes.items()]


def by_day(scope: Scope) -> dict[str, dict[date, int]]:
    """Phase → day of the school's own calendar → how many dossiers had their first entry that day (CAL-02)."""
    counted = f"SELECT m.phase, (m.submitted_at AT TIME ZONE {ZONE})::date, count(*)"
    found: dict[str, dict[date, int]] = {phase.value: {} for phase in Phase}
    for phase, day, count in _rows(scope, counted, FIRST_VERSIONS, "GROUP BY 1, 2 ORDER BY 1, 2"):
        found[phase][day] = count
    return found


def detail(scope: Scope) -> Detail:
    """Three queries."""
    return Detail(asked(scope), said(scope), by_day(scope))


def since(scope: Scope, unit: Unit, phase: str, instant: datetime) -> dict[Any, int]:
    """Unit's primary key → how many dossiers had an entry validated in this phase after `instant`."""
    counted = f"SELECT {unit}, count(DISTINCT d.id)"
    return dict(_rows(scope, counted, SINCE, "GROUP BY 1", phase=phase, since=instant))


def _rows(scope: Scope, counted: str, joined: str, grouped: str, **more: Any) -> Iterator[tuple[Any, ...]]:
    query = f"{counted} {DOSSIERS.format(more=joined, condition=scope.condition)} {grouped}"
    with connection.cursor() as cursor:
        cursor.execute(query, {**scope.values, **more})
        yield from cursor.fetchall()
