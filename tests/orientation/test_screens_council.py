"""What the council says, the acknowledgement, the answer and the decision, as the family reads and does them."""

import pytest

from orientation.enums import Phase
from orientation.models import Acknowledgement, Decision, FamilyAnswer, Submission
from tests.factories import (
    CAP,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    council,
    family,
    statement,
)
from tests.orientation.screens import add, address, hidden, signed_in, text_of
from tests.orientation.states import At, acknowledged, entered, proposed

pytestmark = pytest.mark.django_db


@pytest.mark.corrupts("INV-14")
def test_opinions_are_not_available_between_the_opening_of_the_council_and_their_publication(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    entered(camille)
    council(camille, opened_at=DURING_INTENTIONS)
    message = (
        "Les avis provisoires du conseil de classe ne sont pas disponibles. "
        "Veuillez prendre contact avec votre établissement"
    )
    for screen, path in (("entry", {"phase": Phase.PROVISIONAL}), ("opinions", {})):
        assert message in text_of(signed_in(camille.mother).get(address(camille, screen, **path)))


@pytest.mark.corrupts("INV-14")
def test_an_entry_not_processed_is_explained(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    entered(camille)
    council(camille, opened_at=DURING_INTENTIONS)
    assert "Saisie non traitée" in text_of(signed_in(camille.father).get(address(camille, "opinions")))


@pytest.mark.corrupts("INV-27")
def test_the_choices_stay_shut_until_the_opinions_are_acknowledged(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    statement(camille, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS, submission=entered(camille))
    at(DURING_CHOICES)
    page = signed_in(camille.father).get(address(camille, "entry", phase=Phase.DEFINITIVE))
    assert address(camille, "opinions") in page.content.decode()
    assert "Ajouter un choix" not in text_of(page)
    assert add(signed_in(camille.father), camille, "2GT", Phase.DEFINITIVE).status_code == 409


def test_where_nothing_was_published_the_page_names_the_school(at: At) -> None:
    camille = family()
    at(DURING_CHOICES)
    page = text_of(signed_in(camille.mother).get(address(camille, "entry", phase=Phase.DEFINITIVE)))
    assert "aucun avis du conseil de classe n’est publié" in page
    assert camille.student.school.phone in page


@pytest.mark.corrupts("INV-60", "INV-72")
def test_an_entry_typed_by_the_school_is_read_only_with_the_opinions(at: At) -> None:
    camille = family()
    typed = Submission.objects.create(
        dossier=camille.dossier, phase=Phase.PROVISIONAL, version=1, author_kind="SCHOOL", author_name="Le collège",
        choice_count=1, submitted_at=DURING_INTENTIONS, siecle_ref="typed",
    )  # fmt: skip
    typed.choices.create(rank=1, pathway="CAP")
    at(DURING_INTENTIONS)
    assert "1re année de CAP" not in text_of(
        signed_in(camille.student).get(address(camille, "entry", phase=Phase.PROVISIONAL))
    )
    council(camille, opened_at=DURING_INTENTIONS)
    statement(camille, answers=[(CAP, "Favorable")], published_at=DURING_OPINIONS, submission=typed)
    at(DURING_OPINIONS)
    page = text_of(signed_in(camille.father).get(address(camille, "opinions")))
    assert "Cette demande a été saisie par l’établissement" in page


def test_acknowledging_names_who_and_when_and_cannot_be_done_twice(at: At) -> None:
    camille = family()
    acknowledged(camille, at)
    page = signed_in(camille.mother).get(address(camille, "opinions"))
    assert f"Par {camille.father.full_name}, le mardi 10 mars 2026 à 19 h 00 (heure de Paris)" in text_of(page)
    assert "J’accuse réception" not in text_of(page)
    version = camille.dossier.statements.get().uuid
    again = signed_in(camille.mother).post(address(camille, "acknowledge"), {"statement": version})
    assert again.status_code == 409
    assert Acknowledgement.objects.count() == 1


@pytest.mark.corrupts("INV-27")
def test_opinions_that_changed_while_the_page_was_open_are_not_acknowledged(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    made = entered(camille)
    statement(camille, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS, submission=made)
    at(DURING_OPINIONS)
    refused = signed_in(camille.mother).post(address(camille, "acknowledge"), {"statement": made.uuid})
    assert refused.status_code == 409
    assert Acknowledgement.objects.count() == 0


def test_refusing_all_with_a_pathway_checked_is_a_mistake_to_correct(at: At) -> None:
    camille = family()
    proposed(camille, at)
    mother = signed_in(camille.mother)
    version = hidden(mother.get(address(camille, "proposals")), "statement")
    said = {"statement": version, "kind": "REFUSED", "accepted": ["2PRO:"]}
    for verb in ("confirm_answer", "answer"):
        assert mother.post(address(camille, verb), said).status_code == 422
    assert FamilyAnswer.objects.count() == 0


def test_a_pathway_that_is_not_proposed_cannot_be_accepted(at: At) -> None:
    camille = family()
    proposed(camille, at)
    mother = signed_in(camille.mother)
    version = hidden(mother.get(address(camille, "proposals")), "statement")
    said = {"statement": version, "kind": "ACCEPTED", "accepted": ["2GT:"]}
    assert mother.post(address(camille, "answer"), said).status_code == 422
    assert FamilyAnswer.objects.count() == 0


def test_policy_one_offers_radios_and_takes_one_pathway(at: At) -> None:
    camille = family(policies={"acceptances": "ONE"})
    proposed(camille, at)
    mother = signed_in(camille.mother)
    page = mother.get(address(camille, "proposals"))
    assert b'type="radio"' in page.content
    said = {"statement": hidden(page, "statement"), "kind": "ACCEPTED", "accepted": "CAP:"}
    assert mother.post(address(camille, "answer"), said).status_code == 302


def test_refusing_leads_to_the_school_s_telephone_and_to_no_appeal_delay(at: At) -> None:
    camille = family()
    proposed(camille, at)
    mother = signed_in(camille.mother)
    said = {"statement": hidden(mother.get(address(camille, "proposals")), "statement"), "kind": "REFUSED"}
    confirming = text_of(mother.post(address(camille, "confirm_answer"), said))
    assert "contacter immédiatement le chef d’établissement" in confirming
    page = text_of(mother.post(address(camille, "answer"), said, follow=True))
    assert "Contactez immédiatement le chef d’établissement" in page
    assert camille.student.school.phone in page
    assert "jours ouvrables" not in page


def test_the_other_representative_reads_who_has_still_to_answer(at: At) -> None:
    camille = family()
    proposed(camille, at)
    page = text_of(signed_in(camille.father).get(address(camille, "proposals")))
    assert f"{camille.mother.full_name} doit répondre" in page
    assert "Ne pas répondre n’est pas accepter" in page


def test_policy_all_asks_the_other_representative_before_any_decision(at: At) -> None:
    camille = family(policies={"answered_by": "ALL"})
    proposed(camille, at)
    mother, father = signed_in(camille.mother), signed_in(camille.father)
    version = hidden(mother.get(address(camille, "proposals")), "statement")
    said = {"statement": version, "kind": "ACCEPTED", "accepted": ["2PRO:"]}
    assert camille.father.full_name in text_of(mother.post(address(camille, "confirm_answer"), said))
    mother.post(address(camille, "answer"), said)
    assert Decision.objects.count() == 0
    assert f"Doit encore répondre : {camille.father.full_name}" in text_of(mother.get(address(camille, "proposals")))
    page = father.get(address(camille, "agreement"))
    assert father.post(address(camille, "agree"), {"answer": hidden(page, "answer")}).status_code == 422
    agreed = father.post(address(camille, "agree"), {"answer": hidden(page, "answer"), "agrees_with": "oui"})
    assert agreed.status_code == 302
    assert Decision.objects.count() == 1


def test_a_no_of_the_other_representative_leads_to_the_meeting(at: At) -> None:
    camille = family(policies={"answered_by": "ALL"})
    proposed(camille, at)
    mother, father = signed_in(camille.mother), signed_in(camille.father)
    version = hidden(mother.get(address(camille, "proposals")), "statement")
    mother.post(address(camille, "answer"), {"statement": version, "kind": "ACCEPTED", "accepted": ["2PRO:"]})
    said = {"answer": hidden(father.get(address(camille, "agreement")), "answer"), "agrees_with": "non"}
    page = text_of(father.post(address(camille, "agree"), said, follow=True))
    assert "Contactez immédiatement le chef d’établissement" in page
    assert Decision.objects.count() == 0


@pytest.mark.corrupts("INV-64")
def test_the_head_s_decision_shows_its_date_and_the_delay_of_appeal(at: At) -> None:
    camille = family()
    at(DURING_PROPOSALS)
    made = Decision.objects.create(
        dossier=camille.dossier, origin="HEAD", at=DURING_PROPOSALS, notified_on=DURING_PROPOSALS.date(),
        siecle_ref="head",
    )  # fmt: skip
    made.pathways.create(pathway="CAP")
    page = text_of(signed_in(camille.father).get(address(camille, "decision")))
    assert "trois jours ouvrables" in page
    assert "vendredi 5 juin 2026" in page


def test_coming_back_to_a_verb_after_signing_in_leads_to_its_screen(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    response = signed_in(camille.mother).get(address(camille, "entry_validate", phase=Phase.PROVISIONAL))
    assert response.status_code == 302
    assert response["Location"] == address(camille, "entry", phase=Phase.PROVISIONAL)
