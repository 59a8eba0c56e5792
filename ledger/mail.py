"""The one way out for a letter. A sandbox's mail can never reach a real mailbox."""

from dataclasses import dataclass
from uuid import UUID

from anymail.backends.base import AnymailBaseBackend
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as MailServer
from django.dispatch import Signal

from ledger import mime

# These backends write on this machine, whatever the address.
KEPT_HERE = {f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased", "locmem")}


# Seconds. A server reads a letter for viruses before it takes it: not to wait for its word is to send the letter again.
ANSWER = 60


class NotTaken(RuntimeError):
    """The provider answered, and says that this letter will not leave."""


class SandboxMail(RuntimeError):
    """A sandbox was about to speak to a mail server about an address that could exist."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person: never a copy to somebody else (ACC-06)."""

    subject: str
    text: str
    html: str
    sender: str
    to: str
    reply_to: str = ""


# sent with `recipient` (uuid) and `address`: a mail server, or the provider, says that this address takes no letter
letter_refused = Signal()
# sent with `recipient`, `address` and `at`: a mailbox has taken a letter at this address
letter_arrived = Signal()


def deliver(
    letter: Letter,
    *,
    message_id: str = "",
    number: UUID | None = None,
    kind: str = "",
    line: BaseEmailBackend | None = None,
) -> str:
    """Hand a letter to the provider, over `line` if given; return the provider's number for it, else our Message-ID.

    `number` (ours) and `kind` come back with the provider's news. Raises SandboxMail, NotTaken, and what the provider
    raises.
    """
    refuse_real_mailbox(letter.to)
    line = line or get_connection()
    message = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        letter.sender,
        [letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers=_headers(message_id, line),
        connection=line,
    )
    message.attach_alternative(letter.html, "text/html")
    if number:  # anymail's; a mail server does not see them
        message.metadata, message.tags = {"letter": str(number)}, [kind]  # type: ignore[attr-defined]
    _hand_over(message, line)
    status = getattr(message, "anymail_status", None)
    if "failed" in (getattr(status, "status", None) or ()):  # so Mailjet refuses one letter: anymail raises nothing
        raise NotTaken(getattr(status.esp_response, "text", ""))
    return str(getattr(status, "message_id", None) or message_id)


def _hand_over(message: EmailMultiAlternatives, line: BaseEmailBackend) -> None:
    """Over a connection that the worker keeps open: as Django's backend would, sooner."""
    if isinstance(line, MailServer) and line.connection:
        if line.connection.sock:
            line.connection.sock.settimeout(max(ANSWER, settings.EMAIL_TIMEOUT or 0))
        sender, [reader] = mime.address(message.from_email), map(mime.address, message.to)
        line.connection.sendmail(sender, [reader], mime.written(message))
    else:
        message.send()


def _headers(message_id: str, line: BaseEmailBackend) -> dict[str, str]:
    """Providers give each letter a Message-ID of their own, and Mailjet refuses a letter that comes with one."""
    headers = {"Auto-Submitted": "auto-generated"}
    if message_id and not isinstance(line, AnymailBaseBackend):
        headers["Message-ID"] = message_id
    return headers


def refuse_real_mailbox(address: str) -> None:
    """In a sandbox, only `.invalid` addresses, which exist nowhere, are spoken of to a server. Raises SandboxMail."""
    if settings.SANDBOX and settings.EMAIL_BACKEND not in KEPT_HERE and not address.endswith(".invalid"):
        raise SandboxMail(f"bac à sable : {settings.EMAIL_BACKEND} n’écrit qu’à des adresses en « .invalid »")
