"""What the facts of one dossier cost does not depend on what else there is in the country."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from orientation.enums import Phase
from orientation.models import ClassCouncil
from orientation.reading import load_facts
from tests import factories
from tests.factories import Family
from tests.orientation.whole_year import whole_year

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]  # councils of divisions without any pupil's answer


def councils_read(family: Family) -> int:
    """How many rows of class councils are looked at, where reading a whole table is the last thing to do."""
    load_facts(family.dossier.uuid)  # prepared in this session
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; DISCARD PLANS")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE facts (%s)", [[family.dossier.uuid]])
        [[said]] = cursor.fetchall()
    whole = json.loads(said) if isinstance(said, str) else said
    read = [one for one in steps(whole[0]["Plan"]) if one.get("Relation Name") == ClassCouncil._meta.db_table]
    return round(sum((one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"] for one in read))


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", []):
        yield from steps(one)


def neighbours(family: Family, *numbers: int) -> None:
    """Divisions of the same campaign and school, each with its councils and a family."""
    for number in numbers:
        division = factories.division(family.student.school, f"3 Z{number}")
        for phase in ("PROVISIONAL", "DEFINITIVE"):
            ClassCouncil.objects.create(campaign=family.dossier.campaign, division=division, phase=phase)
        factories.family(of=division)


def test_the_facts_of_a_dossier_look_at_its_own_councils_and_at_no_others() -> None:
    family = whole_year()
    neighbours(family, *range(20))
    assert councils_read(family) <= 2 * len(Phase)  # by either index: one of the division, or both
