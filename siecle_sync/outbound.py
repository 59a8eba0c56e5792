"""What we send in the night: the roster, and every act of the families that Siècle has not yet answered for (SIE-01).

The lines are fixed once in a temporary table, deposited, and each line of the report is matched to its own.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from ledger import clock
from orientation import receipts
from orientation.models import Campaign
from siecle_sync import contract, staging
from siecle_sync.client import ExchangeFailed, Siecle
from siecle_sync.models import Direction, Run
from siecle_sync.selection import LINES

Counters = dict[str, Any]
ORDER = f"array_position(ARRAY{list(contract.SENT)!r}, kind), uai, at, ref"
SELECT = f"""
CREATE TEMP TABLE siecle_out AS
SELECT row_number() OVER (ORDER BY {ORDER}) AS seq, lines.* FROM ({LINES}) lines
"""
TO_SEND = f"SELECT {contract.COLUMN_LIST} FROM siecle_out ORDER BY seq"
BY_KIND = "SELECT kind, count(*) FROM siecle_out GROUP BY kind ORDER BY kind"
STRANGERS = """
SELECT count(*) FROM siecle_out o FULL JOIN siecle_report r ON r.seq = o.seq AND r.ref = o.ref AND r.kind = o.kind
WHERE o.seq IS NULL OR r.seq IS NULL OR r.outcome NOT IN ('ACCEPTED', 'REJECTED', 'NOT_PROCESSED')
"""
OUTCOMES = "SELECT outcome, count(*) FROM siecle_report GROUP BY outcome"
SIGNALLED = """
INSERT INTO siecle_sync_runline (run_id, direction, seq, kind, ref, uai, eleve_id, ine, outcome, code, sentence)
SELECT %(run)s, %(direction)s, o.seq, o.kind, o.ref, o.uai, COALESCE(o.eleve_id::text, ''), o.ine, r.outcome,
       left(r.code, 24), left(r.sentence, 200)
FROM siecle_report r JOIN siecle_out o ON o.seq = r.seq
WHERE r.outcome <> 'ACCEPTED'
"""


def select(cursor: CursorWrapper, campaign: Campaign) -> Counters:
    """Fix tonight's lines in `siecle_out`; return how many of each kind."""
    staging.drop(cursor, "siecle_out")
    cursor.execute(SELECT, {"campaign": campaign.pk})
    cursor.execute("ANALYZE siecle_out")
    cursor.execute(BY_KIND)
    by_kind = dict(cursor.fetchall())
    return {"read": sum(by_kind.values()), "by_kind": by_kind}


def send(cursor: CursorWrapper, siecle: Siecle, deposit: UUID) -> dict[str, int]:
    """Deposit the lines of `siecle_out` and bring the report into `siecle_report`; return its counters."""
    body = staging.copy_out(cursor, TO_SEND)
    with body.file:
        siecle.deposit(deposit, body.file, length=body.length, digest=body.digest, lines=body.lines)
    counters = siecle.counters(deposit)
    staging.create(cursor, "siecle_report")
    staging.copy_in(cursor, "siecle_report", contract.REPORT_COLUMNS, siecle.report_pages(deposit))
    check(cursor, counters, body.lines)
    return counters


def check(cursor: CursorWrapper, counters: dict[str, int], sent: int) -> None:
    """The report answers for every line sent, for no other, and its counters are theirs. Raises ExchangeFailed."""
    cursor.execute(STRANGERS)
    if cursor.fetchone()[0]:
        raise ExchangeFailed("MISMATCH")
    cursor.execute(OUTCOMES)
    found = {outcome.lower(): count for outcome, count in cursor.fetchall()}
    said = {name: count for name, count in counters.items() if count and name != "read"}
    if found != said or counters["read"] != sent or sum(found.values()) != sent:
        raise ExchangeFailed("MISMATCH")


def record(cursor: CursorWrapper, run: Run) -> None:
    """Keep what Siècle answered once for all, with its letters and its history, in one transaction (SIE-03)."""
    with transaction.atomic():
        now = clock.now()
        receipts.record(cursor, now=now)
        cursor.execute(SIGNALLED, {"run": run.pk, "direction": Direction.OUT})
