"""Two people type of the same pupil at the same second: one is saved, the other is shown it (OPI-01, STALE)."""

import pytest
from django.db import connections

from ledger import clock
from siecle_sync.mock.models import MockStatement
from tests import factories
from tests.admin.test_council_page import answers, codes, fields, opened, where
from tests.admin.test_simulator import works
from tests.admin.world import BOTH
from tests.concurrency.two import Stop, outcome, two, waits
from tests.factories import DURING_INTENTIONS

pytestmark = [pytest.mark.django_db(transaction=True, databases=BOTH), pytest.mark.concurrency]
SAVING = 'INSERT INTO "siecle_mock_mockstatement"'


def test_the_second_waits_for_the_first_and_takes_nothing_from_it() -> None:
    clock.pretend(DURING_INTENTIONS)
    family = factories.family()
    division, first, _ = opened(family)
    one, other = works(family), works(family)
    read = fields(one, division)
    stop = Stop(SAVING)

    def first_types():
        with connections["siecle_mock"].execute_wrapper(stop):
            return one.post(where(division), read | answers(first, "Réservé", "Favorable"))

    def second_types():
        return other.post(where(division), read | answers(first, "Favorable", "Défavorable"))

    with two() as run:
        saving = run.start(first_types)
        assert stop.reached.wait(10)
        late = run.start(second_types)
        met_the_lock = waits(late, alias="siecle_mock")
        stop.go.set()
        saved, refused = outcome(saving), outcome(late)
    assert met_the_lock
    assert (saved.status_code, refused.status_code, codes(refused)) == (302, 409, {first: {"STALE"}})
    [form] = refused.context["wrong"]
    assert [line["value"] for line in form.standing] == ["Réservé", "Favorable"]
    assert [line["value"] for line in form.lines] == ["Favorable", "Défavorable"]
    assert [one["value"] for one in MockStatement.objects.get().answers] == ["Réservé", "Favorable"]
