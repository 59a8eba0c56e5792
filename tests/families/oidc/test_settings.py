"""What the environment says of the providers, and what it may not say."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.checks import identity_providers_are_whole
from config.providers import identity_providers
from families.oidc.claims import Who
from families.oidc.parties import NoSuchParty, parties, party
from tests.families.oidc.settings import SECRET, described


def test_a_provider_that_the_environment_does_not_name_is_not_offered(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = identity_providers({"EDUCONNECT_SCOPES": "openid", "FRANCECONNECT_ISSUER": ""})
    assert parties() == []
    with pytest.raises(NoSuchParty):
        party("educonnect")


def test_several_providers_are_offered_at_once(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = {**described("educonnect"), **described("proconnect")}
    assert [one.slug for one in parties()] == ["educonnect", "proconnect"]
    assert party("educonnect").who == {Who.REPRESENTATIVE, Who.PUPIL}
    assert party("proconnect").who == {Who.STAFF}


def test_an_empty_value_of_the_environment_leaves_the_default(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("franceconnect", SCOPES="", PKCE="", ALGORITHM=" ")
    one = party("franceconnect")
    assert (one.pkce, one.algorithm) == (False, "ES256")
    assert one.scopes == "openid given_name family_name preferred_username"


def test_no_provider_is_asked_for_an_address(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = {
        **described("educonnect"), **described("franceconnect"), **described("proconnect"),
    }  # fmt: skip
    assert {"email", "phone", "address"}.isdisjoint({scope for one in parties() for scope in one.scopes.split()})


def test_levels_asked_for_by_the_environment_are_those_accepted(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("franceconnect", ACR_VALUES="eidas2")
    assert party("franceconnect").acr_accepted == {"eidas2"}
    settings.IDENTITY_PROVIDERS = described("franceconnect", ACR_VALUES="eidas2", ACR_ACCEPTED="eidas2 eidas3")
    assert party("franceconnect").acr_accepted == {"eidas2", "eidas3"}


def test_the_secret_is_not_written_where_a_provider_is_shown(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("educonnect")
    assert SECRET not in repr(party("educonnect"))


@pytest.mark.parametrize(
    ("wrong", "values"),
    [
        ("ISSUER", {"ISSUER": ""}),
        ("CLIENT_ID", {"CLIENT_ID": ""}),
        ("CLIENT_SECRET", {"CLIENT_SECRET": ""}),
        ("ISSUER", {"ISSUER": "http://fournisseur.invalid"}),
        ("ISSUER", {"ISSUER": "https://"}),
        ("TOKEN_ENDPOINT", {"TOKEN_ENDPOINT": "http://fournisseur.invalid/token"}),
        ("ALGORITHM", {"ALGORITHM": "HS256"}),
        ("ALGORITHM", {"ALGORITHM": "none"}),
        ("AUTH_METHOD", {"AUTH_METHOD": "none"}),
        ("SCOPES", {"SCOPES": "profile"}),
    ],
)
def test_a_provider_by_which_nobody_could_enter_safely_stops_the_service(
    settings: Any, wrong: str, values: dict[str, str]
) -> None:
    given = {"ISSUER": "https://fournisseur.invalid", **values}
    settings.IDENTITY_PROVIDERS = described("educonnect", given.pop("ISSUER"), **given)
    [error] = identity_providers_are_whole()
    assert error.id == "orientation.E006"
    assert f" {wrong} " in error.msg


@pytest.mark.parametrize("issuer", ["https://fournisseur.invalid", "http://localhost:9000", "http://127.0.0.1:9000"])
def test_a_whole_provider_is_accepted_on_this_machine_even_in_clear(settings: Any, issuer: str) -> None:
    settings.IDENTITY_PROVIDERS = described("educonnect", issuer)
    assert identity_providers_are_whole() == []


@pytest.mark.django_db
def test_the_sign_in_page_offers_the_configured_providers_and_the_local_form(client: Client, settings: Any) -> None:
    page = reverse("families:sign_in") + "?next=/mon-compte/"
    assert b"/connexion/franceconnect/" not in client.get(page).content
    settings.IDENTITY_PROVIDERS = described("franceconnect")
    content = client.get(page).content
    assert b'href="/connexion/franceconnect/?next=/mon-compte/"' in content
    assert b"/connexion/educonnect/" not in content
    assert b'name="password"' in content


@pytest.mark.django_db
def test_a_provider_that_is_not_offered_has_no_address(client: Client, settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("franceconnect")
    for slug in ("educonnect", "inconnu"):
        assert client.get(reverse("families:provider_start", args=[slug])).status_code == 404
        assert client.get(reverse("families:provider_return", args=[slug])).status_code == 404
