"""What a night leaves for another: lists unchanged, lines that may heal, changes that a person must confirm."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from ledger import clock
from orientation.models import CouncilStatement
from siecle_sync import mass_changes
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockLine, MockOutbound, MockPupil
from siecle_sync.models import HeldLine, MassChange, RosterReceipt, Run, RunLine
from tests import factories
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, COUNCIL_DAY, FIRST_NIGHT, SECOND_NIGHT

pytestmark = [pytest.mark.django_db(databases=BOTH)]


@pytest.fixture
def family():
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def sent(run) -> dict[str, int]:
    return run.counters["out"]["by_kind"]


# --- the lists -------------------------------------------------------------------------------------------------------


def test_lists_that_siecle_took_do_not_go_again_and_what_changed_does(family):
    assert sent(world.night(FIRST_NIGHT)) == {"DIVISION": 1, "PUPIL": 1}
    assert sent(world.night(FIRST_NIGHT + timedelta(days=1))) == {}
    family.student.usage_name = "Martin"
    family.student.save()
    assert sent(world.night(FIRST_NIGHT + timedelta(days=2))) == {"PUPIL": 1}
    assert world.pupil(family).usage_name == "Martin"
    family.student.division.label = "Troisième A"
    family.student.division.save()
    assert sent(world.night(FIRST_NIGHT + timedelta(days=3))) == {"DIVISION": 1}


def test_pupil_who_changes_class_or_school_or_leaves_is_told_where_they_are_and_where_no_more(family):
    world.night(FIRST_NIGHT)
    student, before = family.student, family.student.siecle_id
    student.division = factories.division(student.school, code="3B")
    student.save()
    assert sent(world.night(FIRST_NIGHT + timedelta(days=1))) == {"DIVISION": 1, "PUPIL": 1}
    assert world.pupil(family).division.code == "3B"
    elsewhere = factories.division(factories.school(academy=student.school.academy))
    left, student.school, student.division, student.siecle_id = student.school.uai, elsewhere.school, elsewhere, 77
    student.save()
    assert sent(world.night(FIRST_NIGHT + timedelta(days=2)))["PUPIL"] == 2
    known = MockPupil.objects.order_by("eleve_id").values_list("uai", "eleve_id", "present")
    assert set(known) == {(left, before, False), (elsewhere.school.uai, 77, True)}
    student.scope = "OUT"
    student.save()
    assert sent(world.night(FIRST_NIGHT + timedelta(days=3))) == {"PUPIL": 1}
    assert not MockPupil.objects.filter(present=True).exists()
    assert not RosterReceipt.objects.filter(kind="PUPIL").exists()
    assert sent(world.night(FIRST_NIGHT + timedelta(days=4))) == {}


def test_pupil_whom_siecle_has_forgotten_is_announced_again(family):
    world.night(FIRST_NIGHT)
    MockLine.objects.all().delete()
    MockPupil.objects.all().delete()
    world.enters(family)
    run = world.night(FIRST_NIGHT + timedelta(days=1))
    assert RunLine.objects.get(run=run).code == "UNKNOWN_PUPIL"
    assert sent(world.night(FIRST_NIGHT + timedelta(days=2))) == {"PUPIL": 1, "ENTRY": 1}
    assert sent(world.night(FIRST_NIGHT + timedelta(days=3))) == {}


# --- lines that may heal ---------------------------------------------------------------------------------------------


def said_of_an_entry_not_known(family) -> MockOutbound:
    """Siècle answers a request that comes to us later: its feed was cut in two."""
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    line = MockOutbound.objects.get(kind="STATEMENT")
    line.payload["submission_ref"] = "not-yet"
    line.save()
    return line


def test_line_that_may_heal_waits_here_and_the_feed_goes_on(family):
    said_of_an_entry_not_known(family)
    run = world.night(SECOND_NIGHT)
    held = HeldLine.objects.get()
    assert (held.code, held.uai, held.line["kind"]) == ("UNKNOWN_ENTRY", family.student.school.uai, "STATEMENT")
    assert run.parts.get().cursor == MockOutbound.objects.latest("seq").seq
    later = world.night(SECOND_NIGHT + timedelta(days=1))
    assert (later.counters["in"]["read"], later.counters["in"]["rejected"]) == (1, 1)
    assert HeldLine.objects.get().since == held.since
    entry = str(family.dossier.submissions.get().uuid)
    held.line["payload"] = held.line["payload"].replace("not-yet", entry)  # what was missing has come
    HeldLine.objects.update(line=held.line)
    assert world.night(SECOND_NIGHT + timedelta(days=2)).counters["in"]["accepted"] == 1
    assert (CouncilStatement.objects.count(), HeldLine.objects.count()) == (1, 0)
    assert world.night(SECOND_NIGHT + timedelta(days=3)).counters["in"]["read"] == 0


def test_line_wrong_in_itself_does_not_wait(family):
    line = said_of_an_entry_not_known(family)
    line.payload["answers"][0]["pathway"] = "LICENCE"
    line.save()
    world.night(SECOND_NIGHT)
    assert (RunLine.objects.get(direction="IN").code, HeldLine.objects.count()) == ("UNKNOWN_PATHWAY", 0)


# --- a person must say -----------------------------------------------------------------------------------------------


@pytest.fixture
def school(settings):
    settings.NIGHT_MASS_CHANGE_LEAST, settings.NIGHT_MASS_CHANGE_SHARE = 2, 0.5
    return world.four_read_their_opinions()


def change(homes) -> None:
    for one in homes:
        world.says(one, ("2GT", "Réservé"))


def live() -> int:
    return CouncilStatement.objects.filter(withdrawal__isnull=True, answers__value="Favorable").count()


def test_half_of_the_opinions_changed_pass(school):
    change(school[:2])
    world.night(SECOND_NIGHT + timedelta(days=1))
    assert (live(), MassChange.objects.count()) == (2, 0)


def test_more_than_half_of_the_opinions_changed_wait_for_somebody_and_are_taken_when_confirmed(school):
    change(school[:3])
    run = world.night(SECOND_NIGHT + timedelta(days=1))
    waiting = MassChange.objects.get()
    assert (live(), waiting.touched, waiting.standing, waiting.verdict) == (4, 3, 4, "")
    assert {line.code for line in RunLine.objects.filter(run=run)} == {"MASS_CHANGE"}
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert (live(), MassChange.objects.get().pk) == (4, waiting.pk)
    by = factories.staff(school[0].student.school.academy, role="ACADEMY")
    mass_changes.settle(waiting, verdict="TAKE", reason="erreur de saisie corrigée", by=by)
    world.night(SECOND_NIGHT + timedelta(days=3))
    assert (live(), HeldLine.objects.count()) == (1, 0)
    with pytest.raises(mass_changes.AlreadySettled):
        mass_changes.settle(waiting, verdict="REFUSE", reason="", by=by)


def test_mass_change_refused_by_a_person_is_never_taken(school):
    change(school[:3])
    world.night(SECOND_NIGHT + timedelta(days=1))
    mass_changes.settle(MassChange.objects.get(), verdict="REFUSE", reason="fausse manœuvre", by=school[0].mother.user)
    run = world.night(SECOND_NIGHT + timedelta(days=2))
    assert {line.code for line in RunLine.objects.filter(run=run)} == {"REFUSED_BY_ACADEMY"}
    assert (live(), HeldLine.objects.count()) == (4, 0)
    clock.freeze(SECOND_NIGHT + timedelta(days=2, hours=10))
    world.says(school[3], ("2GT", "Défavorable"))  # what comes later is judged anew
    world.night(SECOND_NIGHT + timedelta(days=3))
    assert live() == 3


def test_reset_missed_by_the_callback_that_withdraws_every_opinion_waits_too(school, settings):
    settings.SIECLE_CALLBACK_TOKEN = "changed"
    where = world.division(school[0])
    settings.SIECLE_BASE_URL = ""
    line = MockOutbound.objects.create(
        academy="10", kind="COUNCIL", uai=where.uai, year=2025, level="3E", phase="PROVISIONAL", division=where.code,
        at=clock.now(), payload={"event": "RESET", "held_on": COUNCIL_DAY.date().isoformat()},
    )  # fmt: skip
    run = world.night(SECOND_NIGHT + timedelta(days=1))
    assert (live(), RunLine.objects.get(run=run).code) == (4, "MASS_CHANGE")
    assert MassChange.objects.get().up_to == line.seq


def test_other_schools_go_on_while_one_waits(school):
    other = factories.family(of=factories.division(factories.school(academy=school[0].student.school.academy)))
    world.night(SECOND_NIGHT + timedelta(days=1))
    clock.freeze(SECOND_NIGHT + timedelta(days=1, hours=10))
    change(school[:3])
    desk.open_council(world.division(other), phase="PROVISIONAL", held_on=COUNCIL_DAY.date())
    world.says(other, ("2GT", "Favorable"))
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert (live(), MassChange.objects.count()) == (5, 1)


def test_mass_change_that_is_one_no_more_is_forgotten(school, settings):
    change(school[:3])
    world.night(SECOND_NIGHT + timedelta(days=1))
    settings.NIGHT_MASS_CHANGE_LEAST = 10
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert (live(), MassChange.objects.count()) == (1, 0)


def test_line_that_waits_is_signalled_the_night_it_begins_to(family):
    said_of_an_entry_not_known(family)
    first, second = world.night(SECOND_NIGHT), world.night(SECOND_NIGHT + timedelta(days=1))
    assert [RunLine.objects.filter(run=run, code="UNKNOWN_ENTRY").count() for run in (first, second)] == [1, 0]


# --- Siècle was restored from a copy ---------------------------------------------------------------------------------


def test_everything_is_told_and_read_again_on_demand_and_what_was_taken_stays(family):
    world.until_opinions(family)
    Run.objects.update(state="FAILED")  # another part of it failed: what this one took is read again all the same
    clock.pretend(SECOND_NIGHT + timedelta(days=1))
    call_command("siecle_night", academy="10", afresh=True)
    run = Run.objects.latest("pk")
    assert sent(run) == {"DIVISION": 1, "PUPIL": 1}
    assert (run.counters["in"]["read"], run.counters["in"]["unchanged"]) == (2, 2)
    assert CouncilStatement.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("siecle_night", afresh=True, dry_run=True)
