"""The queries of the dump: one JSON object a dossier. No uuid, no serial number: the same seed writes the same bytes.

A person is « P » and PERSONNE_ID, the pupil « E ». Instants are in UTC, to the second.
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.z(at timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') $$;
CREATE OR REPLACE FUNCTION pg_temp.who(representative bigint, student bigint) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT CASE WHEN student IS NOT NULL THEN 'E'
          ELSE (SELECT 'P' || siecle_id FROM families_representative WHERE id = representative) END $$;
CREATE OR REPLACE FUNCTION pg_temp.person(person uuid) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT COALESCE((SELECT 'P' || siecle_id FROM families_representative WHERE uuid = person),
                   (SELECT 'E' FROM families_student WHERE uuid = person)) $$;
CREATE OR REPLACE FUNCTION pg_temp.receipt(thing uuid) RETURNS json LANGUAGE sql STABLE AS
$$ SELECT json_build_object('outcome', outcome, 'at', pg_temp.z(at))
   FROM orientation_sieclereceipt WHERE ref = thing $$;
"""

# what a letter reports: uuid, and how to find it in the same object
ABOUT = """
SELECT uuid, 'submission ' || phase || ' v' || version FROM orientation_submission
UNION ALL SELECT uuid, 'statement ' || phase || ' v' || version FROM orientation_councilstatement
UNION ALL
SELECT f.uuid, 'answer to statement ' || s.phase || ' v' || s.version
FROM orientation_familyanswer f JOIN orientation_councilstatement s ON s.id = f.statement_id
UNION ALL
SELECT uuid, 'agreement of ' || pg_temp.who(representative_id, student_id) FROM orientation_agreement
UNION ALL SELECT uuid, 'decision ' || origin FROM orientation_decision
UNION ALL SELECT uuid, 'dossier' FROM orientation_dossier
"""

