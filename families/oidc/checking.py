"""The whole of the return from a provider: from the answer in the address to the checked person."""

from django.http import HttpRequest

from families.oidc import journeys, people, tokens, userinfo
from families.oidc.claims import Claims
from families.oidc.journeys import Journey
from families.oidc.parties import Party


def come_back(request: HttpRequest, party: Party) -> tuple[Claims, Journey]:
    """Raises Refused, with the first check that fails."""
    journey = journeys.finish(request, party)
    code = journeys.check_answer(request, party)
    given = tokens.exchanged(party, code=code, redirect_uri=journeys.redirect_uri(party), verifier=journey.verifier)
    since = journey.moment if journey.again else None
    identity = tokens.identity(party, given, nonce=journey.nonce, since=since)
    about = userinfo.about(party, given, subject=identity["sub"])
    return people.person(party, identity, about, id_token=given["id_token"]), journey
