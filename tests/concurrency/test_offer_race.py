"""A school changes its offer while a family validates a choice of 1re générale (P2G-02), with its negative control."""

import pytest

from ledger import clock
from ledger.journal import SIECLE
from orientation import actions
from orientation.rules import Refusal
from tests.concurrency.test_races import WITH_AND_WITHOUT_LOCKS
from tests.concurrency.two import Stop, outcome, two, waits
from tests.factories import DURING_INTENTIONS
from tests.orientation.second import INTENTION, enters, second

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@WITH_AND_WITHOUT_LOCKS
def test_an_entry_waits_for_the_offer_that_is_being_changed_and_is_judged_by_it(locks):
    clock.pretend(DURING_INTENTIONS)
    home = second()
    stop = Stop('INSERT INTO "orientation_specialtyoffer"')

    def change():
        return actions.set_specialty_offer(
            campaign=home.dossier.campaign, school=home.student.school, specialties=["ARTS"], user=home.mother.user,
            by=SIECLE,
        )  # fmt: skip

    with two(locks=locks) as run:
        changing = run.start(change, stop)
        assert stop.reached.wait(10)
        entering = run.start(lambda: enters(home, [INTENTION]))
        if locks:
            assert waits(entering)
        else:
            late = outcome(entering)
        stop.go.set()
        row = outcome(changing)
    if locks:
        assert outcome(entering).code == Refusal.SPECIALTY_NOT_OFFERED
    else:
        assert late.submitted_at > row.at
