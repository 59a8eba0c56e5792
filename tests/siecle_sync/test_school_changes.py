"""The school changes a family's entry at its request, from the opening of the council on (SIE-04, MAI-05)."""

from datetime import date, timedelta

import pytest

from ledger import clock
from ledger.models import JournalEntry, OutgoingEmail
from orientation.actions import submit_choices
from orientation.models import CouncilStatement, StatementWithdrawal, Submission
from orientation.reading import load_facts
from orientation.rules import entry_in_force, last_statement
from siecle_sync.mock import desk, feed
from siecle_sync.mock.models import MockEntry, MockOutbound
from siecle_sync.models import RunLine
from tests import factories
from tests.factories import CAP, DURING_INTENTIONS, DURING_OPINIONS, DURING_PROPOSALS, GT, PRO, actor
from tests.siecle_sync import world
from tests.siecle_sync.world import (
    BOTH,
    COUNCIL_DAY,
    FIRST_NIGHT,
    SECOND_NIGHT,
    letters,
    published,
    until_opinions,
    until_proposals,
)

pytestmark = pytest.mark.django_db(databases=BOTH)
ASKED_ON = COUNCIL_DAY.date()
NEXT_NIGHT = DURING_OPINIONS + timedelta(hours=7)


@pytest.fixture
def family():
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def changes(family, *pathways: str, phase: str = "PROVISIONAL", asked_by: str = "Awa Diallo", asked_on=ASKED_ON):
    choices = [{"pathway": one} for one in pathways]
    return desk.change_entry(
        world.pupil(family), phase=phase, choices=choices, asked_by=asked_by, asked_on=asked_on, by="le secrétariat"
    )


def refusal_of(family, *pathways: str, **said) -> str:
    with pytest.raises(desk.DeskRefused) as refused:
        changes(family, *pathways, **said)
    return refused.value.code


def in_force(family, phase: str = "PROVISIONAL"):
    return entry_in_force(load_facts(family.dossier.uuid), phase)


def examined(family, phase: str = "PROVISIONAL") -> list[str]:
    """The pathways that the simulated Siècle examines."""
    entry = desk.entry_in_force(world.pupil(family), phase)
    return [one["pathway"] for one in entry.choices] if entry else []


def code_of(run) -> str:
    return RunLine.objects.get(run=run, direction="IN").code


def opened(family, *choices):
    world.enters(family, *(choices or [GT]))
    world.night(FIRST_NIGHT)
    world.opens(family)


def test_a_change_is_a_new_version_and_the_first_one_is_kept(family):
    opened(family, GT, PRO)
    changes(family, "CAP", "2GT")
    run = world.night(SECOND_NIGHT)
    assert (run.counters["in"]["accepted"], run.counters["in"]["rejected"]) == (1, 0)
    first, changed = Submission.objects.order_by("version")
    assert (first.version, [one.pathway for one in first.choices.all()]) == (1, ["2GT", "2PRO"])
    assert (changed.version, changed.author_kind, changed.author_name) == (2, "SCHOOL", "le secrétariat")
    assert (changed.asked_by, changed.asked_on) == ("Awa Diallo", ASKED_ON)
    assert [one.pathway for one in changed.choices.all()] == ["CAP", "2GT"]
    assert in_force(family).uuid == changed.uuid


def test_a_change_withdraws_the_opinions_already_read_and_the_next_ones_are_about_the_new_list(family):
    until_opinions(family)
    clock.pretend(DURING_OPINIONS)
    first = published(family)
    world.acknowledges(family, first.uuid)
    changes(family, "CAP", asked_on=DURING_OPINIONS.date())
    world.night(NEXT_NIGHT)
    assert first.withdrawal.reason == "ENTRY_CHANGED"
    assert last_statement(load_facts(family.dossier.uuid), "PROVISIONAL") is None
    clock.pretend(NEXT_NIGHT + timedelta(hours=9))
    world.says(family, ("CAP", "Favorable"))
    world.night(NEXT_NIGHT + timedelta(days=1))
    second = published(family)
    assert second.submission.asked_by == "Awa Diallo"
    assert list(second.answers.values_list("pathway", "requested")) == [("CAP", True)]
    assert len(letters("opinions_changed")) == 2
    assert first.acknowledgement.author_name == family.mother.full_name


