"""Opening a dossier for every pupil of a campaign's level: set-based, as often as one likes."""

from django.conf import settings
from django.db import connection, transaction

from families.models import School
from ledger import clock, journal
from ledger.journal import Actor
from orientation.models import Campaign

OPEN_SQL = """
INSERT INTO orientation_dossier (uuid, campaign_id, student_id)
SELECT gen_random_uuid(), c.id, s.id
FROM orientation_campaign c
JOIN families_school e ON e.academy_id = c.academy_id
JOIN families_student s ON s.school_id = e.id AND s.year = c.year AND s.level = c.level AND s.scope = 'IN_SCOPE'
WHERE (%(academy)s::text IS NULL OR c.academy_id = %(academy)s) AND (%(school)s::int IS NULL OR e.id = %(school)s)
  AND NOT EXISTS (SELECT 1 FROM orientation_dossier d WHERE d.campaign_id = c.id AND d.student_id = s.id)
  -- what was erased at the end of retention does not come back
  AND make_date(c.year + 1, 9, 1) + make_interval(months => %(retention)s) > %(now)s
ON CONFLICT ON CONSTRAINT dossier_once DO NOTHING
"""
PLACE_SQL = """
UPDATE orientation_acttosend w SET uai = school.uai
FROM orientation_dossier d
JOIN families_student st ON st.id = d.student_id
JOIN families_school school ON school.id = st.school_id
WHERE w.campaign_id = %s AND d.id = w.dossier_id AND w.uai <> school.uai
"""


def open_dossiers(*, by: Actor, academy: str | None = None, school: School | None = None) -> int:
    """Give a dossier to each pupil in scope of a campaign (of one académie or school, or all) who has none.

    A pupil who leaves the scope keeps theirs: nothing is lost. Return how many were opened.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        now, pk = clock.now(), school.pk if school else None
        values = {"academy": academy, "school": pk, "now": now, "retention": settings.RETENTION_MONTHS}
        cursor.execute(OPEN_SQL, values)
        opened = int(cursor.rowcount)
        if opened:
            where = school.uai if school else academy
            journal.write(verb="dossiers_opened", by=by, at=now, where=where, count=opened)
        return opened


def place_acts(campaign: Campaign) -> int:
    """Let what is to be sent leave with the school where the pupil is today; return how many had moved (SIE-01)."""
    with connection.cursor() as cursor:
        cursor.execute(PLACE_SQL, [campaign.pk])
        return int(cursor.rowcount)
