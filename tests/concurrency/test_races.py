"""Races on two real connections, each with its negative control (ENT-10, ENT-11, CAL-06, CAL-08, OPI-03, ANS-04)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from ledger import clock
from ledger.journal import SIECLE
from orientation import actions
from orientation.actions.act import hold_calendar
from orientation.actions.calendar import set_calendar
from orientation.models import Acknowledgement, ClassCouncil, FamilyAnswer, Pen, Submission
from orientation.rules import Refusal, RuleBroken
from tests.concurrency.two import Stop, outcome, two, waits
from tests.factories import (
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    INTENTIONS_CLOSE,
    PRO,
    actor,
    council,
    family,
    statement,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

# the negative control leaves what no act would
WITH_AND_WITHOUT_LOCKS = pytest.mark.parametrize(
    "locks",
    [pytest.param(True, id="with locks"), pytest.param(False, id="negative control", marks=pytest.mark.corrupts)],
)


def submit(of, by, choices, base_version=0):
    return actions.submit_choices(
        dossier=of.dossier.uuid, phase="PROVISIONAL", choices=choices, base_version=base_version, by=actor(by)
    )


@WITH_AND_WITHOUT_LOCKS
def test_of_two_representatives_validating_at_once_exactly_one_wins(locks):
    clock.pretend(DURING_INTENTIONS)
    home = family()
    stop = Stop('INSERT INTO "orientation_pen"')
    with two(locks=locks) as run:
        first = run.start(lambda: submit(home, home.mother, [GT]), stop)
        assert stop.reached.wait(10)
        second = run.start(lambda: submit(home, home.father, [PRO]))
        lost_first = not waits(second) if locks else isinstance(outcome(second), Submission)
        stop.go.set()
        results = [outcome(first), outcome(second)]
    if locks:
        assert isinstance(results[0], Submission)
        assert isinstance(results[1], RuleBroken)
        assert (results[1].code, lost_first) == (Refusal.PEN_HELD, False)
    else:  # the rule alone lets both through: only the database's last wall is left
        assert lost_first
        assert isinstance(results[0], IntegrityError)
    assert Submission.objects.filter(dossier=home.dossier).count() == 1
    assert Pen.objects.filter(dossier=home.dossier, released_at=None).count() == 1


@WITH_AND_WITHOUT_LOCKS
def test_an_entry_waits_for_the_council_that_is_being_opened_and_is_refused(locks):
    clock.pretend(DURING_INTENTIONS)
    home = family()
    division = home.student.division
    council(home)
    stop = Stop('UPDATE "orientation_classcouncil"')

    def open_it():
        return actions.open_council(
            uai=division.school.uai, year=2025, level="3E", division=division.code, phase="PROVISIONAL",
            held_on=None, by=SIECLE,
        )  # fmt: skip

    with two(locks=locks) as run:
        opening = run.start(open_it, stop)
        assert stop.reached.wait(10)
        entering = run.start(lambda: submit(home, home.mother, [GT]))
        if locks:
            assert waits(entering)
        else:
            late = outcome(entering)
        stop.go.set()
        opened_at = outcome(opening).opened_at
    if locks:
        assert outcome(entering).code == Refusal.COUNCIL_OPEN
        assert not Submission.objects.filter(dossier=home.dossier).exists()
    else:  # taken after the opening's instant: exactly what must never be
        assert late.submitted_at > opened_at


@WITH_AND_WITHOUT_LOCKS
def test_an_opening_waits_for_the_entry_in_progress_so_that_nothing_accepted_is_late(locks):
    clock.pretend(DURING_INTENTIONS)
    home = family()
    division = home.student.division
    council(home)
    stop = Stop('INSERT INTO "orientation_submission"')

    def open_it():
        return actions.open_council(
            uai=division.school.uai, year=2025, level="3E", division=division.code, phase="PROVISIONAL",
            held_on=None, by=SIECLE,
        )  # fmt: skip

    with two(locks=locks) as run:
        entering = run.start(lambda: submit(home, home.mother, [GT]), stop)
        assert stop.reached.wait(10)
        opening = run.start(open_it)
        if not locks:
            assert isinstance(outcome(opening), ClassCouncil)  # opened while an entry was being written
        else:
            assert waits(opening)
        stop.go.set()
        entry, opened = outcome(entering), outcome(opening)
    assert isinstance(entry, Submission)
    if locks:
        assert entry.submitted_at <= opened.opened_at


@WITH_AND_WITHOUT_LOCKS
def test_a_double_submit_makes_one_entry(locks):
    clock.pretend(DURING_INTENTIONS)
    home = family()
    stop = Stop('INSERT INTO "orientation_pen"')
    with two(locks=locks) as run:
        first = run.start(lambda: submit(home, home.mother, [GT, PRO]), stop)
        assert stop.reached.wait(10)
        second = run.start(lambda: submit(home, home.mother, [GT, PRO]))
        if locks:
            assert waits(second)
        else:
            outcome(second)
        stop.go.set()
        results = [outcome(first), outcome(second)]
    if locks:
        assert results[0].uuid == results[1].uuid
    else:
        assert any(isinstance(one, IntegrityError) for one in results)
    assert Submission.objects.filter(dossier=home.dossier).count() == 1


@WITH_AND_WITHOUT_LOCKS
def test_two_representatives_acknowledging_at_once_make_one_acknowledgement(locks):
    clock.pretend(DURING_OPINIONS)
    home = family()
    read = statement(home, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS - timedelta(days=1))
    stop = Stop('INSERT INTO "orientation_acknowledgement"')

    def sign(by):
        return actions.acknowledge(dossier=home.dossier.uuid, statement=read.uuid, by=actor(by))

    with two(locks=locks) as run:
        first = run.start(lambda: sign(home.mother), stop)
        assert stop.reached.wait(10)
        second = run.start(lambda: sign(home.father))
        if locks:
            assert waits(second)
        else:
            outcome(second)
        stop.go.set()
        results = [outcome(first), outcome(second)]
    if locks:
        assert results[1].code == Refusal.ALREADY_ACKNOWLEDGED
    else:
        assert isinstance(results[0], IntegrityError)
    assert Acknowledgement.objects.filter(statement=read).count() == 1


@WITH_AND_WITHOUT_LOCKS
def test_two_answers_at_once_make_one_answer_and_one_decision(locks):
    clock.pretend(DURING_CHOICES)
    home = family()
    actions.lift_gate(dossier=home.dossier.uuid, reason="essai", user=home.mother.user, by=actor(home.mother))
    entry = actions.submit_choices(
        dossier=home.dossier.uuid, phase="DEFINITIVE", choices=[GT, PRO], base_version=0, by=actor(home.mother)
    )
    clock.pretend(DURING_PROPOSALS)
    said = statement(
        home, "DEFINITIVE", answers=[(GT, "OUI"), (PRO, "OUI")], submission=entry,
        published_at=DURING_PROPOSALS - timedelta(days=1),
    )  # fmt: skip
    stop = Stop('INSERT INTO "orientation_familyanswer"')

    def reply(kind, accepted):
        return actions.answer_proposals(
            dossier=home.dossier.uuid, statement=said.uuid, kind=kind, accepted=accepted, by=actor(home.mother)
        )

    with two(locks=locks) as run:
        first = run.start(lambda: reply("ACCEPTED", [("2GT", "")]), stop)
        assert stop.reached.wait(10)
        second = run.start(lambda: reply("REFUSED", []))
        if locks:
            assert waits(second)
        else:
            outcome(second)
        stop.go.set()
        results = [outcome(first), outcome(second)]
    if locks:
        assert results[1].code == Refusal.ALREADY_ANSWERED
        assert home.dossier.decisions.count() == 1
    else:
        assert isinstance(results[0], IntegrityError)
    assert FamilyAnswer.objects.filter(statement=said).count() == 1


def switch_off(of):
    return actions.switch_service(
        campaign=of.dossier.campaign, school=of.student.school, enabled=False, user=of.mother.user, by=SIECLE
    )


def close_early(of):
    closes_at = DURING_INTENTIONS - timedelta(hours=1)
    return actions.set_closing(
        campaign=of.dossier.campaign, school=of.student.school, phase="PROVISIONAL", closes_at=closes_at,
        user=of.mother.user, by=SIECLE,
    )  # fmt: skip


@WITH_AND_WITHOUT_LOCKS
@pytest.mark.parametrize(
    ("act", "table", "code"),
    [
        (switch_off, "orientation_serviceswitch", Refusal.SERVICE_OFF),
        (close_early, "orientation_schoolclosing", Refusal.ENTRY_CLOSED),
    ],
)
def test_a_service_being_switched_off_or_closed_takes_no_entry_any_more(act, table, code, locks):
    clock.pretend(DURING_INTENTIONS)
    home = family()
    stop = Stop(f'INSERT INTO "{table}"')
    with two(locks=locks) as run:
        closing = run.start(lambda: act(home), stop)
        assert stop.reached.wait(10)
        entering = run.start(lambda: submit(home, home.mother, [GT]))
        if locks:
            assert waits(entering)
        else:
            late = outcome(entering)
        stop.go.set()
        row = outcome(closing)
    if locks:
        assert outcome(entering).code == code
    else:
        assert late.submitted_at > row.at


def test_the_hour_that_counts_is_read_once_the_lock_is_taken():
    """CAL-08: an entry that waited beyond the closing second is late."""
    clock.pretend(INTENTIONS_CLOSE - timedelta(minutes=1))
    home = family()
    with two() as run:
        with transaction.atomic():
            hold_calendar(home.student.school_id)
            entering = run.start(lambda: submit(home, home.mother, [GT]))
            assert waits(entering)
            clock.pretend(INTENTIONS_CLOSE)
        assert outcome(entering).code == Refusal.ENTRY_CLOSED


def test_one_recap_waits_for_a_session_even_when_two_changes_race():
    clock.pretend(DURING_INTENTIONS)
    home = family()
    sid = uuid4()
    by = actor(home.mother, sid)
    dossier = home.dossier.uuid
    actions.submit_choices(dossier=dossier, phase="PROVISIONAL", choices=[GT], base_version=0, by=by)
    with two() as run:
        tries = [
            run.start(
                lambda choices=choices: actions.submit_choices(
                    dossier=dossier, phase="PROVISIONAL", choices=choices, base_version=1, by=by
                )
            )
            for choices in ([GT, PRO], [PRO, GT])
        ]
        results = [outcome(one) for one in tries]
    assert sorted(type(one).__name__ for one in results) == ["RuleBroken", "Submission"]
    assert next(one for one in results if isinstance(one, RuleBroken)).code == Refusal.STALE
    assert actions.sign_out(sid=sid) == 2  # one for each representative


@WITH_AND_WITHOUT_LOCKS
def test_a_window_being_shortened_takes_no_entry_any_more(locks):
    clock.pretend(DURING_INTENTIONS)
    home = family()
    windows = {(one.phase, one.kind): (one.opens_at, one.closes_at) for one in home.dossier.campaign.windows.all()}
    opens_at, _ = windows["PROVISIONAL", "ENTRY"]
    shorter = {**windows, ("PROVISIONAL", "ENTRY"): (opens_at, DURING_INTENTIONS - timedelta(hours=1))}
    stop = Stop('INSERT INTO "ledger_journalentry"')
    with two(locks=locks) as run:
        shortening = run.start(lambda: set_calendar(campaign=home.dossier.campaign, windows=shorter, by=SIECLE), stop)
        assert stop.reached.wait(10)
        entering = run.start(lambda: submit(home, home.mother, [GT]))
        late = waits(entering) if locks else outcome(entering)
        stop.go.set()
        outcome(shortening)
    if locks:
        assert late is True
        assert outcome(entering).code == Refusal.ENTRY_CLOSED
    else:  # taken although the window had been shortened: exactly what must never be
        assert isinstance(late, Submission)
