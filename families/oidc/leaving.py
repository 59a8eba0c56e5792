"""Signing out where one signed in: ours first, then the provider's, and back on our page (RP-Initiated Logout).

On a shared computer, a session left open at the provider opens ours again without a password.
"""

import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from families.oidc import discovery
from families.oidc.parties import NoSuchParty, Party, party
from families.oidc.refusals import Refused
from families.sessions import WAY
from families.signing_in import ID_TOKEN

LEAVING: Final = "leaving"  # session key of who has just signed out here
LEFT: Final = "left"  # session key: slug of the provider whose session is closed too, or still open


@dataclass(frozen=True, slots=True)
class Departure:
    """What a session says before it dies, for what comes after."""

    party: Party
    id_token: str


def departure(request: HttpRequest) -> Departure | None:
    """By which provider this session began, if it did and it is still configured. To call before `logout`."""
    way, id_token = request.session.get(WAY, ""), request.session.get(ID_TOKEN, "")
    try:
        return Departure(party(way), id_token) if way else None
    except NoSuchParty:
        return None


def next_page(request: HttpRequest, leaving: Departure | None) -> str:
    """Where to go once `logout` is done: by the provider's sign-out if there is one, else to our last page."""
    return "families:leave" if leaving and remember(request, leaving) else "orientation:sign_out"


def remember(request: HttpRequest, leaving: Departure) -> bool:
    """In the new session, that of nobody: say whether there is a session to close at the provider, and a way to."""
    request.session[LEFT] = {"provider": leaving.party.slug, "closed": False}
    if not leaving.id_token or not end_address(leaving.party):
        return False
    request.session[LEAVING] = {
        "provider": leaving.party.slug,
        "id_token": leaving.id_token,
        "state": secrets.token_hex(32),
    }
    return True


def end_address(party: Party) -> str:
    """Where this provider ends its session; "" when it cannot, or does not answer."""
    try:
        return discovery.metadata(party).get("end_session_endpoint", "")
    except Refused:
        return ""


def provider_address(request: HttpRequest) -> str:
    """Where the browser goes to end the provider's session; "" when there is nothing (more) to end."""
    try:
        told = request.session[LEAVING]
        address = end_address(party(told["provider"]))
    except (KeyError, NoSuchParty):
        return ""
    asked = {"id_token_hint": told["id_token"], "post_logout_redirect_uri": back_address(), "state": told["state"]}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}" if address else ""


def back_address() -> str:
    """As registered with each provider."""
    return settings.PUBLIC_URL + reverse("families:provider_left")


def came_back(request: HttpRequest) -> bool:
    """Back from the provider with the state we gave: its session is closed too. Once."""
    told = request.session.get(LEAVING)
    if told is None or not constant_time_compare(request.GET.get("state", ""), told["state"]):
        return False
    del request.session[LEAVING]
    request.session[LEFT] = {"provider": told["provider"], "closed": True}
    return True


def what_is_left(request: HttpRequest) -> dict[str, Party | bool | None]:
    """For the last page: the provider whose session is `still_open` on this computer (`can_be_closed` from there), or
    was `closed_too`.
    """
    return {
        "still_open": _left(request, closed=False),
        "can_be_closed": LEAVING in request.session,
        "closed_too": _left(request, closed=True),
    }


def _left(request: HttpRequest, *, closed: bool) -> Party | None:
    told = request.session.get(LEFT)
    try:
        return party(told["provider"]) if told and told["closed"] is closed else None
    except NoSuchParty:
        return None
