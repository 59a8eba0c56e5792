"""What we send in the night: what changed in the lists, and every act of the families that Siècle has not yet answered
for (SIE-01).

The lines are fixed once in a temporary table, deposited, and each line of the report is matched to its own.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db.backends.utils import CursorWrapper

from ledger import clock
from orientation import receipts
from orientation.models import Campaign
from siecle_sync import contract, roster, schools, staging
from siecle_sync.client import ExchangeFailed, Siecle
from siecle_sync.models import Direction, RunPart
from siecle_sync.partition import Range
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
WHERE o.seq IS NULL OR r.seq IS NULL OR r.outcome IS NULL
   OR r.outcome NOT IN ('ACCEPTED', 'REJECTED', 'NOT_PROCESSED')
"""
OUTCOMES = "SELECT outcome, count(*) FROM siecle_report GROUP BY outcome"


def select(cursor: CursorWrapper, campaign: Campaign, where: Range) -> Counters:
    """Fix tonight's lines in `siecle_out`; return how many of each kind."""
    staging.drop(cursor, "siecle_out")
    bounds = {"uai_from": where.first, "uai_before": where.before}
    cursor.execute(SELECT, {"campaign": campaign.pk, **bounds})
    cursor.execute("ANALYZE siecle_out (seq, kind, ref, dossier_id)")  # what is joined: a payload is long to look at
    cursor.execute(BY_KIND)
    by_kind = dict(cursor.fetchall())
    return {"read": sum(by_kind.values()), "by_kind": by_kind}


def send(cursor: CursorWrapper, siecle: Siecle, part: RunPart, deposited: Callable[[], None]) -> dict[str, int]:
    """Deposit the lines of `siecle_out` and bring the report into `siecle_report`; return its counters.

    `deposited` is called once Siècle has taken them. The same lines again, after a stop, are the same deposit.
    """
    body = staging.copy_out(cursor, TO_SEND)
    with body.file:
        if part.digest != body.digest:
            part.deposit, part.digest = uuid4(), body.digest
            part.save(update_fields=["deposit", "digest"])
        siecle.deposit(part.deposit, body.file, length=body.length, digest=body.digest, lines=body.lines)
    deposited()
    counters = siecle.counters(part.deposit)
    staging.create(cursor, "siecle_report")
    staging.copy_in(cursor, "siecle_report", contract.REPORT_COLUMNS, siecle.report_pages(part.deposit))
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
    if found != said or counters.get("read", -1) != sent or sum(found.values()) != sent:
        raise ExchangeFailed("MISMATCH")


def record(cursor: CursorWrapper, part: RunPart) -> None:
    """Keep what Siècle answered, with its letters and its history, in the caller's transaction (SIE-03)."""
    receipts.record(cursor, now=clock.now())
    roster.record(cursor, part.run.campaign)
    schools.keep(cursor, part.run, Direction.OUT)
