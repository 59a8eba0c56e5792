"""Races of a new address on two real connections: one confirmation, five tries, three codes an hour (ACC-09)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from families import addresses, passwords
from families.models import AddressChange, PasswordResetCode
from families.typed_codes import MAX_TRIES, CodeRefused
from ledger.models import JournalEntry, OutgoingEmail
from tests.concurrency.two import Stop, outcome, two, waits
from tests.factories import family

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
NEW = "nouvelle@exemple.invalid"
WITH_AND_WITHOUT_LOCKS = pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])
SPENT = 'UPDATE "families_addresschange"'


def at_once(act: Callable[[], Any], *, stop: str, locks: bool, then: Callable[[], Any] | None = None) -> list[Any]:
    """The act is halted before `stop`, while a second one (the same) goes as far as it can."""
    halt = Stop(stop)
    with two(locks=locks) as run:
        one = run.start(act, halt)
        assert halt.reached.wait(10)
        other = run.start(then or act)
        assert waits(other) or not locks
        halt.go.set()
        return [outcome(one), outcome(other)]


@WITH_AND_WITHOUT_LOCKS
def test_two_confirmations_at_once_do_the_work_of_one(locks: bool) -> None:
    user = family().mother.user
    addresses.ask(user, NEW)
    code = AddressChange.objects.get().digits()
    results = at_once(partial(addresses.confirm, user, code), stop=SPENT, locks=locks)
    assert results == [None, None]
    assert JournalEntry.objects.filter(verb="address_corrected").count() == (1 if locks else 2)
    assert OutgoingEmail.objects.filter(kind="address_changed").count() == 1


@WITH_AND_WITHOUT_LOCKS
def test_guesses_at_once_are_each_counted(locks: bool) -> None:
    user = family().mother.user
    addresses.ask(user, NEW)
    results = at_once(partial(addresses.confirm, user, "0000 0000"), stop=SPENT, locks=locks)
    assert all(isinstance(one, CodeRefused) for one in results)
    assert AddressChange.objects.get().tries == (2 if locks else 1)


@WITH_AND_WITHOUT_LOCKS
def test_requests_at_once_send_three_codes_an_hour_at_most(locks: bool) -> None:
    user = family().mother.user
    for number in range(2):
        addresses.ask(user, f"essai{number}@exemple.invalid")
    ask = partial(addresses.ask, user, NEW)
    results = at_once(ask, stop='INSERT INTO "families_addresschange"', locks=locks)
    refused = [one for one in results if isinstance(one, CodeRefused)]
    assert len(refused) == (1 if locks else 0)
    assert AddressChange.objects.count() == (3 if locks else 4)
    alive = AddressChange.objects.filter(expires_at__gt=timezone.now(), tries__lt=MAX_TRIES)
    assert not locks or alive.count() == 1


def test_a_new_password_and_a_new_address_at_once_do_not_block_each_other() -> None:
    user, now = family().mother.user, timezone.now()
    lost = PasswordResetCode.objects.create(
        user=user, email=user.email, created_at=now, expires_at=now + addresses.VALIDITY, used_at=now
    )
    addresses.ask(user, NEW)
    choose = partial(passwords.choose, lost.uuid, "une-autre-phrase-longue")
    confirm = partial(addresses.confirm, user, AddressChange.objects.get().digits())
    results = at_once(choose, stop='UPDATE "families_user"', locks=True, then=confirm)
    assert results == [user, None]
    user.refresh_from_db()
    assert user.email == NEW and user.check_password("une-autre-phrase-longue")
