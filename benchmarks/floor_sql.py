"""The hand-written SQL of the floor. One campaign in the database; the rows are those that our night writes."""

# the session of ours (`ledger.apps.SESSION`)
OPTIONS = "-c pgtrigger.ignore={} -c jit=off -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0"
LINE = (
    "seq, kind, ref, uai, year, level, phase, division, eleve_id, ine, version, at, author_kind, author_name, payload"
)

# --- what goes out ----------------------------------------------------------------------------------------------------
ENTRIES = """
SELECT 'ENTRY' AS kind, s.uuid::text AS ref, school.uai, st.year::int AS year, st.level, s.phase, dv.code AS division,
       st.siecle_id AS eleve_id, st.ine, s.version::int AS version, s.submitted_at AS at, s.author_kind, s.author_name,
       jsonb_build_object('choices', (SELECT jsonb_agg(jsonb_build_object(
         'rank', h.rank, 'pathway', h.pathway, 'series', h.series, 'free_text', h.free_text,
         'school_status', h.school_status, 'apprentice_status', h.apprentice_status, 'details', h.details
       ) ORDER BY h.rank) FROM orientation_rankedchoice h WHERE h.submission_id = s.id)) AS payload
FROM orientation_acttosend t
JOIN orientation_submission s ON s.uuid = t.ref
JOIN orientation_dossier d ON d.id = s.dossier_id
JOIN families_student st ON st.id = d.student_id
JOIN families_school school ON school.id = st.school_id
JOIN families_division dv ON dv.id = st.division_id
"""
# who came, left or changed since Siècle was last told: the digest is the one that the service keeps
PUPILS = """
SELECT 'PUPIL', COALESCE(today.uai, known.uai) || '/' || COALESCE(today.code, known.code),
       COALESCE(today.uai, known.uai), today.year, today.level, '', today.division,
       COALESCE(today.siecle_id, known.code::bigint), today.ine, NULL::int, NULL::timestamptz, '', '',
       jsonb_build_object('family_name', today.family_name, 'usage_name', today.usage_name,
         'first_name', today.first_name, 'birth_date', today.birth_date)
FROM (SELECT school.uai, st.siecle_id::text AS code, st.year::int AS year, st.level, dv.code AS division, st.siecle_id,
             st.ine, st.family_name, st.usage_name, st.first_name, st.birth_date,
             hash_record_extended(ROW(dv.code, st.ine, st.family_name, st.usage_name, st.first_name, st.birth_date), 0)
               AS digest
      FROM orientation_dossier d JOIN families_student st ON st.id = d.student_id AND st.scope = 'IN_SCOPE'
      JOIN families_school school ON school.id = st.school_id
      LEFT JOIN families_division dv ON dv.id = st.division_id) today
FULL JOIN (SELECT uai, code, digest FROM siecle_sync_rosterreceipt WHERE kind = 'PUPIL') known
  ON known.uai = today.uai AND known.code = today.code
WHERE known.digest IS DISTINCT FROM today.digest
"""
OUT = f"""
SELECT row_number() OVER (ORDER BY lines.uai, lines.at, lines.ref) AS seq, lines.*
FROM ({ENTRIES} UNION ALL {PUPILS}) lines
"""

# --- that nothing has changed -----------------------------------------------------------------------------------------
# beside what is to be sent and the lists that Siècle holds: who has no dossier, whose pen or draft is lost
WITHOUT_DOSSIER = """
SELECT st.id FROM families_student st JOIN orientation_campaign c ON c.year = st.year AND c.level = st.level
WHERE st.scope = 'IN_SCOPE' AND NOT EXISTS (SELECT 1 FROM orientation_dossier d WHERE d.student_id = st.id)
"""
LOST_PENS = """
SELECT p.id FROM orientation_pen p JOIN orientation_dossier d ON d.id = p.dossier_id
JOIN families_student st ON st.id = d.student_id
LEFT JOIN families_guardianship g ON g.student_id = st.id AND g.representative_id = p.representative_id
  AND g.level = 1 AND g.ended_on IS NULL
WHERE p.released_at IS NULL AND (g.id IS NULL OR st.birth_date <= %(now)s::date - interval '18 years')
"""
LOST_DRAFTS = """
SELECT f.id FROM orientation_draft f JOIN orientation_dossier d ON d.id = f.dossier_id
WHERE NOT EXISTS (SELECT 1 FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
                  WHERE g.student_id = d.student_id AND r.user_id = f.user_id)
"""
NOTHING = (OUT, WITHOUT_DOSSIER, LOST_PENS, LOST_DRAFTS)

