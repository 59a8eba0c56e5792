"""What the schools did in Siècle, taken into the dossiers by sets: the twins of the actions, for a whole night.

The caller brings one transaction, the dossiers locked, the instant read after the lock, and two temporary tables:
`siecle_in` (seq, kind, ref, dossier_id, phase, happened_at, author_name, body jsonb, outcome: NULL = to be taken) and
`siecle_item` (seq, position, pathway, series, item jsonb): the pathways that a line carries, in order.
Each function takes the lines of one kind and returns how many rows it made; the checks are already done.
"""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from orientation import intake_letters, waves

ENTRIES = """
INSERT INTO orientation_submission (uuid, dossier_id, phase, version, author_kind, author_name, choice_count,
                                    submitted_at, asked_by, asked_on, siecle_ref)
SELECT gen_random_uuid(), l.dossier_id, l.phase,
       COALESCE((SELECT max(o.version) FROM orientation_submission o
                 WHERE o.dossier_id = l.dossier_id AND o.phase = l.phase), 0)
         + row_number() OVER (PARTITION BY l.dossier_id, l.phase ORDER BY l.seq),
       'SCHOOL', COALESCE(l.author_name, ''), (SELECT count(*) FROM siecle_item t WHERE t.seq = l.seq),
       l.happened_at, CASE l.kind WHEN 'SCHOOL_CHANGE' THEN btrim(l.body->>'asked_by') ELSE '' END,
       CASE l.kind WHEN 'SCHOOL_CHANGE' THEN pg_temp.read_date(l.body->>'asked_on') END, l.ref
FROM siecle_in l WHERE l.kind = %(kind)s AND l.outcome IS NULL
"""
CHOICES = """
INSERT INTO orientation_rankedchoice (submission_id, rank, pathway, series, free_text, school_status,
                                      apprentice_status, details)
SELECT s.id, t.position, t.pathway, t.series, COALESCE(t.item->>'free_text', ''),
       COALESCE(t.item->'school_status' = 'true', false), COALESCE(t.item->'apprentice_status' = 'true', false),
       CASE WHEN jsonb_typeof(t.item->'details') = 'array' THEN t.item->'details' ELSE '[]' END
FROM siecle_in l
JOIN siecle_item t ON t.seq = l.seq
JOIN orientation_submission s ON s.siecle_ref = l.ref
WHERE l.kind = %(kind)s AND l.outcome IS NULL
"""
# SIE-04: what the council had said of the former list is withdrawn; it examines the new one.
ENTRY_CHANGED = intake_letters.WITHDRAWN.format(
    insert="""
INSERT INTO orientation_statementwithdrawal (statement_id, at, reason)
SELECT s.id, %(now)s, 'ENTRY_CHANGED'
FROM orientation_councilstatement s
WHERE NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = s.id)
  AND EXISTS (SELECT 1 FROM siecle_in l WHERE l.kind = 'SCHOOL_CHANGE' AND l.outcome IS NULL
                AND l.dossier_id = s.dossier_id AND l.phase = s.phase)
"""
)
# OPI-01: read the day after it was given, and not before six o'clock on the morning of the night that brings it, in
# the school's time zone: a night may come by day, or to a school where it is still the evening.
STATEMENTS = """
INSERT INTO orientation_councilstatement (uuid, dossier_id, phase, version, submission_id, entered_at, received_at,
                                          published_at, siecle_ref, division_id)
SELECT gen_random_uuid(), l.dossier_id, l.phase,
       COALESCE((SELECT max(o.version) FROM orientation_councilstatement o
                 WHERE o.dossier_id = l.dossier_id AND o.phase = l.phase), 0)
         + row_number() OVER (PARTITION BY l.dossier_id, l.phase ORDER BY l.seq),
       (SELECT s.id FROM orientation_submission s WHERE s.dossier_id = l.dossier_id AND s.phase = l.phase
          AND l.body->>'submission_ref' IN (s.uuid::text, s.siecle_ref) ORDER BY s.id LIMIT 1),
       l.happened_at, %(now)s,
       GREATEST(%(now)s, (GREATEST(date_trunc('day', %(now)s AT TIME ZONE zone.name),
                                   date_trunc('day', l.happened_at AT TIME ZONE zone.name) + INTERVAL '1 day')
                          + INTERVAL '6 hours') AT TIME ZONE zone.name),
       l.ref, dv.id
FROM siecle_in l
JOIN orientation_dossier d ON d.id = l.dossier_id
JOIN families_student st ON st.id = d.student_id
JOIN families_school school ON school.id = st.school_id
JOIN families_academy academy ON academy.code = school.academy_id
JOIN orientation_campaign c ON c.id = d.campaign_id
JOIN families_division dv ON dv.school_id = school.id AND dv.year = c.year AND dv.code = l.division
CROSS JOIN LATERAL (SELECT COALESCE(NULLIF(school.own_timezone, ''), academy.timezone) AS name) zone
WHERE l.kind = 'STATEMENT' AND l.outcome IS NULL
"""
# What was requested is known here when the entry is; Siècle says it of a request that it alone has seen.
ANSWERS = """
INSERT INTO orientation_councilanswer (statement_id, position, pathway, series, requested, value, comment)
SELECT s.id, t.position, t.pathway, t.series,
       CASE WHEN s.submission_id IS NULL THEN COALESCE(t.item->'requested' = 'true', false)
            ELSE EXISTS (SELECT 1 FROM orientation_rankedchoice h WHERE h.submission_id = s.submission_id
                           AND h.pathway = t.pathway AND h.series = t.series) END,
       t.item->>'value', COALESCE(t.item->>'comment', '')
FROM siecle_in l
JOIN siecle_item t ON t.seq = l.seq
JOIN orientation_councilstatement s ON s.siecle_ref = l.ref
WHERE l.kind = 'STATEMENT' AND l.outcome IS NULL
"""
# OPI-04: a version is never rewritten; the new one stands because the former is withdrawn.
CHANGED = intake_letters.WITHDRAWN.format(
    insert="""
INSERT INTO orientation_statementwithdrawal (statement_id, at, reason)
SELECT old.id, %(now)s, 'CHANGED'
FROM orientation_councilstatement old
WHERE NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = old.id)
  AND EXISTS (SELECT 1 FROM siecle_in l JOIN orientation_councilstatement new ON new.siecle_ref = l.ref
              WHERE l.kind = 'STATEMENT' AND l.outcome IS NULL AND new.dossier_id = old.dossier_id
                AND new.phase = old.phase AND new.version > old.version)
"""
)
# SIE-05: what a council said before it was reset is withdrawn, even when it came after the reset did.
RESET = intake_letters.WITHDRAWN.format(
    insert="""
INSERT INTO orientation_statementwithdrawal (statement_id, at, reason)
SELECT s.id, %(now)s, 'RESET'
FROM orientation_councilstatement s
JOIN orientation_dossier d ON d.id = s.dossier_id AND d.campaign_id = %(campaign)s
JOIN families_division dv ON dv.id = s.division_id
JOIN families_school school ON school.id = dv.school_id
WHERE NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal w WHERE w.statement_id = s.id)
  AND EXISTS (SELECT 1 FROM siecle_in l
              WHERE l.kind = 'COUNCIL' AND l.body->>'event' = 'RESET' AND l.outcome IS DISTINCT FROM 'REJECTED'
                AND l.uai = school.uai AND l.division = dv.code AND l.phase = s.phase AND l.happened_at > s.entered_at)
"""
)
SCHOOL_ANSWERS = """
INSERT INTO orientation_familyanswer (uuid, statement_id, kind, author_kind, author_name, at, siecle_ref)
SELECT gen_random_uuid(), s.id, l.body->>'kind', 'SCHOOL', COALESCE(l.author_name, ''), l.happened_at, l.ref
FROM siecle_in l
JOIN orientation_councilstatement s ON s.siecle_ref = l.body->>'statement'
WHERE l.kind = 'SCHOOL_ANSWER' AND l.outcome IS NULL
"""
ACCEPTED = """
INSERT INTO orientation_acceptedpathway (answer_id, council_answer_id)
SELECT f.id, a.id
FROM siecle_in l
JOIN siecle_item t ON t.seq = l.seq
JOIN orientation_familyanswer f ON f.siecle_ref = l.ref
JOIN orientation_councilanswer a ON a.statement_id = f.statement_id AND a.pathway = t.pathway AND a.series = t.series
WHERE l.kind = 'SCHOOL_ANSWER' AND l.outcome IS NULL
"""
# ANS-05: an acceptance recorded by the school makes the decision too.
DECISIONS_OF_ANSWERS = """
INSERT INTO orientation_decision (uuid, dossier_id, origin, answer_id, at)
SELECT gen_random_uuid(), l.dossier_id, 'ACCEPTANCE', f.id, f.at
FROM siecle_in l JOIN orientation_familyanswer f ON f.siecle_ref = l.ref
WHERE l.kind = 'SCHOOL_ANSWER' AND l.outcome IS NULL AND f.kind = 'ACCEPTED'
"""
DECISIONS = """
INSERT INTO orientation_decision (uuid, dossier_id, origin, at, notified_on, siecle_ref)
SELECT gen_random_uuid(), l.dossier_id, COALESCE(l.body->>'origin', 'HEAD'), l.happened_at,
       pg_temp.read_date(l.body->>'notified_on'), l.ref
FROM siecle_in l WHERE l.kind = 'HEAD_DECISION' AND l.outcome IS NULL
"""
DECIDED = """
INSERT INTO orientation_decidedpathway (decision_id, pathway, series)
SELECT e.id, t.pathway, t.series
FROM siecle_in l
JOIN siecle_item t ON t.seq = l.seq
{joins}
WHERE l.outcome IS NULL
ORDER BY e.id, t.position
"""
DECIDED_BY_ANSWER = DECIDED.format(
    joins="""JOIN orientation_familyanswer f ON f.siecle_ref = l.ref AND l.kind = 'SCHOOL_ANSWER'
    JOIN orientation_decision e ON e.answer_id = f.id"""
)
DECIDED_BY_HEAD = DECIDED.format(
    joins="JOIN orientation_decision e ON e.siecle_ref = l.ref AND l.kind = 'HEAD_DECISION'"
)


