"""/admin/bac-a-sable/: the pretended date goes forward, through its nights (architecture, « The sandbox »)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ledger import clock
from siecle_sync.mock.models import MockPupil
from siecle_sync.models import Run
from tests import factories
from tests.admin.world import BOTH, client_of
from tests.factories import DURING_INTENTIONS, Family

pytestmark = pytest.mark.django_db(databases=BOTH, transaction=True)


@pytest.fixture
def family() -> Family:
    clock.pretend(DURING_INTENTIONS)
    return factories.family()


def governs(family: Family) -> Client:
    return client_of(factories.staff(family.student.school.academy, "ACADEMY"))


def asks(client: Client, day: str, hour: str = "08:00", **more: str) -> HttpResponse:
    return client.post(reverse("sandbox"), {"at_0": day, "at_1": hour, **more})


def codes(response: HttpResponse) -> list[str]:
    return [error.code for error in response.context["form"].errors.as_data()["at"]]


def test_the_page_says_how_many_nights_before_it_plays_them(family: Family) -> None:
    client = governs(family)
    asked = asks(client, "23/01/2026")
    assert (asked.status_code, asked.context["form"].nights) == (200, 3)
    assert not Run.objects.exists() and clock.now() < datetime(2026, 1, 21, tzinfo=UTC)
    assert asks(client, "23/01/2026", confirm="1").status_code == 302
    assert Run.objects.filter(state="FINISHED").count() == 3
    assert MockPupil.objects.get().eleve_id == family.student.siecle_id
    assert datetime(2026, 1, 23, 7, tzinfo=UTC) <= clock.now() < datetime(2026, 1, 23, 7, 5, tzinfo=UTC)


def test_the_date_never_goes_back(family: Family) -> None:
    refused = asks(governs(family), "10/01/2026", confirm="1")
    assert (refused.status_code, codes(refused)) == (422, ["GOING_BACK"])
    assert clock.now() >= DURING_INTENTIONS


def test_too_many_nights_for_one_request_are_refused(family: Family) -> None:
    refused = asks(governs(family), "30/06/2026", confirm="1")
    assert (refused.status_code, codes(refused)) == (422, ["TOO_MANY_NIGHTS"])
    assert not Run.objects.exists()


@pytest.mark.parametrize("role", ["READER", "SECRETARY", "HEAD"])
def test_a_school_never_moves_the_date(family: Family, role: str) -> None:
    client = client_of(factories.staff(family.student.school, role))
    assert client.get(reverse("sandbox")).status_code == 403
    assert asks(client, "23/01/2026", confirm="1").status_code == 403


def test_the_page_does_not_exist_outside_a_sandbox(family: Family, settings: Any) -> None:
    client = client_of(factories.user(is_superuser=True, is_staff=True))
    assert client.get(reverse("sandbox")).status_code == 200
    settings.SANDBOX = False
    assert client.get(reverse("sandbox")).status_code == 404
