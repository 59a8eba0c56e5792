"""The day before the night: families change their entries, councils give their opinions in Siècle. By sets.

What happens to whom depends on the seed and on the ELEVE_ID only.
"""

from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from benchmarks import dates

# between 0 and 1, the same for a pupil whatever the size of the campaign around
DRAW = "(hashtext(%(seed)s || '/{use}/' || {pupil})::bigint + 2147483648) / 4294967296.0"
CLOSED = """NOT EXISTS (SELECT 1 FROM orientation_classcouncil k WHERE k.campaign_id = d.campaign_id
    AND k.division_id = st.division_id AND k.phase = 'PROVISIONAL' AND k.opened_at IS NOT NULL)"""
CHANGING = f"""
CREATE TEMP TABLE changing ON COMMIT DROP AS
SELECT s.id AS former, s.dossier_id, s.representative_id, s.author_name, s.choice_count, d.uuid AS dossier,
       d.student_id, st.division_id, st.birth_date, md5(%(seed)s || '/version/' || st.siecle_id)::uuid AS uuid,
       %(day)s::timestamptz + ({DRAW.format(use="moment", pupil="st.siecle_id")}) * interval '4 hours' AS at
FROM orientation_submission s
JOIN orientation_dossier d ON d.id = s.dossier_id
JOIN families_student st ON st.id = d.student_id
WHERE s.version = 1 AND {CLOSED} AND {DRAW.format(use="changed", pupil="st.siecle_id")} < %(share)s / (
  SELECT GREATEST(0.0001, avg(CASE WHEN {CLOSED} THEN 1.0 ELSE 0 END))
  FROM orientation_dossier d JOIN families_student st ON st.id = d.student_id)
"""
SUBMISSIONS = """
INSERT INTO orientation_submission (uuid, dossier_id, phase, version, author_kind, representative_id, author_name,
                                    choice_count, submitted_at, asked_by)
SELECT uuid, dossier_id, 'PROVISIONAL', 2, 'REPRESENTATIVE', representative_id, author_name, choice_count, at, ''
FROM changing
"""
# the same choices, the last one now the first
CHOICES = """
INSERT INTO orientation_rankedchoice (submission_id, rank, pathway, series, free_text, school_status,
                                      apprentice_status, details)
SELECT s.id, h.rank %% g.choice_count + 1, h.pathway, h.series, h.free_text, h.school_status, h.apprentice_status,
       h.details
FROM changing g JOIN orientation_submission s ON s.uuid = g.uuid
JOIN orientation_rankedchoice h ON h.submission_id = g.former
"""
FAMILY = """
JOIN families_guardianship f ON f.student_id = g.student_id AND f.level = 1 AND f.ended_on IS NULL
JOIN families_representative r ON r.id = f.representative_id
"""
JOURNAL = f"""
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_uuid, actor_name, dossier_uuid, data)
SELECT g.at, 'entry_validated', 'REPRESENTATIVE', (array_agg(r.uuid) FILTER (WHERE r.id = g.representative_id))[1],
       g.author_name, g.dossier,
       jsonb_build_object('phase', 'PROVISIONAL', 'version', 2, 'submission', g.uuid, 'then', jsonb_build_object(
         'born', g.birth_date, 'division', g.division_id, 'legal', jsonb_agg(r.uuid ORDER BY r.id)))
FROM changing g {FAMILY}
GROUP BY g.at, g.author_name, g.dossier, g.uuid, g.birth_date, g.division_id, g.representative_id
"""
LETTERS = f"""
INSERT INTO ledger_outgoingemail (uuid, kind, recipient_uuid, dossier_uuid, about, data, dedup_key, state, not_before,
                                  created_at, attempts, last_error, sent_at, message_id)
SELECT md5(g.uuid || '/' || r.uuid)::uuid,
       CASE WHEN r.id = g.representative_id THEN 'recap_author' ELSE 'recap_other' END, r.uuid,
       g.dossier, g.uuid, jsonb_build_object('phase', 'PROVISIONAL'),
       'recap:' || g.uuid || ':' || g.dossier || ':PROVISIONAL:' || r.uuid, 'SENT', g.at, g.at, 1, '', g.at, ''
FROM changing g {FAMILY}
"""
CHANGES = (SUBMISSIONS, CHOICES, JOURNAL, LETTERS)

