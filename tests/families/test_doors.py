"""The doors of ACC-06 stay as quick with every pupil of the country behind them."""

import pytest
from django.db import connection

from families.models import Student
from orientation.models import Dossier
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    """The plan of a query, where reading a whole table is the last thing to do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return lambda query: query.explain()


@pytest.mark.parametrize("behind", [Student, Dossier])
def test_the_door_of_families_reads_no_whole_table(plan, behind):
    family = factories.family()
    said = plan(behind.objects.visible_to(family.mother.user))
    assert "Seq Scan" not in said, said


def test_reading_whole_tables_would_be_seen(plan):
    """Negative control: an « or » between the two ways in."""
    mother = factories.family().mother.user
    either = Student.objects.filter(user=mother) | Student.objects.filter(pk__in=Student.objects.visible_to(mother))
    assert "Seq Scan on families_student" in plan(either)
