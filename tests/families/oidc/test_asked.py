"""What we ask a provider for as somebody leaves for it, and what must come back of that."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from families.oidc.leaving import LEFT
from families.oidc.parties import party
from families.oidc.refusals import Code, Refused
from families.oidc.tokens import check_person
from tests import factories
from tests.families.oidc.settings import described

HERE = "https://fournisseur.invalid"
BY_HAND = {
    "AUTHORIZATION_ENDPOINT": f"{HERE}/auth?lang=fr", "TOKEN_ENDPOINT": f"{HERE}/token", "JWKS_URI": f"{HERE}/jwks",
}  # fmt: skip


def asked(client: Client, slug: str) -> dict[str, str]:
    address = client.get(reverse("families:provider_start", args=[slug]))["Location"]
    return dict(parse_qsl(urlsplit(address).query))


@pytest.fixture
def franceconnect(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("franceconnect", HERE, **BY_HAND)


@pytest.mark.django_db
def test_who_is_known_there_is_let_through_the_first_time(client: Client, franceconnect: None) -> None:
    found = asked(client, "franceconnect")
    assert {"prompt", "claims", "code_challenge"}.isdisjoint(found)
    assert (found["acr_values"], found["lang"]) == ("eidas1", "fr")
    assert min(len(found["state"]), len(found["nonce"])) >= 32


@pytest.mark.django_db
def test_the_next_person_on_this_computer_is_asked_who_they_are(client: Client, franceconnect: None) -> None:
    session = client.session
    session[LEFT] = {"provider": "franceconnect", "closed": False}
    session.save()
    assert asked(client, "franceconnect")["prompt"] == "login"


@pytest.mark.django_db
def test_a_deployment_may_have_everybody_asked_each_time(client: Client, settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("franceconnect", HERE, **BY_HAND, PROMPT_LOGIN="1")
    assert asked(client, "franceconnect")["prompt"] == "login"


@pytest.mark.django_db
def test_somebody_signed_in_is_asked_anew_and_the_provider_when(client: Client, franceconnect: None) -> None:
    client.force_login(factories.user())
    found = asked(client, "franceconnect")
    assert found["prompt"] == "login"
    assert json.loads(found["claims"]) == {"id_token": {"auth_time": {"essential": True}}}


@pytest.mark.django_db
def test_levels_that_are_essential_are_asked_for_as_claims(client: Client, settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described(
        "proconnect", HERE, **BY_HAND, ACR_ESSENTIAL="1", ACR_ACCEPTED="eidas3 eidas2"
    )
    wanted = {"id_token": {"acr": {"essential": True, "values": ["eidas2", "eidas3"]}}}
    assert json.loads(asked(client, "proconnect")["claims"]) == wanted


def judged(since: Any, **claims: Any) -> str:
    try:
        check_person(party("educonnect"), {"aud": "orientation", "sub": "42", **claims}, since)
    except Refused as refused:
        assert refused.code is Code.TOKEN
        return refused.detail
    return ""


def test_who_proves_it_again_is_believed_only_by_the_time_of_it(settings: Any) -> None:
    """`prompt` stands in an address that anybody may change: a provider that was not asked lets its session through."""
    settings.IDENTITY_PROVIDERS = described("educonnect")
    now = timezone.now()
    hour_ago = (now - timedelta(hours=1)).timestamp()
    assert judged(now, auth_time=now.timestamp()) == ""
    assert judged(now, auth_time=hour_ago) == judged(now) == judged(now, auth_time=float("nan")) == "AUTH_TIME"
    assert judged(None, auth_time=hour_ago) == judged(None) == ""


def test_a_provider_that_cannot_say_the_time_is_still_used(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("educonnect", AUTH_TIME="0")
    now = timezone.now()
    assert judged(now) == ""
    assert judged(now, auth_time=(now - timedelta(hours=1)).timestamp()) == "AUTH_TIME"
