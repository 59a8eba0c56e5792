"""« Ce que cette nuit ferait »: asked by the académie, played by a worker, read school by school; nothing is kept."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from config.celery import app
from ledger import clock
from siecle_sync.mock.models import MockDeposit
from siecle_sync.models import Run
from tests import factories
from tests.admin.nights import a_run
from tests.admin.world import BOTH, client_of, page
from tests.factories import DURING_INTENTIONS, GT, Family
from tests.siecle_sync.world import enters

pytestmark = pytest.mark.django_db(databases=BOTH, transaction=True)


@pytest.fixture
def family() -> Family:
    clock.freeze(DURING_INTENTIONS)
    made = factories.family()
    enters(made, GT)
    return made


@pytest.fixture
def saio(family: Family) -> Client:
    return client_of(factories.staff(family.student.school.academy, "ACADEMY"))


@pytest.fixture
def worker() -> Iterator[None]:
    """Tasks run at once, as if the worker were instantaneous."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def redis_down(settings: Any) -> Iterator[None]:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    lost = Celery("lost", set_as_current=True)
    lost.config_from_object("django.conf:settings", namespace="CELERY")
    yield
    lost.close()
    app.set_current()
    app.set_default()


def asks(client: Client, academy: str = "10") -> Any:
    return client.post(reverse("admin:rehearsal", args=[academy]))


def test_a_rehearsal_tells_each_school_what_would_be_new_and_sends_nothing(
    family: Family, saio: Client, worker: None
) -> None:
    answer = saio.get(asks(saio).url)
    assert "Refresh" not in answer.headers
    [told] = answer.context["told"]
    assert told["run"].state == "DRY" and not told["error"]
    sent = [one.row for one in told["rows"] if one.row.direction == "OUT"]
    assert [(one.uai, one.read, one.created) for one in sent] == [(family.student.school.uai, 3, 3)]
    assert not MockDeposit.objects.exists() and not family.dossier.receipts.exists()
    assert Run.objects.filter(state="DRY").count() == Run.objects.count() == 1


def test_the_command_rehearses_the_same_school_by_school(family: Family, capsys: Any) -> None:
    call_command("siecle_night", dry_run=True, json=True)
    [row] = json.loads(capsys.readouterr().out)
    [sent] = [one for one in row["schools"] if one["direction"] == "OUT"]
    assert (sent["uai"], sent["read"], sent["created"], sent["rejected"]) == (family.student.school.uai, 3, 3, 0)
    call_command("siecle_night", dry_run=True)
    said = capsys.readouterr().out
    assert family.student.school.uai in said and "3 nouvelles" in said
    assert not Run.objects.exists() and not MockDeposit.objects.exists()


def test_the_page_waits_for_the_worker_then_gives_up(family: Family, saio: Client) -> None:
    since = {"depuis": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"}
    a_run(family.dossier.campaign, state="DRY", started_at=clock.now() - timedelta(hours=1))  # an older one
    waiting = page(saio, "rehearsal", "10", **since)
    assert waiting.headers["Refresh"] == "5"
    assert b'<progress max="1" value="0">' in waiting.content
    clock.freeze(DURING_INTENTIONS + timedelta(minutes=16))
    late = page(saio, "rehearsal", "10", **since)
    assert "Refresh" not in late.headers
    assert late.context["late"]


def test_the_page_without_a_request_shows_the_last_rehearsal(family: Family, saio: Client) -> None:
    a_run(family.dossier.campaign, state="DRY", error="ExchangeFailed : Siècle ne répond pas.")
    last = a_run(family.dossier.campaign, state="DRY")
    a_run(family.dossier.campaign)
    shown = page(saio, "rehearsal", "10", depuis="hier")
    assert shown.context["done"] == [last]
    assert len(shown.context["past"]) == 2


def test_redis_down_is_said_and_nothing_is_waited_for(family: Family, saio: Client, redis_down: None) -> None:
    answer = saio.post(reverse("admin:rehearsal", args=["10"]), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert "Refresh" not in answer.headers


def test_an_academie_rehearses_its_own_night_only(family: Family, worker: None) -> None:
    elsewhere = factories.academy("28", name="La Réunion", timezone="Indian/Reunion")
    assert asks(client_of(factories.staff(elsewhere, "ACADEMY"))).status_code == 404
    for role in ("READER", "SECRETARY", "HEAD"):
        assert asks(client_of(factories.staff(family.student.school, role))).status_code == 403
    assert not Run.objects.exists()