def test_who_asked_is_in_the_history_and_both_parents_and_the_pupil_of_age_are_told_once(family):
    adult = factories.family(of=family.student.division, birth_date=date(2008, 1, 1))
    for one, author in ((family, family.mother), (adult, adult.student)):
        world.enters(one, GT, by=author)
    world.night(FIRST_NIGHT)
    world.opens(family)
    for one in (family, adult):
        changes(one, "2PRO")
        changes(one, "CAP")
    world.night(SECOND_NIGHT)
    told = letters("entry_changed_by_school")
    persons = {parent.uuid for parent in (*family.parents, *adult.parents)} | {adult.student.uuid}
    assert sorted(one.recipient_uuid for one in told) == sorted(persons)
    last = set(Submission.objects.filter(version=3).values_list("uuid", flat=True))
    assert {one.about for one in told} == last
    noted = JournalEntry.objects.filter(verb="entry_changed_by_school", dossier_uuid=family.dossier.uuid)
    assert [(one.data["version"], one.data["asked_by"], one.data["asked_on"]) for one in noted.order_by("pk")] == [
        (2, "Awa Diallo", "2026-03-02"),
        (3, "Awa Diallo", "2026-03-02"),
    ]
    assert noted[0].actor_kind == "SIECLE"


def test_the_same_night_twice_changes_nothing_more(family):
    until_opinions(family)
    clock.pretend(DURING_OPINIONS)
    changes(family, "CAP", asked_on=DURING_OPINIONS.date())
    world.night(NEXT_NIGHT)
    before = [list(table.objects.order_by("pk").values()) for table in (Submission, StatementWithdrawal, OutgoingEmail)]
    world.night(NEXT_NIGHT + timedelta(minutes=5))
    after = [list(table.objects.order_by("pk").values()) for table in (Submission, StatementWithdrawal, OutgoingEmail)]
    assert before == after


def test_a_change_never_crosses_back(family):
    opened(family)
    changes(family, "CAP")
    world.night(SECOND_NIGHT)
    again = world.night(SECOND_NIGHT + timedelta(days=1))
    assert "ENTRY" not in again.counters["out"]["by_kind"]


def test_opinions_typed_before_the_change_of_the_same_day_are_never_published(family):
    opened(family)
    world.says(family, ("2GT", "Favorable"))
    changes(family, "CAP")
    run = world.night(SECOND_NIGHT)
    assert not CouncilStatement.objects.exists()
    assert code_of(run) == "SUPERSEDED"
    assert not letters("opinions_available")


def test_a_statement_about_the_list_before_the_change_is_set_aside(family):
    opened(family)
    former = Submission.objects.get()
    changes(family, "CAP")
    answers = [{"pathway": "2GT", "series": "", "requested": True, "value": "Favorable", "comment": ""}]
    feed.tell_pupil(
        "STATEMENT", world.pupil(family), phase="PROVISIONAL", at=clock.now(), ref="late", version=1,
        payload={"submission_ref": str(former.uuid), "answers": answers},
    )  # fmt: skip
    run = world.night(SECOND_NIGHT)
    assert code_of(run) == "SUPERSEDED"
    assert not CouncilStatement.objects.exists()


def test_the_desk_refuses_what_may_not_be_changed(family):
    world.enters(family)
    world.night(FIRST_NIGHT)
    assert refusal_of(family, "CAP", asked_on=FIRST_NIGHT.date()) == "COUNCIL_NOT_OPEN"
    world.opens(family)
    assert refusal_of(family, "2GT") == "SAME_LIST"
    assert refusal_of(family) == "NO_CHOICE"
    assert refusal_of(family, "CAP", asked_by=" ") == "WHO_ASKED"
    assert refusal_of(family, "CAP", asked_on=ASKED_ON + timedelta(days=1)) == "FUTURE_DATE"
    silent = factories.family(of=family.student.division)
    world.night(SECOND_NIGHT)
    assert refusal_of(silent, "CAP") == "NOTHING_TO_CHANGE"
    desk.type_entry(world.pupil(silent), phase="PROVISIONAL", choices=[{"pathway": "CAP"}])
    assert refusal_of(silent, "2GT") == "NOTHING_TO_CHANGE"
    assert not MockOutbound.objects.filter(kind="SCHOOL_CHANGE").exists()


def test_the_desk_changes_nothing_once_the_family_has_answered_or_the_head_decided(family):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "REFUSED")
    world.night(DURING_PROPOSALS + timedelta(hours=7))
    assert refusal_of(family, "CAP", phase="DEFINITIVE") == "ALREADY_ANSWERED"
    assert examined(family, "DEFINITIVE") == ["2GT", "2PRO"]
    desk.record_head_decision(world.pupil(family), pathways=[("CAP", "")])
    assert refusal_of(family, "CAP", phase="DEFINITIVE") == "ALREADY_DECIDED"


