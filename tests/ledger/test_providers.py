"""The same letter through each provider's API, taken by a server of this machine: what it is handed, and no more."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from anymail.exceptions import AnymailRequestsAPIError

from config.checks import provider_news_are_authenticated
from ledger.mail import Letter, NotTaken, deliver
from tests.ledger.provider import ACCEPTS, BREVO_NUMBER, MAILJET_NUMBER, MAILJET_REFUSES, Provider, taking

NUMBER = UUID("6f0b6a3e-0d6f-4c4e-9a43-3c6f6a0b1c2d")
TOLD = {"letter": str(NUMBER)}
KEYS = {
    "BREVO_API_KEY": "clé-brevo",
    "MAILJET_API_KEY": "clé-mailjet",
    "MAILJET_SECRET_KEY": "secret",
    "SCALEWAY_SECRET_KEY": "cle-scaleway",
    "SCALEWAY_PROJECT_ID": "projet",
}
LETTER = Letter(
    subject="[ORIENTATION] Récapitulatif",
    text="Bonjour",
    html="<p>Bonjour</p>",
    sender="Service Orientation <orientation@ac-lyon.invalid>",
    to="p@exemple.fr",
    reply_to="ce.0690001a@ac-lyon.invalid",
)


@pytest.fixture
def provider(request: pytest.FixtureRequest, settings: Any) -> Iterator[Provider]:
    """`request.param`: its name, or (its name, the status and the answer it gives)."""
    name, status, answer = (
        request.param if isinstance(request.param, tuple) else (request.param, *ACCEPTS[request.param])
    )
    with taking(status, answer) as one:
        settings.SANDBOX = False
        settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
        settings.ANYMAIL = {**KEYS, f"{name.upper()}_API_URL": one.url}
        yield one


def handed(provider: Provider) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Send the letter once; return the number it was given, the headers and the body of the one request."""
    number = deliver(LETTER, message_id="<1@ici>", number=NUMBER, kind="recap_author")
    ((_, headers, body),) = provider.posted
    assert not {name.lower() for name in keys_of(body)} & {"cc", "bcc", "message-id"}
    assert json.dumps(body).count(LETTER.to) == 1
    return number, headers, body


def keys_of(body: Any) -> set[str]:
    """Every name in it, headers included, however deep."""
    if isinstance(body, dict):
        own = {body["key"]} if "key" in body else set(body)
        return own.union(*(keys_of(one) for one in body.values()))
    return set().union(*(keys_of(one) for one in body)) if isinstance(body, list) else set()


@pytest.mark.parametrize("provider", ["brevo"], indirect=True)
def test_brevo_is_handed_one_letter_for_one_person(provider: Provider) -> None:
    number, _, body = handed(provider)
    assert number == BREVO_NUMBER
    assert provider.posted[0][0] == "/smtp/email"
    assert body["to"] == [{"email": "p@exemple.fr"}]
    assert body["replyTo"] == {"email": "ce.0690001a@ac-lyon.invalid"}
    assert body["sender"] == {"name": "Service Orientation", "email": "orientation@ac-lyon.invalid"}
    assert json.loads(body["headers"].pop("X-Mailin-custom")) == TOLD
    assert body["headers"] == {"Auto-Submitted": "auto-generated"}
    assert (body["tags"], body["textContent"]) == (["recap_author"], "Bonjour")
    assert body["htmlContent"] == "<p>Bonjour</p>"


@pytest.mark.parametrize("provider", ["mailjet"], indirect=True)
def test_mailjet_is_handed_one_letter_for_one_person(provider: Provider) -> None:
    number, _, body = handed(provider)
    assert number == str(MAILJET_NUMBER)
    assert provider.posted[0][0] == "/send"
    assert body["Messages"] == [{"To": [{"Email": "p@exemple.fr"}]}]
    said = body["Globals"]
    assert said["ReplyTo"]["Email"] == "ce.0690001a@ac-lyon.invalid"
    assert json.loads(said["EventPayload"]) == TOLD
    assert said["Headers"] == {"Auto-Submitted": "auto-generated"}
    assert (said["CustomCampaign"], said["TextPart"], said["HTMLPart"]) == ("recap_author", "Bonjour", "<p>Bonjour</p>")