def merge_entries(cursor: CursorWrapper, *, now: datetime) -> int:
    """The requests that schools typed for families (SIE-10): visible with the council's answers (OPI-02)."""
    made = _entries(cursor, "SCHOOL_ENTRY")
    run(cursor, intake_letters.ENTRY_RECEIVED, now=now)
    return made


def merge_changes(cursor: CursorWrapper, *, now: datetime) -> int:
    """The entries that schools changed at a family's request: a new version each, everybody told (SIE-04, MAI-05)."""
    made = _entries(cursor, "SCHOOL_CHANGE")
    run(cursor, intake_letters.ENTRY_CHANGED, now=now)
    run(cursor, ENTRY_CHANGED, now=now)
    run(cursor, intake_letters.TELL_OF_CHANGES, now=now)
    return made


def _entries(cursor: CursorWrapper, kind: str) -> int:
    made = run(cursor, ENTRIES, kind=kind)
    run(cursor, CHOICES, kind=kind)
    return made


def withdraw_reset(cursor: CursorWrapper, *, now: datetime, campaign: int) -> int:
    """What the councils reset had said (SIE-05)."""
    return run(cursor, RESET, now=now, campaign=campaign)


def merge_statements(cursor: CursorWrapper, *, now: datetime) -> int:
    """Opinions and proposals: a new version, the former one withdrawn, the family told (OPI-01, OPI-04, MAI-09)."""
    made = run(cursor, STATEMENTS, now=now)
    run(cursor, ANSWERS, now=now)
    run(cursor, CHANGED, now=now)
    run(cursor, intake_letters.PUBLISHED, now=now)
    run(cursor, intake_letters.TELL_OF_STATEMENTS, now=now, wave=waves.minutes())
    return made


