"""What became of each letter, as the provider tells it: every event noted once, in whatever order they come (MAI-07).

Only the way to the mailbox is followed. That a letter was read, or a link followed, is nobody's business: such events
are not kept.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import transaction
from django.utils import timezone

from ledger.mail import letter_arrived, letter_refused
from ledger.models import Delivery, LetterEvent, OutgoingEmail

logger = logging.getLogger(__name__)

KINDS = {
    EventType.DEFERRED: Delivery.DEFERRED,
    EventType.DELIVERED: Delivery.DELIVERED,
    EventType.BOUNCED: Delivery.BOUNCED,
    EventType.REJECTED: Delivery.REJECTED,
    EventType.FAILED: Delivery.REJECTED,
    EventType.COMPLAINED: Delivery.COMPLAINED,
}
ORDER = [one.value for one in Delivery]
BELIEVABLE = timedelta(days=366)  # some events are dated 1970: seconds taken for milliseconds


def record(sender: Any, *, event: AnymailTrackingEvent, esp_name: str, **more: Any) -> None:
    """Receive `anymail.signals.tracking`. The same event told again, or one about nobody's letter, changes nothing."""
    kind = KINDS.get(event.event_type)
    if kind is None:
        return
    with transaction.atomic():
        letter = _letter_of(event)
        if letter is None:
            logger.warning("%s tells of a letter that is not here: %s %s", esp_name, kind, event.message_id)
        elif _note(letter, kind, event, esp_name):
            _conclude(letter)
            told = {"recipient": letter.recipient_uuid, "address": event.recipient or "", "at": event.timestamp}
            if refuses_the_address(event):
                letter_refused.send(sender=None, **told)
            elif kind == Delivery.DELIVERED:
                letter_arrived.send(sender=None, **told)


def last_word(events: Iterable[LetterEvent]) -> LetterEvent:
    """The event that says what became of the letter, whatever the order they came in.

    A complaint, always: it was delivered, and unwelcome. Else the latest by the provider's own date of what is settled
    (delivered, bounced, rejected): delivered after a bounce is delivered, for the provider had tried again; bounced
    after a delivery has bounced, for the mailbox sent it back. At the same instant, the worse. « Deferred » counts
    only while nothing is settled, even if it is dated later.
    """
    return max(events, key=lambda one: (_weight(one.kind), one.at, ORDER.index(one.kind), one.key))


def refuses_the_address(event: AnymailTrackingEvent) -> bool:
    """Does the event say that the address itself takes no letter, and never will?

    A full mailbox, a list the provider keeps or a filter of contents do not. Anymail calls Brevo's and Mailjet's soft
    bounces BOUNCED like the others: their own word is read.
    """
    said = event.esp_event if isinstance(event.esp_event, dict) else {}
    soft = said.get("event") == "soft_bounce" or not said.get("hard_bounce", True)
    about_it = event.reject_reason in {RejectReason.BOUNCED, RejectReason.INVALID}
    return not soft and about_it and event.event_type in {EventType.BOUNCED, EventType.REJECTED}


def _weight(kind: str) -> int:
    return {Delivery.DEFERRED: 0, Delivery.COMPLAINED: 2}.get(Delivery(kind), 1)


def _letter_of(event: AnymailTrackingEvent) -> OutgoingEmail | None:
    """By our own number, which goes and comes back with the letter; else by the provider's. Locked: one at a time."""
    rows = OutgoingEmail.objects.select_for_update(no_key=True)
    number = _our_number(event)
    found = rows.filter(pk=number).first() if number else None
    if found is None and event.message_id:
        found = rows.filter(message_id=_plain(event.message_id)).first()
    return found


def _our_number(event: AnymailTrackingEvent) -> UUID | None:
    said = event.metadata.get("letter") if isinstance(event.metadata, dict) else None
    try:
        return UUID(str(said))
    except ValueError:
        return None


def _note(letter: OutgoingEmail, kind: Delivery, event: AnymailTrackingEvent, esp_name: str) -> bool:
    """Write the event, unless it is known already."""
    received = timezone.now()
    values = {
        "letter": letter,
        "kind": kind,
        "at": _date_of(event, received),
        "received_at": received,
        "detail": _plain(event.mta_response or event.description or event.reject_reason)[:300],
    }
    return LetterEvent.objects.get_or_create(key=_key(letter, event, esp_name), defaults=values)[1]


def _key(letter: OutgoingEmail, event: AnymailTrackingEvent, esp_name: str) -> str:
    """The provider's own number of the event, or what the event says, in short: told twice, it says the same."""
    said = [letter.pk, event.event_type, event.timestamp, event.recipient, event.reject_reason, event.mta_response]
    digest = hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()
    return f"{esp_name}:{event.event_id or digest}"[:120]


def _date_of(event: AnymailTrackingEvent, received: datetime) -> datetime:
    at = event.timestamp
    return at if at and abs(received - at) < BELIEVABLE else received


def _conclude(letter: OutgoingEmail) -> None:
    word = last_word(letter.events.all())
    OutgoingEmail.objects.filter(pk=letter.pk).update(delivery=word.kind, delivery_at=word.at)


def _plain(words: Any) -> str:
    """PostgreSQL takes no NUL."""
    return str(words or "").replace("\0", "").strip()
