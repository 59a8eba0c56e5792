"""Who reads the letters of a dossier: its legal representatives of today, and the pupil who acts for themself (ACC-03).

The same answer in Python, for one act, and in SQL, for a night.
"""

from datetime import datetime
from uuid import UUID

from orientation.facts import Facts
from orientation.rules import student_acts

# beside a dossier `d`, at the instant %(now)s: one row `p.uuid` a reader
READERS = """
JOIN LATERAL (
  SELECT r.uuid FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
  WHERE g.student_id = d.student_id AND g.level = 1 AND g.ended_on IS NULL
  UNION ALL
  SELECT pupil.uuid FROM families_student pupil
  JOIN families_school place ON place.id = pupil.school_id
  JOIN families_academy region ON region.code = place.academy_id
  WHERE pupil.id = d.student_id AND pupil.birth_date <= (
    %(now)s AT TIME ZONE COALESCE(NULLIF(place.own_timezone, ''), region.timezone) - interval '18 years')::date
) p ON true
"""

# beside a dossier `d`: whose division and whose representatives, then; the history keeps it, as Act.journal does
THEN = """jsonb_build_object('then', (
  SELECT jsonb_build_object('division', s.division_id, 'legal', (
    SELECT COALESCE(jsonb_agg(r.uuid ORDER BY r.id), '[]')
    FROM families_guardianship g JOIN families_representative r ON r.id = g.representative_id
    WHERE g.student_id = s.id AND g.level = 1 AND g.ended_on IS NULL))
  FROM families_student s WHERE s.id = d.student_id))"""


def readers_of(facts: Facts, now: datetime) -> tuple[UUID, ...]:
    pupil = (facts.student,) if student_acts(facts, now) else ()
    return (*(person.uuid for person in facts.representatives), *pupil)
