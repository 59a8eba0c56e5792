"""The simulated Siècle in a process of its own, reached by its address: same nights, and who is not let in."""

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from config.checks import siecle_is_reached_safely
from ledger import clock
from ledger.models import JournalEntry, OutgoingEmail
from orientation.models import Decision, SiecleReceipt
from siecle_sync import contract
from siecle_sync.mock import feed
from siecle_sync.mock.models import MockDeposit
from siecle_sync.models import Run, RunSchool
from tests import factories
from tests.factories import DURING_INTENTIONS, DURING_PROPOSALS
from tests.siecle_sync import world
from tests.siecle_sync.server import AUTHORITY, PROGRAM, SECURE, free_port, siecle_apart
from tests.siecle_sync.world import BOTH, FIRST_NIGHT

pytestmark = pytest.mark.django_db(databases=BOTH, transaction=True)
OTHERWISE = (models.AutoField, models.ForeignKey, models.UUIDField, models.DateTimeField, models.DurationField)
NAMES = {
    "siecle_ref", "ref", "author_name", "actor_name", "family_name", "first_name", "usage_name", "school", "uai",
    "eleve_id", "ine", "to", "dedup_key", "data", "payload", "digest", "birth_date",
}  # fmt: skip


def rows() -> dict[str, list[str]]:
    """What a campaign leaves behind it, without what is drawn at random: references, instants, names."""
    tables = [*apps.get_app_config("orientation").get_models(), *apps.get_app_config("siecle_mock").get_models()]
    return {
        table.__name__: sorted(map(str, values(table))) for table in (*tables, JournalEntry, OutgoingEmail, RunSchool)
    }


def values(table: type[models.Model]) -> list[dict[str, Any]]:
    fields = table._meta.concrete_fields
    kept = [one.name for one in fields if not isinstance(one, OTHERWISE) and one.name not in NAMES]
    return list(table.objects.values(*kept)) if kept else [{}] * table.objects.count()


def a_campaign() -> dict[str, list[str]]:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    world.until_proposals(family, ("2GT", "OUI"), ("2PRO", "OUI"))
    clock.pretend(DURING_PROPOSALS)
    statement = world.published(family, phase="DEFINITIVE")
    world.answers(family, statement.uuid, "ACCEPTED", ("2GT", ""))
    run = world.night(DURING_PROPOSALS + timedelta(days=1))
    assert run.state == "FINISHED", run.error
    runs = Run.objects.order_by("pk").values("state", "counters", "error")
    return {**rows(), "Run": list(map(str, runs))}


def test_a_campaign_by_url_leaves_the_rows_of_one_played_inside(settings):
    inside = a_campaign()
    for alias in BOTH:
        call_command("flush", database=alias, interactive=False, verbosity=0)
    with siecle_apart() as url:
        settings.SIECLE_BASE_URL = settings.PUBLIC_URL = url
        outside = a_campaign()
        assert feed.unconfirmed().count() == 0  # every council was confirmed, by the network too
    assert {name: (outside[name], was) for name, was in inside.items() if outside[name] != was} == {}
    assert Decision.objects.count() == 1


def fails(at, code: str, words: str = "") -> None:
    run = world.night(at)
    assert (run.state, contract.SENTENCES[code] in run.error, words in run.error) == ("FAILED", True, True), run.error
    assert not SiecleReceipt.objects.exists()


def test_a_wrong_token_is_let_in_nowhere(settings):
    clock.freeze(DURING_INTENTIONS)
    world.enters(factories.family())
    with siecle_apart() as settings.SIECLE_BASE_URL:
        settings.SIECLE_TOKEN = "wrong"
        fails(FIRST_NIGHT, "BAD_TOKEN", "401")
        settings.SIECLE_TOKEN = "test-token"
        assert world.night(FIRST_NIGHT + timedelta(minutes=1)).state == "FINISHED"
    assert MockDeposit.objects.count() == 1


def test_only_the_authority_that_is_named_is_trusted_and_both_sides_show_a_certificate(settings):
    clock.freeze(DURING_INTENTIONS)
    world.enters(factories.family())
    with siecle_apart(*SECURE) as settings.SIECLE_BASE_URL:
        fails(FIRST_NIGHT, "UNAVAILABLE", "CERTIFICATE_VERIFY_FAILED")
        settings.SIECLE_CA_FILE = AUTHORITY
        fails(FIRST_NIGHT + timedelta(minutes=1), "UNAVAILABLE")  # we show nothing
        settings.SIECLE_CLIENT_CERT = PROGRAM
        assert world.night(FIRST_NIGHT + timedelta(minutes=2)).state == "FINISHED"
    assert SiecleReceipt.objects.get().outcome == "ACCEPTED"


def test_a_siecle_that_accepts_no_connection_is_given_up(settings):
    clock.freeze(DURING_INTENTIONS)
    world.enters(factories.family())
    settings.SIECLE_TIMEOUT_READ = 0.3
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.SIECLE_BASE_URL = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        fails(FIRST_NIGHT, "UNAVAILABLE", "Timeout")
    settings.SIECLE_BASE_URL = f"http://127.0.0.1:{free_port()}"
    fails(FIRST_NIGHT + timedelta(minutes=1), "UNAVAILABLE")


@pytest.mark.parametrize(
    ("url", "dev", "safe"),
    [
        ("https://siecle.example.fr", False, True),
        ("http://siecle.example.fr", False, False),
        ("http://siecle.example.fr", True, True),
        ("http://127.0.0.1:8001", False, True),
        ("http://[::1]:8001", False, True),
        ("http://localhost:8001", False, True),
        ("http://localhost.example.fr", False, False),
        ("ftp://127.0.0.1", True, False),
        ("siecle.example.fr", True, False),
        ("", False, True),
    ],
)
def test_a_token_crosses_in_clear_on_this_machine_only(settings, url, dev, safe):
    settings.SIECLE_BASE_URL, settings.DEV = url, dev
    assert [one.id for one in siecle_is_reached_safely()] == ([] if safe else ["orientation.E002"])


def test_a_night_sends_nothing_in_clear_to_another_machine(settings):
    clock.freeze(DURING_INTENTIONS)
    world.enters(factories.family())
    settings.SIECLE_BASE_URL, settings.DEV = "http://siecle.example.fr", False
    fails(FIRST_NIGHT, "UNAVAILABLE", "https")
