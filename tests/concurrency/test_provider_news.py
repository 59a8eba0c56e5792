"""Two of a provider's calls about one letter at the same instant: neither hides what the other said (MAI-07)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from ledger import outbox
from ledger.models import Delivery, OutgoingEmail
from tests.concurrency.two import Stop, outcome, two, waits
from tests.ledger.provider import brevo, tell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])
def test_of_two_events_at_the_same_instant_the_last_word_stays(locks: bool) -> None:
    now = timezone.now()
    outbox.post(kind="recap_author", recipient=uuid4(), dossier=uuid4(), about=uuid4(), dedup_key="one", at=now)
    letter = OutgoingEmail.objects.get()
    delivered = brevo("delivered", letter, now, "x@exemple.invalid")
    bounced = brevo("soft_bounce", letter, now + timedelta(minutes=1), "x@exemple.invalid")
    stop = Stop('UPDATE "ledger_outgoingemail"')
    with two(locks=locks) as both:
        first = both.start(lambda: tell("brevo", delivered).status_code, stop)
        assert stop.reached.wait(10)
        second = both.start(lambda: tell("brevo", bounced).status_code)
        assert waits(second) is locks
        stop.go.set()
        assert [outcome(first), outcome(second)] == [200, 200]
    letter.refresh_from_db()
    assert letter.events.count() == 2
    assert letter.delivery == (Delivery.BOUNCED if locks else Delivery.DELIVERED)


def test_one_event_told_twice_at_the_same_instant_is_noted_once() -> None:
    now = timezone.now()
    outbox.post(kind="recap_author", recipient=uuid4(), dossier=uuid4(), about=uuid4(), dedup_key="one", at=now)
    letter = OutgoingEmail.objects.get()
    said = brevo("delivered", letter, now, "x@exemple.invalid")
    stop = Stop('INSERT INTO "ledger_letterevent"')
    with two() as both:
        first = both.start(lambda: tell("brevo", said).status_code, stop)
        assert stop.reached.wait(10)
        second = both.start(lambda: tell("brevo", said).status_code)
        waits(second)
        stop.go.set()
        assert [outcome(first), outcome(second)] == [200, 200]
    assert letter.events.count() == 1
