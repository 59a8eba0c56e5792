"""A provider that is down or slow, at each step: a page says so, and the other ways in still work."""

from typing import Any

import pytest
from django.test import Client

from families.models import User
from tests.oidc.journeys import Traveller
from tests.oidc.people import SUBJECT, knows
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db
READ = 0.4  # seconds that we wait for an answer, in these tests
SLOW = 2000  # milliseconds


def is_down(answer: Any) -> bool:
    """Our page says so, and shows the way back to the other ways in."""
    assert 'href="/connexion/' in answer.content.decode()
    return (answer.status_code, answer.context["code"]) == (503, "OIDC_DOWN")


def enters_by_password(account: User) -> bool:
    client = Client()
    client.post("/connexion/", {"username": account.username, "password": "mot-de-passe-solide"})
    return "_auth_user_id" in client.session


@pytest.fixture
def account(franceconnect: Provider) -> User:
    return knows(franceconnect)


@pytest.fixture
def traveller(franceconnect: Provider, account: User) -> Traveller:
    return Traveller(franceconnect)


def test_provider_down_before_anybody_leaves(traveller: Traveller, account: User) -> None:
    traveller.provider.stop()
    assert is_down(traveller.opens("/connexion/franceconnect/"))
    assert traveller.opens("/connexion/").status_code == 200
    assert enters_by_password(account)


def test_provider_stopped_in_mid_flow(traveller: Traveller, account: User) -> None:
    back = traveller.comes_back(SUBJECT)
    traveller.provider.stop()
    assert is_down(traveller.opens(back))
    assert traveller.account is None
    assert enters_by_password(account)


def test_provider_that_comes_back_is_used_again(traveller: Traveller, account: User) -> None:
    """It has forgotten everything and has new keys, as after a move."""
    traveller.arrives(SUBJECT)
    traveller.provider.stop()
    again = Traveller(traveller.provider)
    traveller.provider.revive()
    traveller.provider.behaves(bases=["http://127.0.0.1:8000"], people={SUBJECT: {"claims": {}}})
    again.arrives(SUBJECT)
    assert again.account == str(account.pk)


def test_one_provider_down_leaves_the_others_alone(educonnect: Provider, franceconnect: Provider) -> None:
    account = knows(educonnect)
    franceconnect.stop()
    traveller = Traveller(educonnect)
    traveller.arrives(SUBJECT)
    assert traveller.account == str(account.pk)


@pytest.mark.parametrize("path", ["/token", "/me", "/jwks"])
@pytest.mark.parametrize("trouble", [{"broken": 500}, {"broken": 502}, {"broken": 204}, {"delays": SLOW}])
def test_step_that_fails_on_the_way_back(
    traveller: Traveller, settings: Any, path: str, trouble: dict[str, int]
) -> None:
    back = traveller.comes_back(SUBJECT)
    settings.IDENTITY_TIMEOUT_READ = READ
    traveller.provider.obey(**{name: {path: value} for name, value in trouble.items()})
    assert is_down(traveller.opens(back))
    assert traveller.account is None


@pytest.mark.parametrize("trouble", [{"broken": 500}, {"broken": 200}, {"delays": SLOW}])
def test_provider_that_does_not_say_where_it_is(traveller: Traveller, settings: Any, trouble: dict[str, int]) -> None:
    """`200`: a page of its maintenance, not JSON."""
    settings.IDENTITY_TIMEOUT_READ = READ
    path = "/.well-known/openid-configuration"
    traveller.provider.obey(**{name: {path: value} for name, value in trouble.items()})
    assert is_down(traveller.opens("/connexion/franceconnect/"))


def test_slow_provider_is_waited_for_within_reason(traveller: Traveller) -> None:
    traveller.provider.obey(delays={"/token": 300, "/me": 300})
    traveller.arrives(SUBJECT)
    assert traveller.account is not None


def test_what_is_known_of_a_provider_is_not_asked_again(traveller: Traveller) -> None:
    """Its addresses and its keys are kept: the next person does not depend on their being served."""
    traveller.arrives(SUBJECT)
    traveller.provider.obey(broken={"/jwks": 500, "/.well-known/openid-configuration": 500})
    other = Traveller(traveller.provider)
    other.arrives(SUBJECT)
    assert other.account is not None


def test_provider_that_answers_an_error_is_said_to_be_down(traveller: Traveller) -> None:
    state = traveller.leaves().partition("&state=")[2].partition("&")[0]
    answer = traveller.opens(
        f"/connexion/franceconnect/retour/?error=server_error&state={state}&iss={traveller.provider.issuer}"
    )
    assert is_down(answer)
