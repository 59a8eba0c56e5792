"""The family's screens, through HTTP: from the first intention to the decision."""

import pytest

from orientation.enums import Phase, Proposal
from orientation.models import Acknowledgement, Decision, Draft, FamilyAnswer, Submission
from tests.factories import (
    CAP,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    PRO,
    council,
    family,
    statement,
)
from tests.orientation.screens import add, address, hidden, press, signed_in, text_of
from tests.orientation.states import At, entered

pytestmark = pytest.mark.django_db


@pytest.mark.corrupts("INV-14", "INV-71")
def test_a_family_goes_from_the_first_intention_to_the_decision(at: At) -> None:
    camille = family()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    assert add(mother, camille, "2GT").status_code == 302
    assert add(mother, camille, "CAP", text_CAP="Boulanger", status_CAP=["apprentice"]).status_code == 302
    assert Submission.objects.count() == 0
    assert press(mother, camille, "entry_up", rank=2).status_code == 302
    assert press(mother, camille, "entry_validate").status_code == 302
    made = Submission.objects.get()
    assert [one.pathway for one in made.choices.order_by("rank")] == ["CAP", "2GT"]

    council(camille, opened_at=DURING_INTENTIONS)
    statement(camille, answers=[(CAP, "Favorable"), (GT, "Réservé")], published_at=DURING_OPINIONS, submission=made)
    at(DURING_OPINIONS)
    mother = signed_in(camille.mother)
    page = mother.get(address(camille, "opinions"))
    response = mother.post(address(camille, "acknowledge"), {"statement": hidden(page, "statement")})
    assert response.status_code == 302
    assert Acknowledgement.objects.get().author_name == camille.mother.full_name

    at(DURING_CHOICES)
    mother = signed_in(camille.mother)
    assert add(mother, camille, "2PRO", Phase.DEFINITIVE).status_code == 302
    assert press(mother, camille, "entry_validate", Phase.DEFINITIVE).status_code == 302
    choices = Submission.objects.get(phase=Phase.DEFINITIVE)
    council(camille, Phase.DEFINITIVE, opened_at=DURING_CHOICES)
    statement(
        camille, Phase.DEFINITIVE, answers=[(PRO, Proposal.YES)], published_at=DURING_PROPOSALS, submission=choices
    )
    at(DURING_PROPOSALS)
    mother = signed_in(camille.mother)
    page = mother.get(address(camille, "proposals"))
    said = {"statement": hidden(page, "statement"), "kind": "ACCEPTED", "accepted": "2PRO:"}
    confirming = mother.post(address(camille, "confirm_answer"), said)
    assert confirming.status_code == 200
    assert FamilyAnswer.objects.count() == 0
    assert mother.post(address(camille, "answer"), said).status_code == 302
    assert [one.pathway for one in Decision.objects.get().pathways.all()] == ["2PRO"]
    assert "2de professionnelle" in text_of(mother.get(address(camille, "decision")))


