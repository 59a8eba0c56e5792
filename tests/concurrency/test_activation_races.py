"""Two people print the letters of the two classes of one parent's children at once: one letter, one code (ACC-01)."""

from functools import partial

import pytest

from families.activation import issue_codes
from families.models import ActivationCode, Guardianship
from ledger import clock
from ledger.journal import SYSTEM
from tests import factories
from tests.concurrency.two import Stop, outcome, two, waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])
def test_a_parent_of_two_classes_printed_at_once_has_one_code(locks: bool) -> None:
    clock.pretend(factories.DURING_INTENTIONS)
    school = factories.school()
    children = [factories.student(factories.division(school, code=code)) for code in ("3 A", "3 B")]
    parent = factories.representative(children[0], account=False)
    Guardianship.objects.create(student=children[1], representative=parent, level=1, kinship="10")
    prints = [partial(issue_codes, one.division, by=SYSTEM, minors=False, renew=False) for one in children]
    stop = Stop('INSERT INTO "families_activationcode"')
    with two(locks=locks) as run:
        one = run.start(prints[0], stop)
        assert stop.reached.wait(10)
        other = run.start(prints[1])
        assert waits(other) is locks
        stop.go.set()
        issued = [*outcome(one), *outcome(other)]
    assert len(issued) == ActivationCode.objects.count() == (1 if locks else 2)
