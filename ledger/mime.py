"""A message of ours as a mail server reads it, several times sooner than Django, which can write any message.

Two parts, text and HTML, in UTF-8 as they are. Headers go through Django's own guard (no second line, encoded words),
once a value: senders and subjects are few, and the same for thousands of letters.
"""

import re
from email.utils import formatdate
from functools import lru_cache
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import RFC5322_EMAIL_LINE_LENGTH_LIMIT, forbid_multi_line_headers, sanitize_address

UTF8, END = "utf-8", "\r\n"
ANY_END = re.compile(r"\r\n|\r|\n")
PLAIN = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
PART = END.join((
    "--{boundary}", 'Content-Type: text/{kind}; charset="utf-8"', "MIME-Version: 1.0",
    "Content-Transfer-Encoding: 8bit", "", "{body}",
))  # fmt: skip


def written(message: EmailMultiAlternatives) -> bytes:
    """The bytes of a message of two parts; one with a line too long for mail is left to Django, which folds it.

    Raises BadHeaderError.
    """
    bodies = {"plain": _lines(str(message.body)), "html": _lines(str(message.alternatives[0][0]))}
    if any(map(_too_long, bodies.values())):
        return message.message().as_bytes(linesep=END)
    boundary = f"={uuid4().hex}"  # drawn anew: no letter can hold it
    head = [header(name, value) for name, value in _headers(message).items()]
    head.append(f'Content-Type: multipart/alternative; boundary="{boundary}"')
    parts = [PART.format(boundary=boundary, kind=kind, body=END.join(lines)) for kind, lines in bodies.items()]
    return END.join((*head, "MIME-Version: 1.0", "", *parts, f"--{boundary}--", "")).encode()


def _lines(body: str) -> list[str]:
    return ANY_END.split(body)


def _too_long(lines: list[str]) -> bool:
    most = RFC5322_EMAIL_LINE_LENGTH_LIMIT
    return max(map(len, lines)) > most // 4 and any(len(line.encode()) > most for line in lines)


def _headers(message: EmailMultiAlternatives) -> dict[str, str]:
    headers = {"Subject": message.subject, "From": message.from_email, "To": ", ".join(message.to)}
    if message.reply_to:
        headers["Reply-To"] = ", ".join(message.reply_to)
    return headers | {"Date": formatdate(localtime=settings.EMAIL_USE_LOCALTIME)} | message.extra_headers


@lru_cache(maxsize=1024)
def header(name: str, value: str) -> str:
    """One header, encoded and folded. Raises BadHeaderError."""
    name, encoded = forbid_multi_line_headers(name, value, UTF8)
    return f"{name}: {END.join(encoded.splitlines())}"


def address(value: str) -> str:
    """An address as the server is told of it. Raises ValueError."""
    return value if PLAIN.fullmatch(value) else _sanitized(value)


@lru_cache(maxsize=1024)
def _sanitized(value: str) -> str:
    return sanitize_address(value, UTF8)