def test_the_page_says_the_exact_end_with_its_time_zone(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    for screen in ("dossier", "entry"):
        path = {"phase": Phase.PROVISIONAL} if screen == "entry" else {}
        page = text_of(signed_in(camille.mother).get(address(camille, screen, **path)))
        assert "jusqu’au vendredi 20 février 2026 à 23 h 59 (heure de Paris)" in page


def test_a_school_overseas_reads_its_own_time(at: At) -> None:
    camille = family()
    school = camille.student.school
    school.own_timezone = "America/Martinique"
    school.save()
    at(DURING_INTENTIONS)
    page = text_of(signed_in(camille.mother).get(address(camille, "entry", phase=Phase.PROVISIONAL)))
    assert "20 février 2026 à 19 h 00 (heure de la Martinique)" in page


def test_the_number_of_choices_is_said_in_words_and_follows_the_policy(at: At) -> None:
    camille = family(policies={"max_choices": 2})
    at(DURING_INTENTIONS)
    page = text_of(signed_in(camille.mother).get(address(camille, "entry", phase=Phase.PROVISIONAL)))
    assert "Vous devez obligatoirement saisir une intention. Vous pouvez en saisir jusqu’à deux." in page


def test_nothing_counts_until_validated_and_nobody_else_sees_the_draft(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    add(signed_in(camille.mother), camille, "CAP", text_CAP="Boulanger")
    assert "non validé" in text_of(signed_in(camille.mother).get(address(camille, "entry", phase=Phase.PROVISIONAL)))
    assert "Boulanger" not in text_of(signed_in(camille.father).get(address(camille, "entry", phase=Phase.PROVISIONAL)))
    assert Submission.objects.count() == 0


def test_what_is_typed_under_another_pathway_is_not_kept(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    add(signed_in(camille.mother), camille, "2PRO", text_2PRO="Cuisine", text_CAP="Boulanger", status_CAP=["school"])
    (kept,) = Draft.objects.get().choices
    assert (kept["free_text"], kept["school_status"]) == ("Cuisine", False)


def test_the_free_text_is_not_offered_where_the_campaign_says_so(at: At) -> None:
    camille = family(policies={"free_text": False})
    at(DURING_INTENTIONS)
    page = signed_in(camille.mother).get(address(camille, "entry_add", phase=Phase.PROVISIONAL))
    assert b"text_CAP" not in page.content
    assert b"status_CAP" in page.content


def test_a_pathway_asked_twice_is_refused_beside_the_field_and_the_entry_goes_on(at: At) -> None:
    camille = family()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    add(mother, camille, "CAP")
    again = add(mother, camille, "CAP", text_CAP="Fleuriste")
    assert again.status_code == 422
    assert "Cette voie est déjà dans votre liste" in text_of(again)
    assert b"Fleuriste" in again.content
    assert add(mother, camille, "2GT").status_code == 302


def test_a_form_without_a_pathway_says_so(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    refused = add(signed_in(camille.mother), camille, "")
    assert refused.status_code == 422
    assert "Vous devez sélectionner une voie." in text_of(refused)


def test_an_empty_list_cannot_be_validated(at: At) -> None:
    camille = family()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    add(mother, camille, "CAP")
    add(mother, camille, "2GT")
    press(mother, camille, "entry_remove", rank=2)
    Draft.objects.update(choices=[])
    refused = press(mother, camille, "entry_validate")
    assert refused.status_code == 422
    assert "Veuillez corriger le formulaire avant de valider vos choix." in text_of(refused)


def test_cancelling_restores_the_last_validated_entry(at: At) -> None:
    camille = family()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    entered(camille)
    add(mother, camille, "CAP")
    mother.get(address(camille, "entry", phase=Phase.PROVISIONAL))
    mother.post(address(camille, "entry_cancel", phase=Phase.PROVISIONAL))
    page = text_of(mother.get(address(camille, "entry", phase=Phase.PROVISIONAL)))
    assert "Vos intentions ont bien été validées." in page
    assert "1re année de CAP" not in page


def test_a_choice_is_changed_where_it_stands(at: At) -> None:
    camille = family()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    entered(camille)
    where = address(camille, "entry_edit", phase=Phase.PROVISIONAL, rank=2)
    page = mother.get(where)
    assert "Métiers de l’alimentation".encode() in page.content
    mother.post(where, {"pathway": "2PRO", "text_2PRO": "Mode", "shown": hidden(page, "shown")})
    assert [one["free_text"] for one in Draft.objects.get().choices] == ["", "Mode"]


def test_a_stale_page_is_refused_and_shows_the_list_as_it_is(at: At) -> None:
    camille = family()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    add(mother, camille, "2GT")
    old = mother.get(address(camille, "entry", phase=Phase.PROVISIONAL))
    add(mother, camille, "CAP")
    refused = mother.post(address(camille, "entry_validate", phase=Phase.PROVISIONAL), {"shown": hidden(old, "shown")})
    assert refused.status_code == 409
    assert "1re année de CAP" in text_of(refused)
    assert Submission.objects.count() == 0


def test_a_double_click_on_validate_makes_one_entry(at: At) -> None:
    camille = family()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    add(mother, camille, "2GT")
    shown = hidden(mother.get(address(camille, "entry", phase=Phase.PROVISIONAL)), "shown")
    where = address(camille, "entry_validate", phase=Phase.PROVISIONAL)
    assert [mother.post(where, {"shown": shown}).status_code for _ in range(2)] == [302, 302]
    assert Submission.objects.count() == 1


def test_the_second_parent_sees_the_winner_s_entry_and_what_they_had_prepared(at: At) -> None:
    camille = family()
    father = signed_in(camille.father)
    at(DURING_INTENTIONS)
    add(father, camille, "CAP", text_CAP="Fleuriste")
    shown = hidden(father.get(address(camille, "entry", phase=Phase.PROVISIONAL)), "shown")
    entered(camille)
    refused = father.post(address(camille, "entry_validate", phase=Phase.PROVISIONAL), {"shown": shown})
    page = text_of(refused)
    assert refused.status_code == 409
    assert f"Saisie validée par {camille.mother.full_name}" in page
    assert "Ce que vous aviez préparé n’est pas enregistré" in page
    assert "Fleuriste" in page


def test_a_choice_typed_after_the_other_validated_is_shown_again(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    entered(camille)
    refused = add(signed_in(camille.father), camille, "CAP", text_CAP="Fleuriste")
    assert refused.status_code == 409
    assert "Fleuriste" in text_of(refused)
    assert Draft.objects.count() == 0


def test_who_did_not_enter_reads_who_did_and_where_to_turn(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    entered(camille)
    for person in (camille.father, camille.student):
        page = text_of(signed_in(person).get(address(camille, "entry", phase=Phase.PROVISIONAL)))
        assert f"adressez-vous à {camille.mother.full_name}" in page
        assert "contactez le chef d’établissement" in page
        assert "Modifier les intentions" not in page


def test_who_enters_reads_what_the_procedure_does_not_cover(at: At) -> None:
    """ENT-12: before anything is typed, while typing, and once validated."""
    camille = family()
    at(DURING_INTENTIONS)
    mother = signed_in(camille.mother)
    pages = [mother.get(address(camille, "entry", phase="PROVISIONAL"))]
    add(mother, camille, "2GT")
    pages.append(mother.get(address(camille, "entry", phase="PROVISIONAL")))
    press(mother, camille, "entry_validate")
    pages.append(mother.get(address(camille, "entry", phase="PROVISIONAL")))
    for page in pages:
        assert "orientation/parts/outside.html" in [one.name for one in page.templates]