def merge_answers(cursor: CursorWrapper, *, now: datetime) -> int:
    """The answers that schools recorded for families, and the decisions they make (SIE-10, ANS-05, MAI-04)."""
    made = run(cursor, SCHOOL_ANSWERS, now=now)
    run(cursor, ACCEPTED, now=now)
    run(cursor, DECISIONS_OF_ANSWERS, now=now)
    run(cursor, DECIDED_BY_ANSWER, now=now)
    run(cursor, intake_letters.ANSWERED, now=now)
    run(cursor, intake_letters.DECIDED_BY_ANSWER, now=now)
    run(cursor, intake_letters.TELL_OF_ANSWERS, now=now)
    return made


def merge_decisions(cursor: CursorWrapper, *, now: datetime) -> int:
    """The decisions of heads of school after a meeting, and of appeal commissions (ANS-05, ANS-07)."""
    made = run(cursor, DECISIONS, now=now)
    run(cursor, DECIDED_BY_HEAD, now=now)
    run(cursor, intake_letters.DECIDED_BY_HEAD, now=now)
    run(cursor, intake_letters.TELL_OF_DECISIONS, now=now)
    return made


def run(cursor: CursorWrapper, statement: str, **values: object) -> int:
    cursor.execute(statement, values)
    return cursor.rowcount
