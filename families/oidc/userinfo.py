"""What the provider adds about the person, as signed JSON (FranceConnect, ProConnect) or plain (EduConnect)."""

from typing import Any

from authlib.common.errors import AuthlibBaseError

from families.oidc import discovery
from families.oidc.parties import Party
from families.oidc.refusals import Code, Refused, demand
from families.oidc.tokens import statement
from families.oidc.wire import as_object, read

SIGNED = "application/jwt"


def about(party: Party, tokens: dict[str, Any], *, subject: str) -> dict[str, Any]:
    """Claims of the same person as the ID token's (OpenID Connect Core 5.3.2); {} where there is no such address.

    Raises Refused (TOKEN, DOWN).
    """
    address = discovery.metadata(party).get("userinfo_endpoint")
    if not address:
        demand(not party.userinfo_signed, Code.DOWN, "NO_USERINFO")
        return {}
    said = claims(party, address, tokens)
    demand(said.get("sub") == subject, Code.TOKEN, "USERINFO_SUB")
    return said


def claims(party: Party, address: str, tokens: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = read(party, address, tokens)
    except AuthlibBaseError as error:  # no token, expired already, of a kind we do not know
        raise Refused(Code.TOKEN, "ACCESS_TOKEN") from error
    if not party.userinfo_signed:
        return as_object(answer)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    demand(kind == SIGNED, Code.TOKEN, "USERINFO_UNSIGNED")
    return statement(party, answer.text)
