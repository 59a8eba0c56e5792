"""The verbs, through the database: what is written, what is refused and leaves nothing behind."""

from datetime import timedelta
from uuid import uuid4

import pytest

from ledger import clock
from ledger.journal import SIECLE
from ledger.models import JournalEntry, LetterState, OutgoingEmail
from orientation import actions
from orientation.enums import AnswerKind
from orientation.models import Pen, Submission
from orientation.reading import load_facts
from orientation.rules import Refusal, RuleBroken, last_entry
from tests.factories import (
    CAP,
    CHOICES_CLOSE,
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
    representative,
    statement,
)

pytestmark = pytest.mark.django_db
P, D = "PROVISIONAL", "DEFINITIVE"


def submit(home, by, choices, *, phase=P, base_version=0, sid=None):
    return actions.submit_choices(
        dossier=home.dossier.uuid, phase=phase, choices=choices, base_version=base_version, by=actor(by, sid)
    )


def refusal(act) -> Refusal:
    with pytest.raises(RuleBroken) as caught:
        act()
    return caught.value.code


@pytest.fixture
def home():
    clock.freeze(DURING_INTENTIONS)
    return family()


@pytest.fixture
def answering(home):
    """Choices entered by the mother; proposals published: GT « Non », 2PRO « Oui », CAP beside."""
    clock.freeze(DURING_CHOICES)
    actions.lift_gate(dossier=home.dossier.uuid, reason="essai", user=home.mother.user, by=SIECLE)
    entry = submit(home, home.mother, [GT, PRO], phase=D)
    clock.freeze(DURING_PROPOSALS)
    said = statement(
        home, D, answers=[(GT, "NON"), (PRO, "OUI")], beside=[CAP], submission=entry, published_at=DURING_PROPOSALS
    )
    return home, said


def reply(home, said, by, kind=AnswerKind.ACCEPTED, accepted=(PRO.key,)):
    return actions.answer_proposals(
        dossier=home.dossier.uuid, statement=said.uuid, kind=kind, accepted=list(accepted), by=actor(by)
    )


# --- entering


def test_what_is_validated_is_read_back_in_rank_order_with_its_details(home):
    submit(home, home.mother, [PRO, GT, CAP])
    entry = last_entry(load_facts(home.dossier.uuid), P)
    assert entry.choices == (PRO, GT, CAP)
    assert (entry.author, entry.version, entry.at) == (home.mother.uuid, 1, DURING_INTENTIONS)


def test_a_change_is_a_new_version_and_the_old_one_stays(home):
    submit(home, home.mother, [GT])
    submit(home, home.mother, [PRO, GT], base_version=1)
    versions = load_facts(home.dossier.uuid).submissions
    assert [one.choices for one in versions] == [(GT,), (PRO, GT)]


def test_second_parent_cannot_edit_what_the_first_entered(home):
    submit(home, home.mother, [GT])
    assert refusal(lambda: submit(home, home.father, [CAP], base_version=1)) == Refusal.PEN_HELD
    assert Submission.objects.count() == 1


def test_a_pupil_cannot_enter(home):
    assert refusal(lambda: submit(home, home.student, [GT])) == Refusal.READ_ONLY_STUDENT


@pytest.mark.parametrize("level", [2, 3])
def test_a_person_who_is_not_legal_cannot_enter(home, level):
    other = representative(home.student, level=level)
    assert refusal(lambda: submit(home, other, [GT])) == Refusal.NOT_LEGAL


def test_a_pupil_of_age_enters_and_the_parents_only_read():
    clock.freeze(DURING_INTENTIONS)
    adult = family(birth_date=(DURING_INTENTIONS - timedelta(days=18 * 366)).date())
    assert refusal(lambda: submit(adult, adult.mother, [GT])) == Refusal.STUDENT_OF_AGE
    submit(adult, adult.student, [GT])
    assert last_entry(load_facts(adult.dossier.uuid), P).author == adult.student.uuid


def test_a_stale_page_changes_nothing(home):
    submit(home, home.mother, [GT])
    submit(home, home.mother, [PRO], base_version=1)
    assert refusal(lambda: submit(home, home.mother, [CAP], base_version=1)) == Refusal.STALE
    assert Submission.objects.count() == 2


