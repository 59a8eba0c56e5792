"""A wrong password typed twice at once counts twice; a code for a new password serves once (ACC-01)."""

from datetime import timedelta
from functools import partial

import pytest

from families.activation import ActivationRefused
from families.models import Guesses
from families.renewal import issue, renew
from families.throttle import spend
from ledger import clock
from ledger.journal import SYSTEM
from tests import factories
from tests.concurrency.two import Stop, outcome, two, waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
both = pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])


@both
def test_two_wrong_tries_at_once_count_for_two(locks: bool) -> None:
    tries = partial(spend, "password", "somebody", most=5, over=timedelta(hours=1))
    tries()
    stop = Stop('UPDATE "families_guesses"')
    with two(locks=locks) as run:
        one = run.start(tries, stop)
        assert stop.reached.wait(10)
        other = run.start(tries)
        assert waits(other) is locks
        stop.go.set()
        assert [outcome(one), outcome(other)] == [True, True]
    assert Guesses.objects.get().count == (3 if locks else 2)


@both
def test_a_code_for_a_new_password_typed_twice_at_once_serves_once(locks: bool) -> None:
    clock.pretend(factories.DURING_INTENTIONS)
    mother = factories.family().mother
    code = issue(mother, by=SYSTEM).code
    stop = Stop('UPDATE "families_activationcode"')
    with two(locks=locks) as run:
        one = run.start(partial(renew, mother.user, code, "girafe bleue tabouret"), stop)
        assert stop.reached.wait(10)
        other = run.start(partial(renew, mother.user, code, "tabouret vert girafe"))
        assert waits(other) is locks
        stop.go.set()
        ended = [outcome(one), outcome(other)]
    mother.user.refresh_from_db()
    assert isinstance(ended[1], ActivationRefused) is locks
    if locks:
        assert ended[1].code == "CODE_USED"
        assert mother.user.check_password("girafe bleue tabouret")
