"""Who reads the letters of a dossier: the same answer in Python, for an act, and in SQL, for a night (ACC-03)."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from orientation.readers import READERS, readers_of
from orientation.reading import load_facts
from tests.factories import academy, division, family, representative, school

BORN = [date(2008, 2, 28), date(2008, 2, 29), date(2008, 3, 1), date(2011, 3, 14)]
INSTANTS = [
    datetime(2026, 2, 28, 3, 59, tzinfo=UTC),
    datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 1, 3, 59, tzinfo=UTC),
    datetime(2026, 3, 1, 4, 0, tzinfo=UTC),
]


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Martinique", "Indian/Reunion"])
def test_readers_are_the_same_in_python_and_in_sql(zone):
    place = division(school(academy=academy("31", name="Martinique"), own_timezone=zone))
    homes = [family(of=place, birth_date=born) for born in BORN]
    representative(homes[0].student, level=2)
    homes[1].mother.guardianships.update(ended_on=date(2026, 1, 5))
    for now in INSTANTS:
        for home in homes:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT p.uuid FROM orientation_dossier d {READERS} WHERE d.id = %(dossier)s",
                    {"dossier": home.dossier.pk, "now": now},
                )
                told = {uuid for (uuid,) in cursor}
            assert told == set(readers_of(load_facts(home.dossier.uuid), now)), (now, home.student.birth_date)
