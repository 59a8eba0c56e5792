"""The lists we send: the divisions and pupils of a campaign that Siècle does not know, or not as they are today.

What Siècle took is kept as one hash a line (`RosterReceipt`): finding out that nothing changed reads no JSON.
"""

from django.db.backends.utils import CursorWrapper

from orientation.models import Campaign
from siecle_sync.partition import IN_RANGE

# The first piece of the union: it names the columns, those of the contract and what only we need of them.
DIVISION = f"""
SELECT 'DIVISION' AS kind, now.uai || '/' || c.year || '/' || c.level || '/' || now.code AS ref,
    now.uai, c.year::integer AS year, c.level, '' AS phase, now.code AS division, NULL::bigint AS eleve_id, '' AS ine,
    NULL::integer AS version, NULL::timestamptz AS at, '' AS author_kind, '' AS author_name,
    jsonb_build_object('label', now.label, 'school', now.name, 'opinion_values', c.opinion_values) AS payload,
    NULL::bigint AS dossier_id, now.digest, was.id IS NOT NULL AS changes
FROM orientation_campaign c
CROSS JOIN LATERAL (
    SELECT school.uai, school.name, dv.code, dv.label,
           hash_record_extended(ROW(dv.label, school.name, c.opinion_values), 0) AS digest
    FROM families_division dv JOIN families_school school ON school.id = dv.school_id
    WHERE dv.id IN (SELECT st.division_id FROM orientation_dossier d JOIN families_student st ON st.id = d.student_id
                    WHERE d.campaign_id = c.id) AND {IN_RANGE.format("school")}) now
LEFT JOIN siecle_sync_rosterreceipt was
    ON was.campaign_id = c.id AND was.kind = 'DIVISION' AND was.uai = now.uai AND was.code = now.code
WHERE c.id = %(campaign)s AND was.digest IS DISTINCT FROM now.digest
"""
TODAY = f"""
    SELECT d.id AS dossier_id, school.uai, COALESCE(dv.code, '') AS division, st.siecle_id, st.siecle_id::text AS code,
           st.ine, st.family_name, st.usage_name, st.first_name, st.birth_date,
           hash_record_extended(ROW(dv.code, st.ine, st.family_name, st.usage_name, st.first_name, st.birth_date), 0)
             AS digest
    FROM orientation_dossier d
    JOIN families_student st ON st.id = d.student_id AND st.scope = 'IN_SCOPE'
    JOIN families_school school ON school.id = st.school_id
    LEFT JOIN families_division dv ON dv.id = st.division_id
    WHERE d.campaign_id = %(campaign)s AND {IN_RANGE.format("school")}
"""
# One comparison finds the pupils to announce and, `now` missing, those who are no longer there.
PUPIL = f"""
SELECT 'PUPIL', COALESCE(now.uai, was.uai) || '/' || c.year || '/' || c.level || '/' || COALESCE(now.code, was.code),
    COALESCE(now.uai, was.uai), c.year::integer, c.level, '', COALESCE(now.division, ''),
    COALESCE(now.siecle_id, was.code::bigint), COALESCE(now.ine, ''), NULL, NULL, '', '',
    CASE WHEN now.dossier_id IS NULL THEN jsonb_build_object('present', false)
         ELSE jsonb_build_object('present', true, 'family_name', now.family_name, 'usage_name', now.usage_name,
                                 'first_name', now.first_name, 'birth_date', now.birth_date) END,
    now.dossier_id, now.digest, was.code IS NOT NULL
FROM ({TODAY}) now
FULL JOIN (SELECT r.uai, r.code, r.digest FROM siecle_sync_rosterreceipt r
           WHERE r.campaign_id = %(campaign)s AND r.kind = 'PUPIL' AND {IN_RANGE.format("r")}) was
    ON was.uai = now.uai AND was.code = now.code
JOIN orientation_campaign c ON c.id = %(campaign)s
WHERE was.digest IS DISTINCT FROM now.digest
"""
ROSTER = DIVISION + "\nUNION ALL " + PUPIL

TAKEN = """
INSERT INTO siecle_sync_rosterreceipt (campaign_id, kind, uai, code, digest)
SELECT %(campaign)s, o.kind, o.uai, CASE o.kind WHEN 'DIVISION' THEN o.division ELSE o.eleve_id::text END, o.digest
FROM siecle_report r JOIN siecle_out o ON o.seq = r.seq
WHERE r.outcome = 'ACCEPTED' AND o.kind IN ('DIVISION', 'PUPIL') AND o.digest IS NOT NULL
ON CONFLICT (campaign_id, kind, uai, code) DO UPDATE SET digest = EXCLUDED.digest
"""
# The lines first, apart: the receipts just written are unknown to the planner, who would compare each with every line.
FORGET = """
WITH lines AS MATERIALIZED (
    SELECT o.uai, o.eleve_id::text AS code FROM siecle_report r JOIN siecle_out o ON o.seq = r.seq WHERE {which})
DELETE FROM siecle_sync_rosterreceipt k USING lines
WHERE k.campaign_id = %(campaign)s AND k.kind = 'PUPIL' AND k.uai = lines.uai AND k.code = lines.code
"""
GONE = FORGET.format(which="r.outcome = 'ACCEPTED' AND o.kind = 'PUPIL' AND o.digest IS NULL")
# Siècle says it does not know a pupil whom it had taken: they are announced again the next night.
FORGOTTEN = FORGET.format(which="r.code = 'UNKNOWN_PUPIL'")


def record(cursor: CursorWrapper, campaign: Campaign) -> None:
    """Remember what Siècle took of the lists, from `siecle_out` and `siecle_report`, in the caller's transaction."""
    for statement in (TAKEN, GONE, FORGOTTEN):
        cursor.execute(statement, {"campaign": campaign.pk})
