"""Somebody comes back from an identity provider, everything checked: what the callback hands over, without a provider.

The whole journey, with a provider that is not ours, is in tests/oidc/.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from families.activation import issue_codes
from families.models import Representative, Student
from families.oidc.claims import Claims, Who
from families.views.arrivals import arrive
from ledger.journal import SYSTEM

ISSUER = "https://fournisseur.invalid"


def parent(subject: str = "s-parent", **values: Any) -> Claims:
    said = {"provider": "franceconnect", "issuer": ISSUER, "given_name": "Claire", "family_name": "Martin", **values}
    return Claims(subject=subject, who=Who.REPRESENTATIVE, **said)


def pupil(ine: str, uai: str, subject: str = "s-eleve", **values: Any) -> Claims:
    said = {"provider": "educonnect", "issuer": "https://educonnect.invalid", **values}
    return Claims(subject=subject, who=Who.PUPIL, ine=ine, uai=uai, **said)


def agent(subject: str = "s-agent", **values: Any) -> Claims:
    return Claims(provider="proconnect", issuer="https://proconnect.invalid", subject=subject, who=Who.STAFF, **values)


def come_back(client: Client, claims: Claims, *, next: str = "") -> HttpResponse:
    """In this browser's session, as it was left."""
    request = RequestFactory().get("/")
    request.session = client.session  # type: ignore[attr-defined]
    request.user = get_user(request)
    response = arrive(request, claims, next=next)
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return response


def code_of(person: Representative | Student) -> str:
    """The code that the school hands out to this person, in the division of theirs."""
    link = person.guardianships.first() if isinstance(person, Representative) else None
    division = link.student.division if link else person.division
    (issued,) = issue_codes(division, by=SYSTEM, to=[str(person.uuid)])
    return issued.code


def account(client: Client) -> int | None:
    """Whose account this browser is in."""
    found = client.session.get("_auth_user_id")
    return int(found) if found else None


def opens(client: Client, code: str) -> HttpResponse:
    """Step 1 then « oui »."""
    client.post(reverse("families:arrival"), {"code": code})
    return client.post(reverse("families:arrival_confirm"))


def refusal(response: HttpResponse) -> str:
    """Why the code that was typed is refused."""
    return str(response.context["form"].errors.as_data()["code"][0].code)
