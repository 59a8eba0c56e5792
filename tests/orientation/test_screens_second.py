"""After 2de GT, through HTTP: eleven choices on the same screens, without JavaScript (P2G-01…04)."""

import pytest
from django.http import HttpResponse
from django.test import Client

from ledger.models import OutgoingEmail
from orientation import actions, letters
from orientation.enums import Phase
from orientation.models import Decision, Draft, RankedChoice, Submission
from orientation.pathways import SERIES, Choice
from tests.factories import DURING_INTENTIONS, Family, actor, family
from tests.orientation.screens import add, address, hidden, press, signed_in, text_of
from tests.orientation.second import (
    ELEVEN,
    GENERAL,
    INTENTION,
    OFFER,
    ST2S,
    STMG,
    eleven_drafted,
    enters,
    offer_changed,
    offers,
    open_to_second,
    second,
    second_answered,
    second_choosing,
)
from tests.orientation.states import At

pytestmark = pytest.mark.django_db

FOUR = ["MATHS", "PC", "SVT", "SES"]
P, D = Phase.PROVISIONAL, Phase.DEFINITIVE


def listed(of: Family) -> list[Choice]:
    return [Choice.from_json(one) for one in Draft.objects.get(dossier=of.dossier).choices]


def general(client: Client, of: Family, inside: list[str], outside: list[str], phase: str = P) -> HttpResponse:
    return add(client, of, "1GEN", phase, inside_1GEN=inside, outside_1GEN=outside)


def errors(response: HttpResponse) -> set[str]:
    """The fields beside which something is said."""
    assert response.status_code == 422
    return set(response.context["form"].errors)


@pytest.mark.corrupts("INV-17")
def test_a_family_asks_for_eleven_choices_moves_one_validates_and_the_father_reads(at: At) -> None:
    camille = second()
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    assert "jusqu’à onze" in text_of(mother.get(address(camille, "entry", phase=P)))
    assert general(mother, camille, ["MATHS", "PC", "SVT"], ["NSI", "SI"]).status_code == 302
    assert add(mother, camille, "1TECHNO", series_1TECHNO=[code for code, _ in SERIES]).status_code == 302
    assert add(mother, camille, "1BTMUS").status_code == 302
    typed = {"kind_VOIEPRO": "1PRO", "text_VOIEPRO": "Métiers du son", "status_VOIEPRO": ["apprentice"]}
    assert add(mother, camille, "VOIEPRO", **typed).status_code == 302
    assert listed(camille) == list(ELEVEN)
    assert "11 intentions sur 11" in text_of(mother.get(address(camille, "entry", phase=P)))
    assert press_move(mother, camille, rank=11, to="1").status_code == 302
    assert press(mother, camille, "entry_validate").status_code == 302
    made = Submission.objects.get()
    assert [one.pathway for one in made.choices.order_by("rank")][:3] == ["VOIEPRO", "1GEN", "1TECHNO"]
    page = text_of(signed_in(camille.father).get(address(camille, "entry", phase=P)))
    assert "Numérique et sciences informatiques (hors de l’établissement)" in page
    assert "1re professionnelle Spécialité(s) ou famille(s) de métiers : Métiers du son Sous statut d’apprenti" in page


def press_move(client: Client, of: Family, *, rank: int, to: str) -> HttpResponse:
    page = client.get(address(of, "entry", phase=P))
    return client.post(address(of, "entry_move", phase=P, rank=rank), {"shown": hidden(page, "shown"), "to": to})


@pytest.mark.parametrize(
    ("to", "ranks"),
    [
        ("3", "2314"),
        ("1", "1234"),
        ("4", "2341"),
        ("99", "2341"),
        ("0", "1234"),
        ("", "1234"),
        ("²", "1234"),
        ("9" * 5000, "1234"),
    ],
)
def test_a_choice_is_sent_straight_to_a_rank_and_the_others_close_up(at: At, to: str, ranks: str) -> None:
    camille = second()
    open_to_second(camille, at)
    four = list(ELEVEN[:4])
    mother = camille.mother
    actions.add_choices(dossier=camille.dossier.uuid, phase=P, choices=four, user=mother.user, by=actor(mother))
    assert press_move(signed_in(mother), camille, rank=1, to=to).status_code == 302
    assert listed(camille) == [four[int(rank) - 1] for rank in ranks]


@pytest.mark.parametrize("rank", [0, 12])
@pytest.mark.parametrize("verb", ["entry_move", "entry_remove", "entry_up", "entry_down"])
def test_a_rank_that_the_list_does_not_have_is_refused(at: At, verb: str, rank: int) -> None:
    camille = second()
    eleven_drafted(camille, at)
    assert press(signed_in(camille.mother), camille, verb, rank=rank).status_code == 409
    assert listed(camille) == list(ELEVEN)


def test_a_move_from_a_page_out_of_date_is_refused(at: At) -> None:
    camille = second()
    eleven_drafted(camille, at)
    told = {"shown": "0", "to": "1"}
    assert signed_in(camille.mother).post(address(camille, "entry_move", phase=P, rank=3), told).status_code == 409
    assert listed(camille) == list(ELEVEN)


