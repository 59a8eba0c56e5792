"""Imports of Siècle read by a worker, dropped after a day; who hands in, who confirms, who reads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.models import School, Student
from ledger import clock
from siecle_sync import tasks, uploads
from siecle_sync.uploads import UploadRefused
from tests import factories
from tests.admin.importing import (
    IMPORT_PAGE,
    LIST,
    UPLOAD,
    confirms,
    emptied,
    hands_in,
    last,
    shown,
    told,
)
from tests.admin.world import client_of, page
from tests.siecle_sync.bee_builder import (
    UAI,
    eleve,
    pupils,
    zipped,
)

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[Any], None]


@pytest.fixture
def school(at: At) -> School:
    at(factories.DURING_INTENTIONS)
    return factories.school(uai=UAI)


@pytest.fixture
def client(school: School) -> Client:
    return client_of(factories.staff(school, "SECRETARY"))


# --- by a worker, and after it ----------------------------------------------------------------------------------------
def test_big_files_are_read_by_a_worker_and_the_page_shows_that_it_is_at_it(
    client: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SMALL", 10)
    response = hands_in(client, school)
    assert last().state == "READING"
    assert response.headers["Refresh"]
    assert "Refresh" not in client.get(reverse(f"admin:{IMPORT_PAGE}", args=[last().pk]) + "?fixe=1").headers
    assert uploads.waiting() == [last().pk]
    tasks.play_upload(str(last().pk))
    assert "Refresh" not in shown(client).headers
    confirms(client)
    assert last().state == "IMPORTING"
    assert not Student.objects.exists()
    tasks.play_upload(str(last().pk))
    assert last().state == "DONE"
    assert uploads.waiting() == []


def test_a_small_archive_of_a_big_file_is_left_to_a_worker_however_it_is_wrapped(
    client: Client, school: School
) -> None:
    big = zipped({"eleves.xml": pupils(eleve(1)).getvalue() + b"\n" * uploads.LIGHT})
    hands_in(client, school, zipped({"eleves.zip": big.getvalue()}))
    assert sum(last().files.values_list("size", flat=True)) < uploads.SMALL
    assert last().state == "READING"
    assert tasks.play_upload(str(last().pk)) == "PREVIEW"


def test_after_a_day_what_nobody_confirmed_is_dropped_and_emptied(client: Client, school: School, at: At) -> None:
    hands_in(client, school)
    at(clock.now() + timedelta(hours=23))
    tasks.sweep_uploads()
    assert last().state == "PREVIEW"
    at(clock.now() + timedelta(hours=1))
    tasks.sweep_uploads()
    assert last().state == "DROPPED"
    assert emptied(last())
    assert not {"anomalies", "pupils"} & last().report.keys()


def test_a_preview_is_dropped_once_and_says_so(client: Client, school: School) -> None:
    hands_in(client, school)
    where = reverse("admin:siecle_drop", args=[last().pk])
    client.post(where)
    assert last().state == "DROPPED"
    assert emptied(last())
    assert told(client.post(where, follow=True)) == ["OVER"]
    with pytest.raises(UploadRefused):
        uploads.confirm(last().pk, seen="", user=factories.staff(school))


# --- who --------------------------------------------------------------------------------------------------------------
def test_the_school_alone_hands_in_and_confirms_and_its_academie_reads(client: Client, school: School) -> None:
    hands_in(client, school)
    pk = last().pk
    for role, where in (("READER", school), ("ACADEMY", school.academy)):
        reads = client_of(factories.staff(where, role))
        assert page(reads, IMPORT_PAGE, pk).status_code == 200
        assert page(reads, UPLOAD, school.pk).status_code == 403
        assert hands_in(reads, school).status_code == 403
        assert [posts(reads, name, pk) for name in ("siecle_confirm", "siecle_drop")] == [403, 403]
    assert last().state == "PREVIEW"


def test_nobody_of_another_school_finds_an_import(client: Client, school: School) -> None:
    hands_in(client, school)
    pk = last().pk
    far = factories.school(academy=factories.academy("28", name="La Réunion"))
    for person in (factories.staff(factories.school()), factories.staff(far.academy, "ACADEMY")):
        other = client_of(person)
        assert page(other, IMPORT_PAGE, pk).status_code == 404
        assert page(other, UPLOAD, school.pk).status_code == 404
        assert hands_in(other, school).status_code == 404
        assert [posts(other, name, pk) for name in ("siecle_confirm", "siecle_drop")] == [404, 404]
        assert list(page(other, LIST).context["cl"].queryset) == []
    assert page(client, IMPORT_PAGE, UUID(int=0)).status_code == 404


def posts(client: Client, name: str, pk: UUID) -> int:
    return client.post(reverse(f"admin:{name}", args=[pk])).status_code


def test_past_imports_are_listed_for_the_school_in_a_constant_number_of_queries(client: Client, school: School) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page(client, LIST).status_code == 200
        return len(captured)

    hands_in(client, school)
    cost()
    one = cost()
    for _ in range(5):
        hands_in(client, school)
    assert len(page(client, LIST).context["cl"].result_list) == 6
    assert cost() == one
