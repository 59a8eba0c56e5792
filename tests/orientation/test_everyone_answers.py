"""Policy ALL (ANS-06, ANS-08): the author answers, each other representative says yes, no or nothing, in every order.

The decision is there as soon as an acceptance has everybody's yes, and never before. Silence is nobody's yes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from itertools import permutations, product
from typing import Any

import pytest
from django.db import transaction

from families.models import Representative, Student, User
from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import OutgoingEmail
from orientation import actions, letters
from orientation.admin.awaited import awaited_names
from orientation.enums import Phase, Proposal
from orientation.models import Agreement, Decision, Dossier, FamilyAnswer, Pen, RankedChoice, Submission
from orientation.reading import load_facts
from orientation.rules import Need, agreements_awaited, last_statement, standing
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import DURING_CHOICES, DURING_PROPOSALS, GT, PRO, PROPOSALS_CLOSE, Family, actor
from tests.orientation.screens import address, hidden, signed_in, text_of
from tests.orientation.states import At

pytestmark = [
    pytest.mark.django_db(databases=["default", "siecle_mock"]),
    pytest.mark.corrupts("INV-10", "INV-15", "INV-50", "INV-60"),
]
D = Phase.DEFINITIVE
YES, NO, SILENCE = True, False, None


def waiting(parents: int = 2, author: int = 0, **pupil: Any) -> Family:
    """Proposals to answer by this representative, who chose; told by rows, for there are many such families here."""
    family = factories.family(parents=parents, policies={"answered_by": "ALL"}, **pupil)
    holder = family.parents[author]
    Pen.objects.create(dossier=family.dossier, phase=D, representative=holder, taken_at=DURING_CHOICES)
    entry = Submission.objects.create(
        dossier=family.dossier, phase=D, version=1, author_kind="REPRESENTATIVE", representative=holder,
        author_name=holder.full_name, choice_count=2, submitted_at=DURING_CHOICES,
    )  # fmt: skip
    for rank, choice in enumerate((GT, PRO), start=1):
        RankedChoice.objects.create(submission=entry, rank=rank, **choice.as_json())
    factories.council(family, D, opened_at=DURING_CHOICES)
    factories.statement(
        family, D, answers=[(GT, Proposal.NO), (PRO, Proposal.YES)], submission=entry, published_at=DURING_PROPOSALS
    )
    return family


def answers(of: Family, by: Representative | Student, kind: str = "ACCEPTED") -> FamilyAnswer:
    given = of.dossier.statements.get(phase=D)
    accepted = [PRO.key] if kind == "ACCEPTED" else []
    return actions.answer_proposals(
        dossier=of.dossier.uuid, statement=given.uuid, kind=kind, accepted=accepted, by=actor(by)
    )


def agrees(answer: FamilyAnswer, of: Family, by: Representative | Student, yes: bool = True) -> Agreement:
    return actions.agree(dossier=of.dossier.uuid, answer=answer.uuid, agrees=yes, by=actor(by))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def awaited(of: Family) -> set[Any]:
    facts = load_facts(of.dossier.uuid)
    given = last_statement(facts, D).family_answer
    return set(agreements_awaited(facts, given, clock.now()))


def told(kind: str) -> list[Any]:
    rows = OutgoingEmail.objects.filter(kind__startswith=kind)
    return sorted(rows.values_list("recipient_uuid", flat=True))


def listed(of: Family) -> str | None:
    rows = Dossier.objects.annotate(awaited=awaited_names(clock.now()))
    return rows.get(pk=of.dossier.pk).awaited


def plays(of: Family, author: Representative, kind: str, said: list[tuple[Representative, bool | None]]) -> None:
    """One order of the others, each with what they say; checked after each act."""
    everybody = sorted(one.uuid for one in of.parents)
    answer = answers(of, author, kind)
    assert told("answer") == everybody
    silent = {one.uuid for one, _ in said}
    spoken: list[bool] = []
    for person, word in said:
        decided = kind == "ACCEPTED" and not silent and all(spoken)
        assert (Decision.objects.exists(), awaited(of)) == (decided, silent)
        if word is SILENCE:
            continue
        agreement = agrees(answer, of, person, word)
        silent, spoken = silent - {person.uuid}, [*spoken, word]
        report = OutgoingEmail.objects.filter(kind="agreement_outcome", about=agreement.uuid)
        assert sorted(report.values_list("recipient_uuid", flat=True)) == everybody
        assert {one.data["decided"] for one in report} == {kind == "ACCEPTED" and not silent and all(spoken)}
    assert Decision.objects.exists() is (kind == "ACCEPTED" and not silent and all(spoken))
    assert awaited(of) == silent
    names = {one.uuid: one.full_name for one in of.parents}
    left = [names[one.uuid] for one in of.parents if one.uuid in silent]
    assert listed(of) == (", ".join(left) or None)


@pytest.mark.parametrize(
    ("kind", "parents", "author"),
    [
        *(("ACCEPTED", parents, author) for parents in (1, 2, 3) for author in range(parents)),
        *(("REFUSED", parents, 0) for parents in (1, 2, 3)),
    ],
)
def test_every_order_of_the_others_with_agreement_disagreement_and_silence(
    at: At, kind: str, parents: int, author: int
) -> None:
    family = waiting(parents, author)
    at(DURING_PROPOSALS)
    first = family.parents[author]
    others = [one for one in family.parents if one != first]
    for order, words in product(permutations(others), product((YES, NO, SILENCE), repeat=len(others))):
        with undone():
            plays(family, first, kind, list(zip(order, words, strict=True)))


def test_silence_decides_nothing_when_the_consultation_closes_nor_in_the_nights_that_follow(at: At) -> None:
    family = waiting(3)
    at(DURING_PROPOSALS)
    agrees(answers(family, family.mother), family, family.father)
    at(PROPOSALS_CLOSE)
    assert actions.decide_agreed(campaign=family.dossier.campaign, by=SYSTEM) == 0
    assert not Decision.objects.exists()
    facts = load_facts(family.dossier.uuid)
    assert {standing(facts, one.uuid, clock.now()).need for one in family.parents} == {Need.MEET_HEAD}


def test_the_decision_is_made_by_the_night_when_the_one_awaited_is_no_longer_legal(at: At) -> None:
    family = waiting(3)
    at(DURING_PROPOSALS)
    agrees(answers(family, family.mother), family, family.father)
    factories.loses_authority(family, family.parents[2])
    assert actions.decide_agreed(campaign=family.dossier.campaign, by=SYSTEM) == 1
    assert Decision.objects.get().origin == "ACCEPTANCE"


@pytest.mark.parametrize("kind", ["ACCEPTED", "REFUSED"])
def test_the_night_asks_once_who_became_a_legal_representative_after_the_answer(at: At, kind: str) -> None:
    family = waiting()
    at(DURING_PROPOSALS)
    answers(family, family.mother, kind)
    asks = partial(actions.ask_latecomers, campaign=family.dossier.campaign, by=SYSTEM)
    assert asks() == 0, "the others were asked with the answer"
    late = factories.representative(family.student)
    assert (asks(), asks()) == (1, 0)
    row = OutgoingEmail.objects.get(kind="agreement_awaited")
    assert (row.recipient_uuid, late.uuid in awaited(family)) == (late.uuid, True)
    assert "Votre accord est attendu" in letters.render(row).text


def test_the_night_asks_the_pupil_who_came_of_age_after_the_answer(at: At) -> None:
    family = waiting(birth_date=date(2008, 6, 8))
    User.objects.filter(student=family.student).update(email="camille@exemple.invalid")
    at(DURING_PROPOSALS)
    answers(family, family.mother)
    at(datetime(2026, 6, 9, tzinfo=UTC))
    assert actions.ask_latecomers(campaign=family.dossier.campaign, by=SYSTEM) == 1
    row = OutgoingEmail.objects.get(kind="agreement_awaited")
    assert row.recipient_uuid == family.student.uuid
    assert "Votre accord est attendu" in letters.render(row).text


@pytest.mark.parametrize("why", ["CLOSED", "DECIDED", "SPOKEN"])
def test_the_night_asks_nobody_who_can_no_longer_answer(at: At, why: str) -> None:
    family = waiting()
    at(DURING_PROPOSALS)
    answer = answers(family, family.mother)
    if why == "DECIDED":
        agrees(answer, family, family.father)
    late = factories.representative(family.student)
    if why == "SPOKEN":
        agrees(answer, family, late)
    if why == "CLOSED":
        at(PROPOSALS_CLOSE)
    assert actions.ask_latecomers(campaign=family.dossier.campaign, by=SYSTEM) == 0


def test_a_no_stands_when_who_said_it_is_no_longer_legal(at: At) -> None:
    family = waiting(3)
    at(DURING_PROPOSALS)
    agrees(answers(family, family.mother), family, family.father, yes=False)
    factories.loses_authority(family, family.father)
    factories.loses_authority(family, family.parents[2])
    assert actions.decide_agreed(campaign=family.dossier.campaign, by=SYSTEM) == 0
    assert not Decision.objects.exists()


def test_one_account_that_is_two_representatives_answers_once(at: At) -> None:
    """Siècle may hold a person twice: nobody is awaited twice, and the list of the school says so."""
    family = waiting(3)
    doubled: User = family.mother.user
    Representative.objects.filter(pk=family.father.pk).update(user=doubled)
    at(DURING_PROPOSALS)
    answer = answers(family, family.mother)
    assert awaited(family) == {family.parents[2].uuid}
    assert listed(family) == family.parents[2].full_name
    agrees(answer, family, family.parents[2])
    assert Decision.objects.exists()


def comes_of_age(family: Family) -> None:
    Student.objects.filter(pk=family.student.pk).update(birth_date=date(2008, 6, 1))


def test_a_pupil_come_of_age_since_the_answer_agrees_in_the_parents_place(at: At) -> None:
    family = waiting()
    at(DURING_PROPOSALS)
    answer = answers(family, family.mother)
    comes_of_age(family)
    assert awaited(family) == {family.student.uuid}
    assert listed(family) == family.student.full_name
    pupil = signed_in(family.student)
    shown = pupil.get(address(family, "agreement"))
    sent = {"answer": hidden(shown, "answer"), "agrees_with": "oui"}
    assert pupil.post(address(family, "agree"), sent).status_code == 302
    assert answer.agreements.get().student == family.student
    assert Decision.objects.exists()
    assert told("agreement_outcome") == sorted([*(one.uuid for one in family.parents), family.student.uuid])


def test_a_pupil_of_age_who_says_no_leads_to_the_head(at: At) -> None:
    family = waiting()
    at(DURING_PROPOSALS)
    answer = answers(family, family.mother)
    comes_of_age(family)
    agrees(answer, family, family.student, yes=False)
    assert not Decision.objects.exists()
    assert standing(load_facts(family.dossier.uuid), family.student.uuid, clock.now()).need == Need.MEET_HEAD
    assert listed(family) is None


# --- who has still to answer is told to all ---------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["ACCEPTED", "REFUSED"])
def test_every_screen_of_the_family_names_who_has_still_to_answer(at: At, kind: str) -> None:
    family = waiting(3)
    at(DURING_PROPOSALS)
    answer = answers(family, family.mother, kind)
    mother = signed_in(family.mother)
    father, third = family.parents[1:]
    for screen in ("dossier", "proposals", "agreement", "decision"):
        shown = text_of(mother.get(address(family, screen)))
        assert father.full_name in shown
        assert third.full_name in shown
    agrees(answer, family, father)
    for screen in ("dossier", "agreement"):
        assert f"Doit encore répondre : {third.full_name}, jusqu’au vendredi 12 juin 2026" in text_of(
            mother.get(address(family, screen))
        )
    for screen in ("proposals", "decision"):
        assert f"Doit encore répondre : {third.full_name}" in text_of(mother.get(address(family, screen)))


def test_who_is_awaited_is_asked_on_the_home_page_even_after_a_refusal(at: At) -> None:
    family = waiting(3)
    at(DURING_PROPOSALS)
    answers(family, family.mother, "REFUSED")
    shown = text_of(signed_in(family.father).get(address(family, "dossier")))
    assert "À faire maintenant : donner un accord ou un désaccord" in shown
    assert f"Doit encore répondre : {family.parents[2].full_name}" in shown
    assert "Dire oui ou non à cette réponse" in text_of(signed_in(family.father).get(address(family, "decision")))
    assert "Contacter immédiatement le chef d’établissement" in text_of(
        signed_in(family.mother).get(address(family, "dossier"))
    )


def test_the_family_reads_who_did_not_answer_once_it_is_too_late(at: At) -> None:
    family = waiting(3)
    at(DURING_PROPOSALS)
    answers(family, family.mother)
    at(PROPOSALS_CLOSE)
    shown = text_of(signed_in(family.mother).get(address(family, "dossier")))
    names = " et ".join(one.full_name for one in family.parents[1:])
    assert f"N’ont pas répondu : {names}. Ne pas répondre n’est pas accepter." in shown


def test_the_school_reads_who_has_still_to_answer_in_the_list_and_in_the_dossier(at: At) -> None:
    family = waiting(3)
    other = waiting(1)
    at(DURING_PROPOSALS)
    agrees(answers(family, family.mother), family, family.father)
    answers(other, other.mother)
    head = client_of(factories.staff(family.student.school))
    shown = page(head, "orientation_dossier_changelist", manque="accord")
    assert [one.pk for one in shown.context["cl"].result_list] == [family.dossier.pk]
    assert f"attendu\u00a0: {family.parents[2].full_name}" in shown.content.decode()
    detail = page(head, "orientation_dossier_change", family.dossier.pk).content.decode()
    assert f"Doit encore répondre\u00a0: {family.parents[2].full_name}" in detail


def test_the_others_are_asked_by_letter_until_when_and_each_reads_the_outcome(at: At) -> None:
    family = waiting(3)
    at(DURING_PROPOSALS)
    answer = answers(family, family.mother)
    asked = OutgoingEmail.objects.filter(kind="answer_accepted_other")
    for row in asked:
        assert "jusqu’au vendredi 12 juin 2026" in letters.render(row).text
    for person in family.parents[1:]:
        agrees(answer, family, person)
    last = OutgoingEmail.objects.filter(kind="agreement_outcome", data__decided=True)
    assert sorted(last.values_list("recipient_uuid", flat=True)) == sorted(one.uuid for one in family.parents)
