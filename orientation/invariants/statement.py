"""One invariant: what must hold whatever happened, and the query that finds where it does not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """`id` is stable. `sql` follows GROUND and returns (dossier, detail), one row an offence; by sets, never a loop."""

    id: str
    rule: str
    sentence: str
    sql: str


# What the queries stand on. A part that a query does not use costs nothing.
GROUND = """
WITH place AS (
  SELECT d.id AS dossier_id, d.uuid AS dossier, d.campaign_id, d.student_id, s.uuid AS student, s.birth_date,
    s.school_id, s.division_id, c.level, c.max_choices, c.free_text, c.opinion_values, c.opinion_change,
    c.answered_by, c.acceptances, c.recap_to, c.objection, c.specialties, c.specialties_if_outside,
    COALESCE(NULLIF(h.own_timezone, ''), a.timezone) AS zone
  FROM orientation_dossier d
  JOIN orientation_campaign c ON c.id = d.campaign_id
  JOIN families_student s ON s.id = d.student_id
  JOIN families_school h ON h.id = s.school_id
  JOIN families_academy a ON a.code = h.academy_id
),
legal AS (  -- the legal representatives of today
  SELECT g.student_id, g.representative_id, r.uuid AS person, r.user_id
  FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
  WHERE g.level = 1 AND g.ended_on IS NULL
),
recorded AS (  -- what the history kept with each act, since nothing else does: the division and the family of then
  SELECT j.dossier_uuid AS dossier, j.verb, (j.data->'then'->>'division')::bigint AS division_id,
    (j.data->'then'->>'born')::date AS born,
    j.data->'then'->'legal' AS legal, COALESCE(j.data->>'agreement', j.data->>'decision', j.data->>'objection',
      j.data->>'answer', j.data->>'submission', j.data->>'statement', j.data->>'ref') AS ref
  FROM ledger_journalentry j WHERE j.dossier_uuid IS NOT NULL AND j.data->'then' IS NOT NULL
),
was_legal AS (  -- the legal representatives of each act
  SELECT c.dossier, c.verb, c.ref, r.uuid AS person, r.id AS representative_id, r.user_id
  FROM recorded c CROSS JOIN jsonb_array_elements_text(c.legal) AS x(person)
  JOIN families_representative r ON r.uuid = x.person::uuid
),
entry AS (  -- a version validated by the family
  SELECT p.*, m.id, m.uuid, m.phase, m.version, m.author_kind, m.representative_id, m.student_id AS pupil_id,
    m.submitted_at AS at, m.choice_count,
    COALESCE(r.uuid, CASE WHEN m.student_id IS NOT NULL THEN p.student END) AS author
  FROM orientation_submission m JOIN place p ON p.dossier_id = m.dossier_id
  LEFT JOIN families_representative r ON r.id = m.representative_id
  WHERE m.author_kind <> 'SCHOOL'
),
statement AS (
  SELECT p.*, t.id, t.uuid, t.phase, t.version, t.submission_id, t.entered_at, t.received_at, t.published_at,
    t.division_id AS council_division_id, w.at AS withdrawn_at
  FROM orientation_councilstatement t JOIN place p ON p.dossier_id = t.dossier_id
  LEFT JOIN orientation_statementwithdrawal w ON w.statement_id = t.id
),
answer AS (  -- a family's answer, or the one that the school recorded for it
  SELECT s.*, f.id AS answer_id, f.uuid AS answer, f.kind, f.author_kind, f.representative_id, f.at,
    f.student_id AS pupil_id, COALESCE(r.uuid, CASE WHEN f.student_id IS NOT NULL THEN s.student END) AS author
  FROM orientation_familyanswer f JOIN statement s ON s.id = f.statement_id
  LEFT JOIN families_representative r ON r.id = f.representative_id
),
act AS (  -- everything a family signed: what, which, by whom, when; `verb` and `said` lead to its line of the history
  SELECT 'saisie' AS what, dossier, student_id, birth_date, zone, uuid AS ref, representative_id, pupil_id, at,
    'entry_validated' AS verb, uuid AS said
  FROM entry
  UNION ALL
  SELECT 'accusé de réception', s.dossier, s.student_id, s.birth_date, s.zone, k.uuid, k.representative_id,
    k.student_id, k.at, 'opinions_acknowledged', s.uuid
  FROM orientation_acknowledgement k JOIN statement s ON s.id = k.statement_id
  UNION ALL
  SELECT 'réponse', dossier, student_id, birth_date, zone, answer, representative_id, pupil_id, at,
    'proposals_answered', answer
  FROM answer WHERE author_kind <> 'SCHOOL'
  UNION ALL
  SELECT 'accord', a.dossier, a.student_id, a.birth_date, a.zone, g.uuid, g.representative_id, g.student_id, g.at,
    CASE WHEN g.agrees THEN 'answer_agreed' ELSE 'answer_disagreed' END, g.uuid
  FROM orientation_agreement g JOIN answer a ON a.answer_id = g.answer_id
  UNION ALL
  SELECT 'objection', p.dossier, p.student_id, p.birth_date, p.zone, o.uuid, o.representative_id, o.student_id, o.at,
    'entry_objected', o.uuid
  FROM orientation_entryobjection o JOIN orientation_submission m ON m.id = o.submission_id
  JOIN place p ON p.dossier_id = m.dossier_id
),
been_in AS (  -- every division the pupil is known to have been in
  SELECT dossier_id, division_id FROM place
  UNION
  SELECT dossier_id, division_id FROM orientation_councilstatement
  UNION
  SELECT p.dossier_id, c.division_id FROM recorded c JOIN place p ON p.dossier = c.dossier
),
entry_end AS (  -- each end of each window that concerns a dossier, and since when it was so
  SELECT p.dossier_id, w.phase, w.kind, w.opens_at, w.closes_at, NULL::timestamptz AS decided_at
  FROM place p JOIN orientation_phasewindow w ON w.campaign_id = p.campaign_id
  UNION ALL
  SELECT p.dossier_id, e.phase, e.kind, NULL, e.closes_at, e.at
  FROM place p JOIN orientation_extension e ON e.campaign_id = p.campaign_id
    AND (e.school_id IS NULL OR e.school_id = p.school_id)
    AND (e.division_id IS NULL OR (p.dossier_id, e.division_id) IN (SELECT dossier_id, division_id FROM been_in))
),
sitting AS (  -- each council, from its opening to its reset
  SELECT k.id AS council_id, k.campaign_id, k.division_id, k.phase, x.opened_at, x.reset_at
  FROM orientation_classcouncil k JOIN (
    SELECT data->>'council' AS council, verb, at AS opened_at,
      lead(at) OVER (PARTITION BY data->>'council' ORDER BY id) AS reset_at
    FROM ledger_journalentry WHERE verb IN ('council_opened', 'council_reset')
  ) x ON x.council = k.uuid::text AND x.verb = 'council_opened'
  UNION ALL
  SELECT id, campaign_id, division_id, phase, opened_at, NULL FROM orientation_classcouncil WHERE opened_at IS NOT NULL
),
pathway AS (
  SELECT * FROM jsonb_to_recordset(%(catalogue)s::jsonb)
    AS x(code text, level text, series jsonb, text_asked boolean, status_asked boolean, details jsonb,
      subjects_asked boolean)
)
"""

# Of age that day, school time (ACC-03). Not an interval: PostgreSQL puts the 18th birthday of a pupil born on
# 29 February on the 28th.
OF_AGE = """
  (EXTRACT(YEAR FROM {at} AT TIME ZONE {zone}), EXTRACT(MONTH FROM {at} AT TIME ZONE {zone}),
   EXTRACT(DAY FROM {at} AT TIME ZONE {zone}))
  >= (EXTRACT(YEAR FROM {birth_date}) + 18, EXTRACT(MONTH FROM {birth_date}), EXTRACT(DAY FROM {birth_date}))
"""
