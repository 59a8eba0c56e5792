"""The history and the letters of what a night brought, in the same transaction and by sets (MAI-07)."""

from orientation import waves
from orientation.letters.priority import IN_SQL
from orientation.readers import READERS, THEN

JOURNAL = (
    """
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_uuid, actor_name, dossier_uuid, data)
SELECT %(now)s, {verb}, 'SIECLE', NULL, 'Siècle Orientation', d.uuid, {data} || """
    + THEN
    + """
FROM siecle_in l
JOIN orientation_dossier d ON d.id = l.dossier_id
{joins}
WHERE l.kind = '{kind}' AND l.outcome IS NULL
ORDER BY l.seq
"""
)
ENTRY_RECEIVED = JOURNAL.format(
    verb="'school_entry_received'",
    data="jsonb_build_object('submission', s.uuid, 'phase', s.phase, 'version', s.version)",
    joins="JOIN orientation_submission s ON s.siecle_ref = l.ref",
    kind="SCHOOL_ENTRY",
)
ENTRY_CHANGED = JOURNAL.format(
    verb="'entry_changed_by_school'",
    data="""jsonb_build_object('submission', s.uuid, 'phase', s.phase, 'version', s.version, 'asked_by', s.asked_by,
                              'asked_on', s.asked_on)""",
    joins="JOIN orientation_submission s ON s.siecle_ref = l.ref",
    kind="SCHOOL_CHANGE",
)
PUBLISHED = JOURNAL.format(
    verb="'statement_published'",
    data="jsonb_build_object('statement', s.uuid, 'phase', s.phase, 'version', s.version)",
    joins="JOIN orientation_councilstatement s ON s.siecle_ref = l.ref",
    kind="STATEMENT",
)
ANSWERED = JOURNAL.format(
    verb="'answer_recorded_by_school'",
    data="jsonb_build_object('answer', f.uuid, 'kind', f.kind)",
    joins="JOIN orientation_familyanswer f ON f.siecle_ref = l.ref",
    kind="SCHOOL_ANSWER",
)
DECIDED_BY_ANSWER = JOURNAL.format(
    verb="'decision_made'",
    data="jsonb_build_object('decision', e.uuid, 'origin', e.origin)",
    joins="JOIN orientation_familyanswer f ON f.siecle_ref = l.ref JOIN orientation_decision e ON e.answer_id = f.id",
    kind="SCHOOL_ANSWER",
)
DECIDED_BY_HEAD = JOURNAL.format(
    verb="'decision_made'",
    data="jsonb_build_object('decision', e.uuid, 'origin', e.origin)",
    joins="JOIN orientation_decision e ON e.siecle_ref = l.ref",
    kind="HEAD_DECISION",
)
# around an INSERT that returns statement_id and reason
WITHDRAWN = """
WITH withdrawn AS ({insert} RETURNING statement_id, reason)
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_uuid, actor_name, dossier_uuid, data)
SELECT %(now)s, 'statement_withdrawn', 'SIECLE', NULL, 'Siècle Orientation', d.uuid,
       jsonb_build_object('statement', s.uuid, 'phase', s.phase, 'version', s.version, 'reason', w.reason)
FROM withdrawn w
JOIN orientation_councilstatement s ON s.id = w.statement_id
JOIN orientation_dossier d ON d.id = s.dossier_id
ORDER BY s.id
"""

# One letter a reader, unique for what it reports and for whom (MAI-07).
LETTERS = (
    """
INSERT INTO ledger_outgoingemail (uuid, kind, recipient_uuid, dossier_uuid, about, data, dedup_key, state, not_before,
                                  created_at, attempts, last_error, message_id, priority)
SELECT gen_random_uuid(), letter.kind, p.uuid, d.uuid, letter.about, letter.data,
       letter.kind || ':' || letter.about || ':' || p.uuid, 'READY', letter.not_before, %(now)s, 0, '', '',
       """
    + IN_SQL
    + """
FROM ({about}) letter
JOIN orientation_dossier d ON d.id = letter.dossier_id
"""
    + READERS
    + "ON CONFLICT (dedup_key) DO NOTHING"
)
# MAI-05: of several changes in one night, the last.
TELL_OF_CHANGES = LETTERS.format(
    about="""
    SELECT s.dossier_id, s.uuid AS about, jsonb_build_object('phase', s.phase) AS data,
           'entry_changed_by_school' AS kind, %(now)s AS not_before
    FROM siecle_in l JOIN orientation_submission s ON s.siecle_ref = l.ref
    WHERE l.kind = 'SCHOOL_CHANGE' AND l.outcome IS NULL
      AND NOT EXISTS (SELECT 1 FROM orientation_submission o
                      WHERE o.dossier_id = s.dossier_id AND o.phase = s.phase AND o.version > s.version)"""
)
# MAI-09, OPI-04: told when it can be read: published, and the consultation begun.
TELL_OF_STATEMENTS = LETTERS.format(
    about=f"""
    SELECT s.dossier_id, s.uuid AS about, jsonb_build_object('phase', s.phase) AS data,
           CASE WHEN COALESCE(w.opens_at <= %(now)s, true)
                     AND EXISTS (SELECT 1 FROM orientation_councilstatement o
                                 WHERE o.dossier_id = s.dossier_id AND o.phase = s.phase AND o.version < s.version
                                   AND o.received_at < s.received_at AND o.published_at <= %(now)s
                                   AND NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal unread
                                                   WHERE unread.statement_id = o.id
                                                     AND unread.at < GREATEST(o.published_at, w.opens_at)))
                THEN 'opinions_changed'
                WHEN s.phase = 'PROVISIONAL' THEN 'opinions_available' ELSE 'proposals_available' END AS kind,
           GREATEST(s.published_at, w.opens_at) + {waves.OF_PUPIL.format(student="c.student_id")} AS not_before
    FROM siecle_in l
    JOIN orientation_councilstatement s ON s.siecle_ref = l.ref
    JOIN orientation_dossier c ON c.id = s.dossier_id
    LEFT JOIN orientation_phasewindow w
      ON w.campaign_id = c.campaign_id AND w.phase = s.phase AND w.kind = 'CONSULTATION'
    WHERE l.kind = 'STATEMENT' AND l.outcome IS NULL
      AND NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = s.id)"""  # noqa: S608 (made of our own constants)
)
TELL_OF_ANSWERS = LETTERS.format(
    about="""
    SELECT l.dossier_id, f.uuid AS about,
           jsonb_build_object('decided', f.kind = 'ACCEPTED', 'awaited', jsonb_build_array()) AS data,
           CASE f.kind WHEN 'ACCEPTED' THEN 'answer_accepted_other' ELSE 'answer_refused_other' END AS kind,
           %(now)s AS not_before
    FROM siecle_in l JOIN orientation_familyanswer f ON f.siecle_ref = l.ref
    WHERE l.kind = 'SCHOOL_ANSWER' AND l.outcome IS NULL"""
)
TELL_OF_DECISIONS = LETTERS.format(
    about="""
    SELECT l.dossier_id, e.uuid AS about, jsonb_build_object('origin', e.origin) AS data,
           'decision_recorded' AS kind, %(now)s AS not_before
    FROM siecle_in l JOIN orientation_decision e ON e.siecle_ref = l.ref
    WHERE l.kind = 'HEAD_DECISION' AND l.outcome IS NULL"""
)