def tells(family, phase="PROVISIONAL", **said):
    """A change as Siècle might send it, bypassing its own checks."""
    payload = {"choices": [{"pathway": "CAP"}], "asked_by": "Awa Diallo", "asked_on": "2026-03-02", **said}
    return feed.tell_pupil("SCHOOL_CHANGE", world.pupil(family), phase=phase, at=clock.now(), payload=payload)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"asked_by": "  "}, "MALFORMED"),
        ({"asked_by": None}, "MALFORMED"),
        ({"asked_by": "x" * 211}, "TOO_LONG"),
        ({"asked_on": None}, "MALFORMED"),
        ({"asked_on": "bientôt"}, "MALFORMED"),
        ({"asked_on": "2026-03-04"}, "FUTURE_DATE"),
        ({"choices": []}, "EMPTY_LIST"),
        ({"choices": [{"pathway": "CAP"}] * 2}, "DUPLICATE_PATHWAY"),
        ({"choices": [{"pathway": "BAC"}]}, "UNKNOWN_PATHWAY"),
        ({"choices": [{"pathway": "CAP", "free_text": "x" * 201}]}, "TOO_LONG"),
        ({"phase": "DEFINITIVE"}, "COUNCIL_NOT_OPEN"),
    ],
)
def test_a_change_that_makes_no_sense_is_rejected_with_its_reason(family, said, code):
    opened(family)
    tells(family, **said)
    run = world.night(SECOND_NIGHT)
    assert run.state == "FINISHED", run.error
    assert (code_of(run), run.counters["in"]["rejected"]) == (code, 1)
    assert Submission.objects.count() == 1


def test_too_many_choices_are_rejected(family):
    family.dossier.campaign.max_choices = 1
    family.dossier.campaign.save()
    opened(family)
    tells(family, choices=[{"pathway": "CAP"}, {"pathway": "2GT"}])
    assert code_of(world.night(SECOND_NIGHT)) == "TOO_MANY"


def test_there_is_nothing_to_change_where_the_family_entered_nothing_that_siecle_took(family):
    world.night(FIRST_NIGHT)
    clock.pretend(COUNCIL_DAY - timedelta(days=20))
    world.enters(family, GT)
    world.opens(family)
    world.night(SECOND_NIGHT)  # not processed (SIE-03)
    tells(family)
    assert code_of(world.night(SECOND_NIGHT + timedelta(days=1))) == "NOTHING_TO_CHANGE"
    typed = desk.type_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "CAP"}])
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert Submission.objects.get(siecle_ref=typed.ref).asked_by == ""
    tells(family)
    assert code_of(world.night(SECOND_NIGHT + timedelta(days=3))) == "NOTHING_TO_CHANGE"


def test_the_list_already_in_force_is_no_change(family):
    opened(family, CAP)
    whole = {"pathway": "CAP", "free_text": CAP.free_text, "school_status": True}
    tells(family, choices=[whole])
    run = world.night(SECOND_NIGHT)
    assert (code_of(run), run.counters["in"]["unchanged"]) == ("SAME_LIST", 2)
    tells(family, choices=[{**whole, "free_text": "Fleuriste"}])
    assert world.night(SECOND_NIGHT + timedelta(days=1)).counters["in"]["accepted"] == 1


def test_a_change_there_and_back_the_same_day_leaves_the_last_list(family):
    opened(family)
    changes(family, "CAP")
    changes(family, "2GT")
    world.night(SECOND_NIGHT)
    assert [one.pathway for one in in_force(family).choices] == ["2GT"]
    assert Submission.objects.count() == 3


def test_proposals_answered_here_are_not_withdrawn_by_a_change_that_siecle_made_before_it_knew(family):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "REFUSED")
    changes(family, "CAP", phase="DEFINITIVE")
    run = world.night(DURING_PROPOSALS + timedelta(hours=7))
    assert code_of(run) == "ALREADY_ANSWERED"
    assert not StatementWithdrawal.objects.exists()


def test_nothing_is_changed_once_the_decision_is_made(family):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    tells(family)
    desk.record_head_decision(world.pupil(family), pathways=[("CAP", "")])
    first = world.night(DURING_PROPOSALS + timedelta(hours=7))
    assert first.counters["in"]["accepted"] == 2
    tells(family, choices=[{"pathway": "2PRO"}])
    assert code_of(world.night(DURING_PROPOSALS + timedelta(hours=31))) == "ALREADY_DECIDED"