# one in ten replaces opinions already published, where there are any; the others are the first ones
OPINIONS = f"""
SELECT row_number() OVER (ORDER BY school.uai, st.siecle_id) AS seq, school.academy_id AS academy,
       'STATEMENT' AS kind, 'avis-' || d.id || '-2' AS ref, school.uai, st.year, st.level,
       'PROVISIONAL' AS phase, dv.code AS division, st.siecle_id AS eleve_id, st.ine, '' AS author_kind,
       '' AS author_name, %(day)s::timestamptz + interval '1 hour' AS at,
       jsonb_build_object('submission_ref', s.uuid, 'answers', (
         SELECT jsonb_agg(jsonb_build_object('pathway', h.pathway, 'series', h.series, 'requested', true,
                  'value', (ARRAY['Favorable', 'Réservé', 'Défavorable'])[1 + (st.siecle_id + h.rank) %% 3],
                  'comment', CASE (st.siecle_id + h.rank) %% 3 WHEN 0 THEN '' ELSE 'Avis du conseil de classe.' END)
                ORDER BY h.rank)
         FROM orientation_rankedchoice h WHERE h.submission_id = s.id)) AS payload, 0 AS attempts, '' AS last_error
FROM orientation_submission s
JOIN orientation_dossier d ON d.id = s.dossier_id
JOIN families_student st ON st.id = d.student_id
JOIN families_school school ON school.id = st.school_id
JOIN families_division dv ON dv.id = st.division_id
JOIN orientation_classcouncil k ON k.campaign_id = d.campaign_id AND k.division_id = dv.id AND k.opened_at IS NOT NULL
WHERE s.version = 1 AND {DRAW.format(use="opinion", pupil="st.siecle_id")} < CASE WHEN EXISTS (
    SELECT 1 FROM orientation_councilstatement o WHERE o.dossier_id = d.id) THEN %(again)s ELSE %(first)s END
ORDER BY school.uai, st.siecle_id
"""
FEED = (
    "seq, academy, kind, ref, uai, year, level, phase, division, eleve_id, ine, author_kind, author_name, at, payload,"
    " attempts, last_error"
)
FACTS = """
SELECT count(*)::float, count(*) FILTER (WHERE o.id IS NOT NULL)::float FROM orientation_dossier d
JOIN families_student st ON st.id = d.student_id
JOIN orientation_classcouncil k ON k.campaign_id = d.campaign_id AND k.division_id = st.division_id
  AND k.opened_at IS NOT NULL
LEFT JOIN orientation_councilstatement o ON o.dossier_id = d.id
"""
COUNCILS = """
SELECT school.uai, dv.year, c.level, dv.code, k.phase, k.held_on, k.opened_at
FROM orientation_classcouncil k JOIN orientation_campaign c ON c.id = k.campaign_id
JOIN families_division dv ON dv.id = k.division_id JOIN families_school school ON school.id = dv.school_id
WHERE k.opened_at IS NOT NULL
"""
OPENED = """
CREATE TEMP TABLE opened (uai text, year int, level text, code text, phase text, held_on date, opened_at timestamptz)
ON COMMIT DROP
"""
OPEN = """
INSERT INTO siecle_mock_mockcouncil (division_id, phase, held_on, opened_at)
SELECT dv.id, o.phase, o.held_on, o.opened_at
FROM opened o JOIN siecle_mock_mockdivision dv USING (uai, year, level, code)
"""


def change_entries(cursor: Any, *, share: float, seed: int) -> int:
    """Let a share of the families validate another order of their choices; return how many did."""
    if not share:
        return 0
    values = {"seed": str(seed), "share": share, "day": dates.DAY}
    cursor.execute("DROP TABLE IF EXISTS changing")
    cursor.execute(CHANGING, values)
    changed: int = cursor.rowcount
    cursor.execute("ANALYZE changing")
    for statement in CHANGES:
        cursor.execute(statement, values)
    return changed


def open_councils(service: Any, siecle: Any) -> None:
    """The councils of the service are open in the simulated Siècle too, which knows its divisions by now."""
    body = BytesIO()
    service.copy_expert(f"COPY ({COUNCILS}) TO STDOUT", body)
    body.seek(0)
    siecle.execute(OPENED)
    siecle.copy_expert("COPY opened FROM STDIN", body)
    siecle.execute(OPEN)


def give_opinions(service: Any, siecle: Any, *, share: float, seed: int) -> int:
    """Put new opinions for a share of the dossiers in the feed of the simulated Siècle; return how many."""
    service.execute("SELECT count(*) FROM orientation_dossier")
    wanted = service.fetchone()[0] * share
    service.execute(FACTS)
    in_open, published = service.fetchone()
    again = min(wanted / 10, published)
    values = {
        "seed": str(seed), "day": dates.DAY, "again": again / max(published, 1),
        "first": (wanted - again) / max(in_open - published, 1),
    }  # fmt: skip
    query = service.mogrify(OPINIONS, values).decode()
    with TemporaryFile() as body:
        service.copy_expert(f"COPY ({query}) TO STDOUT", body)
        body.seek(0)
        siecle.copy_expert(f"COPY siecle_mock_mockoutbound ({FEED}) FROM STDIN", body)
    return int(siecle.rowcount)