def test_the_same_list_after_a_release_takes_the_pen_again(home):
    submit(home, home.mother, [GT])
    actions.release_pen(dossier=home.dossier.uuid, phase=P, reason="erreur", by=SIECLE)
    assert submit(home, home.mother, [GT], base_version=1).version == 2
    assert Pen.objects.get(phase=P, released_at=None).representative == home.mother


def test_the_same_list_twice_is_one_entry(home):
    first = submit(home, home.mother, [GT, PRO])
    again = submit(home, home.mother, [GT, PRO])
    assert (again.uuid, Submission.objects.count()) == (first.uuid, 1)


@pytest.mark.parametrize(
    ("choices", "code"),
    [([], Refusal.NO_CHOICE), ([GT, GT], Refusal.PATHWAY_TWICE), ([GT, PRO, CAP, GT], Refusal.TOO_MANY_CHOICES)],
)
def test_a_list_that_breaks_a_rule_is_refused_by_the_action_itself(home, choices, code):
    assert refusal(lambda: submit(home, home.mother, choices)) == code
    assert not Pen.objects.exists()


def test_the_closing_second_is_too_late_and_the_one_before_is_not(home):
    clock.freeze(INTENTIONS_CLOSE - timedelta(seconds=1))
    submit(home, home.mother, [GT])
    clock.freeze(INTENTIONS_CLOSE)
    assert refusal(lambda: submit(home, home.mother, [PRO], base_version=1)) == Refusal.ENTRY_CLOSED


def test_the_schools_own_closing_counts_and_can_be_lifted(home):
    facts = {"campaign": home.dossier.campaign, "school": home.student.school, "user": home.mother.user, "by": SIECLE}
    actions.set_closing(phase=P, closes_at=DURING_INTENTIONS, **facts)
    assert refusal(lambda: submit(home, home.mother, [GT])) == Refusal.ENTRY_CLOSED
    actions.set_closing(phase=P, closes_at=None, **facts)
    submit(home, home.mother, [GT])


def test_a_service_switched_off_takes_nothing_until_it_is_on_again(home):
    facts = {"campaign": home.dossier.campaign, "school": home.student.school, "user": home.mother.user, "by": SIECLE}
    actions.switch_service(enabled=False, **facts)
    assert refusal(lambda: submit(home, home.mother, [GT])) == Refusal.SERVICE_OFF
    actions.switch_service(enabled=True, **facts)
    submit(home, home.mother, [GT])


def test_an_opened_council_stops_entry_at_once_for_its_division_only(home):
    elsewhere = family()
    division = home.student.division
    actions.open_council(
        uai=division.school.uai, year=2025, level="3E", division=division.code, phase=P, held_on=None, by=SIECLE
    )
    assert refusal(lambda: submit(home, home.mother, [GT])) == Refusal.COUNCIL_OPEN
    submit(elsewhere, elsewhere.mother, [GT])


def test_an_extension_opens_the_entry_again_for_its_scope(home):
    extensions = home.dossier.campaign.extensions
    clock.freeze(INTENTIONS_CLOSE + timedelta(hours=1))
    elsewhere = family()
    extensions.create(
        phase=P, kind="ENTRY", school=home.student.school, closes_at=INTENTIONS_CLOSE + timedelta(days=1),
        reason="panne", at=INTENTIONS_CLOSE, by=home.mother.user,
    )  # fmt: skip
    submit(home, home.mother, [GT])
    assert refusal(lambda: submit(elsewhere, elsewhere.mother, [GT])) == Refusal.ENTRY_CLOSED


# --- the pen


def test_a_released_pen_is_taken_by_the_next_who_validates(home):
    submit(home, home.mother, [GT])
    assert actions.release_pen(dossier=home.dossier.uuid, phase=P, reason="accord des parents", by=SIECLE)
    submit(home, home.father, [PRO], base_version=1)
    assert refusal(lambda: submit(home, home.mother, [GT], base_version=2)) == Refusal.PEN_HELD
    assert JournalEntry.objects.filter(verb="pen_released").count() == 1
    assert OutgoingEmail.objects.filter(kind="pen_released").count() == 2


def test_a_holder_who_lost_authority_loses_the_pen_and_the_entry_stands(home):
    submit(home, home.mother, [GT])
    home.mother.guardianships.update(ended_on=DURING_INTENTIONS.date())
    assert last_entry(load_facts(home.dossier.uuid), P).choices == (GT,)
    submit(home, home.father, [PRO], base_version=1)
    assert Pen.objects.filter(released_at__isnull=False).count() == 1


