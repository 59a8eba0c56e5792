"""Background work of the procedure: letters leave (MAI-07). The timetable is in config/celery.py."""

import logging
import time
from urllib.parse import urlsplit

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from families.models import Session
from ledger import clock, mail, outbox
from ledger.models import OutgoingEmail
from orientation import letters
from orientation.actions.draft import forget_drafts
from orientation.inspection import inspect

logger = logging.getLogger(__name__)

# A worker's letters are taken back after outbox.STUCK_AFTER: BATCH slow answers of a provider must take less.
BATCH = 10
PATIENCE = 50  # seconds; what remains is for the next minute's sweep, so that other work gets its turn


@shared_task
def send_letters() -> int:
    """Send what is ready, until nothing is; return how many letters left."""
    sent, started = 0, time.monotonic()
    while time.monotonic() - started < PATIENCE:
        rows = outbox.claim(now=clock.now(), limit=BATCH)
        if not rows:
            break
        sent += sum(_send(row) for row in rows)
    return sent


@shared_task
def sweep_letters() -> int:
    """Every minute: recaps of sessions that ended without a sign-out may leave (MAI-01); then send what is ready."""
    live = Session.objects.filter(expire_date__gt=timezone.now(), sid__isnull=False)
    outbox.release_all_but(live.values("sid"))
    return send_letters()


@shared_task
def sweep_drafts() -> int:
    """Every hour: a draft older than a day is erased, as the privacy page says (ENT-07)."""
    return forget_drafts(clock.now())


@shared_task
def inspect_dossiers() -> int:
    """Every morning, once the nights are over: check every dossier against every invariant; return the offences."""
    return len(inspect().violations)


def _send(row: OutgoingEmail) -> bool:
    """One letter. Whatever goes wrong with it is written on its row and stops no other."""
    try:
        message_id = mail.deliver(letters.render(row), message_id=_message_id(row))
    except letters.NoAddress as why:
        outbox.mark_without_address(row, reason=str(why))
        return False
    except Exception as error:
        logger.exception("letter %s (%s) did not leave", row.pk, row.kind)
        outbox.mark_failed(row, error=f"{type(error).__name__}: {error}")
        return False
    outbox.mark_sent(row, at=clock.now(), message_id=message_id)
    return True


def _message_id(row: OutgoingEmail) -> str:
    """The same at each try: a mailbox may then show once a letter that a crash made us send twice."""
    return f"<{row.pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'}>"