def test_a_series_already_asked_refuses_all_those_ticked_with_it(at: At) -> None:
    camille = second()
    mother = signed_in(camille.mother)
    open_to_second(camille, at)
    add(mother, camille, "1TECHNO", series_1TECHNO=["STMG"])
    again = add(mother, camille, "1TECHNO", series_1TECHNO=["ST2S", "STMG"])
    assert errors(again) == {"series_1TECHNO"}
    assert "1re technologique – STMG : cette voie est déjà dans votre liste" in text_of(again)
    assert listed(camille) == [STMG]


def test_more_series_than_the_list_can_hold_are_refused_as_a_whole(at: At) -> None:
    camille = second(policies={"max_choices": 2})
    at(DURING_INTENTIONS)
    refused = add(signed_in(camille.mother), camille, "1TECHNO", series_1TECHNO=["ST2S", "STL", "STMG"])
    assert errors(refused) == {"pathway"}
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("pathway", "typed", "field"),
    [
        ("1TECHNO", {}, "series_1TECHNO"),
        ("1TECHNO", {"series_1TECHNO": ["S"]}, "series_1TECHNO"),
        ("VOIEPRO", {}, "kind_VOIEPRO"),
        ("1GEN", {}, "inside_1GEN"),
        ("1GEN", {"inside_1GEN": ["MATHS", "PC", "SVT"]}, "inside_1GEN"),
        ("1GEN", {"inside_1GEN": FOUR, "outside_1GEN": ["NSI", "SI"]}, "inside_1GEN"),
        ("1GEN", {"inside_1GEN": ["MATHS", "PC", "SVT", "NSI"]}, "inside_1GEN"),
        ("1GEN", {"inside_1GEN": FOUR, "outside_1GEN": ["SVT"]}, "outside_1GEN"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_what_is_typed_is_kept(
    at: At, pathway: str, typed: dict[str, object], field: str
) -> None:
    camille = second()
    open_to_second(camille, at)
    refused = add(signed_in(camille.mother), camille, pathway, text_VOIEPRO="Cuisine", **typed)
    assert errors(refused) == {field}
    assert b"Cuisine" in refused.content
    assert not Draft.objects.exists()


def test_the_number_of_subjects_wanted_is_said_for_each_phase(at: At) -> None:
    camille = second()
    mother = signed_in(camille.mother)
    open_to_second(camille, at)
    page = text_of(mother.get(address(camille, "entry_add", phase=P)))
    assert "Sélectionnez 4 enseignements de spécialité, ou 5 si l’un d’eux au moins" in page
    assert "Vous en avez sélectionné 2." in text_of(general(mother, camille, ["MATHS", "PC"], []))
    second_choosing(camille, at)
    page = text_of(signed_in(camille.mother).get(address(camille, "entry_add", phase=D)))
    assert "Sélectionnez 3 enseignements de spécialité, proposés dans votre établissement ou dans un autre." in page


def test_the_subjects_of_the_school_and_the_others_are_two_groups(at: At) -> None:
    camille = second()
    open_to_second(camille, at)
    form = signed_in(camille.mother).get(address(camille, "entry_add", phase=P)).context["form"]
    assert {code for code, _ in form.fields["inside_1GEN"].choices} == set(OFFER)
    assert {code for code, _ in form.fields["outside_1GEN"].choices} & set(OFFER) == set()
    assert len(form.fields["inside_1GEN"].choices) + len(form.fields["outside_1GEN"].choices) == 13


def test_a_school_that_has_not_said_its_offer_shows_one_group(at: At) -> None:
    camille = second(offer=())
    mother = signed_in(camille.mother)
    at(DURING_INTENTIONS)
    form = mother.get(address(camille, "entry_add", phase=P)).context["form"]
    assert len(form.fields["inside_1GEN"].choices) == 13 and "outside_1GEN" not in form.fields
    assert general(mother, camille, ["ARTS", "NSI", "SI", "LLCA"], []).status_code == 302


def test_a_choice_is_changed_with_its_details_shown_again(at: At) -> None:
    camille = second()
    mother = signed_in(camille.mother)
    eleven_drafted(camille, at)
    where = address(camille, "entry_edit", phase=P, rank=1)
    page = mother.get(where)
    assert page.context["form"]["inside_1GEN"].value() == ["MATHS", "PC", "SVT"]
    assert page.context["form"]["outside_1GEN"].value() == ["NSI", "SI"]
    assert (
        mother.post(where, {"pathway": "1GEN", "inside_1GEN": FOUR, "shown": hidden(page, "shown")}).status_code == 302
    )
    assert listed(camille)[0].details == ("MATHS", "PC", "SVT", "SES")


def test_only_one_series_is_put_in_the_place_of_a_choice(at: At) -> None:
    camille = second()
    mother = signed_in(camille.mother)
    open_to_second(camille, at)
    add(mother, camille, "1TECHNO", series_1TECHNO=["STMG"])
    where = address(camille, "entry_edit", phase=P, rank=1)
    page = mother.get(where)
    assert page.context["form"]["series_1TECHNO"].value() == "STMG"
    typed = {"pathway": "1TECHNO", "series_1TECHNO": "ST2S", "shown": hidden(page, "shown")}
    assert mother.post(where, typed).status_code == 302
    assert listed(camille) == [ST2S]


def test_an_offer_that_changed_is_said_beside_the_choice_and_refuses_the_validation_only(at: At) -> None:
    camille = second()
    mother = signed_in(camille.mother)
    offer_changed(camille, at)
    assert "L’offre de l’établissement n’est plus celle" in text_of(mother.get(address(camille, "entry", phase=P)))
    assert press(mother, camille, "entry_down", rank=1).status_code == 302
    assert press(mother, camille, "entry_remove", rank=11).status_code == 302
    assert add(mother, camille, "VOIEPRO", kind_VOIEPRO="CAP").status_code == 302
    assert press(mother, camille, "entry_validate").status_code == 422
    assert not Submission.objects.exists()
    assert press(mother, camille, "entry_remove", rank=2).status_code == 302
    assert press(mother, camille, "entry_validate").status_code == 302


def test_what_is_validated_stands_when_the_offer_changes(at: At) -> None:
    camille = second()
    open_to_second(camille, at)
    enters(camille, [INTENTION])
    offers(camille, ["ARTS"])
    page = text_of(signed_in(camille.father).get(address(camille, "entry", phase=P)))
    assert "Numérique et sciences informatiques (hors de l’établissement)" in page
    assert "n’est plus celle" not in page


def test_the_recap_lists_every_choice_with_its_details(at: At) -> None:
    camille = second()
    open_to_second(camille, at)
    enters(camille, ELEVEN)
    row = OutgoingEmail.objects.get(recipient_uuid=camille.father.uuid)
    text = letters.render(row).text.replace("\u00a0", " ")
    assert "Enseignements de spécialité : Mathématiques ; Physique-chimie" in text
    assert {f"1re technologique – {code}" in text for code, _ in SERIES} == {True}
    assert "1re professionnelle" in text and "Spécialité(s) ou famille(s) de métiers : Métiers du son" in text


def test_several_series_are_accepted_agreed_and_decided(at: At) -> None:
    camille = second()
    second_answered(camille, at)
    page = text_of(signed_in(camille.father).get(address(camille, "agreement")))
    assert "1re technologique – STMG" in page and "1re technologique – ST2S" in page
    assert not Decision.objects.exists()
    answer = camille.dossier.statements.get(phase=D).family_answer
    actions.agree(dossier=camille.dossier.uuid, answer=answer.uuid, agrees=True, by=actor(camille.father))
    assert set(Decision.objects.get().pathways.values_list("pathway", "series")) == {STMG.key, ST2S.key}
    page = text_of(signed_in(camille.mother).get(address(camille, "decision")))
    assert "1re technologique – STMG" in page and "1re technologique – ST2S" in page


def test_the_definitive_choice_holds_three_subjects_wherever_they_are(at: At) -> None:
    camille = second()
    second_choosing(camille, at)
    mother = signed_in(camille.mother)
    assert errors(general(mother, camille, ["MATHS", "PC", "SVT"], ["NSI"], D)) == {"inside_1GEN"}
    assert general(mother, camille, ["MATHS", "PC"], ["NSI"], D).status_code == 302
    assert press(mother, camille, "entry_validate", D).status_code == 302
    assert RankedChoice.objects.get(submission__phase=D).details == list(GENERAL.details)


def test_the_words_follow_the_level(at: At) -> None:
    camille = second()
    open_to_second(camille, at)
    mother = signed_in(camille.mother)
    assert "« Après la 2de générale et technologique »" in text_of(mother.get(address(camille, "dossier")))
    page = text_of(mother.get(address(camille, "entry_add", phase=P)))
    assert "« Après la 2de générale et technologique »" in page
    assert "Après la 3e" not in page
    assert "Séries (facultatif)" not in page and "Formation demandée (facultatif)" not in page


@pytest.mark.parametrize(("level", "fields"), [("3E", 5), ("2GT", 4)])
def test_each_pathway_series_and_status_has_its_help(at: At, level: str, fields: int) -> None:
    camille = family(level=level)
    at(DURING_INTENTIONS)
    page = signed_in(camille.mother).get(address(camille, "entry_add", phase=P))
    form, text = page.context["form"], text_of(page)
    asked = [name for name in form.fields if name.startswith(("pathway", "series", "text", "status"))]
    hints = [
        getattr(label, "hint", "") or form.fields[name].help_text
        for name in asked
        for _, label in getattr(form.fields[name], "choices", None) or [("", "")]
    ]
    assert len(asked) == fields
    assert [hint for hint in hints if not hint or plain(hint) not in text] == []


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")
