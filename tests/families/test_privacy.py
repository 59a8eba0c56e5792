"""« Données personnelles » says what the code does: how long what signing in leaves is kept, and which cookies."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from families import activation, addresses, forgetting, keeping, passwords
from tests import factories
from tests.orientation.screens import text_of

pytestmark = pytest.mark.django_db


def read() -> str:
    return text_of(Client().get(reverse("families:privacy")))


def test_the_page_says_how_long_each_thing_is_kept(settings: Any) -> None:
    page = read()
    minutes = [
        settings.SESSION_COOKIE_AGE // 60,
        *(one.seconds // 60 for one in (passwords.VALIDITY, addresses.VALIDITY)),
    ]
    assert all(f": {one} minutes" in page for one in minutes)
    assert (forgetting.SIGN_INS.days, "douze mois" in page) == (365, True)
    assert f": {forgetting.ADDRESSES.days} jours" in page
    assert f": {activation.VALIDITY.days} jours" in page
    assert (keeping.LASTS.seconds, "une heure, pour vous le rendre" in page) == (3600, True)


def test_the_page_says_the_longest_session_of_this_deployment(settings: Any) -> None:
    settings.SESSION_HOURS_FAMILIES, settings.SESSION_HOURS_STAFF = 3.0, 6.5
    assert "7 heures au plus" in read()


def test_the_cookies_are_the_two_that_the_page_names() -> None:
    client = Client()
    client.post(reverse("families:sign_in"), {"username": "personne", "password": "rien"})
    client.force_login(factories.family().mother.user)
    client.get(reverse("families:account"))
    client.post(reverse("orientation:sign_out"), follow=True)
    assert set(client.cookies) == {"sessionid", "csrftoken"}
    assert "Deux cookies" in read()
