"""The lists we send: the divisions and pupils of a campaign that Siècle does not know, or not as they are today.

What Siècle took is kept as one hash a line (`RosterReceipt`). The whole campaign is compared once, before its parts,
and what differs is marked `due`; each part then sends what is due in its schools, and reads nothing else.
"""

from django.db.backends.utils import CursorWrapper

from orientation.models import Campaign
from siecle_sync.partition import EVERYTHING, IN_RANGE, Range

# Today's lists, as Siècle should know them: the same columns in the comparison and in the line.
DIVISIONS = """
    SELECT school.uai, dv.code, dv.label, school.name,
           hash_record_extended(ROW(dv.label, school.name, c.opinion_values), 0) AS digest
    FROM families_division dv
    JOIN families_school school ON school.id = dv.school_id
    JOIN orientation_campaign c ON c.id = %(campaign)s
    WHERE EXISTS (SELECT 1 FROM families_student st JOIN orientation_dossier d ON d.student_id = st.id
                  WHERE st.division_id = dv.id AND d.campaign_id = c.id)
"""
PUPILS = """
    SELECT d.id AS dossier_id, school.uai, COALESCE(dv.code, '') AS division, st.siecle_id, st.siecle_id::text AS code,
           st.ine, st.family_name, st.usage_name, st.first_name, st.birth_date,
           hash_record_extended(ROW(dv.code, st.ine, st.family_name, st.usage_name, st.first_name, st.birth_date), 0)
             AS digest
    FROM orientation_dossier d
    JOIN families_student st ON st.id = d.student_id AND st.scope = 'IN_SCOPE'
    JOIN families_school school ON school.id = st.school_id
    LEFT JOIN families_division dv ON dv.id = st.division_id
    WHERE d.campaign_id = %(campaign)s
"""
# A new line is due with a digest of 0, which is nobody's. A pupil no longer there is due too; a division stays.
MARK = """
INSERT INTO siecle_sync_rosterreceipt (campaign_id, kind, uai, code, digest, due)
SELECT %(campaign)s, '{kind}', COALESCE(now.uai, was.uai), COALESCE(now.code, was.code), 0, true
FROM (SELECT * FROM ({today}) school WHERE {here}) now
{join} JOIN (SELECT r.uai, r.code, r.digest FROM siecle_sync_rosterreceipt r
             WHERE r.campaign_id = %(campaign)s AND r.kind = '{kind}' AND {known}) was
  ON was.uai = now.uai AND was.code = now.code
WHERE was.digest IS DISTINCT FROM now.digest
ON CONFLICT (campaign_id, kind, uai, code) DO UPDATE SET due = true WHERE NOT siecle_sync_rosterreceipt.due
"""
BOUNDS = {"here": IN_RANGE.format("school"), "known": IN_RANGE.format("r")}
MARKS = (
    MARK.format(kind="DIVISION", today=DIVISIONS, join="LEFT", **BOUNDS),
    MARK.format(kind="PUPIL", today=PUPILS, join="FULL", **BOUNDS),
)
# The first piece of the union: it names the columns, those of the contract and what only we need of them.
DIVISION = f"""
SELECT 'DIVISION' AS kind, now.uai || '/' || c.year || '/' || c.level || '/' || now.code AS ref,
    now.uai, c.year::integer AS year, c.level, '' AS phase, now.code AS division, NULL::bigint AS eleve_id, '' AS ine,
    NULL::integer AS version, NULL::timestamptz AS at, '' AS author_kind, '' AS author_name,
    jsonb_build_object('label', now.label, 'school', now.name, 'opinion_values', c.opinion_values) AS payload,
    NULL::bigint AS dossier_id, now.digest, was.digest <> 0 AS changes
FROM siecle_sync_rosterreceipt was
JOIN orientation_campaign c ON c.id = was.campaign_id
JOIN ({DIVISIONS}) now ON now.uai = was.uai AND now.code = was.code
WHERE was.due AND was.campaign_id = %(campaign)s AND was.kind = 'DIVISION' AND {IN_RANGE.format("was")}
"""
PUPIL = f"""
SELECT 'PUPIL', was.uai || '/' || c.year || '/' || c.level || '/' || was.code,
    was.uai, c.year::integer, c.level, '', COALESCE(now.division, ''), was.code::bigint, COALESCE(now.ine, ''),
    NULL, NULL, '', '',
    CASE WHEN now.dossier_id IS NULL THEN jsonb_build_object('present', false)
         ELSE jsonb_build_object('present', true, 'family_name', now.family_name, 'usage_name', now.usage_name,
                                 'first_name', now.first_name, 'birth_date', now.birth_date) END,
    now.dossier_id, now.digest, was.digest <> 0
FROM siecle_sync_rosterreceipt was
JOIN orientation_campaign c ON c.id = was.campaign_id
LEFT JOIN ({PUPILS}) now ON now.uai = was.uai AND now.siecle_id = was.code::bigint
WHERE was.due AND was.campaign_id = %(campaign)s AND was.kind = 'PUPIL' AND {IN_RANGE.format("was")}
"""
ROSTER = DIVISION + "\nUNION ALL " + PUPIL

# The lines first, apart: the receipts just written are unknown to the planner, who would compare each with every line.
LINES = """
WITH lines AS MATERIALIZED (
    SELECT o.kind, o.uai, CASE o.kind WHEN 'DIVISION' THEN o.division ELSE o.eleve_id::text END AS code, o.digest
    FROM siecle_report r JOIN siecle_out o ON o.seq = r.seq WHERE {which})
"""
WHERE = """WHERE k.campaign_id = %(campaign)s AND k.kind = {kind} AND k.uai = lines.uai AND k.code = lines.code"""
TAKEN = (
    LINES.format(which="r.outcome = 'ACCEPTED' AND o.kind IN ('DIVISION', 'PUPIL') AND o.digest IS NOT NULL")
    + "UPDATE siecle_sync_rosterreceipt k SET digest = lines.digest, due = false FROM lines "
    + WHERE.format(kind="lines.kind")
)
GONE = (
    LINES.format(which="r.outcome = 'ACCEPTED' AND o.kind = 'PUPIL' AND o.digest IS NULL")
    + "DELETE FROM siecle_sync_rosterreceipt k USING lines "
    + WHERE.format(kind="'PUPIL'")
)
# Siècle says it does not know a pupil whom it had taken: they are announced again the next night.
FORGOTTEN = (
    LINES.format(which="r.code = 'UNKNOWN_PUPIL'")
    + "UPDATE siecle_sync_rosterreceipt k SET digest = 0, due = true FROM lines "
    + WHERE.format(kind="'PUPIL'")
)


def mark(cursor: CursorWrapper, campaign: Campaign, where: Range = EVERYTHING) -> None:
    """Mark what Siècle is to be told of the lists; what is marked stays so until it has taken it."""
    bounds = {"uai_from": where.first, "uai_before": where.before}
    for statement in MARKS:
        cursor.execute(statement, {"campaign": campaign.pk, **bounds})


def record(cursor: CursorWrapper, campaign: Campaign) -> None:
    """Remember what Siècle took of the lists, from `siecle_out` and `siecle_report`, in the caller's transaction."""
    for statement in (TAKEN, GONE, FORGOTTEN):
        cursor.execute(statement, {"campaign": campaign.pk})
