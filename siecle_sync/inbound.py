"""What the schools did in Siècle since the last night: fetched, checked in SQL, merged in one transaction (SIE-01)."""

import json
from collections.abc import Callable
from typing import Any

from django.db.backends.utils import CursorWrapper

from ledger import clock
from orientation import intake
from orientation.actions.act import share_campaign
from orientation.actions.council import UnknownCouncil
from orientation.models import Campaign
from siecle_sync import change_checks, checks, contract, councils, held_lines, mass_changes, schools, staging
from siecle_sync.client import ExchangeFailed, Siecle
from siecle_sync.models import Direction, RunPart
from siecle_sync.partition import EVERYTHING, IN_RANGE, Range, range_of

OUTCOMES = ("accepted", "rejected", "unchanged")
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
# Until this night is committed, none of the councils whose opinions it takes in is reset (SIE-05).
SHARE_COUNCILS = """
SELECT count(*) FROM (
    SELECT c.id FROM orientation_classcouncil c
    JOIN families_division dv ON dv.id = c.division_id
    JOIN families_school school ON school.id = dv.school_id
    WHERE c.campaign_id = %(campaign)s AND (school.uai, dv.code, c.phase) IN (
        SELECT uai, division, phase FROM siecle_in WHERE kind = 'STATEMENT' AND outcome IS NULL)
    ORDER BY c.id FOR SHARE OF c) locked
"""
COUNCILS = """
SELECT seq, body || jsonb_build_object('ref', ref, 'uai', uai, 'year', year, 'level', level, 'phase', phase,
                                            'division', division, 'at', to_json(happened_at))
FROM siecle_in WHERE kind = 'COUNCIL' AND outcome IS NULL ORDER BY seq
"""
SETTLE = "UPDATE siecle_in SET outcome = %(outcome)s, code = %(code)s WHERE seq = %(seq)s"
TAKEN = "UPDATE siecle_in SET outcome = 'ACCEPTED' WHERE kind = %(kind)s AND outcome IS NULL"
COUNT = "SELECT COALESCE(kind, ''), COALESCE(outcome, ''), count(*) FROM siecle_in GROUP BY 1, 2 ORDER BY 1, 2"
# A Siècle that does not look at the bounds would give a school's lines to every part.
ELSEWHERE = f"""
SELECT EXISTS (SELECT 1 FROM (SELECT COALESCE(uai, '') AS uai FROM siecle_raw) r WHERE NOT ({IN_RANGE.format("r")}))
"""


class CountersDiffer(AssertionError):
    """The night's lines do not add up: everything is rolled back."""


def fetch(cursor: CursorWrapper, siecle: Siecle, campaign: Campaign, where: Range, *, after: int) -> int:
    """Bring the lines that follow `after`, and those that waited, into `siecle_raw`; return the last one's number."""
    staging.create(cursor, "siecle_raw")
    pages = siecle.feed_pages(after=after, first=where.first, before=where.before)
    last = staging.copy_in(cursor, "siecle_raw", contract.COLUMNS, pages)
    cursor.execute(ELSEWHERE, {"uai_from": where.first, "uai_before": where.before})
    if cursor.fetchone()[0]:
        raise ExchangeFailed("MISMATCH", "des lignes d’autres établissements")
    held_lines.bring(cursor, campaign, where)
    return last


def receive(cursor: CursorWrapper, part: RunPart, *, locked: Callable[[], None]) -> dict[str, Any]:
    """Merge the lines of `siecle_raw` and keep what became of them, in the caller's transaction."""
    where = range_of(part)
    counters = merge(cursor, part.run.campaign, where, locked=locked)
    schools.keep(cursor, part.run, Direction.IN)
    held_lines.keep(cursor, part.run.campaign, now=clock.now())
    return counters


