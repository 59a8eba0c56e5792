"""From our sign-in page to the provider and back: what this browser took along, and brings back once.

Kept in the session, on the server. A few journeys may be under way at once (two tabs), each for a quarter of an hour.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from families.oidc import discovery
from families.oidc.parties import Party
from families.oidc.refusals import Code, Refused, demand
from families.oidc.wire import session

JOURNEYS: Final = "journeys"  # session key
LIFE: Final = timedelta(minutes=15)
MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Journey:
    """`next`: where the person was going, on this site; `again`: somebody signed in proves who they are."""

    provider: str
    nonce: str
    verifier: str
    next: str
    again: bool
    began_at: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.began_at)

    @property
    def is_over(self) -> bool:
        return timezone.now() - self.moment > LIFE


def begin(request: HttpRequest, party: Party, *, next: str, again: bool, prompt: bool) -> str:
    """Remember the journey; return the provider's address for it. `prompt`: it asks for a password, whoever it knows.

    Raises Refused (DOWN).
    """
    address = discovery.metadata(party)["authorization_endpoint"]
    state = secrets.token_hex(32)
    journey = Journey(
        provider=party.slug,
        nonce=secrets.token_hex(32),
        verifier=secrets.token_urlsafe(48) if party.pkce else "",
        next=next,
        again=again,
        began_at=timezone.now().isoformat(),
    )
    others = list(under_way(request).items())[-(MOST - 1) :]
    request.session[JOURNEYS] = {**dict(others), state: asdict(journey)}
    return address_of(party, address, state, journey, prompt=prompt or again)


def address_of(party: Party, address: str, state: str, journey: Journey, *, prompt: bool) -> str:
    with session(party) as asking:
        url, _ = asking.create_authorization_url(
            address,
            state=state,
            nonce=journey.nonce,
            redirect_uri=redirect_uri(party),
            code_verifier=journey.verifier or None,
            **levels(party, journey),
            **({"prompt": "login"} if prompt else {}),
        )
    return str(url)


def levels(party: Party, journey: Journey) -> dict[str, str]:
    """How well the person must be known there, as this provider wants to be told, and when they signed in there."""
    asked = {"acr_values": party.acr_values} if party.acr_values else {}
    wanted: dict[str, Any] = {}
    if party.acr_essential:
        wanted["acr"] = {"essential": True, "values": sorted(party.acr_accepted)}
    if journey.again and party.auth_time:
        wanted["auth_time"] = {"essential": True}
    return {**asked, "claims": json.dumps({"id_token": wanted})} if wanted else asked


def finish(request: HttpRequest, party: Party) -> Journey:
    """The journey that comes back with this `state`: forgotten here, so that it comes back once. Raises Refused."""
    waiting = under_way(request)
    found = waiting.pop(request.GET.get("state", ""), None)
    demand(found is not None, Code.STATE, "UNKNOWN")
    request.session[JOURNEYS] = waiting
    journey = Journey(**found)
    demand(journey.provider == party.slug, Code.STATE, "PROVIDER")
    demand(not journey.is_over, Code.STATE, "OVER")
    return journey


def check_answer(request: HttpRequest, party: Party) -> str:
    """The code, once the answer is known to come from this provider (RFC 9207). Raises Refused."""
    told = request.GET.get("iss")
    must = discovery.metadata(party).get("authorization_response_iss_parameter_supported")
    demand(told == party.issuer if told is not None else not must, Code.TOKEN, "ISS_PARAMETER")
    if error := request.GET.get("error"):
        denied = error == "access_denied"
        raise Refused(Code.DENIED if denied else Code.DOWN, "ACCESS_DENIED" if denied else "ERROR")
    code = request.GET.get("code", "")
    demand(bool(code), Code.STATE, "NO_CODE")
    return code


def destination(request: HttpRequest) -> str:
    """Where the person was going when they left for the provider, even if what comes back is refused."""
    return str(under_way(request).get(request.GET.get("state", ""), {}).get("next", ""))


def under_way(request: HttpRequest) -> dict[str, Any]:
    return dict(request.session.get(JOURNEYS, {}))


def redirect_uri(party: Party) -> str:
    """As registered with the provider: on our public address, whatever name the request came by."""
    return settings.PUBLIC_URL + reverse("families:provider_return", args=[party.slug])
