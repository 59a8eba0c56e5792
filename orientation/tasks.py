"""Background work of the procedure: letters leave (MAI-07). The timetable is in config/celery.py."""

import logging
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from families import forgetting
from families.models import Session
from ledger import clock, outbox
from ledger.seals import StillWriting, seal_journal
from orientation.actions.draft import forget_drafts
from orientation.actions.remind import remind_families
from orientation.figures.kept import keep
from orientation.inspection import inspect
from orientation.posting import send_ready

log = logging.getLogger(__name__)


@shared_task
def send_letters() -> int:
    """Send what is ready; return how many letters left."""
    return send_ready()


@shared_task
def sweep_letters() -> int:
    """Every minute: recaps of sessions that ended without a sign-out may leave (MAI-01); then send what is ready."""
    live = Session.objects.filter(expire_date__gt=timezone.now(), sid__isnull=False)
    outbox.release_all_but(live.values("sid"))
    return send_ready(waits=True)


@shared_task
def forget_letters() -> int:
    """Every night: letters older than LETTER_RETENTION_DAYS are emptied; return how many (MAI-07)."""
    before = clock.now() - timedelta(days=settings.LETTER_RETENTION_DAYS)
    return sum(iter(partial(outbox.forget, before=before), 0))


@shared_task
def forget_sign_ins() -> int:
    """Every night: erase what signing in left behind, once it is of no more use; return how many rows."""
    return forgetting.forget_sign_ins()


@shared_task
def remind() -> int:
    """Three times an hour, the schools where it is morning remind their families; a run ends one cut short (MAI-08).

    Return how many letters were written.
    """
    return remind_families()


@shared_task
def sweep_drafts() -> int:
    """Every hour: a draft older than a day is erased, as the privacy page says (ENT-07)."""
    return forget_drafts(clock.now())


@shared_task
def seal() -> int:
    """Every morning: seal the lines of the journal; return how many. The next hour tries again (ANS-09)."""
    try:
        made = seal_journal()
    except StillWriting as error:
        log.warning("the journal is not sealed yet: %s", error)
        return 0
    return made.count if made else 0


@shared_task
def count_country() -> int:
    """Every ten minutes: the figures that the country's dashboard reads; return how many levels (SIE-07)."""
    return keep()


@shared_task
def inspect_dossiers() -> int:
    """Every morning, once the nights are over: check every dossier against every invariant; return the offences."""
    return len(inspect().violations)
