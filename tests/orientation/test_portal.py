"""The portal « Scolarité Services » and the way out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from families.models import Representative, Student
from ledger.models import OutgoingEmail
from orientation import actions
from tests.factories import DURING_INTENTIONS, Family, actor, family, leaves, representative, staff, student, user
from tests.orientation.screens import add, address, press, signed_in, text_of
from tests.orientation.states import (
    At,
    answered,
    before_everything,
    decided_by_head,
    intentions_entered,
    intentions_open,
    switched_off,
)

pytestmark = pytest.mark.django_db

PORTAL = "/mes-services/"
AFTER_EVERYTHING = datetime(2026, 7, 20, 12, tzinfo=UTC)


def test_a_card_names_the_child_the_class_the_school_and_what_remains_to_be_done(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    page = signed_in(camille.mother).get(PORTAL)
    read = text_of(page)
    for said in (camille.student.full_name, "Classe 3 A", camille.student.school.name, "Saisir les intentions"):
        assert said in read
    assert address(camille, "dossier") in page.content.decode()


def states(person: Representative | Student) -> list[str]:
    return [card.state for card in signed_in(person).get(PORTAL).context["cards"]]


def lasting(camille: Family, at: At) -> None:
    """The year is over for everybody, and nothing is being settled."""
    answered(camille, at)
    at(AFTER_EVERYTHING)


@pytest.mark.parametrize(
    ("tell", "who", "expected"),
    [
        (before_everything, "mother", "COMING"),
        (intentions_open, "mother", "TODO"),
        (intentions_open, "student", "OPEN"),
        (intentions_entered, "father", "OPEN"),
        (switched_off, "mother", "OFF"),
        (switched_off, "student", "OFF"),
        (lasting, "mother", "OVER"),
    ],
)
def test_a_service_says_in_which_state_it_is_for_who_reads(tell: Any, who: str, expected: str, at: At) -> None:
    camille = family()
    tell(camille, at)
    assert states(getattr(camille, who)) == [expected]


def test_a_service_of_a_child_who_left_is_there_to_read(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    leaves(camille)
    assert states(camille.mother) == ["READ"]


def test_each_child_of_each_school_has_the_state_their_own_school_gave_it(at: At) -> None:
    """Two children, two schools, one account: one school closed the service, and the other not (CAL-05, ACC-07)."""
    camille, elsewhere = family(), family()
    Representative.objects.filter(pk=elsewhere.mother.pk).update(user=camille.mother.user)
    switched_off(elsewhere, at)
    page = signed_in(camille.mother).get(PORTAL)
    assert {card.student: card.state for card in page.context["cards"]} == {
        camille.student: "TODO", elsewhere.student: "OFF",
    }  # fmt: skip
    html = page.content.decode()
    assert address(camille, "dossier") in html
    assert address(elsewhere, "dossier") not in html
    for child in (camille.student, elsewhere.student):
        assert child.school.name in text_of(page)


def test_a_service_open_again_is_a_tile_again(at: At) -> None:
    camille = family()
    switched_off(camille, at)
    school = camille.student.school
    actions.switch_service(
        campaign=camille.dossier.campaign, school=school, enabled=True, user=staff(school), by=actor(camille.mother)
    )
    assert states(camille.mother) == ["OPEN"]


def test_who_has_no_child_yet_is_led_to_the_code_and_a_pupil_is_not(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    attach = b'href="/mon-compte/rattacher/"'
    assert attach in signed_in(user()).get(PORTAL).content
    assert attach in signed_in(camille.mother).get(PORTAL).content
    assert attach not in signed_in(camille.student).get(PORTAL).content


def test_before_the_campaign_the_card_gives_the_two_openings(at: At) -> None:
    camille = family()
    before_everything(camille, at)
    page = text_of(signed_in(camille.mother).get(PORTAL))
    assert "lundi 12 janvier 2026 à 8 h 00 (heure de Paris)" in page
    assert "lundi 27 avril 2026 à 8 h 00 (heure de Paris)" in page


def test_before_the_campaign_the_home_page_says_so_with_the_calendar(at: At) -> None:
    camille = family()
    before_everything(camille, at)
    page = text_of(signed_in(camille.mother).get(address(camille, "dossier")))
    assert "La campagne d’orientation n’est pas ouverte. Le calendrier est le suivant :" in page


def test_a_service_switched_off_has_no_tile_and_the_card_says_why(at: At) -> None:
    camille = family()
    switched_off(camille, at)
    page = signed_in(camille.mother).get(PORTAL)
    assert address(camille, "dossier") not in page.content.decode()
    assert "L’établissement a fermé le service Orientation" in text_of(page)


def test_a_service_switched_off_refuses_every_write_of_a_page_still_open(at: At) -> None:
    camille = family()
    switched_off(camille, at)
    refused = add(signed_in(camille.mother), camille, "CAP")
    assert refused.status_code == 409
    assert "a fermé le service Orientation" in text_of(refused)


def test_a_level_2_person_sees_no_child(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    page = text_of(signed_in(representative(camille.student, level=2)).get(PORTAL))
    assert camille.student.full_name not in page
    assert "Aucun enfant n’est lié à ce compte" in page


def test_staff_are_shown_the_way_to_their_own_pages(at: At) -> None:
    page = signed_in(staff(family().student.school)).get(PORTAL)
    assert b'href="/admin/"' in page.content


def test_a_child_without_a_dossier_is_named_all_the_same(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    sibling = student(camille.student.division)
    sibling.guardianships.create(representative=camille.mother, level=1)
    page = text_of(signed_in(camille.mother).get(PORTAL))
    assert sibling.full_name in page
    assert "Aucune campagne d’orientation ne concerne cet enfant" in page


def test_a_decision_made_is_all_there_is_to_read(at: At) -> None:
    camille = family()
    answered(camille, at)
    assert "C’est terminé" in text_of(signed_in(camille.father).get(PORTAL))


def test_a_missing_address_is_said_where_it_can_be_added(at: At) -> None:
    camille = family()
    camille.mother.email = ""
    camille.mother.save()
    at(DURING_INTENTIONS)
    page = signed_in(camille.mother).get(address(camille, "dossier"))
    assert "Nous n’avons pas votre adresse électronique" in text_of(page)
    assert b'href="/mon-compte/"' in page.content
    assert "adresse électronique" not in text_of(signed_in(camille.father).get(address(camille, "dossier")))


def test_signing_out_lets_the_recaps_leave_and_says_so_without_any_address(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    mother = signed_in(camille.mother)
    add(mother, camille, "CAP")
    press(mother, camille, "entry_validate")
    assert {one.state for one in OutgoingEmail.objects.all()} == {"HELD"}
    page = mother.post("/deconnexion/", follow=True)
    assert {one.state for one in OutgoingEmail.objects.all()} == {"READY"}
    read = text_of(page)
    assert "est envoyé à vous et à l’autre représentant légal" in read
    assert "@" not in read
    assert mother.get(PORTAL).status_code == 302


def test_signing_out_with_nothing_validated_promises_no_letter(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    page = text_of(signed_in(camille.mother).post("/deconnexion/", follow=True))
    assert "Vous êtes déconnecté" in page
    assert "courriel" not in page


def test_another_session_s_recaps_are_left_alone(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    phone, desk = signed_in(camille.mother), signed_in(camille.mother)
    add(phone, camille, "CAP")
    press(phone, camille, "entry_validate")
    desk.post("/deconnexion/")
    assert {one.state for one in OutgoingEmail.objects.all()} == {"HELD"}


def test_a_service_switched_off_shows_no_step_as_the_current_one(at: At) -> None:
    camille = family()
    switched_off(camille, at)
    page = text_of(signed_in(camille.mother).get(address(camille, "dossier")))
    assert "étape en cours" not in page
    assert "plus rien ne peut être enregistré ici" in page


def test_the_head_s_decision_is_announced_with_the_appeal_it_opens(at: At) -> None:
    camille = family()
    decided_by_head(camille, at)
    assert "faire appel, sur papier, jusqu’au mardi 9 juin 2026 inclus" in text_of(
        signed_in(camille.mother).get(PORTAL)
    )
