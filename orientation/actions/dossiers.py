"""Opening a dossier for every pupil of a campaign's level: set-based, as often as one likes."""

from django.db import connection, transaction

from families.models import School
from ledger import clock, journal
from ledger.journal import Actor

OPEN_SQL = """
INSERT INTO orientation_dossier (uuid, campaign_id, student_id)
SELECT gen_random_uuid(), c.id, s.id
FROM orientation_campaign c
JOIN families_school e ON e.academy_id = c.academy_id
JOIN families_student s ON s.school_id = e.id AND s.year = c.year AND s.level = c.level AND s.scope = 'IN_SCOPE'
WHERE (%(academy)s::text IS NULL OR c.academy_id = %(academy)s) AND (%(school)s::int IS NULL OR e.id = %(school)s)
  AND NOT EXISTS (SELECT 1 FROM orientation_dossier d WHERE d.campaign_id = c.id AND d.student_id = s.id)
ON CONFLICT ON CONSTRAINT dossier_once DO NOTHING
"""


def open_dossiers(*, by: Actor, academy: str | None = None, school: School | None = None) -> int:
    """Give a dossier to each pupil in scope of a campaign (of one académie or school, or all) who has none.

    A pupil who leaves the scope keeps theirs: nothing is lost. Return how many were opened.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OPEN_SQL, {"academy": academy, "school": school.pk if school else None})
        opened = int(cursor.rowcount)
        if opened:
            where = school.uai if school else academy
            journal.write(verb="dossiers_opened", by=by, at=clock.now(), where=where, count=opened)
        return opened
