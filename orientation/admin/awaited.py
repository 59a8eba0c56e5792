"""Who has still to answer, for a whole list of dossiers: the twin in SQL of `agreements_awaited` (ANS-06, ANS-08)."""

from datetime import datetime

from django.db.models import TextField
from django.db.models.expressions import RawSQL

from orientation.invariants.statement import OF_AGE

NAME = "{0}.first_name || ' ' || COALESCE(NULLIF({0}.usage_name, ''), {0}.family_name)"
ADULT = OF_AGE.format(at="%s", zone="COALESCE(NULLIF(h.own_timezone, ''), a.timezone)", birth_date="s.birth_date")
# beside each row of orientation_dossier: the names, or NULL when nobody is awaited
AWAITED = f"""(
SELECT string_agg(w.name, ', ' ORDER BY w.id)
FROM orientation_campaign c, families_student s, families_school h, families_academy a,
  orientation_councilstatement t, orientation_familyanswer f,
  LATERAL (
    SELECT 0 AS id, {NAME.format("s")} AS name, s.id AS pupil, NULL::bigint AS person, s.user_id AS account
    WHERE {ADULT}
    UNION ALL
    SELECT r.id, {NAME.format("r")}, NULL, r.id, r.user_id
    FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
    WHERE g.student_id = s.id AND g.level = 1 AND g.ended_on IS NULL AND NOT ({ADULT})) w
WHERE c.id = orientation_dossier.campaign_id AND c.answered_by = 'ALL' AND s.id = orientation_dossier.student_id
  AND h.id = s.school_id AND a.code = h.academy_id AND t.dossier_id = orientation_dossier.id AND f.statement_id = t.id
  AND f.author_kind <> 'SCHOOL'
  AND NOT EXISTS (SELECT 1 FROM orientation_statementwithdrawal x WHERE x.statement_id = t.id)
  AND NOT EXISTS (SELECT 1 FROM orientation_decision e WHERE e.dossier_id = orientation_dossier.id)
  AND NOT EXISTS (
    SELECT 1 FROM (
      SELECT f.representative_id AS person, f.student_id AS pupil
      UNION ALL
      SELECT m.representative_id, m.student_id FROM orientation_agreement m WHERE m.answer_id = f.id) said
    LEFT JOIN families_representative q ON q.id = said.person AND EXISTS (
      SELECT 1 FROM families_guardianship g
      WHERE g.student_id = s.id AND g.representative_id = said.person AND g.level = 1 AND g.ended_on IS NULL)
    WHERE said.person = w.person OR said.pupil = w.pupil OR (w.pupil IS NULL AND q.user_id = w.account))
)"""  # noqa: S608 (pieces of our own)


def awaited_names(now: datetime) -> RawSQL:
    """An annotation of dossiers: « Luc Martin, Zoé Petit »."""
    return RawSQL(AWAITED, [now] * AWAITED.count("%s"), output_field=TextField())  # noqa: S611 (no input in the text)
