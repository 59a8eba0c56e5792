"""What the schools did in Siècle since the last night: fetched, checked in SQL, merged in one transaction (SIE-01)."""

import json
from typing import Any

from django.db import transaction
from django.db.backends.utils import CursorWrapper

from ledger import clock
from orientation import intake
from orientation.actions.act import share_campaign
from orientation.actions.council import UnknownCouncil
from orientation.models import Campaign
from siecle_sync import change_checks, checks, contract, councils, staging
from siecle_sync.client import Siecle
from siecle_sync.models import Direction, Run, RunLine, RunState

OUTCOMES = ("accepted", "rejected", "unchanged")
# What may heal by itself (a pupil imported since, a list completed, a clock put right): such a line is asked again
# every night. What is wrong in the line itself stays wrong: Siècle mends it with another line.
HEALABLE = (
    "UNKNOWN_PUPIL", "UNKNOWN_DIVISION", "UNKNOWN_ENTRY", "UNKNOWN_STATEMENT", "UNKNOWN_VALUE", "TOO_MANY",
    "FUTURE_DATE", "COUNCIL_NOT_OPEN", "NOTHING_TO_APPEAL",
)  # fmt: skip

LOCK = """
SELECT count(*) FROM (
    SELECT d.id FROM orientation_dossier d
    WHERE d.id IN (SELECT i.dossier_id FROM siecle_in i WHERE i.outcome IS NULL
                   UNION
                   SELECT o.id FROM siecle_in i
                   JOIN families_school school ON school.uai = i.uai
                   JOIN families_division dv ON dv.school_id = school.id AND dv.code = i.division
                   JOIN families_student st ON st.division_id = dv.id
                   JOIN orientation_dossier o ON o.student_id = st.id AND o.campaign_id = %(campaign)s
                   WHERE i.kind = 'COUNCIL' AND i.outcome IS NULL)
    ORDER BY d.id FOR UPDATE) locked
"""
COUNCILS = """
SELECT seq, ref, body || jsonb_build_object('ref', ref, 'uai', uai, 'year', year, 'level', level, 'phase', phase,
                                            'division', division, 'at', to_json(happened_at))
FROM siecle_in WHERE kind = 'COUNCIL' AND outcome IS NULL ORDER BY seq
"""
SETTLE = "UPDATE siecle_in SET outcome = %(outcome)s, code = %(code)s WHERE seq = %(seq)s"
TAKEN = "UPDATE siecle_in SET outcome = 'ACCEPTED' WHERE kind = %(kind)s AND outcome IS NULL"
COUNT = "SELECT COALESCE(kind, ''), COALESCE(outcome, ''), count(*) FROM siecle_in GROUP BY 1, 2 ORDER BY 1, 2"
SIGNALLED = """
INSERT INTO siecle_sync_runline (run_id, direction, seq, kind, ref, uai, eleve_id, ine, outcome, code, sentence)
SELECT %(run)s, %(direction)s, seq, left(COALESCE(kind, ''), 16), left(COALESCE(ref, ''), 64),
       left(COALESCE(uai, ''), 8), left(COALESCE(eleve_id, ''), 20), left(COALESCE(ine, ''), 11), outcome, code,
       left(COALESCE(%(sentences)s::jsonb->>code, ''), 200)
FROM siecle_in WHERE code <> ''
"""


class CountersDiffer(AssertionError):
    """The night's lines do not add up: everything is rolled back."""


def start_after(campaign: Campaign) -> int:
    """The last line taken in; before it when a line refused then may be right today."""
    last = Run.objects.filter(campaign=campaign, state=RunState.FINISHED).order_by("-pk").first()
    if last is None:
        return 0
    refused = RunLine.objects.filter(run=last, direction=Direction.IN, code__in=HEALABLE)
    first = refused.order_by("seq").values_list("seq", flat=True).first()
    return last.cursor if first is None else min(first - 1, last.cursor)


def fetch(cursor: CursorWrapper, siecle: Siecle, *, after: int) -> int:
    """Bring the lines that follow `after` into `siecle_in`; return the last one's number."""
    staging.create(cursor, "siecle_in")
    return staging.copy_in(cursor, "siecle_in", contract.COLUMNS, siecle.feed_pages(after=after))


