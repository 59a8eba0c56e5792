"""The worker of letters: claimed, written, handed over, recorded, one at a time (MAI-07).

Between the provider's acceptance and our record nothing is done: a worker killed there repeats that one letter.
"""

import logging
import re
import time
from collections import deque
from functools import partial
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from urllib.parse import urlsplit

from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from ledger import clock, mail, outbox, pace
from ledger.mail_steps import LetterStep, letter_step
from ledger.models import Delivery, OutgoingEmail
from orientation import letters

logger = logging.getLogger(__name__)

# A batch is about a second of work: a fast server then costs few claims, a slow one keeps few letters from others.
FEW, MANY = 50, 500
PATIENCE = 50  # seconds; what remains is for the next minute's sweep, so that other work gets its turn
# What a letter says was read when its batch began. With a slow server the others are given back after so many seconds,
# and read again; long before outbox.STUCK_AFTER, when other workers would take them from us.
FRESH = 10.0
POISON = 3  # tries of a letter that we cannot even write
PERMANENT = 500  # SMTP: 5xx is for good
CLOSING = 421  # SMTP: the server hangs up
# SMTP: refused for good, and not because of the address: we must sign in first, or may not write at all (RFC 3463)
SIGN_IN_FIRST, NOT_ALLOWED = {530, 535, 538}, re.compile(rb"\s*5\.7\.")
A_TURN = 1.0  # seconds between two turns of a slow pace: several letters then share a connection
REFUSED_US = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError)
ABOUT_ONE_LETTER = {400, 404, 406, 413, 415, 422}  # HTTP: what we asked was wrong


class ProviderAway(RuntimeError):
    """Nobody answers there, or nobody wants us: it is not about one letter."""


def send_ready(*, waits: bool = False) -> int:
    """Send what is ready, until nothing is, the provider is away or our time is over; return how many letters left.

    `waits`: for the provider's pace, too. Of the workers, one does: the others are soon free for other work.
    """
    sent, until, most = 0, time.monotonic() + PATIENCE, FEW
    while time.monotonic() < until:
        room = _room(most, until if waits else 0)
        rows = claim(room) if room else []
        if not rows:
            break
        began = time.monotonic()
        try:
            sent += send(rows)
        except ProviderAway as why:
            logger.warning("letters wait for the provider: %s", why)
            break
        most = max(FEW, min(MANY, int(len(rows) / (time.monotonic() - began))))
    return sent


def _room(most: int, until: float) -> int:
    """How many letters the provider's pace allows; its next turn is waited for if it comes before `until`."""
    while not (room := pace.allowed(settings.EMAIL_BACKEND, most, per_minute=settings.MAIL_PER_MINUTE)):
        turn = max(A_TURN, 60 / settings.MAIL_PER_MINUTE)
        if time.monotonic() + turn >= until:
            return 0
        time.sleep(turn)
    return room


def claim(room: int) -> list[OutgoingEmail]:
    """Up to `room` letters, for us alone."""
    rows = outbox.claim(now=clock.now(), limit=room)
    for row in rows:
        letter_step.send(sender=None, step=LetterStep.CLAIMED, row=row)
    return rows


def send(rows: list[OutgoingEmail]) -> int:
    """Send a batch over one connection; return how many left. Raises ProviderAway, once the others are given back."""
    began, sent = time.monotonic(), 0
    waiting = deque(rows)
    line = get_connection()
    try:
        for row, written in letters.render_all(rows):
            waiting.popleft()
            sent += _send(row, written, line)
            if time.monotonic() - began > FRESH:
                break
    finally:
        outbox.give_back(waiting)
        line.close()
    return sent


def _send(row: OutgoingEmail, written: mail.Letter | Exception, line: BaseEmailBackend) -> bool:
    """One letter. Whatever goes wrong with it is written on its row and stops no other; only ProviderAway does."""
    if isinstance(written, Exception):
        _not_written(row, written)
        return False
    letter_step.send(sender=None, step=LetterStep.RENDERED, row=row)
    try:
        number = _handed(row, written, line)
    except Exception as error:
        _not_taken(row, written, error)
        return False
    letter_step.send(sender=None, step=LetterStep.HANDED, row=row)
    outbox.mark_sent(row, at=clock.now(), message_id=number)
    letter_step.send(sender=None, step=LetterStep.RECORDED, row=row)
    return True


def _handed(row: OutgoingEmail, written: mail.Letter, line: BaseEmailBackend) -> str:
    """Hand a letter over; many servers take a few on a connection, then say so: the next goes over another one."""
    kept = not line.open()  # from one letter to the next
    deliver = partial(mail.deliver, written, message_id=_message_id(row), number=row.pk, kind=row.kind, line=line)
    try:
        return deliver()
    except SMTPException as error:
        if not (kept and _hangs_up(error)):
            raise
    line.close()
    line.open()
    return deliver()


def _not_written(row: OutgoingEmail, error: Exception) -> None:
    if isinstance(error, letters.NoAddress):
        outbox.mark_without_address(row, reason=str(error))
        return
    if isinstance(error, letters.NothingToSay):
        outbox.mark_pointless(row, reason=str(error))
        return
    logger.error("letter %s (%s) cannot be written", row.pk, row.kind, exc_info=error)
    outbox.mark_failed(row, error=_words(error), most=POISON)


def _not_taken(row: OutgoingEmail, letter: mail.Letter, error: Exception) -> None:
    if refused(error):
        outbox.set_aside(row, error=_words(error), delivery=Delivery.BOUNCED)
        mail.letter_refused.send(sender=None, recipient=row.recipient_uuid, address=letter.to)
        return
    outbox.mark_failed(row, error=_words(error))
    if away(error):
        raise ProviderAway(type(error).__name__) from error  # what it says may name an address
    logger.error("letter %s (%s) did not leave: %s", row.pk, row.kind, type(error).__name__)  # the words: on its row


def refused(error: Exception) -> bool:
    """Does the mail server, or the provider, say that this address takes no letter?"""
    if isinstance(error, SMTPRecipientsRefused):
        return all(_about_the_address(code, said) for code, said in error.recipients.values())
    return isinstance(error, AnymailRecipientsRefused)


def _about_the_address(code: int, said: bytes) -> bool:
    return code >= PERMANENT and code not in SIGN_IN_FIRST and not NOT_ALLOWED.match(said)


def away(error: Exception) -> bool:
    """Is it about the provider, and would it be the same with any other letter?"""
    if isinstance(error, AnymailRequestsAPIError):
        return (error.status_code or 0) not in ABOUT_ONE_LETTER
    if isinstance(error, SMTPException) and _hangs_up(error):
        return True
    if isinstance(error, SMTPResponseException):
        return isinstance(error, REFUSED_US) or error.smtp_code in SIGN_IN_FIRST
    if isinstance(error, SMTPRecipientsRefused):
        return False
    return isinstance(error, OSError)  # and SMTPServerDisconnected among them


def _hangs_up(error: SMTPException) -> bool:
    """Did the server say that it takes no letter more on this connection, this one included?"""
    if isinstance(error, SMTPRecipientsRefused):
        return any(code == CLOSING for code, _ in error.recipients.values())
    return isinstance(error, SMTPResponseException) and error.smtp_code == CLOSING


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _message_id(row: OutgoingEmail) -> str:
    """The same at each try: a mailbox may then show once a letter that a crash made us send twice."""
    return f"<{row.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>"
