"""« Mon compte », « Mes connexions » and the help on signing in, as a browser shows them: whole, and usable by hand."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from families.models import User
from families.sessions import open_sessions
from tests import factories
from tests.admin.world import BOTH
from tests.e2e.reader import Reader
from tests.families.test_account_ways import link
from tests.families.test_sign_in_help import SLUGS, offered
from tests.orientation.screens import signed_in

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True, databases=BOTH)]


@pytest.fixture
def mother(settings: Any) -> User:
    settings.IDENTITY_PROVIDERS = offered(*SLUGS)
    return factories.family().mother.user


def test_help_on_each_way_in_is_sound(settings: Any, reader: Reader) -> None:
    settings.IDENTITY_PROVIDERS = offered(*SLUGS)
    reader.reads(reverse("families:sign_in_help"))


def test_an_account_with_ways_in_to_link_and_to_take_away_is_sound(mother: User, reader: Reader) -> None:
    link(mother)
    reader.reads(reverse("families:account"), by=mother)
    reader.reads(reverse("families:stop_using", args=["franceconnect"]), by=mother)


def test_an_account_without_a_password_is_sound(mother: User, reader: Reader) -> None:
    link(mother)
    mother.set_unusable_password()
    mother.save()
    for name, path in (("account", []), ("stop_using", ["franceconnect"]), ("change_password", [])):
        reader.reads(reverse(f"families:{name}", args=path), by=mother)


def test_sessions_open_elsewhere_are_seen_and_closed_by_hand(mother: User, reader: Reader) -> None:
    signed_in(mother)
    signed_in(mother)
    reader.reads(reverse("families:connections"), by=mother)
    reader.page.get_by_role("button", name=re.compile("^Fermer .*dernière action")).first.click()
    expect(reader.page).to_have_url(re.compile(reverse("families:connections")))
    reader.checks(reader.presses("Fermer toutes les autres"))
    assert open_sessions(mother).count() == 1