# --- what Siècle answered ---------------------------------------------------------------------------------------------
REPORT = "CREATE TEMP TABLE report (seq bigint, kind text, ref text, outcome text, code text, sentence text)"
RECEIPTS = """
INSERT INTO orientation_sieclereceipt (dossier_id, kind, ref, outcome, at)
SELECT s.dossier_id, 'SUBMISSION', s.uuid, r.outcome, %(now)s
FROM report r JOIN orientation_submission s ON s.uuid = r.ref::uuid
"""
ACCEPTED = """
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_name, dossier_uuid, data)
SELECT %(now)s, 'entry_accepted', 'SIECLE', 'Siècle Orientation', d.uuid,
       jsonb_build_object('kind', 'SUBMISSION', 'ref', r.ref)
FROM report r JOIN orientation_submission s ON s.uuid = r.ref::uuid JOIN orientation_dossier d ON d.id = s.dossier_id
"""
RUN = """
INSERT INTO siecle_sync_run (academy_id, campaign_id, night_on, started_at, ended_at, state, counters, error)
SELECT academy_id, id, current_date, %(now)s, %(now)s, 'FINISHED', '{}', '' FROM orientation_campaign
"""
PARTS = """
INSERT INTO siecle_sync_runpart (run_id, number, uai_from, uai_before, state, step, attempts, digest, cursor_from,
                                 cursor, counters, error)
SELECT (SELECT max(id) FROM siecle_sync_run), number, uai_from, uai_before, state, step, attempts, digest, cursor_from,
       cursor, counters, error
FROM siecle_sync_runpart
"""
SCHOOLS = """
INSERT INTO siecle_sync_runschool (run_id, uai, direction, read, accepted, created, changed, rejected, not_processed,
                                   unchanged, by_code)
SELECT (SELECT max(id) FROM siecle_sync_run), uai, '{direction}', count(*), count(*), count(*) FILTER (WHERE first),
       count(*) FILTER (WHERE NOT first), 0, 0, 0, '{{}}'
FROM ({lines}) lines GROUP BY uai
"""
SENT = SCHOOLS.format(
    direction="OUT",
    lines="""SELECT school.uai, s.version = 1 AS first FROM report r
             JOIN orientation_submission s ON s.uuid = r.ref::uuid JOIN orientation_dossier d ON d.id = s.dossier_id
             JOIN families_student st ON st.id = d.student_id
             JOIN families_school school ON school.id = st.school_id""",
)
BACK = (RECEIPTS, ACCEPTED, RUN, PARTS, SENT)

