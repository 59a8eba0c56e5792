"""A school of which an absurd share of the opinions would change or vanish in one night: a person must say.

Its lines wait (`MASS_CHANGE`); the other schools' go on.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from families.models import User
from ledger import clock
from orientation.models import Campaign
from siecle_sync.models import MassChange, Verdict
from siecle_sync.partition import IN_RANGE

LIVE = "NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = s.id)"
# What each school's lines would take back: the opinions that a line replaces, or that a council reset withdraws.
TOUCHED = f"""
SELECT uai, count(DISTINCT statement), max(seq) FROM (
    SELECT i.uai, s.id AS statement, i.seq FROM siecle_in i
    JOIN orientation_councilstatement s ON s.dossier_id = i.dossier_id AND s.phase = i.phase
    WHERE i.kind IN ('STATEMENT', 'SCHOOL_CHANGE') AND i.outcome IS NULL AND s.entered_at < i.happened_at AND {LIVE}
    UNION ALL
    SELECT i.uai, s.id, i.seq FROM siecle_in i
    JOIN families_school school ON school.uai = i.uai
    JOIN families_division dv ON dv.school_id = school.id AND dv.code = i.division
    JOIN orientation_councilstatement s ON s.division_id = dv.id AND s.phase = i.phase
    JOIN orientation_dossier d ON d.id = s.dossier_id AND d.campaign_id = %(campaign)s
    WHERE i.kind = 'COUNCIL' AND i.body->>'event' = 'RESET' AND i.outcome IS NULL AND s.entered_at < i.happened_at
      AND {LIVE}) touched
WHERE NOT EXISTS (SELECT 1 FROM siecle_sync_masschange m WHERE m.campaign_id = %(campaign)s AND m.uai = touched.uai
                    AND m.verdict = 'TAKE' AND touched.seq <= m.up_to)
GROUP BY uai HAVING count(DISTINCT statement) >= %(least)s
"""
STANDING = f"""
SELECT school.uai, count(*) FROM orientation_councilstatement s
JOIN orientation_dossier d ON d.id = s.dossier_id AND d.campaign_id = %(campaign)s
JOIN families_student st ON st.id = d.student_id
JOIN families_school school ON school.id = st.school_id AND school.uai = ANY(%(schools)s)
WHERE {LIVE} GROUP BY school.uai
"""
REFUSE = """
UPDATE siecle_in i SET outcome = 'REJECTED', code = 'REFUSED_BY_ACADEMY' FROM siecle_sync_masschange m
WHERE i.outcome IS NULL AND i.kind IN ('STATEMENT', 'SCHOOL_CHANGE', 'COUNCIL')
  AND m.campaign_id = %(campaign)s AND m.uai = i.uai AND m.verdict = 'REFUSE' AND i.seq <= m.up_to
"""
HOLD = (
    "UPDATE siecle_in SET outcome = 'REJECTED', code = 'MASS_CHANGE' WHERE outcome IS NULL AND uai = ANY(%(schools)s)"
)


# what was absurd some night and is so no more: the lines were settled otherwise
NO_MORE = f"""
DELETE FROM siecle_sync_masschange m WHERE m.campaign_id = %(campaign)s AND m.verdict = ''
  AND m.uai <> ALL(%(schools)s) AND {IN_RANGE.format("m")}
"""


class AlreadySettled(ValueError):
    """Somebody has said already."""


def hold(cursor: CursorWrapper, campaign: Campaign, values: dict[str, Any]) -> None:
    """Set aside the lines of `siecle_in` that somebody must confirm, or has refused."""
    cursor.execute(REFUSE, values)
    cursor.execute(TOUCHED, {**values, "least": settings.NIGHT_MASS_CHANGE_LEAST})
    touched = {uai: (count, last) for uai, count, last in cursor.fetchall()}
    absurd = _absurd(cursor, values, touched) if touched else {}
    cursor.execute(NO_MORE, {**values, "schools": list(absurd)})
    for uai, standing in absurd.items():
        count, last = touched[uai]
        said = {"standing": standing, "touched": count, "up_to": last, "found_at": values["now"]}
        MassChange.objects.update_or_create(campaign=campaign, uai=uai, verdict="", defaults=said)
    cursor.execute(HOLD, {"schools": list(absurd)})


def _absurd(cursor: CursorWrapper, values: dict[str, Any], touched: dict[str, tuple[int, int]]) -> dict[str, int]:
    """The standing opinions of the schools of which too many would change."""
    cursor.execute(STANDING, {**values, "schools": list(touched)})
    share = settings.NIGHT_MASS_CHANGE_SHARE
    return {uai: standing for uai, standing in cursor.fetchall() if touched[uai][0] > share * standing}


def settle(change: MassChange, *, verdict: str, reason: str, by: User) -> MassChange:
    """Say whether the lines of a school that wait are taken the next night, or refused. Raises AlreadySettled."""
    with transaction.atomic():
        row = MassChange.objects.select_for_update().get(pk=change.pk)
        if row.verdict:
            raise AlreadySettled(row)
        row.verdict, row.reason, row.decided_by, row.decided_at = Verdict(verdict), reason, by, clock.now()
        row.save()
        return row