def merge(cursor: CursorWrapper, campaign: Campaign) -> dict[str, Any]:
    """Merge the lines of `siecle_in`, inside the caller's transaction; return counters that add up.

    Raises CountersDiffer.
    """
    share_campaign(campaign.pk)
    campaign.refresh_from_db()  # its policies may have been changed while the lines were coming
    values = checks.values_of(campaign)
    checks.read(cursor, values)
    cursor.execute(LOCK, values)
    values["now"] = clock.now()  # after the locks (CAL-08)
    checks.apply(cursor, values, checks.TIME)
    merge_councils(cursor)
    now = clock.now()  # what follows the openings and resets of this very night is not dated before them
    values["now"] = now
    intake.withdraw_reset(cursor, now=now, campaign=campaign.pk)
    checks.apply(cursor, values, checks.ENTRY, outcome=contract.UNCHANGED)
    take(cursor, contract.SCHOOL_ENTRY, intake.merge_entries(cursor, now=now))
    checks.apply(cursor, values, (change_checks.SUPERSEDED,), outcome=contract.UNCHANGED)
    checks.apply(cursor, values, change_checks.REFUSED)
    checks.apply(cursor, values, (change_checks.SAME_LIST,), outcome=contract.UNCHANGED)
    take(cursor, contract.SCHOOL_CHANGE, intake.merge_changes(cursor, now=now))
    checks.apply(cursor, values, checks.STATEMENT_LATE, outcome=contract.UNCHANGED)
    checks.apply(cursor, values, checks.STATEMENT)
    take(cursor, contract.STATEMENT, intake.merge_statements(cursor, now=now))
    checks.apply(cursor, values, checks.ANSWER)
    take(cursor, contract.SCHOOL_ANSWER, intake.merge_answers(cursor, now=now))
    checks.apply(cursor, values, checks.DECISION)
    take(cursor, contract.HEAD_DECISION, intake.merge_decisions(cursor, now=now))
    return count(cursor)


def merge_councils(cursor: CursorWrapper) -> None:
    """Reconcile the openings, moves and resets that the callback missed, in order (CAL-06). Few rows: one act each."""
    cursor.execute(COUNCILS)
    for seq, _ref, body in cursor.fetchall():
        event = councils.Event.from_json(body if isinstance(body, dict) else json.loads(body))
        try:
            outcome = contract.ACCEPTED if councils.apply(event) else contract.UNCHANGED
            code = ""
        except UnknownCouncil:
            outcome, code = contract.REJECTED, "UNKNOWN_DIVISION"
        cursor.execute(SETTLE, {"outcome": outcome, "code": code, "seq": seq})


def take(cursor: CursorWrapper, kind: str, made: int) -> None:
    """Mark the lines of a kind as taken: as many as rows were made. Raises CountersDiffer."""
    cursor.execute(TAKEN, {"kind": kind})
    if cursor.rowcount != made:
        raise CountersDiffer(f"{kind}: {cursor.rowcount} lignes, {made} prises")


def count(cursor: CursorWrapper) -> dict[str, Any]:
    cursor.execute(COUNT)
    rows = cursor.fetchall()
    totals = {name: sum(n for _, outcome, n in rows if outcome == name.upper()) for name in OUTCOMES}
    read = sum(n for _, _, n in rows)
    if read != sum(totals.values()):
        raise CountersDiffer(f"{read} lignes lues, {totals}")
    by_kind = {kind: sum(n for other, _, n in rows if other == kind) for kind, _, _ in rows}
    return {"read": read, **totals, "by_kind": by_kind}


def signal(cursor: CursorWrapper, run: Run) -> None:
    """Keep the lines that were not simply taken, and why."""
    sentences = json.dumps(contract.SENTENCES)
    cursor.execute(SIGNALLED, {"run": run.pk, "direction": Direction.IN, "sentences": sentences})


def receive(cursor: CursorWrapper, run: Run, *, last: int) -> None:
    """Merge, record and move the cursor: all of it, or nothing of it."""
    with transaction.atomic():
        run.counters["in"] = merge(cursor, run.campaign)
        signal(cursor, run)
        run.cursor = last
        run.state = RunState.FINISHED
        run.ended_at = clock.now()
        run.save()
