"""The query of the lines we send: one part a kind. Only what Siècle has not answered for once and for all crosses."""

PLACE = """
    school.uai, c.year::integer, c.level, {phase} AS phase, COALESCE(dv.code, '') AS division,
    st.siecle_id AS eleve_id, st.ine
"""
FROM = """
    FROM orientation_dossier d
    JOIN orientation_campaign c ON c.id = d.campaign_id
    JOIN families_student st ON st.id = d.student_id
    JOIN families_school school ON school.id = st.school_id
    LEFT JOIN families_division dv ON dv.id = st.division_id
"""
DIVISION = (
    """
SELECT 'DIVISION' AS kind, min(school.uai || '/' || c.year || '/' || c.level || '/' || dv.code) AS ref,
    school.uai, c.year::integer, c.level, '' AS phase, dv.code AS division, NULL::bigint AS eleve_id, '' AS ine,
    NULL::integer AS version, NULL::timestamptz AS at, '' AS author_kind, '' AS author_name,
    jsonb_build_object('label', dv.label, 'school', school.name, 'opinion_values', c.opinion_values) AS payload,
    NULL::bigint AS dossier_id
"""
    + FROM
    + "WHERE c.id = %(campaign)s AND dv.id IS NOT NULL GROUP BY school.id, c.id, dv.id"
)
PUPIL = (
    "SELECT 'PUPIL', st.uuid::text,"
    + PLACE.format(phase="''")
    + """, NULL::integer, NULL::timestamptz, '', '',
    jsonb_build_object('family_name', st.family_name, 'usage_name', st.usage_name, 'first_name', st.first_name,
                       'birth_date', st.birth_date), d.id
"""
    + FROM
    + "WHERE c.id = %(campaign)s AND st.scope = 'IN_SCOPE'"
)
WITHOUT_RECEIPT = """
WHERE c.id = %(campaign)s AND NOT EXISTS (SELECT 1 FROM orientation_sieclereceipt r WHERE r.ref = x.uuid)
"""
ENTRY = (
    "SELECT 'ENTRY', x.uuid::text,"
    + PLACE.format(phase="x.phase")
    + """, x.version::integer, x.submitted_at, x.author_kind, x.author_name,
    jsonb_build_object('choices', (
        SELECT jsonb_agg(jsonb_build_object(
            'rank', h.rank, 'pathway', h.pathway, 'series', h.series, 'free_text', h.free_text,
            'school_status', h.school_status, 'apprentice_status', h.apprentice_status, 'details', h.details
        ) ORDER BY h.rank)
        FROM orientation_rankedchoice h WHERE h.submission_id = x.id)), d.id
"""
    + FROM
    + "JOIN orientation_submission x ON x.dossier_id = d.id"
    + WITHOUT_RECEIPT
    + "AND x.author_kind <> 'SCHOOL'"
)
ACKNOWLEDGEMENT = (
    "SELECT 'ACKNOWLEDGEMENT', x.uuid::text,"
    + PLACE.format(phase="t.phase")
    + """, NULL::integer, x.at, CASE WHEN x.student_id IS NULL THEN 'REPRESENTATIVE' ELSE 'STUDENT' END, x.author_name,
    jsonb_build_object('statement', t.siecle_ref), d.id
"""
    + FROM
    + """JOIN orientation_councilstatement t ON t.dossier_id = d.id
    JOIN orientation_acknowledgement x ON x.statement_id = t.id
"""
    + WITHOUT_RECEIPT
)
ANSWER = (
    "SELECT 'ANSWER', x.uuid::text,"
    + PLACE.format(phase="t.phase")
    + """, NULL::integer, x.at, x.author_kind, x.author_name,
    jsonb_build_object('statement', t.siecle_ref, 'kind', x.kind, 'accepted', (
        SELECT COALESCE(jsonb_agg(jsonb_build_object('pathway', a.pathway, 'series', a.series) ORDER BY a.position),
                        '[]')
        FROM orientation_acceptedpathway p JOIN orientation_councilanswer a ON a.id = p.council_answer_id
        WHERE p.answer_id = x.id)), d.id
"""
    + FROM
    + """JOIN orientation_councilstatement t ON t.dossier_id = d.id
    JOIN orientation_familyanswer x ON x.statement_id = t.id
"""
    + WITHOUT_RECEIPT
    + "AND x.author_kind <> 'SCHOOL'"
)
AGREEMENT = (
    "SELECT 'AGREEMENT', x.uuid::text,"
    + PLACE.format(phase="t.phase")
    + """, NULL::integer, x.at, CASE WHEN x.student_id IS NULL THEN 'REPRESENTATIVE' ELSE 'STUDENT' END, x.author_name,
    jsonb_build_object('answer', COALESCE(f.siecle_ref, f.uuid::text), 'agrees', x.agrees), d.id
"""
    + FROM
    + """JOIN orientation_councilstatement t ON t.dossier_id = d.id
    JOIN orientation_familyanswer f ON f.statement_id = t.id
    JOIN orientation_agreement x ON x.answer_id = f.id
"""
    + WITHOUT_RECEIPT
)
# what the head decides, and what follows an answer that the school recorded, comes from Siècle: it does not go back
DECISION = (
    "SELECT 'DECISION', x.uuid::text,"
    + PLACE.format(phase="'DEFINITIVE'")
    + """, NULL::integer, x.at, f.author_kind, f.author_name,
    jsonb_build_object('answer', f.uuid::text, 'pathways', (
        SELECT COALESCE(jsonb_agg(jsonb_build_object('pathway', p.pathway, 'series', p.series) ORDER BY p.id), '[]')
        FROM orientation_decidedpathway p WHERE p.decision_id = x.id)), d.id
"""
    + FROM
    + """JOIN orientation_decision x ON x.dossier_id = d.id AND x.origin = 'ACCEPTANCE'
    JOIN orientation_familyanswer f ON f.id = x.answer_id AND f.author_kind <> 'SCHOOL'
"""
    + WITHOUT_RECEIPT
)
LINES = "\nUNION ALL ".join((DIVISION, PUPIL, ENTRY, ACKNOWLEDGEMENT, ANSWER, AGREEMENT, DECISION))
