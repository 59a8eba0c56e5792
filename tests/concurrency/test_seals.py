"""A line gets its number before it is committed: the seal waits for those that may still appear (ANS-09)."""

from typing import Any

import pytest
from django.db import transaction

from ledger import journal, seals
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, JournalSeal
from ledger.seals import StillWriting, seal_journal
from ledger.verification import Fault, verify
from tests.concurrency.two import Stop, Two, outcome, two
from tests.ledger.test_seals import MORNING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def write(verb: str) -> JournalEntry:
    return journal.write(verb=verb, by=SYSTEM, at=MORNING)


def write_slowly() -> None:
    """The line is there, with its number, long before its transaction ends: `Stop` halts at the second statement."""
    with transaction.atomic():
        write("slow")
        JournalSeal.objects.filter(digest="the end").exists()


def blind(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """The negative control: nobody is seen writing."""
    return execute(sql.replace("AND granted", "AND false"), params, many, context)


def begun(both: Two) -> tuple[Any, Stop]:
    """A transaction whose line has the smaller number, and another's line, committed meanwhile."""
    stop = Stop('FROM "ledger_journalseal"')
    slow = both.start(write_slowly, stop)
    assert stop.reached.wait(10)
    write("quick")
    return slow, stop


def test_a_smaller_number_committed_later_is_in_the_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []
    with two() as both:
        slow, stop = begun(both)

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            stop.go.set()
            outcome(slow)

        monkeypatch.setattr(seals.time, "sleep", sleep)
        made = outcome(both.start(seal_journal))
    assert waited
    assert (made.count, [one.fault for one in verify()]) == (2, [None])


def test_without_waiting_the_line_would_appear_among_sealed_ones() -> None:
    with two() as both:
        slow, stop = begun(both)
        made = outcome(both.start(seal_journal, blind))
        stop.go.set()
        outcome(slow)
    assert (made.count, [one.fault for one in verify()]) == (1, [Fault.INSERTED])


def test_a_transaction_that_never_ends_puts_the_seal_off_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "TRIES", 2)
    with two() as both:
        slow, stop = begun(both)
        refused = outcome(both.start(seal_journal))
        write("meanwhile")
        stop.go.set()
        outcome(slow)
    assert isinstance(refused, StillWriting)
    assert not JournalSeal.objects.exists()
    assert seal_journal().count == 3


def test_two_seals_at_once_are_one() -> None:
    write("quick")
    stop = Stop('INSERT INTO "ledger_journalseal"')
    with two() as both:
        first = both.start(seal_journal, stop)
        assert stop.reached.wait(10)
        second = outcome(both.start(seal_journal))
        stop.go.set()
        assert (second.count, outcome(first)) == (1, None)
    assert [one.fault for one in verify()] == [None]
    assert JournalEntry.objects.filter(verb=seals.SEALED).count() == 1
