"""The query of the lines we send: one piece a kind. Only what Siècle has not answered for once and for all crosses."""

from siecle_sync.partition import IN_RANGE
from siecle_sync.roster import ROSTER

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
WITHOUT_RECEIPT = f"""
WHERE c.id = %(campaign)s AND NOT EXISTS (SELECT 1 FROM orientation_sieclereceipt r WHERE r.ref = x.uuid)
  AND {IN_RANGE.format("school")}
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
        FROM orientation_rankedchoice h WHERE h.submission_id = x.id)), d.id, NULL::bigint, x.version > 1
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
    jsonb_build_object('statement', t.siecle_ref), d.id, NULL::bigint, false
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
        WHERE p.answer_id = x.id)), d.id, NULL::bigint, false
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
    jsonb_build_object('answer', COALESCE(f.siecle_ref, f.uuid::text), 'agrees', x.agrees), d.id, NULL::bigint, false
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
        FROM orientation_decidedpathway p WHERE p.decision_id = x.id)), d.id, NULL::bigint, false
"""
    + FROM
    + """JOIN orientation_decision x ON x.dossier_id = d.id AND x.origin = 'ACCEPTANCE'
    JOIN orientation_familyanswer f ON f.id = x.answer_id AND f.author_kind <> 'SCHOOL'
"""
    + WITHOUT_RECEIPT
)
LINES = "\nUNION ALL ".join((ROSTER, ENTRY, ACKNOWLEDGEMENT, ANSWER, AGREEMENT, DECISION))
