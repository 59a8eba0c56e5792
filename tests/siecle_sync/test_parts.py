"""A night in parts: who plays them, what is tried again and when, what one part's failure leaves to the others."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from ledger import clock
from orientation.models import CouncilStatement, SiecleReceipt
from siecle_sync import contract, locks, night, parts, tasks, wire
from siecle_sync.mock.models import MockDeposit, MockEntry
from siecle_sync.models import Run, RunPart, RunSchool
from siecle_sync.parts import TakenOver
from siecle_sync.steps import Step, step_reached
from tests import factories
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, FIRST_NIGHT, SECOND_NIGHT

pytestmark = [pytest.mark.django_db(databases=BOTH, transaction=True)]


@pytest.fixture
def families(settings):
    """Two schools of one académie, each its part of the night."""
    settings.NIGHT_PART_PUPILS = 1
    clock.freeze(DURING_INTENTIONS)
    first = factories.family()
    second = factories.family(of=factories.division(factories.school(academy=first.student.school.academy)))
    for one in (first, second):
        world.enters(one)
    return first, second


@pytest.fixture(autouse=True)
def nobody_listens_afterwards():
    before = list(step_reached.receivers)
    yield
    step_reached.receivers[:] = before
    step_reached.sender_receivers_cache.clear()


class Cut(RuntimeError):
    pass


class At:
    """Do something the first time that a part reaches a step."""

    def __init__(self, step, act, number=1):
        self.step, self.act, self.number, self.done = step, act, number, False
        step_reached.connect(self, weak=False)

    def __call__(self, step, part, **more):
        if step == self.step and part.number == self.number and not self.done:
            self.done = True
            self.act(part)


def cut(part):
    raise Cut(part)


def played() -> list[tuple[str, int]]:
    return list(RunPart.objects.order_by("number").values_list("state", "attempts"))


def test_failure_of_one_part_holds_back_no_other_and_is_tried_again_alone(families):
    breaking = At(Step.SELECTED, cut)
    run = world.night(FIRST_NIGHT)
    assert (breaking.done, run.state, played()) == (True, "FAILED", [("FAILED", 1), ("FINISHED", 1)])
    assert "Cut" in run.error
    assert SiecleReceipt.objects.get().dossier.student.school.uai == RunPart.objects.get(number=2).uai_from
    assert world.night(FIRST_NIGHT + timedelta(minutes=5)) == run
    run.refresh_from_db()
    assert (run.state, run.error, played()) == ("FINISHED", "", [("FINISHED", 2), ("FINISHED", 1)])
    assert run.counters["out"]["by_kind"] == {"DIVISION": 2, "PUPIL": 2, "ENTRY": 2}
    assert SiecleReceipt.objects.count() == 2


def test_part_cut_after_its_report_was_recorded_sends_nothing_again(families):
    At(Step.FETCHED, cut)
    world.night(FIRST_NIGHT)
    assert MockDeposit.objects.count() == 2
    run = world.night(FIRST_NIGHT + timedelta(minutes=5))
    assert (run.state, MockDeposit.objects.count(), MockEntry.objects.count()) == ("FINISHED", 2, 2)


def test_part_cut_before_its_report_was_recorded_is_the_same_deposit_if_nothing_changed(families):
    At(Step.REPORTED, cut)
    world.night(FIRST_NIGHT)
    deposit = RunPart.objects.get(number=1).deposit
    assert world.night(FIRST_NIGHT + timedelta(minutes=5)).state == "FINISHED"
    assert (RunPart.objects.get(number=1).deposit, MockDeposit.objects.count()) == (deposit, 2)


def test_part_cut_before_its_report_was_recorded_is_another_deposit_if_a_family_acted_since(families):
    At(Step.REPORTED, cut)
    world.night(FIRST_NIGHT)
    deposit = RunPart.objects.get(number=1).deposit
    for one in families:
        world.enters(one, factories.PRO)
    assert world.night(FIRST_NIGHT + timedelta(minutes=5)).state == "FINISHED"
    again = RunPart.objects.get(number=1)
    assert (again.deposit != deposit, MockDeposit.objects.count(), MockEntry.objects.count()) == (True, 3, 3)


def test_worker_taken_over_before_it_merges_leaves_nothing(families):
    clock.freeze(FIRST_NIGHT)
    [run] = night.prepare(families[0].student.school.academy)
    part = parts.claim(run.parts.get(number=1).pk)
    RunPart.objects.filter(pk=part.pk).update(attempts=part.attempts + 1)
    with pytest.raises(TakenOver):
        parts.exchange(part, lambda step: parts.advance(part, print, step))
    assert not SiecleReceipt.objects.exists() and not MockDeposit.objects.exists()


def test_delays_between_tries_grow_and_a_part_is_not_handed_out_before(families, settings):
    settings.SIECLE_BASE_URL = "http://127.0.0.1:9"
    world.night(FIRST_NIGHT)
    run = Run.objects.get()
    assert parts.ready([run]) == []
    first = RunPart.objects.get(number=1)
    wait = first.next_try_at - timezone.now()
    assert timedelta(seconds=30) < wait <= parts.BACKOFF[0]
    world.night(FIRST_NIGHT + timedelta(minutes=1))  # a person does not wait
    first.refresh_from_db()
    assert first.attempts == 2 and first.next_try_at - timezone.now() > parts.BACKOFF[0]
    RunPart.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert len(parts.ready([run])) == 2


def test_part_is_handed_out_once_and_again_when_nobody_took_it_or_its_worker_died(families):
    clock.freeze(FIRST_NIGHT)
    academy = families[0].student.school.academy
    [run] = night.prepare(academy)
    first, second = RunPart.objects.order_by("number")
    assert parts.ready([run]) == [first.pk, second.pk]
    assert parts.ready([run]) == []
    RunPart.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    RunPart.objects.filter(pk=second.pk).update(state="RUNNING")  # nobody holds its lock: its worker is dead
    assert parts.ready([run]) == [first.pk, second.pk]


def test_part_whose_workers_die_one_after_the_other_waits_longer_each_time(families):
    clock.freeze(FIRST_NIGHT)
    [run] = night.prepare(families[0].student.school.academy)
    first = run.parts.get(number=1)
    parts.claim(first.pk)
    assert first.pk in parts.ready([run])  # the first death: at once
    parts.claim(first.pk)
    assert first.pk not in parts.ready([run])


def test_part_held_by_a_living_worker_is_neither_handed_out_nor_played_twice(families):
    clock.freeze(FIRST_NIGHT)
    [run] = night.prepare(families[0].student.school.academy)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            first = run.parts.get(number=1)
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks.PART, first.pk])
            RunPart.objects.filter(pk=first.pk).update(state="RUNNING")
            assert first.pk not in parts.ready([run])
            assert parts.play_part(first.pk) is False
    finally:
        other.close()
    while first.pk in locks.held(locks.PART):  # the server takes a moment to end a session
        time.sleep(0.05)
    assert parts.ready([run])[0] == first.pk
    assert parts.play_part(first.pk) is True


def test_night_closed_by_no_one_is_closed_by_the_next_call(families):
    """The worker of the last part died between its commit and the closing of the run."""
    run = world.night(FIRST_NIGHT)
    Run.objects.filter(pk=run.pk).update(state="RUNNING", ended_at=None)
    clock.pretend(FIRST_NIGHT + timedelta(minutes=1))
    assert tasks.night.apply(args=["10"], throw=True).get() == []
    run.refresh_from_db()
    assert run.state == "FINISHED"


def test_what_has_begun_is_tried_until_noon_and_nothing_begins_after_five(families):
    at_six = FIRST_NIGHT.replace(hour=5)
    clock.freeze(at_six)
    assert night.due_academies() == []
    At(Step.SELECTED, cut)
    world.night(FIRST_NIGHT)
    for hour, due in ((5, ["10"]), (10, ["10"]), (11, [])):  # UTC: six, eleven and noon in Paris
        clock.freeze(FIRST_NIGHT.replace(hour=hour))
        assert [one.code for one in night.due_academies()] == due


def test_part_of_a_past_night_is_not_played_once_another_night_has_begun(families):
    At(Step.SELECTED, cut)
    world.night(FIRST_NIGHT)
    old = RunPart.objects.get(number=1)
    world.night(FIRST_NIGHT + timedelta(days=1))
    assert parts.play_part(old.pk) is True
    old.refresh_from_db()
    assert (old.state, old.attempts) == ("FAILED", 1)


def test_counts_of_each_school_add_up_both_ways(families):
    world.night(FIRST_NIGHT)
    world.opens(families[0])
    world.says(families[0], ("2GT", "Favorable"))
    run = world.night(SECOND_NIGHT)
    uai = families[0].student.school.uai
    row = RunSchool.objects.get(run=run, uai=uai, direction="IN")
    assert (row.read, row.accepted, row.created, row.unchanged) == (2, 1, 1, 1)  # the council was already known
    out = RunSchool.objects.filter(direction="OUT", run__night_on="2026-01-21")
    assert [(one.read, one.accepted) for one in out] == [(3, 3), (3, 3)]


def test_two_levels_of_the_wire_agree_on_who_is_asked(families, monkeypatch):
    """Each part asks Siècle for its own schools only."""
    asked = []
    ask = wire.Wire._in_process
    monkeypatch.setattr(
        wire.Wire, "_in_process", lambda self, method, path, *sent: asked.append(path) or ask(self, method, path, *sent)
    )
    world.night(FIRST_NIGHT)
    feeds = [path for path in asked if "reponses" in path]
    bound = RunPart.objects.get(number=2).uai_from
    assert [f"avant={bound}" in feeds[0], f"de={bound}" in feeds[1]] == [True, True]
    assert not CouncilStatement.objects.exists() and uuid4() not in RunPart.objects.values_list("deposit", flat=True)


def test_message_that_waited_until_the_night_was_finished_plays_no_other(families):
    world.night(FIRST_NIGHT)
    assert tasks.night.apply(args=["10"], throw=True).get() == []
    assert Run.objects.count() == 1


def test_message_of_one_campaign_not_finished_begins_no_other_run_of_the_finished_one(families):
    run = world.night(FIRST_NIGHT)
    student = factories.student(families[0].student.division, level="2GT")
    factories.campaign(of=student.school.academy, level="2GT")
    clock.freeze(FIRST_NIGHT)
    assert len(tasks.night.apply(args=["10"], throw=True).get()) == 1
    assert Run.objects.filter(campaign=run.campaign).count() == 1


def test_siecle_that_gives_each_part_everything_is_not_believed(families, monkeypatch):
    """It would give the lines of a school to a part that knows none of its pupils."""
    world.night(FIRST_NIGHT)
    for one in families:
        world.opens(one)
        world.says(one, ("2GT", "Favorable"))
    feed = contract.feed_path
    monkeypatch.setattr(contract, "feed_path", lambda **asked: feed(**{**asked, "first": "", "before": ""}))
    run = world.night(SECOND_NIGHT)
    assert (run.state, CouncilStatement.objects.count()) == ("FAILED", 0)
    assert contract.SENTENCES["MISMATCH"] in run.error
