"""The first entry of a campaign and a change of its policies, at once: one of them waits (last table of the rules)."""

import pytest
from django.db import IntegrityError, connection, transaction

from ledger import clock
from ledger.journal import SYSTEM
from orientation import actions
from orientation.models import Campaign, Submission
from orientation.rules import Refusal, RuleBroken
from siecle_sync import inbound, staging
from tests.concurrency.two import Stop, outcome, two, waits
from tests.factories import DURING_INTENTIONS, GT, PRO, Family, actor, family

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
LINE = """
INSERT INTO siecle_raw (seq, kind, ref, uai, year, level, phase, division, eleve_id, at, payload)
VALUES (1, 'SCHOOL_ENTRY', 'typed', %s, '2025', '3E', 'PROVISIONAL', '3 A', %s, %s,
        '{"choices": [{"pathway": "2GT"}, {"pathway": "CAP"}]}')
"""
# the negative control leaves what no act would
WITH_AND_WITHOUT_LOCKS = pytest.mark.parametrize(
    "locks",
    [pytest.param(True, id="with locks"), pytest.param(False, id="negative control", marks=pytest.mark.corrupts)],
)


def enters(home: Family) -> Submission:
    return actions.submit_choices(
        dossier=home.dossier.uuid, phase="PROVISIONAL", choices=[GT, PRO], base_version=0, by=actor(home.mother)
    )


def allows_one(home: Family) -> Campaign:
    return actions.set_policies(campaign=home.dossier.campaign, policies={"max_choices": 1}, by=SYSTEM)


@WITH_AND_WITHOUT_LOCKS
def test_a_policy_changed_while_the_first_entry_is_being_written_waits_and_is_refused(locks: bool) -> None:
    clock.pretend(DURING_INTENTIONS)
    home = family()
    stop = Stop('INSERT INTO "orientation_submission"')
    with two(locks=locks) as run:
        entering = run.start(lambda: enters(home), stop)
        assert stop.reached.wait(10)
        changing = run.start(lambda: allows_one(home))
        early = waits(changing) if locks else outcome(changing)
        stop.go.set()
        assert isinstance(outcome(entering), Submission)
    if locks:
        assert early is True
        late = outcome(changing)
        assert isinstance(late, RuleBroken)
        assert late.code == Refusal.POLICIES_FROZEN
        assert Campaign.objects.get().max_choices == 3
    else:  # two choices under a policy that allows one: what must never be
        assert isinstance(early, Campaign)
        assert (Campaign.objects.get().max_choices, Submission.objects.get().choice_count) == (1, 2)


@WITH_AND_WITHOUT_LOCKS
def test_an_entry_waits_for_the_policy_being_changed_and_obeys_it(locks: bool) -> None:
    clock.pretend(DURING_INTENTIONS)
    home = family()
    stop = Stop('UPDATE "orientation_campaign"')
    with two(locks=locks) as run:
        changing = run.start(lambda: allows_one(home), stop)
        assert stop.reached.wait(10)
        entering = run.start(lambda: enters(home))
        early = waits(entering) if locks else outcome(entering)
        stop.go.set()
        changed = outcome(changing)
    if locks:
        assert early is True
        assert isinstance(changed, Campaign)
        assert outcome(entering).code == Refusal.TOO_MANY_CHOICES
        assert not Submission.objects.exists()
    else:  # taken under the old policy: only the database's last wall keeps the new one out
        assert isinstance(early, Submission)
        assert isinstance(changed, IntegrityError)


def night_brings_two_choices(home: Family) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        staging.create(cursor, "siecle_raw")
        cursor.execute(LINE, [home.student.school.uai, home.student.siecle_id, DURING_INTENTIONS.isoformat()])
        inbound.merge(cursor, home.dossier.campaign)


@pytest.mark.corrupts("INV-72", "INV-06")  # a school’s entry without its council; the control, two choices
@WITH_AND_WITHOUT_LOCKS
def test_a_policy_changed_while_a_night_brings_the_first_entry_waits_and_is_refused(locks: bool) -> None:
    clock.pretend(DURING_INTENTIONS)
    home = family()
    stop = Stop("INSERT INTO orientation_rankedchoice")
    with two(locks=locks) as run:
        bringing = run.start(lambda: night_brings_two_choices(home), stop)
        assert stop.reached.wait(10)
        changing = run.start(lambda: allows_one(home))
        early = waits(changing) if locks else outcome(changing)
        stop.go.set()
        assert outcome(bringing) is None
    if locks:
        assert early is True
        assert outcome(changing).code == Refusal.POLICIES_FROZEN
        assert Campaign.objects.get().max_choices == 3
    else:
        assert isinstance(early, Campaign)
        assert (Campaign.objects.get().max_choices, Submission.objects.get().choice_count) == (1, 2)