def merge(
    cursor: CursorWrapper, campaign: Campaign, where: Range = EVERYTHING, *, locked: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Merge the lines of `siecle_raw`, inside the caller's transaction; return counters that add up.

    `locked` is called once the dossiers are. Raises CountersDiffer.
    """
    share_campaign(campaign.pk)
    campaign.refresh_from_db()  # its policies may have been changed while the lines were coming
    values = checks.values_of(campaign, where)
    kinds = checks.read(cursor, values)
    cursor.execute(LOCK, values)
    locked()
    checks.apply(cursor, values, checks.KNOWN, outcome=contract.UNCHANGED)  # what was taken while we waited
    values["now"] = clock.now()  # after the locks (CAL-08)
    checks.apply(cursor, values, checks.TIME)
    mass_changes.hold(cursor, campaign, values)
    if contract.COUNCIL in kinds:
        merge_councils(cursor)
    values["now"] = now = clock.now()  # what follows the openings and resets of this very night is not before them
    if contract.COUNCIL in kinds:
        intake.withdraw_reset(cursor, now=now, campaign=campaign.pk)
        checks.withdraw_waiting(cursor)
    for kind, take_kind in KINDS.items():
        if kind in kinds:
            take(cursor, kind, take_kind(cursor, values))
    return count(cursor)


def take_entries(cursor: CursorWrapper, values: dict[str, Any]) -> int:
    checks.apply(cursor, values, checks.ENTRY, outcome=contract.UNCHANGED)
    return intake.merge_entries(cursor, now=values["now"])


def take_changes(cursor: CursorWrapper, values: dict[str, Any]) -> int:
    checks.apply(cursor, values, (change_checks.SUPERSEDED,), outcome=contract.UNCHANGED)
    checks.apply(cursor, values, change_checks.REFUSED)
    checks.apply(cursor, values, change_checks.AMONG, outcome=contract.UNCHANGED)
    checks.apply(cursor, values, (change_checks.SAME_LIST,), outcome=contract.UNCHANGED)
    return intake.merge_changes(cursor, now=values["now"])


def take_statements(cursor: CursorWrapper, values: dict[str, Any]) -> int:
    cursor.execute(SHARE_COUNCILS, values)  # after the night's own resets, which hold the calendar of their school
    checks.apply(cursor, values, checks.STATEMENT_LATE, outcome=contract.UNCHANGED)
    checks.apply(cursor, values, checks.STATEMENT)
    checks.apply(cursor, values, checks.STATEMENT_AMONG, outcome=contract.UNCHANGED)
    return intake.merge_statements(cursor, now=values["now"])


def take_answers(cursor: CursorWrapper, values: dict[str, Any]) -> int:
    checks.apply(cursor, values, checks.ANSWER)
    checks.apply(cursor, values, checks.ANSWER_AMONG)
    return intake.merge_answers(cursor, now=values["now"])


def take_decisions(cursor: CursorWrapper, values: dict[str, Any]) -> int:
    for check in checks.DECISION:  # the second looks at what the first has left
        checks.apply(cursor, values, (check,))
    return intake.merge_decisions(cursor, now=values["now"])


# in the order in which they are taken
KINDS = {
    contract.SCHOOL_ENTRY: take_entries,
    contract.SCHOOL_CHANGE: take_changes,
    contract.STATEMENT: take_statements,
    contract.SCHOOL_ANSWER: take_answers,
    contract.HEAD_DECISION: take_decisions,
}


def merge_councils(cursor: CursorWrapper) -> None:
    """Reconcile the openings, moves and resets that the callback missed, in order (CAL-06). Few rows: one act each."""
    cursor.execute(COUNCILS)
    for seq, body in cursor.fetchall():
        try:
            event = councils.Event.from_json(body if isinstance(body, dict) else json.loads(body))
            outcome, code = contract.ACCEPTED if councils.apply(event) else contract.UNCHANGED, ""
        except UnknownCouncil:
            outcome, code = contract.REJECTED, "UNKNOWN_DIVISION"
        except (KeyError, TypeError, ValueError):  # what SQL reads and Python does not: one line, not the night
            outcome, code = contract.REJECTED, "MALFORMED"
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
