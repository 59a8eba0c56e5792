"""How a provider is reached: in a few seconds or not at all, and as nothing of the environment says."""

from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings

from families.oidc.parties import Party
from families.oidc.refusals import Code, Refused

LONGEST = 300_000  # characters of an answer


def session(party: Party, token: dict[str, Any] | None = None) -> OAuth2Session:
    """`leeway=0`: FranceConnect's access token lives one minute, which Authlib would call expired."""
    proxy = settings.IDENTITY_PROXY
    return OAuth2Session(
        party.client_id,
        party.client_secret,
        token_endpoint_auth_method=party.auth_method,
        scope=party.scopes,
        code_challenge_method="S256" if party.pkce else None,
        default_timeout=(settings.IDENTITY_TIMEOUT_CONNECT, settings.IDENTITY_TIMEOUT_READ),
        token=token,
        leeway=0,
        trust_env=False,
        verify=settings.IDENTITY_CA_FILE or True,
        proxies={"http": proxy, "https": proxy} if proxy else {},
    )


def read(party: Party, address: str, token: dict[str, Any] | None = None) -> requests.Response:
    """The answer at this address, with the access token if there is one. Raises Refused (DOWN)."""
    try:
        with session(party, token) as asking:
            answer: requests.Response = asking.request(
                "GET", address, withhold_token=token is None, allow_redirects=False
            )
    except requests.RequestException as error:
        raise Refused(Code.DOWN, type(error).__name__.upper()) from error
    if answer.status_code != requests.codes.ok or len(answer.content) > LONGEST:
        raise Refused(Code.DOWN, f"STATUS_{answer.status_code}")
    return answer


def read_json(party: Party, address: str, token: dict[str, Any] | None = None) -> dict[str, Any]:
    """Raises Refused (DOWN), also for what is not a JSON object."""
    return as_object(read(party, address, token))


def as_object(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError as error:
        raise Refused(Code.DOWN, "NOT_JSON") from error
    if not isinstance(said, dict):
        raise Refused(Code.DOWN, "NOT_JSON")
    return said
