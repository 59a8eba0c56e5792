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
# The opinions that each line would take back: it replaces them, or a council reset withdraws them.
TOUCHING = f"""
SELECT i.uai, i.phase, s.id AS statement, i.seq FROM siecle_in i
JOIN orientation_councilstatement s ON s.dossier_id = i.dossier_id AND s.phase = i.phase
WHERE i.kind IN ('STATEMENT', 'SCHOOL_CHANGE') AND i.outcome IS NULL AND s.entered_at < i.happened_at AND {LIVE}
UNION ALL
SELECT i.uai, i.phase, s.id, i.seq FROM siecle_in i
JOIN families_school school ON school.uai = i.uai
JOIN families_division dv ON dv.school_id = school.id AND dv.code = i.division
JOIN orientation_councilstatement s ON s.division_id = dv.id AND s.phase = i.phase
JOIN orientation_dossier d ON d.id = s.dossier_id AND d.campaign_id = %(campaign)s
WHERE i.kind = 'COUNCIL' AND i.body->>'event' = 'RESET' AND i.outcome IS NULL AND s.entered_at < i.happened_at
  AND {LIVE}
"""
TOUCHED = f"""
SELECT uai, phase, count(DISTINCT statement), max(seq) FROM ({TOUCHING}) touched
WHERE NOT EXISTS (SELECT 1 FROM siecle_sync_masschange m WHERE m.campaign_id = %(campaign)s AND m.uai = touched.uai
                    AND m.verdict = 'TAKE' AND touched.seq <= m.up_to)
GROUP BY uai, phase HAVING count(DISTINCT statement) >= %(least)s
"""
STANDING = f"""
SELECT school.uai, s.phase, count(*) FROM orientation_councilstatement s
JOIN orientation_dossier d ON d.id = s.dossier_id AND d.campaign_id = %(campaign)s
JOIN families_student st ON st.id = d.student_id
JOIN families_school school ON school.id = st.school_id AND school.uai = ANY(%(schools)s)
WHERE {LIVE} GROUP BY school.uai, s.phase
"""
# only the lines that would take something back: the others were never in question
REFUSE = f"""
UPDATE siecle_in SET outcome = 'REJECTED', code = 'REFUSED_BY_ACADEMY'
FROM ({TOUCHING}) touching JOIN siecle_sync_masschange m ON m.uai = touching.uai AND touching.seq <= m.up_to
WHERE siecle_in.seq = touching.seq AND m.campaign_id = %(campaign)s AND m.verdict = 'REFUSE'
"""
# ... nor does the callback apply, later on, the reset of a council that was refused.
REFUSED_EVENTS = """
INSERT INTO siecle_sync_councilevent (ref, at, applied_at)
SELECT ref, happened_at, %(now)s FROM siecle_in WHERE kind = 'COUNCIL' AND code = 'REFUSED_BY_ACADEMY'
ON CONFLICT (ref) DO NOTHING
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
    """Somebody has said already, or what waits is no longer what was shown."""


def hold(cursor: CursorWrapper, campaign: Campaign, values: dict[str, Any]) -> None:
    """Set aside the lines of `siecle_in` that somebody must confirm, or has refused."""
    cursor.execute(REFUSE, values)
    cursor.execute(REFUSED_EVENTS, values)
    absurd = _absurd(cursor, values)
    cursor.execute(NO_MORE, {**values, "schools": list(absurd)})
    for uai, said in absurd.items():
        found = {**said, "found_at": values["now"]}
        MassChange.objects.update_or_create(campaign=campaign, uai=uai, verdict="", defaults=found)
    cursor.execute(HOLD, {"schools": list(absurd)})


def _absurd(cursor: CursorWrapper, values: dict[str, Any]) -> dict[str, dict[str, int]]:
    """The schools of which too many opinions of a phase would change: how many, of how many, up to which line."""
    cursor.execute(TOUCHED, {**values, "least": settings.NIGHT_MASS_CHANGE_LEAST})
    touched = {(uai, phase): (count, last) for uai, phase, count, last in cursor.fetchall()}
    if not touched:
        return {}
    cursor.execute(STANDING, {**values, "schools": [uai for uai, _ in touched]})
    absurd: dict[str, dict[str, int]] = {}
    for uai, phase, standing in cursor.fetchall():
        count, last = touched.get((uai, phase), (0, 0))
        if count > settings.NIGHT_MASS_CHANGE_SHARE * standing:
            known = absurd.get(uai, {"standing": 0, "touched": 0, "up_to": 0})
            absurd[uai] = {
                "standing": known["standing"] + standing,
                "touched": known["touched"] + count,
                "up_to": max(known["up_to"], last),
            }
    return absurd


def settle(change: MassChange, *, verdict: str, reason: str, by: User) -> MassChange:
    """Say whether the lines of a school that wait, up to the one of `change`, are taken the next night or refused.

    Raises AlreadySettled, also when a night has added lines that the person has not seen.
    """
    with transaction.atomic():
        row = MassChange.objects.select_for_update().filter(pk=change.pk).first()
        if row is None or row.verdict or row.up_to != change.up_to:
            raise AlreadySettled(row)
        row.verdict, row.reason, row.decided_by, row.decided_at = Verdict(verdict), reason, by, clock.now()
        row.save()
        return row
