"""The provider's limit, for all the workers together: real connections, real time, figures that no machine changes."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from ledger import pace
from ledger.models import Pace
from tests.concurrency.two import Stop, outcome, two, waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
SLOW, FAST = 1, 6000  # letters a minute: at the first, the slowest machine has time for one only


def asks(wanted: int, per_minute: int = SLOW) -> Callable[[], int]:
    return lambda: pace.allowed("provider", wanted, per_minute=per_minute)


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])
def test_what_one_worker_was_granted_is_not_granted_to_another(locks: bool) -> None:
    silent_for_long()
    stop = Stop('UPDATE "ledger_pace"')
    with two(locks=locks) as both:
        first = both.start(asks(50), stop)
        assert stop.reached.wait(10)
        second = both.start(asks(50))
        assert waits(second) is locks
        stop.go.set()
        granted = [outcome(first), outcome(second)]
    assert granted == ([1, 0] if locks else [1, 1])


def test_many_workers_together_never_exceed_the_rate() -> None:
    """What they were granted is what the time that passed allows, and one burst."""
    began = timezone.now()
    silent_for_long()
    together = threading.Barrier(4)

    def worker() -> int:
        together.wait(10)
        return sum(asks(7, FAST)() for _ in range(50))

    with two() as all_of_them:
        granted = sum(outcome(one) for one in [all_of_them.start(worker) for _ in range(4)])
    elapsed = timezone.now() - began
    assert pace.BURST / timedelta(minutes=1) * FAST <= granted <= (pace.BURST + elapsed) / timedelta(minutes=1) * FAST


def test_a_silence_gives_no_more_than_a_burst() -> None:
    silent_for_long()
    assert asks(1000, FAST)() == pace.BURST / timedelta(minutes=1) * FAST


def test_two_providers_do_not_share_their_limit() -> None:
    assert [pace.allowed(name, 50, per_minute=SLOW) for name in ("one", "other")] == [1, 1]


def test_a_very_slow_provider_still_takes_one_letter_at_a_time() -> None:
    assert [asks(50)() for _ in range(2)] == [1, 0]


def test_without_a_limit_nothing_is_counted() -> None:
    assert pace.allowed("provider", 50, per_minute=0) == 50
    assert not Pace.objects.exists()


def silent_for_long() -> None:
    Pace.objects.create(provider="provider", free_at=timezone.now() - timedelta(days=1))