DOSSIERS = """
SELECT school.uai, s.siecle_id, json_build_object(
  'dossier', school.uai || '/' || s.siecle_id,
  'school', json_build_object('uai', school.uai, 'academy', academy.code,
    'zone', COALESCE(NULLIF(school.own_timezone, ''), academy.timezone), 'year_division', school.year_division),
  'division', dv.code,
  'campaign', json_build_object('academy', c.academy_id, 'year', c.year, 'level', c.level, 'max_choices', c.max_choices,
    'acknowledgement_by', c.acknowledgement_by, 'opinion_change', c.opinion_change, 'answered_by', c.answered_by,
    'acceptances', c.acceptances, 'recap_to', c.recap_to, 'recap_when', c.recap_when, 'free_text', c.free_text,
    'opinion_values', c.opinion_values, 'objection', c.objection, 'specialties', c.specialties,
    'specialties_if_outside', c.specialties_if_outside),
  'windows', (
    SELECT json_agg(json_build_object('phase', w.phase, 'kind', w.kind, 'opens_at', pg_temp.z(w.opens_at),
      'closes_at', pg_temp.z(w.closes_at)) ORDER BY w.opens_at)
    FROM orientation_phasewindow w WHERE w.campaign_id = c.id),
  'extensions', (
    SELECT COALESCE(json_agg(json_build_object('phase', e.phase, 'kind', e.kind, 'closes_at', pg_temp.z(e.closes_at),
      'school', (SELECT x.uai FROM families_school x WHERE x.id = e.school_id),
      'division', (
        SELECT h.uai || '/' || x.code FROM families_division x JOIN families_school h ON h.id = x.school_id
        WHERE x.id = e.division_id),
      'at', pg_temp.z(e.at)) ORDER BY e.at, e.closes_at), '[]')
    FROM orientation_extension e WHERE e.campaign_id = c.id AND (e.school_id IS NULL OR e.school_id = s.school_id)
      AND (e.division_id IS NULL OR e.division_id = s.division_id)),
  'closings', (
    SELECT COALESCE(json_agg(json_build_object('phase', x.phase, 'closes_at', pg_temp.z(x.closes_at),
      'at', pg_temp.z(x.at)) ORDER BY x.id), '[]')
    FROM orientation_schoolclosing x WHERE x.campaign_id = c.id AND x.school_id = s.school_id),
  'switches', (
    SELECT COALESCE(json_agg(json_build_object('enabled', x.enabled, 'at', pg_temp.z(x.at)) ORDER BY x.id), '[]')
    FROM orientation_serviceswitch x WHERE x.campaign_id = c.id AND x.school_id = s.school_id),
  'offers', (
    SELECT COALESCE(json_agg(json_build_object('specialties', x.specialties, 'at', pg_temp.z(x.at))
      ORDER BY x.id), '[]')
    FROM orientation_specialtyoffer x WHERE x.campaign_id = c.id AND x.school_id = s.school_id),
  'councils', (
    SELECT COALESCE(json_agg(json_build_object('division', kv.code, 'phase', k.phase, 'held_on', k.held_on,
      'events', (
      SELECT json_agg(json_build_object('what', j.verb, 'at', pg_temp.z(j.at)) ORDER BY j.id)
      FROM ledger_journalentry j WHERE j.dossier_uuid IS NULL AND j.data->>'council' = k.uuid::text))
      ORDER BY k.phase DESC, kv.code), '[]')
    FROM orientation_classcouncil k JOIN families_division kv ON kv.id = k.division_id
    WHERE k.campaign_id = c.id AND kv.school_id = s.school_id),
  'pupil', json_build_object('ine', s.ine, 'birth_date', s.birth_date, 'account', s.user_id IS NOT NULL,
    'scope', s.scope, 'left_on', s.leaves_on),
  'persons', (
    SELECT COALESCE(json_agg(json_build_object('who', 'P' || r.siecle_id, 'level', g.level, 'ended_on', g.ended_on,
      'account', r.user_id IS NOT NULL, 'email', r.email <> '') ORDER BY r.siecle_id), '[]')
    FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
    WHERE g.student_id = s.id),
  'pens', (
    SELECT COALESCE(json_agg(json_build_object('phase', p.phase,
      'holder', pg_temp.who(p.representative_id, p.student_id), 'taken_at', pg_temp.z(p.taken_at),
      'released_at', pg_temp.z(p.released_at), 'released_because', p.release_reason)
      ORDER BY p.taken_at, p.phase), '[]')
    FROM orientation_pen p WHERE p.dossier_id = d.id),
  'submissions', (
    SELECT COALESCE(json_agg(json_build_object('phase', m.phase, 'version', m.version, 'author_kind', m.author_kind,
      'author', pg_temp.who(m.representative_id, m.student_id), 'at', pg_temp.z(m.submitted_at),
      'asked_by', m.asked_by, 'asked_on', m.asked_on,
      'choices', (
        SELECT json_agg(json_build_object('rank', h.rank, 'pathway', h.pathway, 'series', h.series,
          'free_text', h.free_text, 'school_status', h.school_status, 'apprentice_status', h.apprentice_status,
          'details', h.details)
          ORDER BY h.rank)
        FROM orientation_rankedchoice h WHERE h.submission_id = m.id),
      'objections', (
        SELECT COALESCE(json_agg(json_build_object('by', pg_temp.who(o.representative_id, o.student_id),
          'at', pg_temp.z(o.at), 'reason', o.reason) ORDER BY o.id), '[]')
        FROM orientation_entryobjection o WHERE o.submission_id = m.id),
      'receipt', pg_temp.receipt(m.uuid)) ORDER BY m.phase DESC, m.version), '[]')
    FROM orientation_submission m WHERE m.dossier_id = d.id),
  'statements', (
    SELECT COALESCE(json_agg(json_build_object('phase', t.phase, 'version', t.version, 'about', m.version,
      'division', tv.code,
      'entered_at', pg_temp.z(t.entered_at), 'received_at', pg_temp.z(t.received_at),
      'published_at', pg_temp.z(t.published_at), 'withdrawn_at', pg_temp.z(w.at), 'withdrawn_because', w.reason,
      'answers', (
        SELECT json_agg(json_build_object('pathway', a.pathway, 'series', a.series, 'requested', a.requested,
          'value', a.value) ORDER BY a.position)
        FROM orientation_councilanswer a WHERE a.statement_id = t.id),
      'acknowledgement', (
        SELECT json_build_object('by', pg_temp.who(k.representative_id, k.student_id), 'at', pg_temp.z(k.at),
          'receipt', pg_temp.receipt(k.uuid))
        FROM orientation_acknowledgement k WHERE k.statement_id = t.id),
      'answer', (
        SELECT json_build_object('kind', f.kind, 'author_kind', f.author_kind,
          'by', pg_temp.who(f.representative_id, f.student_id), 'at', pg_temp.z(f.at),
          'accepted', (
            SELECT COALESCE(json_agg(json_build_array(a.pathway, a.series) ORDER BY a.position), '[]')
            FROM orientation_acceptedpathway x JOIN orientation_councilanswer a ON a.id = x.council_answer_id
            WHERE x.answer_id = f.id),
          'receipt', pg_temp.receipt(f.uuid),
          'agreements', (
            SELECT COALESCE(json_agg(json_build_object('by', pg_temp.who(g.representative_id, g.student_id),
              'agrees', g.agrees, 'at', pg_temp.z(g.at), 'receipt', pg_temp.receipt(g.uuid)) ORDER BY g.id), '[]')
            FROM orientation_agreement g WHERE g.answer_id = f.id))
        FROM orientation_familyanswer f WHERE f.statement_id = t.id)) ORDER BY t.phase DESC, t.version), '[]')
    FROM orientation_councilstatement t
    JOIN families_division tv ON tv.id = t.division_id
    LEFT JOIN orientation_submission m ON m.id = t.submission_id
    LEFT JOIN orientation_statementwithdrawal w ON w.statement_id = t.id
    WHERE t.dossier_id = d.id),
  'gate_lifted_at', (SELECT pg_temp.z(l.at) FROM orientation_gatelift l WHERE l.dossier_id = d.id),
  'meetings', (
    SELECT COALESCE(json_agg(json_build_object('held_on', w.held_on, 'present', w.present, 'at', pg_temp.z(w.at))
      ORDER BY w.held_on), '[]')
    FROM orientation_meeting w WHERE w.dossier_id = d.id),
  'appeal', (
    SELECT json_build_object('filed_on', w.filed_on, 'at', pg_temp.z(w.at))
    FROM orientation_appeal w WHERE w.dossier_id = d.id),
  'decisions', (
    SELECT COALESCE(json_agg(json_build_object('origin', e.origin, 'at', pg_temp.z(e.at), 'notified_on', e.notified_on,
      'pathways', (
        SELECT json_agg(json_build_array(x.pathway, x.series) ORDER BY x.id)
        FROM orientation_decidedpathway x WHERE x.decision_id = e.id),
      'receipt', pg_temp.receipt(e.uuid)) ORDER BY e.at, e.origin), '[]')
    FROM orientation_decision e WHERE e.dossier_id = d.id),
  'journal', (
    SELECT COALESCE(json_agg(json_build_object('at', pg_temp.z(j.at), 'what', j.verb, 'as', j.actor_kind,
      'by', pg_temp.person(j.actor_uuid), 'phase', j.data->>'phase')
      ORDER BY j.at, j.verb, j.data->>'kind', j.data->>'version', j.data->>'phase'), '[]')
    FROM ledger_journalentry j WHERE j.dossier_uuid = d.uuid),
  'letters', (
    SELECT COALESCE(json_agg(json_build_object('kind', o.kind, 'to', pg_temp.person(o.recipient_uuid),
      'about', o.about, 'state', o.state, 'created_at', pg_temp.z(o.created_at),
      'not_before', pg_temp.z(o.not_before), 'sent_at', pg_temp.z(o.sent_at))), '[]')
    FROM ledger_outgoingemail o WHERE o.dossier_uuid = d.uuid))
FROM orientation_dossier d
JOIN orientation_campaign c ON c.id = d.campaign_id
JOIN families_student s ON s.id = d.student_id
JOIN families_school school ON school.id = s.school_id
JOIN families_academy academy ON academy.code = school.academy_id
LEFT JOIN families_division dv ON dv.id = s.division_id
ORDER BY school.uai, s.siecle_id
"""
