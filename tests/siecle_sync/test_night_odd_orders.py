"""Nights in odd orders: councils reset, clocks that differ, people who change, servers that die (SIE-01…03, OPI-01)."""

from datetime import timedelta

import pytest

from ledger import clock
from ledger.journal import SIECLE
from ledger.models import JournalEntry, OutgoingEmail
from orientation.actions.calendar import set_calendar
from orientation.models import Decision, SiecleReceipt
from orientation.reading import load_facts
from orientation.rules import not_processed
from siecle_sync.mock import desk
from siecle_sync.models import Run, RunLine
from siecle_sync.night import due_academies
from tests import factories
from tests.factories import CAP, DURING_INTENTIONS, GT
from tests.siecle_sync import world
from tests.siecle_sync.world import (
    BOTH,
    COUNCIL_DAY,
    FIRST_NIGHT,
    MORNING,
    SECOND_NIGHT,
    letters,
    published,
    until_opinions,
    until_proposals,
)

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def family():
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def test_entry_that_came_too_late_is_taken_when_validated_again_after_the_council_was_reset(family):
    world.night(FIRST_NIGHT)
    clock.pretend(FIRST_NIGHT + timedelta(hours=10))
    late = world.enters(family, CAP)
    desk.open_council(world.division(family), phase="PROVISIONAL")
    world.night(FIRST_NIGHT + timedelta(days=1))
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    assert [one.uuid for one in not_processed(load_facts(family.dossier.uuid), "PROVISIONAL")] == [late.uuid]
    again = world.enters(family, CAP)
    assert (again.version, not_processed(load_facts(family.dossier.uuid), "PROVISIONAL")) == (2, ())
    world.night(FIRST_NIGHT + timedelta(days=2))
    assert SiecleReceipt.objects.get(ref=again.uuid).outcome == "ACCEPTED"
    assert desk.entry_in_force(world.pupil(family), "PROVISIONAL").ref == str(again.uuid)


def test_pupil_of_age_is_told_what_the_night_brought_beside_the_parents(family):
    adult = factories.family(of=family.student.division, birth_date=DURING_INTENTIONS.date().replace(year=2008))
    tomorrow = DURING_INTENTIONS.date().replace(year=2008, month=6)
    minor = factories.family(of=family.student.division, birth_date=tomorrow)
    clock.freeze(DURING_INTENTIONS)
    for one, author in ((adult, adult.student), (minor, minor.mother)):
        world.enters(one, GT, by=author)
    world.night(FIRST_NIGHT)
    clock.pretend(COUNCIL_DAY - timedelta(days=20))
    world.enters(adult, CAP, by=adult.student)
    world.opens(adult)
    for one in (adult, minor):
        world.says(one, ("2GT", "Favorable"))
    world.night(SECOND_NIGHT)
    told = {(letter.kind, letter.recipient_uuid) for letter in OutgoingEmail.objects.exclude(kind__startswith="recap")}
    persons = {adult.student.uuid, *(parent.uuid for parent in adult.parents)}
    assert {reader for kind, reader in told if kind == "entry_not_processed"} == persons
    assert {reader for kind, reader in told if kind == "opinions_available"} == persons | {
        parent.uuid for parent in minor.parents
    }


def test_what_the_family_accepted_is_decided_whatever_the_school_types_before_it_knows(family):
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "ACCEPTED", ("2PRO", ""))
    desk.record_head_decision(world.pupil(family), pathways=[("CAP", "")])
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert Decision.objects.get().origin == "ACCEPTANCE"
    assert RunLine.objects.get(run=run, direction="IN").code == "ALREADY_DECIDED"
    desk.reset_council(world.division(family), phase="DEFINITIVE")
    world.opens(family, at=factories.DURING_PROPOSALS + timedelta(hours=20), phase="DEFINITIVE")
    world.says(family, ("2GT", "OUI"), ("2PRO", "NON"), phase="DEFINITIVE")
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=31))
    assert RunLine.objects.get(run=run, direction="IN").code == "ALREADY_DECIDED"
    assert not letters("opinions_changed")


def test_opinion_of_a_council_reaches_a_pupil_who_has_changed_division_since(family):
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    family.student.division = factories.division(family.student.school, code="3 B")
    family.student.save()
    assert world.night(SECOND_NIGHT).counters["in"]["rejected"] == 0
    assert published(family).answers.get().value == "Favorable"


def test_line_dated_by_a_clock_ahead_of_ours_is_taken_the_next_night(family):
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    world.opens(family)
    clock.pretend(SECOND_NIGHT + timedelta(minutes=1))
    world.says(family, ("2GT", "Favorable"))
    run = world.night(SECOND_NIGHT)
    assert RunLine.objects.get(run=run, direction="IN").code == "FUTURE_DATE"
    assert world.night(SECOND_NIGHT + timedelta(days=1)).counters["in"]["accepted"] == 1


