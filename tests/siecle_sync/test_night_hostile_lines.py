"""Lines that no sound Siècle would send: each is set aside with its reason, and the night goes on (SIE-01)."""

from datetime import timedelta

import pytest
from django.db import connections

from ledger import clock
from orientation import actions
from orientation.models import Decision, FamilyAnswer
from orientation.reading import load_facts
from orientation.rules import entry_in_force
from siecle_sync.mock import feed
from siecle_sync.mock.models import MockLine
from siecle_sync.models import RunLine
from tests import factories
from tests.factories import DURING_INTENTIONS, DURING_PROPOSALS, actor
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, FIRST_NIGHT, SECOND_NIGHT, published, until_proposals

pytestmark = pytest.mark.django_db(databases=BOTH)
NIGHT_OF_ANSWERS = DURING_PROPOSALS + timedelta(hours=7)
OPINIONS = [{"pathway": "2GT", "value": "Favorable", "requested": True}]


@pytest.fixture
def family():
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def sent(family, kind: str, payload: dict, *, phase: str = "DEFINITIVE", **said):
    """A line as Siècle might send it, bypassing its own checks."""
    said = {"at": clock.now(), **said}
    return feed.tell_pupil(kind, world.pupil(family), phase=phase, payload=payload, **said)


def codes(run) -> list[str]:
    assert run.state == "FINISHED", run.error
    return sorted(RunLine.objects.filter(run=run, direction="IN").values_list("code", flat=True))


@pytest.mark.parametrize("day", ["2026/03/05", 20260305, "infinity", "tomorrow", "2026-03-05 BC", "9999-12-31"])
def test_a_council_date_that_is_no_calendar_day_stops_no_night(family, day):
    world.enters(family)
    world.night(FIRST_NIGHT)
    line = feed.tell_council("MOVED", world.division(family), phase="PROVISIONAL", at=clock.now(), held_on=None)
    line.payload = {"event": "MOVED", "held_on": day}
    line.save()
    assert codes(world.night(SECOND_NIGHT)) == ["MALFORMED"]


@pytest.mark.parametrize("at", ["-infinity", "0044-03-15 12:00:00+00 BC", "0001-01-01 00:00:00+00"])
def test_a_line_of_no_date_at_all_is_refused_and_the_family_still_reads_its_dossier(family, at):
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    line = sent(family, "STATEMENT", {"submission_ref": None, "answers": OPINIONS}, phase="PROVISIONAL")
    with connections["siecle_mock"].cursor() as cursor:
        cursor.execute("UPDATE siecle_mock_mockoutbound SET at = %s WHERE seq = %s", [at, line.seq])
    assert codes(world.night(SECOND_NIGHT)) == ["MALFORMED"]
    assert load_facts(family.dossier.uuid).statements == ()


@pytest.mark.parametrize("day", ["infinity", "-infinity", "9999-12-31", "today"])
def test_a_notification_of_no_date_is_refused_and_the_family_still_reads_its_dossier(family, day):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    sent(family, "HEAD_DECISION", {"pathways": [{"pathway": "CAP"}], "notified_on": day, "origin": "HEAD"})
    assert codes(world.night(NIGHT_OF_ANSWERS)) == ["MALFORMED"]
    assert load_facts(family.dossier.uuid).decisions == ()


@pytest.mark.corrupts("INV-72")
def test_a_reference_that_designates_two_entries_stops_no_night(family):
    entry = world.enters(family)
    world.night(FIRST_NIGHT)
    sent(family, "SCHOOL_ENTRY", {"choices": [{"pathway": "CAP"}]}, phase="PROVISIONAL", ref=str(entry.uuid))
    world.night(FIRST_NIGHT + timedelta(days=1))
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    assert codes(world.night(SECOND_NIGHT)) == []
    assert published(family).submission == entry


def test_what_leaves_a_requested_pathway_unanswered_is_refused_and_the_whole_answer_taken(family):
    entry = world.enters(family, factories.GT, factories.PRO)
    world.night(FIRST_NIGHT)
    world.opens(family)
    asked = [{"pathway": one.pathway, "series": one.series, "value": "Favorable"} for one in entry.choices.all()]
    cap = {"pathway": "CAP", "value": "Réservé", "requested": True}  # nobody asked for it, whatever Siècle says
    for answers in ([asked[0], cap], [*asked, cap]):
        payload = {"submission_ref": str(entry.uuid), "answers": answers}
        sent(family, "STATEMENT", payload, phase="PROVISIONAL")
    assert codes(world.night(SECOND_NIGHT)) == ["UNANSWERED_PATHWAY"]
    said = published(family).answers.values_list("pathway", "requested")
    assert dict(said) == {"2GT": True, "2PRO": True, "CAP": False}


