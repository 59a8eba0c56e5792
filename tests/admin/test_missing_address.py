"""The school fills in the address that a representative lacks (ACC-09)."""

from typing import Any

import pytest
from django.urls import reverse

from families.models import Representative
from ledger.models import JournalEntry
from tests import factories
from tests.admin.world import client_of
from tests.factories import Family

pytestmark = pytest.mark.django_db
SLIP, MEANT = "claire@gmial.com", "claire@gmail.com"


@pytest.fixture
def family() -> Family:
    made = factories.family()
    Representative.objects.update(email="")
    return made


def filled(family: Family, **typed: Any) -> Any:
    client = client_of(factories.staff(family.student.school, "SECRETARY"))
    return client.post(reverse("admin:families_representative_change", args=[family.mother.pk]), typed)


def address(family: Family) -> str:
    return Representative.objects.get(pk=family.mother.pk).email


def errors(response: Any) -> list[str]:
    assert response.status_code == 200
    return [one.code for one in response.context["adminform"].form.errors.as_data()["email"]]


def test_a_slip_of_the_secretary_is_pointed_out_and_nothing_is_kept(family: Family) -> None:
    asked = filled(family, email=SLIP)
    assert errors(asked) == ["LIKELY_SLIP"]
    assert MEANT in asked.content.decode() and 'name="sure"' in asked.content.decode()
    assert address(family) == "" and not JournalEntry.objects.filter(verb="address_filled").exists()


@pytest.mark.parametrize("typed", [{"email": MEANT}, {"email": SLIP, "sure": "on"}])
def test_either_answer_is_obeyed(family: Family, typed: dict[str, str]) -> None:
    assert filled(family, **typed).status_code == 302
    assert address(family) == typed["email"]


def test_an_empty_address_is_refused_rather_than_said_to_be_saved(family: Family) -> None:
    assert errors(filled(family, email="")) == ["required"]


def test_the_journal_tells_who_filled_it_in_and_never_the_address(family: Family) -> None:
    filled(family, email=MEANT)
    line = JournalEntry.objects.get(verb="address_filled")
    assert line.data["representative"] == str(family.mother.uuid) and MEANT not in str(line.data)


def test_the_parent_reads_that_it_comes_from_the_school_and_may_correct_it(family: Family) -> None:
    filled(family, email=MEANT)
    parent = client_of(family.mother.user)
    assert parent.get(reverse("families:account")).context["address"].state == "FROM_SCHOOL"
    assert parent.get(reverse("families:address")).status_code == 200