# --- recaps


def states():
    return sorted(OutgoingEmail.objects.values_list("kind", "recipient_uuid", "state"))


def test_one_recap_a_session_and_person_waits_for_the_sign_out(home):
    sid = uuid4()
    submit(home, home.mother, [GT], sid=sid)
    last = submit(home, home.mother, [PRO], base_version=1, sid=sid)
    assert {state for *_, state in states()} == {LetterState.HELD}
    assert actions.sign_out(sid=sid) == 2
    assert states() == sorted(
        [
            ("recap_author", home.mother.uuid, LetterState.READY),
            ("recap_other", home.father.uuid, LetterState.READY),
        ]
    )
    assert set(OutgoingEmail.objects.values_list("about", flat=True)) == {last.uuid}


def test_policies_send_the_recap_at_once_or_to_the_author_alone():
    clock.freeze(DURING_INTENTIONS)
    home = family(policies={"recap_when": "VALIDATION", "recap_to": "AUTHOR"})
    submit(home, home.mother, [GT], sid=uuid4())
    assert states() == [("recap_author", home.mother.uuid, LetterState.READY)]


# --- opinions


def test_the_first_acknowledgement_opens_the_choices(home):
    entry = submit(home, home.mother, [GT])
    clock.freeze(DURING_OPINIONS)
    said = statement(home, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS, submission=entry)
    clock.freeze(DURING_CHOICES)
    assert refusal(lambda: submit(home, home.father, [CAP], phase=D)) == Refusal.GATE_SHUT
    actions.acknowledge(dossier=home.dossier.uuid, statement=said.uuid, by=actor(home.father))
    submit(home, home.father, [CAP], phase=D)


@pytest.mark.corrupts("INV-23")
def test_a_version_published_since_the_page_was_read_is_not_acknowledged_blindly(home):
    clock.freeze(DURING_OPINIONS)
    old = statement(home, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS)
    old_uuid = old.uuid
    actions.open_council(
        uai=home.student.school.uai, year=2025, level="3E", division="3 A", phase=P, held_on=None, by=SIECLE
    )
    actions.reset_council(
        uai=home.student.school.uai, year=2025, level="3E", division="3 A", phase=P, held_on=None, by=SIECLE
    )
    statement(home, answers=[(GT, "Réservé")], published_at=DURING_OPINIONS)
    by = actor(home.mother)
    assert refusal(lambda: actions.acknowledge(dossier=home.dossier.uuid, statement=old_uuid, by=by)) == Refusal.STALE


def test_the_wait_is_lifted_once_and_the_first_reason_stays(home):
    lift = {"dossier": home.dossier.uuid, "user": home.mother.user, "by": SIECLE}
    first = actions.lift_gate(reason="aucun avis rendu", **lift)
    assert actions.lift_gate(reason="un autre motif", **lift) == first
    assert load_facts(home.dossier.uuid).gate_lifted == "aucun avis rendu"


def test_nobody_acknowledges_once_the_definitive_entry_is_closed(home):
    said = statement(home, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS)
    clock.freeze(CHOICES_CLOSE)
    act = {"dossier": home.dossier.uuid, "statement": said.uuid, "by": actor(home.mother)}
    assert refusal(lambda: actions.acknowledge(**act)) == Refusal.TOO_LATE_TO_ACKNOWLEDGE


# --- answers


def test_an_acceptance_is_the_decision_at_once_and_both_are_told_at_the_same_time(answering):
    home, said = answering
    reply(home, said, home.mother, accepted=[PRO.key, CAP.key])
    (decision,) = load_facts(home.dossier.uuid).decisions
    assert decision.pathways == (PRO.key, CAP.key)
    letters = OutgoingEmail.objects.filter(kind__startswith="answer_accepted").values_list(
        "kind", "state", "not_before"
    )
    assert sorted(letters) == [
        ("answer_accepted_author", LetterState.READY, DURING_PROPOSALS),
        ("answer_accepted_other", LetterState.READY, DURING_PROPOSALS),
    ]


def test_a_refusal_decides_nothing(answering):
    home, said = answering
    reply(home, said, home.mother, AnswerKind.REFUSED, [])
    assert load_facts(home.dossier.uuid).decisions == ()
    assert OutgoingEmail.objects.filter(kind__startswith="answer_refused").count() == 2