def test_opinion_given_the_day_of_a_night_played_by_day_is_read_the_next_morning(family):
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    world.night(COUNCIL_DAY + timedelta(hours=1))
    assert published(family).published_at == MORNING


def test_school_where_the_night_of_its_academy_is_still_evening_reads_the_next_morning():
    clock.freeze(DURING_INTENTIONS)
    far = factories.school(own_timezone="America/Miquelon")
    family = factories.family(of=factories.division(far))
    until_opinions(family)
    assert published(family).published_at == MORNING + timedelta(hours=4)


def test_night_opens_the_dossier_of_a_pupil_imported_since_and_of_a_campaign_without_any(family):
    factories.student(family.student.division)
    assert world.night(FIRST_NIGHT).counters["out"]["by_kind"]["PUPIL"] == 2
    elsewhere = factories.academy("09", name="Lille")
    factories.student(factories.division(factories.school(academy=elsewhere)))
    factories.campaign(of=elsewhere)
    clock.pretend(FIRST_NIGHT + timedelta(days=1))
    assert [one.code for one in due_academies()] == ["09", "10"]


def test_night_that_died_with_its_server_is_said_to_have_failed_by_the_next_one(family):
    world.night(FIRST_NIGHT)
    dead = Run.objects.get()
    Run.objects.update(state="RUNNING", ended_at=None)
    assert world.night(FIRST_NIGHT + timedelta(days=1)).state == "FINISHED"
    dead.refresh_from_db()
    assert (dead.state, dead.ended_at is not None) == ("FAILED", True)


def test_opinions_whose_reading_is_put_off_are_announced_when_they_can_be_read(family):
    until_opinions(family)
    campaign = family.dossier.campaign
    later = MORNING + timedelta(days=3)
    windows = {**factories.CALENDAR, ("PROVISIONAL", "CONSULTATION"): (later, factories.OPINIONS_CLOSE)}
    set_calendar(campaign=campaign, windows=windows, by=SIECLE)
    assert {one.not_before for one in letters("opinions_available")} == {later}
    clock.pretend(DURING_INTENTIONS + timedelta(days=42, hours=12))
    world.says(family, ("2GT", "Réservé"))
    world.night(later - timedelta(hours=5))
    assert not letters("opinions_changed")  # nobody had read the first ones


def test_night_decides_when_the_last_one_awaited_is_no_longer_a_legal_representative():
    clock.freeze(DURING_INTENTIONS)
    family = factories.family(policies={"answered_by": "ALL"})
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "ACCEPTED", ("2PRO", ""))
    world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert not Decision.objects.exists()
    family.student.guardianships.filter(representative=family.father).update(ended_on=clock.now().date())
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=31))
    assert Decision.objects.get().pathways.get().pathway == "2PRO"
    assert run.counters["out"]["by_kind"]["DECISION"] == 1
    assert [one.recipient_uuid for one in letters("decision_recorded")] == [family.mother.uuid]


def test_decision_of_the_appeal_commission_comes_after_the_heads_once(family):
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "REFUSED")
    desk.record_head_decision(world.pupil(family), pathways=[("CAP", "")])
    desk.record_head_decision(world.pupil(family), pathways=[("2GT", "")], on_appeal=True)
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert run.counters["in"]["rejected"] == 0
    decisions = load_facts(family.dossier.uuid).decisions
    assert [(one.origin, one.pathways) for one in decisions] == [
        ("HEAD", (("CAP", ""),)),
        ("APPEAL", (("2GT", ""),)),
    ]
    with pytest.raises(desk.DeskRefused):
        desk.record_head_decision(world.pupil(family), pathways=[("2PRO", "")], on_appeal=True)


def test_decision_of_the_head_stands_before_an_acceptance_that_the_school_recorded_after_it(family):
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    desk.record_head_decision(world.pupil(family), pathways=[("CAP", "")])
    desk.record_answer(world.pupil(family), kind="ACCEPTED", accepted=[("2PRO", "")])
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert Decision.objects.get().origin == "HEAD"
    assert RunLine.objects.get(run=run, direction="IN").code == "ALREADY_DECIDED"


def test_what_follows_a_reset_that_the_callback_missed_is_not_dated_before_it(family, settings):
    until_opinions(family)
    clock.pretend(factories.DURING_OPINIONS)
    settings.SIECLE_BASE_URL = settings.PUBLIC_URL = "http://127.0.0.1:9"
    said = {"asked_by": "Awa Diallo", "asked_on": factories.DURING_OPINIONS.date()}
    desk.change_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "CAP"}], **said)
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    settings.SIECLE_BASE_URL = ""
    assert world.night(factories.DURING_OPINIONS + timedelta(hours=7)).counters["in"]["accepted"] == 2
    changed = JournalEntry.objects.get(verb="entry_changed_by_school")
    assert published(family).withdrawal.reason == "RESET"
    assert published(family).withdrawal.at <= changed.at
