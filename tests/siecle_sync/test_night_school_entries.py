"""What the school typed, what the family entered, and what a failed night leaves of both (SIE-02…05)."""

from datetime import timedelta

import pytest

from families.models import Division
from ledger import clock
from orientation.models import CouncilStatement, StatementWithdrawal, Submission
from orientation.reading import load_facts
from orientation.rules import entry_in_force, entry_to_show, last_statement, not_processed
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockEntry
from tests import factories
from tests.factories import CAP, DURING_INTENTIONS, DURING_OPINIONS, GT, Family
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, COUNCIL_DAY, FIRST_NIGHT, MORNING, SECOND_NIGHT, letters, until_opinions

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def family() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def types(family: Family, pathway: str = "CAP") -> MockEntry:
    return desk.type_entry(
        world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": pathway}], by="le secrétariat"
    )


def examined_here(family: Family) -> list[str]:
    entry = entry_in_force(load_facts(family.dossier.uuid), "PROVISIONAL")
    return [one.pathway for one in entry.choices] if entry else []


def examined_there(family: Family) -> list[str]:
    entry = desk.entry_in_force(world.pupil(family), "PROVISIONAL")
    return [one["pathway"] for one in entry.choices] if entry else []


def test_typed_before_the_family_entered_the_family_s_replaces_it_on_both_sides(family: Family) -> None:
    world.night(FIRST_NIGHT - timedelta(days=1))
    types(family)
    clock.pretend(DURING_INTENTIONS)
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.night(SECOND_NIGHT)
    assert (examined_here(family), examined_there(family)) == (["2GT"], ["2GT"])
    assert not Submission.objects.filter(author_kind="SCHOOL").exists()
    assert MockEntry.objects.get(source="SCHOOL").replaced_at is not None


def test_typed_after_the_family_entered_the_family_s_replaces_it_on_both_sides(family: Family) -> None:
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    types(family)
    world.opens(family)
    world.night(SECOND_NIGHT)
    assert (examined_here(family), examined_there(family)) == (["2GT"], ["2GT"])


def test_typed_alone_it_is_examined_and_the_family_reads_it_with_the_opinions(family: Family) -> None:
    world.night(FIRST_NIGHT)
    types(family)
    world.opens(family)
    world.says(family, ("CAP", "Favorable"))
    world.night(SECOND_NIGHT)
    assert (examined_here(family), examined_there(family)) == (["CAP"], ["CAP"])
    facts = load_facts(family.dossier.uuid)
    assert entry_to_show(facts, "PROVISIONAL", SECOND_NIGHT) is None
    assert entry_to_show(facts, "PROVISIONAL", MORNING).author_name == "le secrétariat"
    assert not letters("entry_changed_by_school")


def test_an_entry_held_back_by_a_failed_night_is_not_processed_and_what_the_school_typed_stands(
    family: Family, settings: object
) -> None:
    world.night(FIRST_NIGHT - timedelta(days=1))
    types(family)
    clock.pretend(DURING_INTENTIONS)
    late = world.enters(family, GT)
    settings.SIECLE_BASE_URL = "http://127.0.0.1:9"
    assert world.night(FIRST_NIGHT).state == "FAILED"
    settings.SIECLE_BASE_URL = ""
    world.opens(family)
    assert [one.uuid for one in not_processed(load_facts(family.dossier.uuid), "PROVISIONAL")] == [late.uuid]
    run = world.night(SECOND_NIGHT)
    assert (run.state, run.counters["out"]["not_processed"]) == ("FINISHED", 1)
    assert (examined_here(family), examined_there(family)) == (["CAP"], ["CAP"])
    assert {one.recipient_uuid for one in letters("entry_not_processed")} == {one.uuid for one in family.parents}


def test_the_last_accepted_version_stands_before_one_held_back_by_a_failed_night(
    family: Family, settings: object
) -> None:
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    clock.pretend(FIRST_NIGHT + timedelta(hours=8))
    world.enters(family, CAP)
    settings.SIECLE_BASE_URL = "http://127.0.0.1:9"
    assert world.night(FIRST_NIGHT + timedelta(days=1)).state == "FAILED"
    settings.SIECLE_BASE_URL = ""
    world.opens(family)
    world.night(SECOND_NIGHT)
    assert (examined_here(family), examined_there(family)) == (["2GT"], ["2GT"])


# --- SIE-05: a pupil who changed division since the council spoke ---------------------------------------------------


def moved(family: Family) -> Division:
    """The pupil is in another division from the next roster on."""
    family.student.division = factories.division(family.student.school, code="3 B")
    family.student.save()
    return family.student.division


def resets(family: Family, code: str) -> None:
    where = desk.find_division(uai=family.student.school.uai, year=2025, code=code)
    desk.reset_council(where, phase="PROVISIONAL")


def test_the_reset_of_the_council_that_spoke_withdraws_its_opinions_wherever_the_pupil_is(family: Family) -> None:
    until_opinions(family)
    clock.pretend(DURING_OPINIONS)
    moved(family)
    world.night(DURING_OPINIONS + timedelta(hours=7))
    clock.pretend(DURING_OPINIONS + timedelta(hours=14))
    world.opens(family, at=DURING_OPINIONS + timedelta(hours=14))  # the council of the new division
    resets(family, "3 B")
    assert not StatementWithdrawal.objects.exists()
    assert last_statement(load_facts(family.dossier.uuid), "PROVISIONAL") is not None
    assert desk.statement_in_force(world.pupil(family), "PROVISIONAL") is not None
    resets(family, "3 A")
    assert StatementWithdrawal.objects.get().reason == "RESET"
    assert desk.statement_in_force(world.pupil(family), "PROVISIONAL") is None


def test_opinions_of_the_day_of_a_reset_are_never_published_for_a_pupil_who_moved(family: Family) -> None:
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    moved(family)
    clock.pretend(COUNCIL_DAY + timedelta(hours=1))
    resets(family, "3 A")
    world.night(SECOND_NIGHT)
    assert not CouncilStatement.objects.exists()