@pytest.mark.parametrize(
    ("kind", "accepted", "code"),
    [
        (AnswerKind.ACCEPTED, [GT.key], Refusal.NOT_PROPOSED),
        (AnswerKind.ACCEPTED, [], Refusal.NOTHING_ACCEPTED),
        (AnswerKind.REFUSED, [PRO.key], Refusal.NOT_PROPOSED),
    ],
)
def test_only_what_is_proposed_can_be_accepted(answering, kind, accepted, code):
    home, said = answering
    assert refusal(lambda: reply(home, said, home.mother, kind, accepted)) == code


def test_the_other_parent_cannot_answer_and_nobody_answers_twice(answering):
    home, said = answering
    assert refusal(lambda: reply(home, said, home.father)) == Refusal.AUTHOR_ANSWERS
    reply(home, said, home.mother)
    assert refusal(lambda: reply(home, said, home.mother, AnswerKind.REFUSED, [])) == Refusal.ALREADY_ANSWERED


@pytest.mark.corrupts("INV-23")
def test_what_a_council_reset_proposes_anew_cannot_be_accepted_once_the_decision_is_made(answering):
    home, said = answering
    reply(home, said, home.mother)
    council(home, D, opened_at=DURING_PROPOSALS)
    school = home.student.school
    actions.reset_council(uai=school.uai, year=2025, level="3E", division="3 A", phase=D, held_on=None, by=SIECLE)
    anew = statement(home, D, answers=[(PRO, "OUI")], published_at=DURING_PROPOSALS)
    assert refusal(lambda: reply(home, anew, home.mother)) == Refusal.ALREADY_DECIDED


def test_after_a_release_the_next_to_answer_takes_the_pen(answering):
    home, said = answering
    actions.release_pen(dossier=home.dossier.uuid, phase=D, reason="décès", by=SIECLE)
    reply(home, said, home.father)
    assert Pen.objects.get(phase=D, released_at=None).representative == home.father


@pytest.mark.parametrize(("agrees", "decided"), [(True, 1), (False, 0)])
def test_under_policy_all_the_decision_waits_for_the_other_representative(agrees, decided):
    clock.freeze(DURING_CHOICES)
    home = family(policies={"answered_by": "ALL"})
    actions.lift_gate(dossier=home.dossier.uuid, reason="essai", user=home.mother.user, by=SIECLE)
    entry = submit(home, home.mother, [PRO], phase=D)
    clock.freeze(DURING_PROPOSALS)
    said = statement(home, D, answers=[(PRO, "OUI")], submission=entry, published_at=DURING_PROPOSALS)
    answer = reply(home, said, home.mother)
    assert not load_facts(home.dossier.uuid).decisions
    actions.agree(dossier=home.dossier.uuid, answer=answer.uuid, agrees=agrees, by=actor(home.father))
    assert len(load_facts(home.dossier.uuid).decisions) == decided
    assert OutgoingEmail.objects.filter(kind="agreement_outcome").count() == 2


# --- councils


@pytest.mark.corrupts("INV-25")
def test_a_reset_withdraws_the_opinions_and_opens_the_entry_again(home):
    council(home, opened_at=DURING_INTENTIONS)
    statement(home, answers=[(GT, "Favorable")], published_at=DURING_INTENTIONS)
    school = home.student.school
    actions.reset_council(uai=school.uai, year=2025, level="3E", division="3 A", phase=P, held_on=None, by=SIECLE)
    facts = load_facts(home.dossier.uuid)
    assert [one.withdrawn_because for one in facts.statements] == ["RESET"]
    assert JournalEntry.objects.filter(dossier_uuid=home.dossier.uuid).last().verb == "statement_withdrawn"
    submit(home, home.mother, [GT])


def test_opening_twice_changes_nothing(home):
    where = {"uai": home.student.school.uai, "year": 2025, "level": "3E", "division": "3 A", "phase": P}
    first = actions.open_council(**where, held_on=None, by=SIECLE)
    clock.freeze(DURING_INTENTIONS + timedelta(hours=1))
    assert actions.open_council(**where, held_on=None, by=SIECLE).opened_at == first.opened_at
    assert JournalEntry.objects.filter(verb="council_opened").count() == 1


def test_a_council_of_an_unknown_division_is_said_to_be_unknown(home):
    with pytest.raises(actions.UnknownCouncil):
        actions.open_council(
            uai=home.student.school.uai, year=2025, level="3E", division="9 Z", phase=P, held_on=None, by=SIECLE
        )
