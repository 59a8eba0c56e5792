"""What must hold before anything starts: a sandbox mail never reaches a real mailbox, no token crosses in clear, and
nobody but the provider tells what became of the letters.
"""

from typing import Any

from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured

from ledger.mail import KEPT_HERE
from siecle_sync.wire import is_loopback, is_safe

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


def refuse_unsafe_mail() -> None:
    """Stop the web server or the worker, which run no system check of their own.

    Raises ImproperlyConfigured with the sentence of `orientation.E001`.
    """
    for error in sandbox_mail_stays_inside():
        raise ImproperlyConfigured(f"{error.msg} {error.hint}")
