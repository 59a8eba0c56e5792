"""What a provider says of itself, addresses and keys: kept one hour, then asked again.

A key that it withdraws is believed one hour at most. A key that we do not know, or a signature that is wrong, makes us
ask again at once, but once a minute: forged tokens must not make us hammer the provider.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils import timezone
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from families.oidc.parties import Party
from families.oidc.refusals import Code, Refused, demand
from families.oidc.wire import read_json

LIFE: Final = timedelta(hours=1)
AGAIN: Final = timedelta(minutes=1)
NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL: Final = ("userinfo_endpoint", "end_session_endpoint")
SIGNING: Final = ("EC", "RSA")

Said = dict[str, Any]


@dataclass(slots=True)
class Kept:
    """`again_at`: when it was last asked for although it was fresh."""

    said: Said
    at: datetime
    again_at: datetime | None = None

    def serves(self, now: datetime, again: bool) -> bool:
        if now - self.at >= LIFE:
            return False
        return not again or (self.again_at is not None and now - self.again_at < AGAIN)


KEPT: dict[str, Kept] = {}  # of this process, by address


def kept(party: Party, address: str, check: Callable[[Party, Said], None], *, again: bool = False) -> Said:
    now = timezone.now()
    held = KEPT.get(address)
    if held and held.serves(now, again):
        return held.said
    if held and again:
        held.again_at = now  # before asking: a provider that is down is not asked at each forged token
    said = read_json(party, address)
    check(party, said)
    KEPT[address] = Kept(said, now, now if again else None)
    return said


def metadata(party: Party) -> Mapping[str, str]:
    """Its addresses by their OpenID names: those of its discovery, unless the settings give them.

    Raises Refused (DOWN).
    """
    if all(name in party.endpoints for name in NEEDED):
        return party.endpoints
    address = f"{party.issuer.rstrip('/')}/.well-known/openid-configuration"
    return {**kept(party, address, check_discovery), **party.endpoints}


def check_discovery(party: Party, said: Said) -> None:
    """It speaks of the issuer that we asked for, and gives no address where a secret would cross in clear."""
    demand(said.get("issuer") == party.issuer, Code.DOWN, "DISCOVERY_ISSUER")
    given = [said.get(name) for name in NEEDED] + [said[name] for name in OPTIONAL if said.get(name)]
    scheme = urlsplit(party.issuer).scheme
    safe = all(isinstance(one, str) and urlsplit(one).scheme in {scheme, "https"} for one in given)
    demand(safe, Code.DOWN, "DISCOVERY_ADDRESS")


def keys(party: Party, *, again: bool = False) -> KeySet:
    """The public keys it signs with. `again`: those we hold were not the right ones. Raises Refused (DOWN)."""
    said = kept(party, metadata(party)["jwks_uri"], check_keys, again=again)
    return KeySet.import_key_set({"keys": signing_keys(said)})


def check_keys(party: Party, said: Said) -> None:
    try:
        KeySet.import_key_set({"keys": signing_keys(said)})
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(Code.DOWN, "KEYS") from error


def signing_keys(said: Said) -> list[dict[str, Any]]:
    """Without those that encrypt, those of kinds we do not pin, and shared secrets, which have no place there."""
    return [one for one in said["keys"] if one.get("kty") in SIGNING and one.get("use", "sig") == "sig"]
