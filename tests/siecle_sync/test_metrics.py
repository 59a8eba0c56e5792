"""The nights in figures, for the program that watches them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from ledger import clock
from ledger.models import OutgoingEmail
from orientation.models import Campaign
from orientation.models.campaign import DEFAULT_POLICIES
from siecle_sync.models import HeldLine, MassChange, NightAlert, RunPart
from tests import factories
from tests.factories import DURING_INTENTIONS, Family
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, FIRST_NIGHT

pytestmark = pytest.mark.django_db(databases=BOTH)
Figures = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = "figures"


@pytest.fixture
def home() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def asked(token: str = "figures") -> HttpResponse:
    return Client().get("/metriques/", headers={"Authorization": f"Bearer {token}"})


def figures() -> Figures:
    """(short name, *labels in the order of their names) → value."""
    response = asked()
    assert response.status_code == 200
    return {
        (one.name.removeprefix("orientation_night_"), *(value for _, value in sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(response.content.decode())
        for one in family.samples
    }


def test_without_its_token_there_is_no_page_and_with_a_wrong_one_nothing_is_said(settings: Any) -> None:
    assert [asked("wrong").status_code, Client().get("/metriques/").status_code] == [401, 401]
    settings.METRICS_TOKEN = ""
    assert [asked("").status_code, asked().status_code] == [404, 404]


def test_before_any_night_only_what_waits_is_said(home: Family) -> None:
    world.enters(home)
    clock.freeze(DURING_INTENTIONS + timedelta(hours=2))
    assert figures() == {
        ("unsent_entries", "10"): 1, ("oldest_unsent_entry_seconds", "10"): 7200,
        ("letters_waiting", "10"): 2, ("letters", "10", "READY"): 2, ("oldest_letter_seconds", "10"): 7200,
    }  # fmt: skip


def test_what_was_never_taken_of_a_campaign_of_the_past_waits_no_more(home: Family) -> None:
    world.enters(home)
    Campaign.objects.create(academy=home.dossier.campaign.academy, year=2026, level="3E", **DEFAULT_POLICIES["3E"])
    assert ("unsent_entries", "10") not in figures()


def test_a_night_tells_its_state_its_lines_its_duration_and_its_start(home: Family) -> None:
    world.enters(home)
    world.night(FIRST_NIGHT)
    told = figures()
    assert [told["state", "10", "3E", state] for state in ("FINISHED", "RUNNING", "FAILED")] == [1, 0, 0]
    assert told["lines", "10", "out", "3E", "accepted"] == 3
    assert told["lines", "10", "in", "3E", "accepted"] == 0
    assert told["duration_seconds", "10", "3E"] >= 0
    assert abs(told["last_start_timestamp_seconds", "10", "3E"] - FIRST_NIGHT.timestamp()) < 60
    assert ("unsent_entries", "10") not in told


def test_what_waits_is_counted_by_academie(home: Family) -> None:
    run = world.night(FIRST_NIGHT)
    campaign = home.dossier.campaign
    RunPart.objects.create(run=run, number=9, state="FAILED")
    HeldLine.objects.create(campaign=campaign, seq=1, code="UNKNOWN_PUPIL", line={}, since=FIRST_NIGHT)
    MassChange.objects.create(campaign=campaign, uai="0690001A", up_to=1, standing=2, touched=2, found_at=FIRST_NIGHT)
    for key, hours in (("now", 1), ("old", 25)):
        at = FIRST_NIGHT - timedelta(hours=hours)
        NightAlert.objects.create(key=key, kind="NIGHT_LATE", academy=campaign.academy, at=at, text="")
    told = figures()
    waiting = ("unfinished_parts", "held_lines", "mass_changes_waiting")
    assert [told[name, "10"] for name in waiting] == [1, 1, 1]
    assert told["alerts", "10", "NIGHT_LATE"] == 1


def test_letters_to_send_are_counted(home: Family) -> None:
    world.until_opinions(home)
    waiting = OutgoingEmail.objects.exclude(state="SENT")
    assert figures()["letters_waiting", "10"] == waiting.count() > 0
    waiting.update(state="SENT", sent_at=clock.now())
    assert ("letters_waiting", "10") not in figures()


def test_letters_are_counted_by_state_and_the_first_that_should_have_left_is_told(home: Family) -> None:
    world.until_opinions(home)
    first, second, third, *others = OutgoingEmail.objects.exclude(state="SENT").order_by("not_before", "pk")
    now = clock.now()
    clock.freeze(now)
    for row, values in (
        (first, {"state": "ASIDE"}),
        (second, {"state": "ASIDE", "delivery": "BOUNCED"}),
        (third, {"state": "FAILED", "not_before": now - timedelta(hours=5)}),
    ):
        OutgoingEmail.objects.filter(pk=row.pk).update(**values)
    OutgoingEmail.objects.filter(pk__in=[one.pk for one in others]).update(not_before=now + timedelta(days=1))
    told = figures()
    assert [told["letters", "10", state] for state in ("ASIDE", "REFUSED", "FAILED")] == [1, 1, 1]
    assert told["letters_waiting", "10"] == len(others) + 1
    assert told["oldest_letter_seconds", "10"] == 5 * 3600


def test_a_rehearsal_is_not_a_night(home: Family) -> None:
    run = world.night(FIRST_NIGHT)
    run.pk, run.state = None, "DRY"
    run.save()
    assert figures()["state", "10", "3E", "FINISHED"] == 1


def test_it_costs_the_same_for_any_number_of_academies(home: Family) -> None:
    costs = []
    for code in ("10", "28", "01"):
        school = factories.school(academy=factories.academy(code, name=code))
        world.enters(factories.family(of=factories.division(school)))
        with CaptureQueriesContext(connection) as queries:
            figures()
        costs.append(len(queries))
    assert costs[0] == costs[2] <= 10
