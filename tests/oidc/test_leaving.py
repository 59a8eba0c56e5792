"""Signing out: ours at once, then the provider's, whatever becomes of the provider."""

from typing import Any

import pytest

from tests.oidc.journeys import Traveller, asked, changed
from tests.oidc.people import SUBJECT, knows
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db
LAST = "/deconnexion/"


@pytest.fixture
def traveller(provider: Provider) -> Traveller:
    """Somebody who came in by this provider."""
    knows(provider)
    found = Traveller(provider)
    found.arrives(SUBJECT)
    return found


def last_page(traveller: Traveller) -> Any:
    page = traveller.opens(LAST).context
    return page["still_open"] and page["still_open"].slug, page["closed_too"] and page["closed_too"].slug


def is_remembered_there(traveller: Traveller) -> bool:
    """Would the next person on this computer come in without a password?"""
    next_one = Traveller(traveller.provider)
    next_one.away = traveller.away
    return isinstance(next_one.until_a_page(next_one.leaves()), str)


def test_signing_out_ends_the_session_of_the_provider_too(traveller: Traveller) -> None:
    assert is_remembered_there(traveller)
    there = traveller.signs_out()
    assert traveller.account is None
    assert there.startswith(f"{traveller.provider.issuer}/session/end?")
    back = traveller.opens(traveller.confirms_there(there))
    assert back["Location"] == LAST
    assert last_page(traveller) == (None, traveller.provider.kind)
    assert not is_remembered_there(traveller)


def test_session_here_is_over_before_the_provider_is_asked(traveller: Traveller) -> None:
    """Who closes the page too early, or never answers there, is signed out all the same."""
    key = traveller.client.session.session_key
    traveller.client.post("/deconnexion/")
    assert traveller.account is None
    assert traveller.client.session.session_key != key
    assert last_page(traveller) == (traveller.provider.kind, None)


@pytest.mark.parametrize("state", [None, "a" * 64])
def test_return_that_the_provider_did_not_send_changes_nothing(traveller: Traveller, state: str | None) -> None:
    back = traveller.confirms_there(traveller.signs_out())
    traveller.opens(changed(back, state=state))
    assert last_page(traveller) == (traveller.provider.kind, None)


def test_provider_down_does_not_keep_anybody_signed_in(traveller: Traveller) -> None:
    traveller.provider.stop()
    traveller.client.post("/deconnexion/")
    assert traveller.account is None
    assert last_page(traveller) == (traveller.provider.kind, None)


def test_provider_that_cannot_end_a_session_is_said_to_stay_open(traveller: Traveller, settings: Any) -> None:
    described = settings.IDENTITY_PROVIDERS[traveller.provider.kind]
    needed = {
        name: f"{traveller.provider.issuer}/{path}"
        for name, path in {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}.items()
    }
    settings.IDENTITY_PROVIDERS = {traveller.provider.kind: {**described, "endpoints": needed}}
    assert traveller.signs_out() == LAST
    assert last_page(traveller) == (traveller.provider.kind, None)


def test_who_came_by_a_password_is_led_to_no_provider(traveller: Traveller) -> None:
    other = Traveller(traveller.provider)
    account = knows(traveller.provider, "autre")
    other.client.post("/connexion/", {"username": account.username, "password": "mot-de-passe-solide"})
    assert other.account == str(account.pk)
    assert other.signs_out() == LAST
    assert last_page(other) == (None, None)


def test_token_is_told_to_the_provider_alone_and_once(traveller: Traveller) -> None:
    token = traveller.client.session["id_token"]
    there = traveller.signs_out()
    assert asked(there)["id_token_hint"] == token
    traveller.opens(traveller.confirms_there(there))
    assert token not in str(dict(traveller.client.session))
    assert traveller.opens("/deconnexion/fournisseur/suite/")["Location"] == LAST
