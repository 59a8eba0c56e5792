"""What waits, académie by académie: entries that Siècle has not taken, letters, lines of Siècle. A query each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from siecle_sync.models import HeldLine, MassChange, PartState, Run, RunPart, RunState

# The last version of each phase: an earlier one, refused for ever, keeps nobody waiting. Of the campaigns of today.
UNSENT = """
SELECT c.academy_id, count(*), min(x.submitted_at)
FROM orientation_acttosend w
JOIN orientation_submission x ON x.uuid = w.ref AND x.submitted_at <= %(before)s
JOIN orientation_campaign c ON c.id = w.campaign_id
WHERE NOT EXISTS (SELECT 1 FROM orientation_submission y
                  WHERE y.dossier_id = x.dossier_id AND y.phase = x.phase AND y.version > x.version)
  AND c.year = (SELECT max(o.year) FROM orientation_campaign o
                WHERE o.academy_id = c.academy_id AND o.level = c.level)
GROUP BY c.academy_id
"""
# Of no académie: the letters about an account. Those that a mailbox refuses are the school's business (MAI-06).
LETTERS = """
SELECT COALESCE(school.academy_id, ''),
       CASE WHEN e.state = 'ASIDE' AND e.delivery <> '' THEN 'REFUSED' ELSE e.state END, count(*),
       min(e.not_before) FILTER (WHERE e.state <> 'ASIDE' AND e.not_before <= %(now)s)
FROM ledger_outgoingemail e
LEFT JOIN orientation_dossier d ON d.uuid = e.dossier_uuid
LEFT JOIN families_student st ON st.id = d.student_id
LEFT JOIN families_school school ON school.id = st.school_id
WHERE e.state = 'READY' OR e.state IN ('SENDING', 'FAILED') OR e.state = 'ASIDE' GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Entries of families that Siècle has neither taken nor left aside; `oldest`: when the first was validated."""

    entries: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters of an académie that have not left; `oldest`: since when the first of those that could leave waits."""

    academy: str
    state: str
    count: int
    oldest: datetime | None

    @property
    def waits(self) -> bool:
        """To send, being sent or to be tried again; not those that only a person can set going again."""
        return self.state not in {"ASIDE", "REFUSED"}


def unsent(*, before: datetime) -> dict[str, Unsent]:
    """By code of académie, those validated until `before`."""
    return {code: Unsent(count, oldest) for code, count, oldest in _rows(UNSENT, before=before)}


def letters(now: datetime) -> list[Letters]:
    """By académie and state; `REFUSED`: set aside because a mailbox, or the provider, will not have it."""
    return [Letters(*row) for row in _rows(LETTERS, now=now)]


def lines_held() -> dict[str, int]:
    return _by_academy(HeldLine.objects.all(), "campaign__academy")


def mass_changes_waiting() -> dict[str, int]:
    return _by_academy(MassChange.objects.filter(verdict=""), "campaign__academy")


def parts_unfinished(runs: list[Run]) -> dict[str, int]:
    return _by_academy(RunPart.objects.filter(run__in=runs).exclude(state=PartState.FINISHED), "run__academy")


def last_runs() -> list[Run]:
    """The last run of each campaign that has one."""
    rows = Run.objects.exclude(state=RunState.DRY).order_by("academy_id", "campaign__level", "-pk")
    return list(rows.distinct("academy_id", "campaign__level").select_related("campaign"))


def _by_academy(rows: QuerySet[Any], path: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(path).annotate(Count("pk")))


def _rows(query: str, **values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
