"""The whole night, through the real tasks (SIE-01…03, SIE-10, OPI-01, OPI-04, ANS-05)."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from ledger import clock
from ledger.models import JournalEntry, OutgoingEmail
from orientation.models import (
    Acknowledgement,
    Agreement,
    Campaign,
    ClassCouncil,
    CouncilStatement,
    Decision,
    FamilyAnswer,
    SiecleReceipt,
    StatementWithdrawal,
    Submission,
)
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision, MockEntry, MockFact, MockLine, MockPupil
from siecle_sync.models import Run, RunLine, RunPart
from siecle_sync.night import due_academies
from siecle_sync.sandbox import GoingBack, advance_to
from tests import factories
from tests.factories import CAP, DURING_INTENTIONS, DURING_OPINIONS, GT, PRO
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


def state() -> dict[str, list]:
    """Everything that a night may write in the dossiers."""
    tables = (Submission, SiecleReceipt, CouncilStatement, StatementWithdrawal, FamilyAnswer, Decision, ClassCouncil)
    tables += (JournalEntry, OutgoingEmail, MockEntry, MockFact, MockPupil, MockDivision)
    return {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}


def test_validated_entry_crosses_in_the_night_with_its_author_and_the_roster(family):
    silent = factories.family(of=family.student.division)
    submission = world.enters(family, GT, PRO)
    run = world.night(FIRST_NIGHT)
    assert run.state == "FINISHED", run.error
    assert run.counters["out"]["by_kind"] == {"DIVISION": 1, "PUPIL": 2, "ENTRY": 1}
    assert (run.counters["out"]["accepted"], run.counters["out"]["rejected"]) == (4, 0)
    taken = MockEntry.objects.get()
    assert (taken.ref, taken.author_name) == (str(submission.uuid), family.mother.full_name)
    assert [one["pathway"] for one in taken.choices] == ["2GT", "2PRO"]
    assert taken.choices[1]["free_text"] == PRO.free_text
    rows = desk.pupils_of(world.division(family), phase="PROVISIONAL")
    assert {row.pupil.eleve_id: row.entered_online for row in rows} == {
        family.student.siecle_id: True,
        silent.student.siecle_id: False,
    }


def test_accepted_entry_has_its_receipt_and_never_goes_again(family):
    submission = world.enters(family)
    world.night(FIRST_NIGHT)
    receipt = SiecleReceipt.objects.get()
    assert (receipt.ref, receipt.kind, receipt.outcome) == (submission.uuid, "SUBMISSION", "ACCEPTED")
    run = world.night(FIRST_NIGHT + timedelta(days=1))
    assert "ENTRY" not in run.counters["out"]["by_kind"]


def test_every_version_of_the_day_crosses_and_the_highest_is_in_force(family):
    world.enters(family, GT)
    world.enters(family, CAP)
    world.night(FIRST_NIGHT)
    assert MockEntry.objects.count() == 2
    assert desk.entry_in_force(world.pupil(family), "PROVISIONAL").choices[0]["pathway"] == "CAP"


def test_a_draft_and_a_pupil_of_another_academy_never_cross(family):
    elsewhere = factories.school(academy=factories.academy("09", name="Lille"))
    factories.family(of=factories.division(elsewhere))
    world.night(FIRST_NIGHT)
    assert MockPupil.objects.count() == 1
    assert not MockEntry.objects.exists()


def test_entry_validated_on_the_day_of_the_council_is_not_processed_and_both_parents_are_told(family):
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    clock.pretend(FIRST_NIGHT + timedelta(hours=10))
    late = world.enters(family, CAP)
    desk.open_council(world.division(family), phase="PROVISIONAL")
    run = world.night(FIRST_NIGHT + timedelta(days=1))
    assert run.counters["out"]["not_processed"] == 1
    assert SiecleReceipt.objects.get(ref=late.uuid).outcome == "NOT_PROCESSED"
    told = letters("entry_not_processed")
    assert {one.recipient_uuid for one in told} == {parent.uuid for parent in family.parents}
    assert {one.about for one in told} == {late.uuid}
    assert RunLine.objects.get(run=run).code == "COUNCIL_OPEN"
    assert desk.entry_in_force(world.pupil(family), "PROVISIONAL").choices[0]["pathway"] == "2GT"
    [row] = desk.pupils_of(world.division(family), phase="PROVISIONAL")
    assert [one.ref for one in row.not_processed] == [str(late.uuid)]


def test_council_opened_in_siecle_stops_entry_here_at_once(family):
    world.night(FIRST_NIGHT)
    line = desk.open_council(world.division(family), phase="PROVISIONAL", held_on=FIRST_NIGHT.date())
    assert line.confirmed_at is not None
    council = ClassCouncil.objects.get()
    assert (council.phase, council.held_on) == ("PROVISIONAL", FIRST_NIGHT.date())
    assert council.opened_at is not None


def test_opinions_are_published_at_six_the_morning_after_and_both_parents_are_told(family):
    run = until_opinions(family)
    assert run.counters["in"]["by_kind"] == {"COUNCIL": 1, "STATEMENT": 1}
    assert (run.counters["in"]["accepted"], run.counters["in"]["unchanged"]) == (1, 1)
    statement = published(family)
    assert statement.published_at == MORNING
    assert statement.submission == Submission.objects.get()
    assert list(statement.answers.values_list("pathway", "requested", "value")) == [("2GT", True, "Favorable")]
    told = letters("opinions_available")
    assert {one.recipient_uuid for one in told} == {parent.uuid for parent in family.parents}
    assert {one.not_before for one in told} == {MORNING}


def test_the_same_night_twice_changes_nothing(family):
    until_opinions(family)
    before = state()
    run = world.night(SECOND_NIGHT + timedelta(minutes=1))
    assert run.state == "FINISHED", run.error
    assert state() == before


def test_lines_sent_twice_by_siecle_are_unchanged(family):
    until_opinions(family)
    before = state()
    RunPart.objects.update(cursor=0)
    run = world.night(SECOND_NIGHT + timedelta(minutes=1))
    assert (run.counters["in"]["read"], run.counters["in"]["unchanged"]) == (2, 2)
    assert state() == before


def test_changed_opinion_withdraws_the_former_version_and_the_first_acknowledgement_stays(family):
    until_opinions(family)
    clock.pretend(DURING_OPINIONS)
    first = published(family)
    world.acknowledges(family, first.uuid)
    world.says(family, ("2GT", "Réservé"), ("CAP", "Favorable"))
    world.night(DURING_OPINIONS + timedelta(hours=7))
    second = published(family)
    assert (second.version, first.withdrawal.reason) == (2, "CHANGED")
    assert Acknowledgement.objects.get().statement == first
    assert len(letters("opinions_changed")) == 2
    assert len(letters("opinions_available")) == 2
    assert MockFact.objects.get(kind="ACKNOWLEDGEMENT").statement.version == 1
    assert list(second.answers.values_list("pathway", "requested")) == [("2GT", True), ("CAP", False)]


def test_opinion_changed_twice_the_same_day_leaves_one_version_in_force_and_one_letter(family):
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    world.says(family, ("2GT", "Défavorable"))
    world.night(SECOND_NIGHT)
    standing = CouncilStatement.objects.get(withdrawal__isnull=True)
    assert (standing.version, standing.answers.get().value) == (2, "Défavorable")
    assert len(letters("opinions_available")) == 2
    assert not letters("opinions_changed")


def test_reset_withdraws_the_opinions_and_those_of_the_same_day_are_never_published(family):
    until_opinions(family)
    clock.pretend(DURING_OPINIONS)
    world.says(family, ("2GT", "Réservé"))
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    run = world.night(DURING_OPINIONS + timedelta(hours=7))
    assert CouncilStatement.objects.count() == 1
    assert StatementWithdrawal.objects.get().reason == "RESET"
    assert RunLine.objects.get(run=run).code == "WITHDRAWN"


def test_entry_typed_by_the_school_comes_with_the_council_and_the_familys_replaces_it(family):
    silent = factories.family(of=family.student.division)
    world.night(FIRST_NIGHT - timedelta(days=1))
    for one in (family, silent):
        desk.type_entry(world.pupil(one), phase="PROVISIONAL", choices=[{"pathway": "CAP", "free_text": "Fleuriste"}])
    clock.pretend(DURING_INTENTIONS)
    world.enters(family, GT)
    world.night(FIRST_NIGHT)
    assert Submission.objects.count() == 1  # what the school typed is not seen before the opening
    world.opens(family)
    world.night(SECOND_NIGHT)
    typed = Submission.objects.get(author_kind="SCHOOL")
    assert (typed.dossier, typed.choices.get().free_text) == (silent.dossier, "Fleuriste")
    assert desk.entry_in_force(world.pupil(family), "PROVISIONAL").choices[0]["pathway"] == "2GT"


def test_a_precision_typed_by_the_school_is_kept_where_families_are_offered_none(family):
    Campaign.objects.update(free_text=False)
    world.night(FIRST_NIGHT)
    desk.type_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "CAP", "free_text": "Fleuriste"}])
    world.opens(family)
    world.night(SECOND_NIGHT)
    assert Submission.objects.get().choices.get().free_text == "Fleuriste"


def test_entry_typed_by_the_school_is_sent_once_although_its_council_was_reset_and_opened_again(family):
    world.night(FIRST_NIGHT)
    desk.type_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "CAP"}])
    desk.type_entry(world.pupil(family), phase="PROVISIONAL", choices=[{"pathway": "2PRO"}])
    world.opens(family)
    desk.reset_council(world.division(family), phase="PROVISIONAL")
    world.opens(family, at=COUNCIL_DAY + timedelta(hours=1))
    world.night(SECOND_NIGHT)
    assert Submission.objects.get().choices.get().pathway == "2PRO"


def test_acceptance_and_its_decision_cross_the_night_after(family):
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "ACCEPTED", ("2PRO", ""))
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert {"ANSWER", "DECISION"} <= run.counters["out"]["by_kind"].keys()
    assert run.counters["out"]["rejected"] == 0
    assert MockFact.objects.get(kind="DECISION").payload["pathways"] == [{"pathway": "2PRO", "series": ""}]
    with pytest.raises(desk.DeskRefused) as refused:
        world.says(family, ("2GT", "OUI"), ("2PRO", "OUI"), phase="DEFINITIVE")
    assert refused.value.code == "ALREADY_ANSWERED"


@pytest.mark.corrupts("INV-10", "INV-63")
def test_agreements_cross_when_all_parents_answer():
    clock.freeze(DURING_INTENTIONS)
    family = factories.family(policies={"answered_by": "ALL"})
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    statement = published(family, "DEFINITIVE")
    world.answers(family, statement.uuid, "ACCEPTED", ("2PRO", ""))
    Agreement.objects.create(
        answer=statement.family_answer, representative=family.father, author_name="x", agrees=True, at=clock.now()
    )
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert run.counters["out"]["by_kind"]["AGREEMENT"] == 1
    assert MockFact.objects.get(kind="AGREEMENT").statement.ref == statement.siecle_ref


def test_answer_recorded_by_the_school_makes_the_decision_and_both_parents_are_told(family):
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    desk.record_answer(world.pupil(family), kind="ACCEPTED", accepted=[("2PRO", "")])
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert run.counters["in"]["rejected"] == 0
    answer = FamilyAnswer.objects.get()
    assert (answer.author_kind, answer.accepted.get().council_answer.pathway) == ("SCHOOL", "2PRO")
    assert answer.decision.pathways.get().pathway == "2PRO"
    assert {one.recipient_uuid for one in letters("answer_accepted_other")} == {one.uuid for one in family.parents}
    again = world.night(factories.DURING_PROPOSALS + timedelta(hours=31))
    assert not {"ANSWER", "DECISION"} & again.counters["out"]["by_kind"].keys()


def test_what_the_family_answers_online_stands_before_what_the_school_recorded_the_same_day(family):
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "ACCEPTED", ("2PRO", ""))
    desk.record_answer(world.pupil(family), kind="REFUSED")
    run = world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert run.counters["out"]["rejected"] == 0
    assert FamilyAnswer.objects.get().kind == "ACCEPTED"
    division = world.pupil(family).division
    (row,) = [one for one in desk.pupils_of(division, phase="DEFINITIVE") if one.answer]
    assert (row.answer.source, row.answer.payload["kind"]) == ("FAMILY", "ACCEPTED")


def test_head_decision_after_a_refusal_comes_in_once(family):
    until_proposals(family)
    clock.pretend(factories.DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "REFUSED")
    day = factories.DURING_PROPOSALS.date()
    desk.record_head_decision(world.pupil(family), pathways=[("CAP", "")], notified_on=day)
    world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    decision = Decision.objects.get()
    assert (decision.origin, decision.notified_on, decision.pathways.get().pathway) == ("HEAD", day, "CAP")
    assert len(letters("decision_recorded")) == 2


def test_every_act_of_the_night_is_in_the_history(family):
    until_opinions(family)
    verbs = JournalEntry.objects.filter(dossier_uuid=family.dossier.uuid, actor_kind="SIECLE")
    assert list(verbs.values_list("verb", flat=True)) == ["entry_accepted", "statement_published"]


def test_only_the_academies_where_it_is_night_and_undone_are_due(family):
    clock.pretend(FIRST_NIGHT)
    assert [one.code for one in due_academies()] == ["10"]
    world.night(FIRST_NIGHT)
    assert due_academies() == []
    clock.pretend(FIRST_NIGHT + timedelta(hours=12))
    assert due_academies() == []


def test_a_day_in_reunion_has_its_own_night(family):
    far = factories.academy("28", name="La Réunion", timezone="Indian/Reunion")
    factories.family(of=factories.division(factories.school(academy=far)))
    clock.pretend(FIRST_NIGHT - timedelta(hours=3))
    assert [one.code for one in due_academies()] == ["28"]


def test_advancing_the_sandbox_plays_every_night_passed_in_order(family):
    world.enters(family)
    assert advance_to(DURING_INTENTIONS + timedelta(days=2)) == 2
    assert [run.started_at.hour for run in Run.objects.order_by("pk")] == [1, 1]
    assert MockEntry.objects.count() == 1
    with pytest.raises(GoingBack):
        advance_to(DURING_INTENTIONS)


def test_old_roster_lines_are_forgotten_and_a_pupil_who_left_is_no_longer_listed(family):
    left = factories.family(of=family.student.division)
    world.night(FIRST_NIGHT)
    left.student.scope = "OUT"
    left.student.save()
    world.night(FIRST_NIGHT + timedelta(days=3))
    assert MockLine.objects.filter(kind="PUPIL").count() == 1
    assert [row.pupil.eleve_id for row in desk.pupils_of(world.division(family), phase="PROVISIONAL")] == [
        family.student.siecle_id
    ]


def test_command_says_its_counters_as_json_and_a_dry_run_sends_nothing(family, capsys):
    world.enters(family)
    clock.pretend(FIRST_NIGHT)
    call_command("siecle_night", academy="10", dry_run=True, json=True)
    [row] = json.loads(capsys.readouterr().out)
    assert (row["state"], row["counters"]["out"]["by_kind"]["ENTRY"]) == ("DRY", 1)
    assert not MockEntry.objects.exists()
    call_command("siecle_night")
    assert "FINISHED" in capsys.readouterr().out
    assert MockEntry.objects.count() == 1


def test_command_for_an_academy_without_dossiers_says_so(family):
    with pytest.raises(CommandError):
        call_command("siecle_night", academy="09")
