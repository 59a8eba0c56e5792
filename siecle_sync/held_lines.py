"""Lines of Siècle refused for a reason that may cease: kept here, and taken up again each night until they are settled.

The feed is thus never read twice, and a line that waits for months costs one line a night.
"""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from orientation.models import Campaign
from siecle_sync import contract
from siecle_sync.partition import IN_RANGE, Range

# What may heal by itself (a pupil imported since, a list completed, a clock put right, somebody who confirms). What is
# wrong in the line itself stays wrong: Siècle mends it with another line.
HEALABLE = (
    "UNKNOWN_PUPIL", "UNKNOWN_DIVISION", "UNKNOWN_ENTRY", "UNKNOWN_STATEMENT", "UNKNOWN_VALUE", "TOO_MANY",
    "FUTURE_DATE", "COUNCIL_NOT_OPEN", "NOTHING_TO_CHANGE", "NOTHING_TO_APPEAL", "MASS_CHANGE",
)  # fmt: skip
FIELDS = ", ".join(f"(h.line->>'{name}')::{'bigint' if name == 'seq' else 'text'}" for name in contract.COLUMNS)
BRING = f"""
INSERT INTO siecle_raw ({contract.COLUMN_LIST})
SELECT {FIELDS} FROM siecle_sync_heldline h
WHERE h.campaign_id = %(campaign)s AND {IN_RANGE.format("h")}
  AND NOT EXISTS (SELECT 1 FROM siecle_raw r WHERE r.ref = h.line->>'ref')
ON CONFLICT (seq) DO NOTHING
"""
# Siècle has sent the line again, put right: the new one alone counts.
SENT_AGAIN = """
DELETE FROM siecle_sync_heldline h USING siecle_raw r
WHERE h.campaign_id = %(campaign)s AND h.line->>'ref' = r.ref AND h.seq <> r.seq
"""
LINE = "jsonb_build_object(" + ", ".join(f"'{name}', r.\"{name}\"" for name in contract.COLUMNS) + ")"
SETTLED = """
DELETE FROM siecle_sync_heldline h USING siecle_in i
WHERE h.campaign_id = %(campaign)s AND h.seq = i.seq AND NOT (i.outcome = 'REJECTED' AND i.code = ANY(%(healable)s))
"""
KEEP = f"""
INSERT INTO siecle_sync_heldline (campaign_id, seq, uai, code, line, since)
SELECT %(campaign)s, i.seq, left(COALESCE(i.uai, ''), 8), i.code, {LINE}, %(now)s
FROM siecle_in i JOIN siecle_raw r ON r.seq = i.seq
WHERE i.outcome = 'REJECTED' AND i.code = ANY(%(healable)s)
ON CONFLICT (campaign_id, seq) DO UPDATE SET code = EXCLUDED.code
"""


def bring(cursor: CursorWrapper, campaign: Campaign, where: Range) -> None:
    """Add the lines that waited to those of tonight, in `siecle_raw`."""
    cursor.execute(BRING, {"campaign": campaign.pk, "uai_from": where.first, "uai_before": where.before})


def keep(cursor: CursorWrapper, campaign: Campaign, *, now: datetime) -> None:
    """Forget those that are settled, keep those that go on waiting, in the transaction that merges."""
    values = {"campaign": campaign.pk, "healable": list(HEALABLE), "now": now}
    for statement in (SENT_AGAIN, SETTLED, KEEP):
        cursor.execute(statement, values)