def test_a_wrong_answer_does_not_hide_the_right_one_that_follows_it(family):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    statement = published(family, "DEFINITIVE").siecle_ref
    for pathway in ("2GT", "2PRO"):  # the council said « non » to the first
        accepted = {"kind": "ACCEPTED", "statement": statement, "accepted": [{"pathway": pathway}]}
        sent(family, "SCHOOL_ANSWER", accepted)
    assert codes(world.night(NIGHT_OF_ANSWERS)) == ["NOT_PROPOSED"]
    assert FamilyAnswer.objects.get().accepted.get().council_answer.pathway == "2PRO"


def test_a_school_accepts_one_pathway_only_where_the_campaign_says_one():
    clock.freeze(DURING_INTENTIONS)
    family = factories.family(policies={"acceptances": "ONE"})
    until_proposals(family, ("2GT", "OUI"), ("2PRO", "OUI"))
    clock.pretend(DURING_PROPOSALS)
    both = [{"pathway": "2GT"}, {"pathway": "2PRO"}]
    statement = published(family, "DEFINITIVE").siecle_ref
    sent(family, "SCHOOL_ANSWER", {"kind": "ACCEPTED", "statement": statement, "accepted": both})
    assert codes(world.night(NIGHT_OF_ANSWERS)) == ["TOO_MANY"]
    assert not Decision.objects.exists()


def test_an_appeal_decided_before_any_decision_of_the_head_waits_for_it(family):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "REFUSED")
    sent(family, "HEAD_DECISION", {"pathways": [{"pathway": "2GT"}], "notified_on": None, "origin": "APPEAL"})
    assert codes(world.night(NIGHT_OF_ANSWERS)) == ["NOTHING_TO_APPEAL"]
    assert not Decision.objects.exists()
    sent(family, "HEAD_DECISION", {"pathways": [{"pathway": "CAP"}], "notified_on": None, "origin": "HEAD"})
    assert codes(world.night(NIGHT_OF_ANSWERS + timedelta(days=1))) == []
    assert sorted(Decision.objects.values_list("origin", flat=True)) == ["APPEAL", "HEAD"]


def test_nothing_is_appealed_once_the_family_has_accepted(family):
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "ACCEPTED", ("2PRO", ""))
    sent(family, "HEAD_DECISION", {"pathways": [{"pathway": "2GT"}], "notified_on": None, "origin": "APPEAL"})
    assert codes(world.night(NIGHT_OF_ANSWERS)) == ["NOTHING_TO_APPEAL"]
    assert Decision.objects.get().origin == "ACCEPTANCE"


def test_what_the_school_types_of_its_own_after_a_change_does_not_undo_it(family):
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    changed = {"choices": [{"pathway": "CAP"}], "asked_by": "Awa Diallo", "asked_on": clock.now().date().isoformat()}
    sent(family, "SCHOOL_CHANGE", changed, phase="PROVISIONAL")
    typed = {"choices": [{"pathway": "2PRO"}]}
    sent(family, "SCHOOL_ENTRY", typed, phase="PROVISIONAL", at=clock.now() + timedelta(minutes=1))
    assert codes(world.night(SECOND_NIGHT)) == []
    facts = load_facts(family.dossier.uuid)
    assert entry_in_force(facts, "PROVISIONAL").asked_by == "Awa Diallo"


def test_the_agreement_of_a_pupil_come_of_age_crosses_as_the_pupils():
    clock.freeze(DURING_INTENTIONS)
    birthday = DURING_PROPOSALS + timedelta(days=1)
    family = factories.family(policies={"answered_by": "ALL"}, birth_date=birthday.date().replace(year=2008))
    until_proposals(family)
    clock.pretend(DURING_PROPOSALS)
    world.answers(family, published(family, "DEFINITIVE").uuid, "ACCEPTED", ("2PRO", ""))
    clock.pretend(birthday)
    said = FamilyAnswer.objects.get()
    actions.agree(dossier=family.dossier.uuid, answer=said.uuid, agrees=True, by=actor(family.student))
    assert world.night(birthday + timedelta(hours=7)).counters["out"]["by_kind"]["AGREEMENT"] == 1
    assert MockLine.objects.get(kind="AGREEMENT").author_kind == "STUDENT"
