"""The shortcuts of the day's work: from the home page, a list, a dossier or a division to what is done next."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import resolve, reverse

from families.models import Representative, StaffMembership
from orientation.actions import submit_choices
from orientation.enums import Phase
from tests import factories
from tests.admin.world import BOTH, World, client_of, page, world
from tests.factories import DURING_INTENTIONS, GT, actor

pytestmark = pytest.mark.django_db(databases=BOTH)
FOLLOW_UP = "orientation_dossier_changelist"


@pytest.fixture
def here(at: Callable[[datetime], None]) -> World:
    at(DURING_INTENTIONS)
    return world()


def staff_of(here: World, role: str) -> Client:
    return client_of(factories.staff(here.school, role))


def ways_of(response: HttpResponse) -> list[str]:
    content = response.content.decode().split('<div id="content"', 1)[1]
    return [unescape(one) for one in re.findall(r'href="([^"]*)"', content)]


def led_to(response: HttpResponse, name: str) -> list[str]:
    """The addresses of this page of the admin that the response shows."""
    start = reverse(f"admin:{name}")
    return [one for one in ways_of(response) if urlsplit(one).path == start]


def sent_by_the_form(response: HttpResponse) -> QueryDict | None:
    """What the browser would send when « Relancer ces familles… » is pressed."""
    found = re.search(r'<form class="staff-verbs" method="post">(.*?)</form>', response.content.decode(), re.DOTALL)
    if found is None:
        return None
    fields = QueryDict(mutable=True)
    for name, value in re.findall(r'name="(\w+)" value="(\w+)"', found[1]):
        fields.appendlist(name, value)
    return fields


@pytest.mark.parametrize("role", ["READER", "SECRETARY", "HEAD"])
def test_a_pupil_is_looked_for_from_the_first_page(role: str, here: World) -> None:
    client = staff_of(here, role)
    asked = re.search(r'<form[^>]*action="([^"]*)"[^>]*role="search"', page(client, "index").content.decode())
    assert asked
    assert resolve(asked[1]).url_name == FOLLOW_UP
    rows = client.get(asked[1], {"q": here.here.student.family_name}).context["cl"].result_list
    assert [one.student for one in rows] == [here.here.student]


def test_who_reads_no_pupil_is_offered_no_search(here: World) -> None:
    person = factories.user(is_staff=True)
    StaffMembership.objects.create(user=person, role="NATIONAL")
    assert 'id="eleve"' not in page(client_of(person), "index").content.decode()


def test_missing_addresses_are_one_step_away_for_who_may_fill_them(here: World) -> None:
    lacking = Representative.objects.get(pk=here.here.mother.pk)
    Representative.objects.filter(pk=lacking.pk).update(email="")
    secretary, reader = staff_of(here, "SECRETARY"), staff_of(here, "READER")
    dossier = here.here.dossier.pk
    for name, args in (("index", []), ("orientation_dossier_change", [dossier])):
        where = [
            one
            for one in led_to(page(secretary, name, *args), "families_representative_changelist")
            if "adresse" in one
        ]
        assert [list(secretary.get(one).context["cl"].result_list) for one in where] == [[lacking]]
        assert not [one for one in ways_of(page(reader, name, *args)) if "adresse=absente" in one]


def test_all_the_families_of_a_list_are_reminded_at_once_and_no_other(here: World) -> None:
    division = here.here.student.division
    done, late = factories.family(of=division), factories.family(of=division)
    submit_choices(
        dossier=done.dossier.uuid, phase=Phase.PROVISIONAL, choices=[GT], base_version=0, by=actor(done.mother)
    )
    secretary, missing = staff_of(here, "SECRETARY"), {"division": division.pk, "manque": "intentions"}
    sent = sent_by_the_form(page(secretary, FOLLOW_UP, **missing))
    assert sent is not None
    asked = secretary.post(f"{reverse(f'admin:{FOLLOW_UP}')}?division={division.pk}&manque=intentions", sent)
    assert {one.pk for one in asked.context["dossiers"]} == {here.here.dossier.pk, late.dossier.pk}
    assert [one for one in ways_of(asked) if "manque=intentions" in one], "cancelling leads back to the same list"


def test_the_reminder_of_a_whole_list_is_for_who_works_there_and_for_a_list_of_what_is_missing(here: World) -> None:
    assert sent_by_the_form(page(staff_of(here, "READER"), FOLLOW_UP, manque="intentions")) is None
    assert sent_by_the_form(page(staff_of(here, "SECRETARY"), FOLLOW_UP)) is None


def test_a_dossier_leads_back_to_the_list_as_it_was(here: World) -> None:
    secretary = staff_of(here, "SECRETARY")
    rows = ways_of(page(secretary, FOLLOW_UP, manque="intentions"))
    opened = secretary.get(next(one for one in rows if f"/{here.here.dossier.pk}/change/" in one))
    back = re.search(r'href="([^"]*manque=intentions[^"]*)"', opened.content.decode())
    assert back
    assert urlsplit(unescape(back[1])).path == reverse(f"admin:{FOLLOW_UP}")


def test_the_letters_of_a_division_are_offered_where_somebody_has_no_account(here: World) -> None:
    family = here.here
    where = reverse("admin:activation_letters", args=[family.student.division.pk])
    secretary, dossier = staff_of(here, "SECRETARY"), family.dossier.pk
    assert where not in ways_of(page(secretary, "orientation_dossier_change", dossier))
    Representative.objects.filter(pk=family.father.pk).update(user=None)
    assert where in ways_of(page(secretary, "orientation_dossier_change", dossier))
    assert where not in ways_of(page(staff_of(here, "READER"), "orientation_dossier_change", dossier))


@pytest.mark.parametrize("role", ["READER", "SECRETARY", "HEAD"])
def test_every_way_from_a_dossier_a_division_and_a_pupil_opens(role: str, here: World) -> None:
    client, student = staff_of(here, role), here.here.student
    for name, key in (
        ("orientation_dossier_change", here.here.dossier.pk),
        ("families_division_change", student.division.pk),
        ("families_student_change", student.pk),
    ):
        found = [one for one in ways_of(page(client, name, key)) if one.startswith("/admin/")]
        assert found
        assert {way: client.get(way).status_code for way in found} == dict.fromkeys(found, 200)
