"""What Siècle answered for our lines, taken in by sets (SIE-01, SIE-03).

The caller brings two temporary tables: `siecle_out` (seq, kind, ref, dossier_id, phase, version: what was sent) and
`siecle_report` (seq, outcome, code: what Siècle answered), one transaction and its instant.
"""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from orientation.readers import READERS, THEN

# REJECTED is not for ever: such a line has no receipt and goes again the next night.
RECEIPTS = """
CREATE TEMP TABLE siecle_new_receipt ON COMMIT DROP AS
WITH fresh AS (
    INSERT INTO orientation_sieclereceipt (dossier_id, kind, ref, outcome, at)
    SELECT o.dossier_id, CASE o.kind WHEN 'ENTRY' THEN 'SUBMISSION' ELSE o.kind END, o.ref::uuid, r.outcome, %(now)s
    FROM siecle_report r JOIN siecle_out o ON o.seq = r.seq
    WHERE r.outcome IN ('ACCEPTED', 'NOT_PROCESSED') AND o.kind NOT IN ('DIVISION', 'PUPIL')
    ON CONFLICT (ref) DO NOTHING
    RETURNING dossier_id, kind, ref, outcome
)
SELECT fresh.*, d.uuid AS dossier_uuid
FROM fresh JOIN orientation_dossier d ON d.id = fresh.dossier_id
"""
JOURNAL = (
    """
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_uuid, actor_name, dossier_uuid, data)
SELECT %(now)s, CASE WHEN n.kind = 'SUBMISSION' THEN 'entry_' ELSE 'line_' END || lower(n.outcome),
       'SIECLE', NULL, 'Siècle Orientation', n.dossier_uuid,
       jsonb_build_object('kind', n.kind, 'ref', n.ref) || CASE n.outcome WHEN 'NOT_PROCESSED' THEN """
    + THEN
    + """ ELSE '{}' END
FROM siecle_new_receipt n JOIN orientation_dossier d ON d.id = n.dossier_id
-- as the family did them: an entry, then its acknowledgement, an answer…
ORDER BY n.dossier_uuid,
         array_position(ARRAY['SUBMISSION', 'ACKNOWLEDGEMENT', 'ANSWER', 'AGREEMENT', 'DECISION'], n.kind::text), n.ref
"""
)
# Once for a line and a reason, however many nights it goes again. OFFSET 0 keeps the lines already in the history
# read dossier by dossier, by their index: without it they would all be read, to be compared with a few refusals.
JOURNAL_REJECTED = """
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_uuid, actor_name, dossier_uuid, data)
SELECT %(now)s, 'line_rejected', 'SIECLE', NULL, 'Siècle Orientation', d.uuid,
       jsonb_build_object('kind', CASE o.kind WHEN 'ENTRY' THEN 'SUBMISSION' ELSE o.kind END, 'ref', o.ref,
                          'code', left(COALESCE(r.code, ''), 24))
FROM siecle_report r
JOIN siecle_out o ON o.seq = r.seq
JOIN orientation_dossier d ON d.id = o.dossier_id
WHERE r.outcome = 'REJECTED' AND o.kind NOT IN ('DIVISION', 'PUPIL') AND NOT EXISTS (
    SELECT 1 FROM ledger_journalentry j
    WHERE j.dossier_uuid = d.uuid AND j.verb = 'line_rejected' AND j.data->>'ref' = o.ref
      AND j.data->>'code' = left(COALESCE(r.code, ''), 24)
    OFFSET 0)
ORDER BY d.uuid, o.ref
"""
LETTERS = (
    """
INSERT INTO ledger_outgoingemail (uuid, kind, recipient_uuid, dossier_uuid, about, data, dedup_key, state, not_before,
                                  created_at, attempts, last_error, message_id)
SELECT gen_random_uuid(), 'entry_not_processed', p.uuid, n.dossier_uuid, n.ref,
       jsonb_build_object('phase', s.phase), 'entry_not_processed:' || n.ref || ':' || p.uuid, 'READY', %(now)s,
       %(now)s, 0, '', ''
FROM siecle_new_receipt n
JOIN orientation_submission s ON s.uuid = n.ref
JOIN orientation_dossier d ON d.id = n.dossier_id
"""
    + READERS
    + """
WHERE n.kind = 'SUBMISSION' AND n.outcome = 'NOT_PROCESSED'
ON CONFLICT (dedup_key) DO NOTHING
"""
)


def record(cursor: CursorWrapper, *, now: datetime) -> None:
    """Write the final receipts, their history, what is refused until it goes again, and the letters (SIE-03)."""
    cursor.execute("DROP TABLE IF EXISTS siecle_new_receipt")
    for statement in (RECEIPTS, JOURNAL, JOURNAL_REJECTED, LETTERS):
        cursor.execute(statement, {"now": now})
