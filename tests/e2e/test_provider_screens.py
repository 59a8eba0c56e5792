"""The pages around an identity provider that need none to answer: buttons, refusals, both ends of a sign-out."""

from typing import Any

import pytest
from django.conf import settings as service
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from families.oidc import leaving
from families.oidc.parties import party
from families.oidc.refusals import STATUSES, Code, Refused
from families.views.oidc import refusal_page
from tests.e2e.quality import check_html
from tests.e2e.reader import Reader
from tests.families.oidc.settings import described

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
NOWHERE = "http://127.0.0.1:9"  # nobody listens there
BY_HAND = {
    "AUTHORIZATION_ENDPOINT": f"{NOWHERE}/auth", "TOKEN_ENDPOINT": f"{NOWHERE}/token", "JWKS_URI": f"{NOWHERE}/jwks",
}  # fmt: skip


@pytest.fixture(autouse=True)
def all_three(settings: Any) -> None:
    kinds = ("educonnect", "franceconnect", "proconnect")
    settings.IDENTITY_PROVIDERS = {
        slug: one for kind in kinds for slug, one in described(kind, NOWHERE, **BY_HAND).items()
    }


def in_session(reader: Reader, **kept: Any) -> None:
    """The reader's browser, signed in as nobody, with this in its session."""
    session: SessionBase = Client().session
    session.update(kept)
    session.save()
    reader.becomes(None)
    reader.context.add_cookies(
        [{"name": service.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": reader.site}]
    )


def test_the_sign_in_page_with_every_provider_is_sound(reader: Reader) -> None:
    reader.reads(reverse("families:sign_in") + "?next=/mon-compte/")
    for name in ("EduConnect", "FranceConnect", "ProConnect"):
        expect(reader.page.get_by_role("link", name=f"avec {name}")).to_be_visible()


def test_a_return_that_nobody_awaits_is_sound(reader: Reader) -> None:
    reader.reads(reverse("families:provider_return", args=["franceconnect"]) + "?state=x&code=y", status=400)


def test_a_provider_that_is_down_is_told_on_a_sound_page(reader: Reader, settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("educonnect", NOWHERE)
    reader.reads(reverse("families:provider_start", args=["educonnect"]), status=503)


@pytest.mark.parametrize("slug", ["educonnect", "franceconnect", "proconnect"])
@pytest.mark.parametrize("code", Code)
def test_each_refusal_is_valid_html(rf: Any, code: Code, slug: str) -> None:
    request = rf.get("/")
    request.user, request.session = AnonymousUser(), Client().session
    for detail in ("PRIMARY", "ACR"):
        page = refusal_page(request, party(slug), Refused(code, detail), "/mon-compte/")
        assert page.status_code == STATUSES[code]
        check_html(page.content.decode())


def test_the_page_between_our_sign_out_and_the_provider_s_leads_on_by_itself(reader: Reader) -> None:
    told = {"provider": "franceconnect", "id_token": "jeton", "state": "s" * 64}
    kept = {leaving.LEAVING: told, leaving.LEFT: {"provider": "franceconnect", "closed": False}}
    in_session(reader, **kept)
    page = reader.page.request.get(reverse("families:leave"))
    check_html(page.text())
    assert f'content="0;url={reverse("families:leave_provider")}"' in page.text()
    assert "jeton" not in page.text()


@pytest.mark.parametrize("closed", [True, False])
def test_the_last_page_says_what_became_of_the_provider_s_session(reader: Reader, closed: bool) -> None:
    in_session(reader, **{leaving.LEFT: {"provider": "educonnect", "closed": closed}})
    reader.checks(reader.page.goto(reverse("orientation:sign_out")))
    expect(reader.page.get_by_role("main")).to_contain_text("EduConnect")
