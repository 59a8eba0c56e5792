"""What became of each school's lines in a run, one way: counted in SQL, and adding up (RunSchool, RunLine)."""

import json
from typing import Any

from django.db.backends.utils import CursorWrapper

from siecle_sync import contract
from siecle_sync.models import Direction, Run, RunLine, RunSchool

# (uai, outcome, code, changes) of each line. A rehearsal sends nothing: what would leave is counted as taken.
OUT = """SELECT o.uai, r.outcome, left(COALESCE(r.code, ''), 24) AS code, o.changes
         FROM siecle_report r JOIN siecle_out o ON o.seq = r.seq"""
TO_SEND = "SELECT o.uai, 'ACCEPTED' AS outcome, '' AS code, o.changes FROM siecle_out o"
IN = """SELECT left(COALESCE(i.uai, ''), 8) AS uai, i.outcome, COALESCE(i.code, '') AS code, i.changes
        FROM siecle_in i"""
COUNT = """
WITH by_code AS (
  SELECT uai, code, count(*) AS read, count(*) FILTER (WHERE outcome = 'ACCEPTED') AS accepted,
         count(*) FILTER (WHERE outcome = 'ACCEPTED' AND NOT changes) AS created,
         count(*) FILTER (WHERE outcome = 'ACCEPTED' AND changes) AS changed,
         count(*) FILTER (WHERE outcome = 'REJECTED') AS rejected,
         count(*) FILTER (WHERE outcome = 'NOT_PROCESSED') AS not_processed,
         count(*) FILTER (WHERE outcome = 'UNCHANGED') AS unchanged
  FROM ({lines}) lines GROUP BY uai, code)
SELECT uai, sum(read)::integer AS read, sum(accepted)::integer AS accepted, sum(created)::integer AS created,
       sum(changed)::integer AS changed, sum(rejected)::integer AS rejected,
       sum(not_processed)::integer AS not_processed, sum(unchanged)::integer AS unchanged,
       COALESCE(jsonb_object_agg(code, read) FILTER (WHERE code <> ''), '{{}}') AS by_code
FROM by_code GROUP BY uai
"""
COUNTS = ("read", "accepted", "created", "changed", "rejected", "not_processed", "unchanged")
COUNTED = ("uai", *COUNTS, "by_code")
# A line whose UAI is nonsense may be met by two parts: their counts are added.
KEEP = """
INSERT INTO siecle_sync_runschool (run_id, direction, {names})
SELECT %(run)s, %(direction)s, {names} FROM ({counted}) counted
ON CONFLICT (run_id, uai, direction) DO UPDATE SET
  read = siecle_sync_runschool.read + EXCLUDED.read, accepted = siecle_sync_runschool.accepted + EXCLUDED.accepted,
  created = siecle_sync_runschool.created + EXCLUDED.created,
  changed = siecle_sync_runschool.changed + EXCLUDED.changed,
  rejected = siecle_sync_runschool.rejected + EXCLUDED.rejected,
  not_processed = siecle_sync_runschool.not_processed + EXCLUDED.not_processed,
  unchanged = siecle_sync_runschool.unchanged + EXCLUDED.unchanged,
  by_code = (SELECT COALESCE(jsonb_object_agg(code, n), '{{}}') FROM (
               SELECT code, sum(n::int) AS n FROM (
                 SELECT * FROM jsonb_each_text(siecle_sync_runschool.by_code)
                 UNION ALL SELECT * FROM jsonb_each_text(EXCLUDED.by_code)) AS both_of (code, n) GROUP BY code) added)
"""
SIGNALLED_OUT = """
SELECT o.seq, o.kind, o.ref, o.uai, COALESCE(o.eleve_id::text, '') AS eleve_id, o.ine, r.outcome,
       left(COALESCE(r.code, ''), 24) AS code, left(COALESCE(r.sentence, ''), 200) AS sentence
FROM siecle_report r JOIN siecle_out o ON o.seq = r.seq
WHERE r.outcome <> 'ACCEPTED'
"""
SIGNALLED_IN = """
SELECT seq, left(COALESCE(kind, ''), 16) AS kind, left(COALESCE(ref, ''), 64) AS ref, left(COALESCE(uai, ''), 8) AS uai,
       left(COALESCE(eleve_id, ''), 20) AS eleve_id, left(COALESCE(ine, ''), 11) AS ine, outcome, code,
       left(COALESCE(%(sentences)s::jsonb->>code, ''), 200) AS sentence
FROM siecle_in WHERE code <> ''
  -- a line that goes on waiting for the same reason was signalled the night it began to
  AND NOT EXISTS (SELECT 1 FROM siecle_sync_heldline h
                  WHERE h.campaign_id = %(campaign)s AND h.seq = siecle_in.seq AND h.code = siecle_in.code)
"""
SIGNALLED = ("seq", "kind", "ref", "uai", "eleve_id", "ine", "outcome", "code", "sentence")
SIGNAL = (
    "INSERT INTO siecle_sync_runline (run_id, direction, {names}) SELECT %(run)s, %(direction)s, {names} FROM ({q}) q"
)
SENTENCES = json.dumps(contract.SENTENCES)
LINES = {Direction.OUT: OUT, Direction.IN: IN}
TO_SIGNAL = {Direction.OUT: SIGNALLED_OUT, Direction.IN: SIGNALLED_IN}


def keep(cursor: CursorWrapper, run: Run, direction: str) -> None:
    """Write the counts of each school, and the lines that somebody may have to look at."""
    values = {"run": run.pk, "campaign": run.campaign_id, "direction": direction, "sentences": SENTENCES}
    cursor.execute(KEEP.format(names=", ".join(COUNTED), counted=COUNT.format(lines=LINES[direction])), values)
    cursor.execute(SIGNAL.format(names=", ".join(SIGNALLED), q=TO_SIGNAL[direction]), values)


def counted(cursor: CursorWrapper, run: Run, lines: str, direction: str) -> list[RunSchool]:
    """The counts of a rehearsal, not saved; `lines` = TO_SEND or IN."""
    rows = fetch(cursor, COUNT.format(lines=lines), COUNTED)
    return [RunSchool(run=run, direction=direction, **row) for row in rows]


def signalled(cursor: CursorWrapper, run: Run) -> list[RunLine]:
    """The lines that a rehearsal would refuse or leave aside, not saved."""
    rows = fetch(cursor, SIGNALLED_IN, SIGNALLED, sentences=SENTENCES, campaign=run.campaign_id)
    return [RunLine(run=run, direction=Direction.IN, **row) for row in rows]


def fetch(cursor: CursorWrapper, query: str, names: tuple[str, ...], **values: Any) -> list[dict[str, Any]]:
    cursor.execute(query, values)
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        if isinstance(row.get("by_code"), str):  # Django leaves jsonb to its own fields
            row["by_code"] = json.loads(row["by_code"])
    return rows
