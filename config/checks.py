"""What must hold before anything starts: a sandbox mail never reaches a real mailbox, no token crosses in clear, and
nobody but the provider tells what became of the letters.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

from ledger.mail import KEPT_HERE
from siecle_sync.wire import is_loopback, is_safe

REQUIRED = ("issuer", "client_id", "client_secret")  # of an identity provider: no other value has to be given
ALGORITHMS = {"ES256", "RS256", "PS256"}  # signed with a private key: a shared secret could be used by either side
METHODS = {"client_secret_post", "client_secret_basic"}
SMTP = "django.core.mail.backends.smtp.EmailBackend"
TELLING = {f"anymail.backends.{name}.EmailBackend" for name in ("brevo", "mailjet")}  # what became of the letters
LEAST_SECRET = 24  # characters, name included


def sandbox_mail_stays_inside(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """Error `orientation.E001` when the sandbox could send a letter to a real mailbox."""
    if not settings.SANDBOX or settings.EMAIL_BACKEND in KEPT_HERE:
        return []
    if settings.EMAIL_BACKEND == SMTP and is_loopback(settings.EMAIL_HOST):
        return []
    return [
        Error(
            f"Bac à sable : le courrier partirait par {settings.EMAIL_BACKEND} ({settings.EMAIL_HOST}).",
            hint="Avec SANDBOX=1, EMAIL_BACKEND écrit dans un dossier, à l’écran ou en mémoire, "
            "ou EMAIL_HOST est la machine elle-même (127.0.0.1).",
            id="orientation.E001",
        )
    ]


def siecle_is_reached_safely(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """Error `orientation.E002` when the exchange with Siècle would cross a network in clear (siecle_sync/wire.py)."""
    if not settings.SIECLE_BASE_URL or is_safe(settings.SIECLE_BASE_URL):
        return []
    return [
        Error(
            f"Échange avec Siècle\u00a0: {settings.SIECLE_BASE_URL} n’est ni en https, ni sur cette machine.",
            hint="SIECLE_BASE_URL commence par https://. Une autorité privée se nomme par SIECLE_CA_FILE.",
            id="orientation.E002",
        )
    ]


def provider_news_are_authenticated(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """Error `orientation.E003` when the provider has webhooks and no secret, or a secret that protects nothing."""
    secrets = settings.ANYMAIL.get("WEBHOOK_SECRET") or []
    weak = [one for one in secrets if not all(one.partition(":")) or len(one) < LEAST_SECRET]
    if not weak and (secrets or settings.EMAIL_BACKEND not in TELLING):
        return []
    return [
        Error(
            "Courriels\u00a0: ANYMAIL_WEBHOOK_SECRET manque, ou est trop court.",
            hint="Il s’écrit « nom:secret », avec au moins 24 caractères (docs/courriels.md). "
            "Sans lui, les adresses qui n’existent pas ne seraient jamais connues.",
            id="orientation.E003",
        )
    ]


def staff_has_a_second_factor(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """Error `orientation.E005` of `check --deploy` when a password alone would open the pages of the staff."""
    if settings.STAFF_SECOND_FACTOR or settings.SANDBOX:
        return []
    return [
        Error(
            "Personnel\u00a0: un mot de passe suffirait pour lire les dossiers de tout un établissement.",
            hint="STAFF_SECOND_FACTOR=1 demande aussi les six chiffres d’un téléphone (docs/exploitation.md).",
            id="orientation.E005",
        )
    ]


def identity_providers_are_whole(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """Error `orientation.E006` for each provider that is half described, or would be reached in clear."""
    return [
        Error(
            f"Fournisseur d’identité {slug}\u00a0: {', '.join(wrong)} manque, ou ne convient pas.",
            hint=f"Les variables commencent par {slug.upper()}_ (docs/exploitation.md, « Fournisseurs d’identité »). "
            "Les adresses commencent par https://.",
            id="orientation.E006",
        )
        for slug, described in settings.IDENTITY_PROVIDERS.items()
        if (wrong := wrong_values(described))
    ]


def wrong_values(described: dict[str, Any]) -> list[str]:
    """The names of the values of a provider with which nobody could sign in, or not safely."""
    addresses = {"issuer": described["issuer"], **described["endpoints"]}
    wrong = {name for name in REQUIRED if not described[name]}
    wrong |= {name for name, address in addresses.items() if address and not is_https_or_here(address)}
    wrong |= {"algorithm"} if described["algorithm"] not in ALGORITHMS else set()
    wrong |= {"auth_method"} if described["auth_method"] not in METHODS else set()
    wrong |= {"acr_accepted"} if described["acr_essential"] and not described["acr_accepted"] else set()
    wrong |= {"scopes"} if "openid" not in described["scopes"].split() else set()
    return sorted(name.upper() for name in wrong)


def is_https_or_here(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )


def refuse_unsafe_mail() -> None:
    """Stop the web server or the worker, which run no system check of their own.

    Raises ImproperlyConfigured with the sentence of `orientation.E001`.
    """
    for error in sandbox_mail_stays_inside():
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")
