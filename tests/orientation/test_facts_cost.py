"""What the facts of one dossier cost does not depend on what else there is in the country."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from orientation.models import ClassCouncil
from orientation.reading import load_facts
from tests import factories
from tests.factories import Family
from tests.orientation.whole_year import whole_year

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]  # councils of divisions without any pupil's answer


def rows_read(family: Family) -> int:
    """By each step of the plan, where reading a whole table, as among thousands of rows, is the last thing to do."""
    load_facts(family.dossier.uuid)  # prepared in this session
    with connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("DISCARD PLANS")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE facts (%s)", [[family.dossier.uuid]])
        [[said]] = cursor.fetchall()
    whole = json.loads(said) if isinstance(said, str) else said
    return sum((one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"]
               for one in steps(whole[0]["Plan"]))  # fmt: skip


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


def test_the_facts_of_a_dossier_read_as_many_rows_whatever_its_neighbours() -> None:
    family = whole_year()
    neighbours(family, 1)
    alone = rows_read(family)
    neighbours(family, *range(2, 22))
    assert rows_read(family) == alone
