"""The tokens: the code against them, and everything that must hold before one word of them is believed.

OpenID Connect Core 3.1.3.7, with the algorithm pinned by our settings and never by the token.
"""

from datetime import datetime
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry, Token

from families.oidc import discovery
from families.oidc.parties import Party
from families.oidc.refusals import Code, Refused, demand
from families.oidc.wire import session

LEEWAY: Final = 10  # seconds between its clock and ours
LONGEST_SUBJECT: Final = 255


def exchanged(party: Party, *, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
    """The code against tokens, once. Raises Refused: STATE when the code is worth nothing (any more), DOWN."""
    proof = {"code_verifier": verifier} if party.pkce else {}
    try:
        with session(party) as asking:
            return dict(
                asking.fetch_token(
                    discovery.metadata(party)["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=redirect_uri,
                    allow_redirects=False,
                    **proof,
                )
            )
    except AuthlibBaseError as error:
        over = error.error == "invalid_grant"
        raise Refused(Code.STATE if over else Code.DOWN, "CODE" if over else "TOKEN_ENDPOINT") from error
    except (requests.RequestException, ValueError) as error:
        raise Refused(Code.DOWN, type(error).__name__.upper()) from error


def identity(party: Party, tokens: dict[str, Any], *, nonce: str, since: datetime | None) -> dict[str, Any]:
    """The claims of the ID token, all checked. `since`: the person had to sign in again there after this moment.

    Raises Refused (TOKEN, LEVEL, DOWN).
    """
    text = tokens.get("id_token")
    demand(isinstance(text, str), Code.TOKEN, "MISSING")
    token = signed(party, str(text))
    options = {**required(party), "sub": {"essential": True}}
    claims = CodeIDToken(
        token.claims,
        token.header,
        options,
        {"nonce": nonce, "client_id": party.client_id, "access_token": tokens.get("access_token")},
    )
    try:
        claims.validate(leeway=LEEWAY)
    except ClaimError as error:
        raise Refused(Code.TOKEN, error.claim.upper()) from error
    check_person(party, claims, since)
    return dict(claims)


def check_person(party: Party, claims: dict[str, Any], since: datetime | None) -> None:
    """What the standard leaves to us: nobody else's token, a name we can keep, the level, and the moment."""
    check_audience(party, claims)
    demand(0 < len(claims["sub"]) <= LONGEST_SUBJECT and claims["sub"].isprintable(), Code.TOKEN, "SUB")
    demand(not party.acr_accepted or str(claims.get("acr")) in party.acr_accepted, Code.LEVEL, "ACR")
    if since and (party.auth_time or "auth_time" in claims):  # « prompt » is in an address that anybody may change
        demand(claims.get("auth_time", 0) >= since.timestamp() - LEEWAY, Code.TOKEN, "AUTH_TIME")


def check_audience(party: Party, claims: dict[str, Any]) -> None:
    """For us alone: a list where we stand beside somebody else is refused."""
    demand(claims["aud"] in (party.client_id, [party.client_id]), Code.TOKEN, "AUD")


def required(party: Party) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": party.issuer},
        "aud": {"essential": True, "value": party.client_id},
    }


def statement(party: Party, text: str) -> dict[str, Any]:
    """The claims of another signed answer of the provider (userinfo): its issuer, for us, of now. Raises Refused."""
    claims = signed(party, text).claims
    try:
        JWTClaimsRegistry(leeway=LEEWAY, **required(party)).validate(claims)
    except ClaimError as error:
        raise Refused(Code.TOKEN, f"USERINFO_{error.claim.upper()}") from error
    check_audience(party, claims)
    return claims


def signed(party: Party, text: str) -> Token:
    """Read a token whose signature holds, by a key that the provider publishes. Raises Refused (TOKEN, DOWN)."""
    try:
        return decoded(party, text, again=False)
    except (InvalidKeyIdError, BadSignatureError):
        return decoded_at_last(party, text)
    except (JoseError, ValueError, TypeError) as error:
        raise Refused(Code.TOKEN, reason(error)) from error


def decoded_at_last(party: Party, text: str) -> Token:
    """Its keys may have changed since we read them."""
    try:
        return decoded(party, text, again=True)
    except (JoseError, ValueError, TypeError) as error:
        raise Refused(Code.TOKEN, reason(error)) from error


def decoded(party: Party, text: str, *, again: bool) -> Token:
    registry = JWSRegistry(algorithms=[party.algorithm], strict_check_header=False)
    return jwt.decode(text, discovery.keys(party, again=again), registry=registry)


def reason(error: Exception) -> str:
    """SIGNATURE, KEY, ALGORITHM, or what the library calls it."""
    known = {"bad_signature": "SIGNATURE", "invalid_key_id": "KEY", "unsupported_algorithm": "ALGORITHM"}
    code = getattr(error, "error", "") or "unreadable"
    return known.get(code, code.upper())