# --- what the councils said -------------------------------------------------------------------------------------------
SIECLE_FEED = f"SELECT {LINE} FROM siecle_mock_mockoutbound ORDER BY seq"
FEED = """
CREATE TEMP TABLE feed (seq bigint, kind text, ref text, uai text, year int, level text, phase text, division text,
                        eleve_id bigint, ine text, version int, at timestamptz, author_kind text, author_name text,
                        payload jsonb)
"""
WHOSE = """
CREATE TEMP TABLE whose AS
SELECT l.*, d.id AS dossier_id, d.uuid AS dossier, st.id AS student_id, st.division_id AS now_in, dv.id AS division_id,
       old.id AS former, old.uuid AS former_uuid, old.version AS former_version,
       (date_trunc('day', %(now)s AT TIME ZONE a.timezone) + interval '6 hours') AT TIME ZONE a.timezone AS morning
FROM feed l
JOIN families_school school ON school.uai = l.uai
JOIN families_academy a ON a.code = school.academy_id
JOIN families_student st ON st.school_id = school.id AND st.siecle_id = l.eleve_id
JOIN families_division dv ON dv.school_id = school.id AND dv.year = l.year AND dv.code = l.division
JOIN orientation_dossier d ON d.student_id = st.id
LEFT JOIN orientation_councilstatement old ON old.dossier_id = d.id
"""
STATEMENTS = """
INSERT INTO orientation_councilstatement (uuid, dossier_id, phase, version, submission_id, division_id, entered_at,
                                          received_at, published_at, siecle_ref)
SELECT gen_random_uuid(), l.dossier_id, l.phase, COALESCE(l.former_version, 0) + 1, s.id, l.division_id, l.at, %(now)s,
       l.morning, l.ref
FROM whose l JOIN orientation_submission s ON s.uuid = (l.payload->>'submission_ref')::uuid
"""
ANSWERS = """
INSERT INTO orientation_councilanswer (statement_id, position, pathway, series, requested, value, comment)
SELECT s.id, t.position, t.item->>'pathway', t.item->>'series', (t.item->>'requested')::boolean, t.item->>'value',
       t.item->>'comment'
FROM whose l JOIN orientation_councilstatement s ON s.siecle_ref = l.ref
CROSS JOIN LATERAL jsonb_array_elements(l.payload->'answers') WITH ORDINALITY AS t (item, position)
"""
WITHDRAWALS = """
INSERT INTO orientation_statementwithdrawal (statement_id, at, reason)
SELECT former, %(now)s, 'CHANGED' FROM whose WHERE former IS NOT NULL
"""
WITHDRAWN = """
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_name, dossier_uuid, data)
SELECT %(now)s, 'statement_withdrawn', 'SIECLE', 'Siècle Orientation', dossier,
       jsonb_build_object('statement', former_uuid, 'phase', phase, 'version', former_version, 'reason', 'CHANGED')
FROM whose WHERE former IS NOT NULL
"""
PUBLISHED = """
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_name, dossier_uuid, data)
SELECT %(now)s, 'statement_published', 'SIECLE', 'Siècle Orientation', l.dossier,
       jsonb_build_object('statement', s.uuid, 'phase', s.phase, 'version', s.version, 'then', jsonb_build_object(
         'division', l.now_in, 'legal', (SELECT jsonb_agg(r.uuid ORDER BY r.id) FROM families_guardianship g
           JOIN families_representative r ON r.id = g.representative_id WHERE g.student_id = l.student_id)))
FROM whose l JOIN orientation_councilstatement s ON s.siecle_ref = l.ref
"""
LETTERS = """
INSERT INTO ledger_outgoingemail (uuid, kind, recipient_uuid, dossier_uuid, about, data, dedup_key, state, not_before,
                                  created_at, attempts, last_error, message_id)
SELECT gen_random_uuid(), 'opinions_available', r.uuid, l.dossier, s.uuid, '{"phase": "PROVISIONAL"}',
       'opinions_available:' || s.uuid || ':' || r.uuid, 'READY', w.opens_at, %(now)s, 0, '', ''
FROM whose l JOIN orientation_councilstatement s ON s.siecle_ref = l.ref
JOIN families_guardianship g ON g.student_id = l.student_id
JOIN families_representative r ON r.id = g.representative_id
CROSS JOIN orientation_phasewindow w WHERE w.phase = 'PROVISIONAL' AND w.kind = 'CONSULTATION'
"""
RECEIVED = SCHOOLS.format(direction="IN", lines="SELECT uai, former IS NULL AS first FROM whose")
TAKE = (WHOSE, STATEMENTS, ANSWERS, WITHDRAWALS, WITHDRAWN, PUBLISHED, LETTERS, RECEIVED)