@pytest.mark.parametrize("provider", ["scaleway"], indirect=True)
def test_scaleway_is_handed_one_letter_for_one_person(provider: Provider) -> None:
    number, headers, body = handed(provider)
    assert number == "a1b2"
    assert (provider.posted[0][0], headers["X-Auth-Token"]) == ("/emails", "cle-scaleway")
    assert body["to"] == [{"email": "p@exemple.fr"}]
    named = {one["key"]: one["value"] for one in body["additional_headers"]}
    assert json.loads(named.pop("X-Metadata")) == TOLD
    assert json.loads(named.pop("X-Tags")) == ["recap_author"]
    assert named == {"Auto-Submitted": "auto-generated", "Reply-To": "ce.0690001a@ac-lyon.invalid"}


@pytest.mark.parametrize("provider", [("mailjet", 400, MAILJET_REFUSES)], indirect=True)
def test_a_letter_that_mailjet_refuses_is_not_taken_for_sent(provider: Provider) -> None:
    """Anymail raises nothing: it says « failed » in the status of the message."""
    with pytest.raises(NotTaken, match="send-0011"):
        deliver(LETTER, message_id="<1@ici>", number=NUMBER, kind="recap_author")


@pytest.mark.parametrize(
    "provider",
    [
        ("scaleway", 200, {"emails": [{"id": "a1b2", "mail_rcpt": "p@exemple.fr", "status": "failed"}]}),
        ("scaleway", 200, {"emails": [{"id": "a1b2", "mail_rcpt": "p@exemple.fr", "status": "canceled"}]}),
    ],
    indirect=True,
)
def test_a_letter_that_scaleway_gives_up_is_not_taken_for_sent(provider: Provider) -> None:
    with pytest.raises(NotTaken):
        deliver(LETTER, number=NUMBER, kind="recap_author")


@pytest.mark.parametrize(
    "provider",
    [
        ("brevo", 401, {"code": "unauthorized", "message": "Key not found"}),
        ("mailjet", 401, {"ErrorCode": "mj-0002", "StatusCode": 401, "ErrorMessage": "API key authentication failure"}),
        ("scaleway", 403, {"type": "permissions_denied", "message": "insufficient permissions"}),
    ],
    indirect=True,
)
def test_a_provider_that_does_not_want_us_says_so(provider: Provider) -> None:
    with pytest.raises(AnymailRequestsAPIError) as refused:
        deliver(LETTER, number=NUMBER, kind="recap_author")
    assert refused.value.status_code in {401, 403}
    assert "cle" not in str(refused.value) and "clé" not in str(refused.value)


@pytest.mark.parametrize(
    ("backend", "secrets", "safe"),
    [
        ("anymail.backends.brevo", [], False),
        ("anymail.backends.mailjet", [], False),
        ("anymail.backends.brevo", ["nom:un-secret-assez-long-pour-tenir"], True),
        ("anymail.backends.brevo", ["nom:un-secret-assez-long-pour-tenir", "nom:court"], False),
        ("anymail.backends.brevo", ["un-secret-assez-long-mais-sans-nom"], False),
        ("anymail.backends.brevo", [":un-secret-assez-long-pour-tenir"], False),
        ("anymail.backends.brevo", ["un-nom-assez-long-pour-tenir-seul:"], False),
        ("anymail.backends.scaleway", [], True),  # anymail reads none of its events
        ("django.core.mail.backends.smtp", [], True),
        ("django.core.mail.backends.smtp", ["nom:court"], False),
    ],
)
def test_no_deployment_listens_to_its_provider_without_a_true_secret(
    settings: Any, backend: str, secrets: list[str], safe: bool
) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = f"{backend}.EmailBackend", {"WEBHOOK_SECRET": secrets}
    assert [one.id for one in provider_news_are_authenticated()] == ([] if safe else ["orientation.E003"])
