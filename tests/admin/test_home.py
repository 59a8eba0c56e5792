"""The first page of the staff: what each role is led to, and that every way it shows opens."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import resolve, reverse

from families.models import StaffMembership, User
from tests import factories
from tests.admin.world import BOTH, World, client_of, page, world
from tests.factories import DURING_INTENTIONS

pytestmark = pytest.mark.django_db(databases=BOTH)
SCHOOL_PAGES = {"school_dashboard", "school_evening", "school_unreachable", "school_documents", "school_export"}


@pytest.fixture
def here(at: Callable[[datetime], None]) -> World:
    at(DURING_INTENTIONS)
    return world()


def member(role: str) -> User:
    """Of no school and no académie."""
    person = factories.user(is_staff=True)
    StaffMembership.objects.create(user=person, role=role)
    return person


def ways(client: Client) -> list[str]:
    """The addresses that the home page shows, our own and Django's."""
    main = page(client, "index").content.decode().split('<div id="content"', 1)[1].split("<dialog", 1)[0]
    return [one.replace("&amp;", "&") for one in re.findall(r'href="(/[^"]*)"', main)]


def names(client: Client) -> set[str]:
    return {resolve(way.split("?")[0]).url_name for way in ways(client)}


@pytest.mark.parametrize("role", ["READER", "SECRETARY", "HEAD", "ACADEMY", "NATIONAL", "SUPPORT", "ALL"])
def test_every_way_of_the_home_page_opens(role: str, here: World) -> None:
    scope = here.lyon if role == "ACADEMY" else here.school
    user = factories.user(is_staff=True, is_superuser=True) if role == "ALL" else None
    client = client_of(user or (member(role) if role in ("NATIONAL", "SUPPORT") else factories.staff(scope, role)))
    found = ways(client)
    assert found
    assert {way: client.get(way).status_code for way in found} == dict.fromkeys(found, 200)


def test_the_school_is_led_to_the_tasks_of_its_day(here: World) -> None:
    secretary, reader = (client_of(factories.staff(here.school, role)) for role in ("SECRETARY", "READER"))
    assert SCHOOL_PAGES | {"siecle_upload"} <= names(secretary)
    assert names(reader) >= SCHOOL_PAGES
    assert "siecle_upload" not in names(reader)
    assert "academy_dashboard" not in names(secretary)


def test_who_works_in_one_school_and_reads_another_imports_in_the_first_only(here: World) -> None:
    person, other = factories.staff(here.school, "SECRETARY"), here.neighbour.student.school
    StaffMembership.objects.create(user=person, role="READER", school=other)
    found = ways(client_of(person))
    assert reverse("admin:siecle_upload", args=[here.school.pk]) in found
    assert reverse("admin:siecle_upload", args=[other.pk]) not in found
    assert reverse("admin:school_dashboard", args=[other.pk]) in found


def test_the_academie_is_led_to_its_own_dashboard_the_country_to_all(here: World) -> None:
    found = ways(client_of(factories.staff(here.lyon, "ACADEMY")))
    assert reverse("admin:academy_dashboard", args=[here.lyon.pk]) in found
    assert reverse("admin:academy_dashboard", args=[here.reunion.pk]) not in found
    assert "country_dashboard" in names(client_of(member("NATIONAL")))


def test_the_academie_of_many_schools_is_led_to_their_list(here: World) -> None:
    for _ in range(10):
        factories.school(academy=here.lyon)
    found = ways(client_of(factories.staff(here.lyon, "ACADEMY")))
    assert reverse("admin:families_school_changelist") in found
    assert reverse("admin:school_dashboard", args=[here.school.pk]) not in found


def test_support_is_led_to_the_pages_of_one_family(here: World) -> None:
    assert "see_as_find" in names(client_of(member("SUPPORT")))
    assert "see_as_find" not in names(client_of(member("NATIONAL")))
