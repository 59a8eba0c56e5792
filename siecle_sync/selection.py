"""The query of the lines we send: one piece a kind. Only what Siècle has not answered for once and for all crosses."""

from siecle_sync.partition import IN_RANGE
from siecle_sync.roster import ROSTER

PLACE = """
    school.uai, c.year::integer, c.level, {phase} AS phase, COALESCE(dv.code, '') AS division,
    st.siecle_id AS eleve_id, st.ine
"""
FROM = f"""
    FROM orientation_acttosend w
    JOIN orientation_dossier d ON d.id = w.dossier_id
    JOIN orientation_campaign c ON c.id = w.campaign_id
    JOIN families_student st ON st.id = d.student_id
    JOIN families_school school ON school.id = st.school_id
    LEFT JOIN families_division dv ON dv.id = st.division_id
    {{joins}}
    WHERE w.campaign_id = %(campaign)s AND w.kind = '{{kind}}' AND {IN_RANGE.format("w")}
"""
STATEMENT = "JOIN orientation_councilstatement t ON t.id = {}.statement_id"
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
    + FROM.format(kind="SUBMISSION", joins="JOIN orientation_submission x ON x.uuid = w.ref")
)
ACKNOWLEDGEMENT = (
    "SELECT 'ACKNOWLEDGEMENT', x.uuid::text,"
    + PLACE.format(phase="t.phase")
    + """, NULL::integer, x.at, CASE WHEN x.student_id IS NULL THEN 'REPRESENTATIVE' ELSE 'STUDENT' END, x.author_name,
    jsonb_build_object('statement', t.siecle_ref), d.id, NULL::bigint, false
"""
    + FROM.format(
        kind="ACKNOWLEDGEMENT",
        joins=f"JOIN orientation_acknowledgement x ON x.uuid = w.ref {STATEMENT.format('x')}",
    )
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
    + FROM.format(kind="ANSWER", joins=f"JOIN orientation_familyanswer x ON x.uuid = w.ref {STATEMENT.format('x')}")
)
AGREEMENT = (
    "SELECT 'AGREEMENT', x.uuid::text,"
    + PLACE.format(phase="t.phase")
    + """, NULL::integer, x.at, CASE WHEN x.student_id IS NULL THEN 'REPRESENTATIVE' ELSE 'STUDENT' END, x.author_name,
    jsonb_build_object('answer', COALESCE(f.siecle_ref, f.uuid::text), 'agrees', x.agrees), d.id, NULL::bigint, false
"""
    + FROM.format(
        kind="AGREEMENT",
        joins=f"""JOIN orientation_agreement x ON x.uuid = w.ref
    JOIN orientation_familyanswer f ON f.id = x.answer_id {STATEMENT.format("f")}""",
    )
)
DECISION = (
    "SELECT 'DECISION', x.uuid::text,"
    + PLACE.format(phase="'DEFINITIVE'")
    + """, NULL::integer, x.at, f.author_kind, f.author_name,
    jsonb_build_object('answer', f.uuid::text, 'pathways', (
        SELECT COALESCE(jsonb_agg(jsonb_build_object('pathway', p.pathway, 'series', p.series) ORDER BY p.id), '[]')
        FROM orientation_decidedpathway p WHERE p.decision_id = x.id)), d.id, NULL::bigint, false
"""
    + FROM.format(
        kind="DECISION",
        joins="""JOIN orientation_decision x ON x.uuid = w.ref
    JOIN orientation_familyanswer f ON f.id = x.answer_id""",
    )
)
LINES = "\nUNION ALL ".join((ROSTER, ENTRY, ACKNOWLEDGEMENT, ANSWER, AGREEMENT, DECISION))