def test_definitive_choices_are_changed_too_and_the_holder_answers_the_new_proposals(family):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    changes(family, "CAP", phase="DEFINITIVE")
    world.says(family, ("CAP", "OUI"), phase="DEFINITIVE")
    world.night(DURING_PROPOSALS + timedelta(hours=7))
    clock.pretend(DURING_PROPOSALS + timedelta(hours=12))
    standing = published(family, "DEFINITIVE")
    assert (standing.version, standing.submission.asked_by) == (2, "Awa Diallo")
    world.answers(family, standing.uuid, "ACCEPTED", ("CAP", ""))
    assert family.dossier.decisions.get().pathways.get().pathway == "CAP"


def test_a_change_older_than_what_the_family_validated_since_is_superseded(family):
    opened(family)
    clock.pretend(COUNCIL_DAY - timedelta(days=15))
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    world.opens(family, at=COUNCIL_DAY - timedelta(days=14))
    tells(family, asked_on="2026-02-01")
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    clock.pretend(COUNCIL_DAY - timedelta(days=13))
    world.enters(family, PRO)
    run = world.night(SECOND_NIGHT)
    assert code_of(run) == "SUPERSEDED"
    assert [one.pathway for one in in_force(family).choices] == ["2PRO"]


def test_a_change_stands_before_what_the_family_validated_while_the_service_had_not_heard_of_the_opening(
    family, settings
):
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    settings.SIECLE_BASE_URL = settings.PUBLIC_URL = "http://127.0.0.1:9"
    clock.pretend(FIRST_NIGHT + timedelta(hours=8))
    desk.open_council(world.division(family), phase="PROVISIONAL")
    changes(family, "CAP", asked_on=FIRST_NIGHT.date())
    settings.SIECLE_BASE_URL = ""
    clock.pretend(FIRST_NIGHT + timedelta(hours=9))
    late = world.enters(family, PRO)
    run = world.night(FIRST_NIGHT + timedelta(days=1))
    assert (run.counters["out"]["not_processed"], run.counters["in"]["rejected"]) == (1, 0)
    assert examined(family) == ["CAP"]
    assert [one.pathway for one in in_force(family).choices] == ["CAP"]
    assert in_force(family).version == late.version + 1


def test_a_change_outlives_the_reset_of_its_council_on_both_sides(family):
    opened(family)
    changes(family, "CAP")
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    world.night(SECOND_NIGHT)
    world.opens(family, at=COUNCIL_DAY + timedelta(days=2))
    assert examined(family) == ["CAP"]
    assert [one.pathway for one in in_force(family).choices] == ["CAP"]
    world.says(family, ("CAP", "Favorable"))
    world.night(SECOND_NIGHT + timedelta(days=2))
    assert published(family).submission.asked_by == "Awa Diallo"


def test_what_the_family_validates_after_a_reset_replaces_the_change_on_both_sides(family):
    world.enters(family)
    world.night(FIRST_NIGHT)
    clock.pretend(FIRST_NIGHT + timedelta(hours=8))
    desk.open_council(world.division(family), phase="PROVISIONAL")
    changes(family, "CAP", asked_on=FIRST_NIGHT.date())
    world.night(FIRST_NIGHT + timedelta(days=1))
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    clock.pretend(FIRST_NIGHT + timedelta(days=1, hours=8))
    last = Submission.objects.latest("version")
    assert last.asked_by  # the family builds on what it reads: the changed list
    submit_choices(
        dossier=family.dossier.uuid, phase="PROVISIONAL", choices=(PRO,), base_version=last.version,
        by=actor(family.mother),
    )  # fmt: skip
    world.night(FIRST_NIGHT + timedelta(days=2))
    desk.type_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "2GT"}])
    world.opens(family)
    assert examined(family) == ["2PRO"]
    assert [one.pathway for one in in_force(family).choices] == ["2PRO"]
    changes(family, "2GT")
    assert examined(family) == ["2GT"]


def test_what_the_school_typed_before_the_opening_never_replaces_a_change(family):
    opened(family)
    changes(family, "CAP")
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    desk.type_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "2PRO"}])
    assert examined(family) == ["CAP"]
    world.opens(family, at=COUNCIL_DAY + timedelta(hours=1))
    assert examined(family) == ["CAP"]
    assert MockEntry.objects.get(choices__0__pathway="2PRO").replaced_at is not None


def test_the_simulator_shows_the_first_version_and_who_asked(family):
    opened(family, GT)
    changes(family, "CAP")
    [row] = desk.pupils_of(world.division(family), phase="PROVISIONAL")
    assert [one["pathway"] for one in row.online.choices] == ["2GT"]
    assert row.change.payload["asked_by"] == "Awa Diallo"
    assert [one["pathway"] for one in row.entry.choices] == ["CAP"]
