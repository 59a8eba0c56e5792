"""A form sent after the session ended comes back, filled, to the same account, and sends nothing by itself (ENT-07)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from families.models import Session
from ledger import clock
from orientation import actions
from orientation.enums import Phase
from orientation.models import Agreement, Draft, EntryObjection, FamilyAnswer, Submission
from tests.admin.importing import UPLOAD
from tests.factories import CAP, DURING_INTENTIONS, GT, PRO, Family, actor, family, staff, statement
from tests.families.laptop import Browser, Form, ends, is_filled, note
from tests.families.test_second_factor import set_up
from tests.orientation.screens import address
from tests.orientation.states import entered, proposed

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
INTENTIONS = {"phase": Phase.PROVISIONAL}
HOUR = timedelta(hours=1)


@pytest.fixture
def camille(at: At) -> Family:
    at(DURING_INTENTIONS)
    return family()


@pytest.fixture
def laptop() -> Browser:
    return Browser()


def lost(laptop: Browser, who: Any, screen: str, path: str, **typed: Any) -> HttpResponse:
    """Open a screen, let the session end, send the form, sign in again; return where that leads."""
    laptop.signs_in(who.user)
    form = laptop.form(laptop.reads(screen), path)
    ends(who.user)
    return laptop.signs_in_again(who.user, laptop.sends(form, **typed))


# --- each form of the family ------------------------------------------------------------------------------------------
def test_a_choice_being_added_comes_back_whole(camille: Family, laptop: Browser) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    typed = {"pathway": "2PRO", "text_2PRO": "Métiers du « bois » & <fer>", "status_2PRO": ["school", "apprentice"]}
    page = lost(laptop, camille.mother, path, path, **typed)
    assert is_filled(page) and not Draft.objects.exists()
    again = laptop.form(page, path)
    assert {name: again.data[name] for name in typed} == {name: [*([one] if isinstance(one, str) else one)]
                                                          for name, one in typed.items()}  # fmt: skip
    assert laptop.sends(again).status_code == 302
    assert Draft.objects.get().user == camille.mother.user


def test_a_choice_being_changed_comes_back_where_it_was(camille: Family, laptop: Browser) -> None:
    entered(camille, choices=(CAP,))
    path = address(camille, "entry_edit", **INTENTIONS, rank=1)
    page = lost(laptop, camille.mother, path, path, pathway="CAP", text_CAP="Fleuriste", status_CAP=["apprentice"])
    again = laptop.form(page, path)
    assert is_filled(page)
    assert (again.data["text_CAP"], again.data["status_CAP"]) == (["Fleuriste"], ["apprentice"])


def test_a_choice_is_not_put_back_in_a_list_that_changed_meanwhile(camille: Family, laptop: Browser) -> None:
    entered(camille, choices=(CAP,))
    path = address(camille, "entry_edit", **INTENTIONS, rank=1)
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(path), path)
    ends(camille.mother.user)
    answer = laptop.sends(form, pathway="CAP", text_CAP="Fleuriste à Lyon")
    actions.add_choice(dossier=camille.dossier.uuid, phase=Phase.PROVISIONAL, choice=GT, user=camille.mother.user,
                       by=actor(camille.mother))  # fmt: skip
    page = laptop.signs_in_again(camille.mother.user, answer)
    assert not is_filled(page) and "Fleuriste à Lyon" in note(page)
    assert laptop.form(page, path).data["text_CAP"] == ["Boulanger"]


def test_a_button_pressed_too_late_is_said_and_validates_nothing(camille: Family, laptop: Browser) -> None:
    actions.add_choice(dossier=camille.dossier.uuid, phase=Phase.PROVISIONAL, choice=GT, user=camille.mother.user,
                       by=actor(camille.mother))  # fmt: skip
    screen, path = (address(camille, name, **INTENTIONS) for name in ("entry", "entry_validate"))
    page = lost(laptop, camille.mother, screen, path)
    assert page.request["PATH_INFO"] == screen
    assert note(page) and not is_filled(page)
    assert not Submission.objects.exists()
    assert note(laptop.reads(screen)) == ""  # said once
    assert laptop.sends(laptop.form(laptop.reads(screen), path)).status_code == 302
    assert Submission.objects.exists()


def test_the_reason_of_an_objection_comes_back(at: At, laptop: Browser) -> None:
    camille = family(policies={"objection": "RECORDED"})
    at(DURING_INTENTIONS)
    entered(camille)
    screen, path = (address(camille, name, **INTENTIONS) for name in ("entry", "entry_object"))
    reason = "Nous avions dit : un CAP.\nEnsemble."
    page = lost(laptop, camille.father, screen, path, reason=reason)
    assert is_filled(page) and not EntryObjection.objects.exists()
    again = laptop.form(page, path)
    assert again.data["reason"][0].strip().splitlines() == reason.splitlines()
    laptop.sends(again)
    assert EntryObjection.objects.get().reason == "Nous avions dit : un CAP. Ensemble."


@pytest.mark.parametrize("step", ["confirm_answer", "answer"])
def test_what_was_accepted_is_ticked_again_and_answers_nothing(at: At, laptop: Browser, step: str) -> None:
    camille = family()
    proposed(camille, at)
    screen, confirm = address(camille, "proposals"), address(camille, "confirm_answer")
    mother = camille.mother.user
    laptop.signs_in(mother)
    form = laptop.form(laptop.reads(screen), confirm)
    typed = {"accepted": ["2PRO:"], "kind": "ACCEPTED"}
    if step == "answer":
        form = laptop.form(laptop.sends(form, **typed), address(camille, "answer"))
    ends(mother)
    page = laptop.signs_in_again(mother, laptop.sends(form, **typed))
    assert page.request["PATH_INFO"] == screen and is_filled(page)
    assert laptop.form(page, confirm).data["accepted"] == ["2PRO:"]
    assert not FamilyAnswer.objects.exists()


def test_what_was_accepted_is_not_ticked_in_proposals_that_replaced_them(at: At, laptop: Browser) -> None:
    camille = family()
    proposed(camille, at)
    screen, path = address(camille, "proposals"), address(camille, "confirm_answer")
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(screen), path)
    ends(camille.mother.user)
    answer = laptop.sends(form, accepted=["2PRO:"], kind="ACCEPTED")
    now = clock.now()
    entry = Submission.objects.get(phase=Phase.DEFINITIVE)
    statement(camille, Phase.DEFINITIVE, answers=[(GT, "NON"), (PRO, "OUI")], published_at=now, submission=entry)
    page = laptop.signs_in_again(camille.mother.user, answer)
    assert note(page) and not is_filled(page)
    assert "accepted" not in laptop.form(page, path).data


def test_a_yes_comes_back_and_agrees_to_nothing(at: At, laptop: Browser) -> None:
    camille = family(policies={"answered_by": "ALL"})
    proposed(camille, at)
    said = actions.answer_proposals(
        dossier=camille.dossier.uuid, statement=camille.dossier.statements.get(phase=Phase.DEFINITIVE).uuid,
        kind="ACCEPTED", accepted=[PRO.key], by=actor(camille.mother),
    )  # fmt: skip
    screen, path = address(camille, "agreement"), address(camille, "agree")
    page = lost(laptop, camille.father, screen, path, agrees_with="oui")
    assert is_filled(page) and not Agreement.objects.exists()
    again = laptop.form(page, path)
    assert (again.data["agrees_with"], again.data["answer"]) == (["oui"], [str(said.uuid)])


def test_an_address_being_typed_comes_back(camille: Family, laptop: Browser) -> None:
    path = reverse("families:address")
    page = lost(laptop, camille.mother, path, path, email="awa.diallo@exemple.fr")
    assert is_filled(page)
    assert laptop.form(page, path).data["email"] == ["awa.diallo@exemple.fr"]


# --- the staff --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(databases=["default", "siecle_mock"])
def test_the_reason_typed_by_the_staff_comes_back(camille: Family, laptop: Browser) -> None:
    head = staff(camille.student.school)
    path = reverse("admin:dossier_see_as", args=[camille.dossier.pk])
    laptop.signs_in(head)
    form = laptop.form(laptop.reads(path), path)
    ends(head)
    reason = "La mère demande ce qu’elle doit faire."
    page = laptop.signs_in_again(head, laptop.sends(form, reason=reason))
    assert is_filled(page)
    assert laptop.form(page, path).data["reason"] == [reason]


@pytest.mark.django_db(databases=["default", "siecle_mock"])
def test_a_file_is_never_kept_and_the_page_says_so(camille: Family, laptop: Browser) -> None:
    head = staff(camille.student.school)
    path = reverse(f"admin:{UPLOAD}", args=[camille.student.school.pk])
    laptop.signs_in(head)
    form = laptop.form(laptop.reads(path), path)
    ends(head)
    answer = laptop.sends(form, files=SimpleUploadedFile("eleves.xml", b"<BEE_ELEVES/>"))
    page = laptop.signs_in_again(head, answer)
    assert "Un fichier n’est jamais gardé" in note(page)
    assert b"BEE_ELEVES/" not in page.content


@pytest.mark.django_db(databases=["default", "siecle_mock"])
def test_what_the_staff_typed_waits_for_the_second_factor_too(camille: Family, laptop: Browser, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    head = staff(camille.student.school)
    codes = set_up(head)[1]
    path = reverse("admin:dossier_see_as", args=[camille.dossier.pk])
    page = passes(laptop, laptop.signs_in(head, path), codes[0])
    form = laptop.form(page, path)
    ends(head)
    page = laptop.signs_in_again(head, laptop.sends(form, reason="La mère demande de l’aide."))
    assert note(page) == "" and "demande de l’aide" not in page.content.decode()
    page = passes(laptop, page, codes[1])
    assert is_filled(page)
    assert laptop.form(page, path).data["reason"] == ["La mère demande de l’aide."]


def passes(laptop: Browser, page: HttpResponse, code: str) -> HttpResponse:
    """The page of the second factor: one recovery code opens the page that was asked for."""
    path = reverse("families:recovery_code")
    form = laptop.form(laptop.reads(page.context["by_code"]), path)
    return laptop.client.post(path, {**form.data, "code": code}, follow=True)


# --- whose it is ------------------------------------------------------------------------------------------------------
def test_another_account_of_the_same_browser_reads_nothing_of_it(camille: Family, laptop: Browser) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(path), path)
    ends(camille.mother.user)
    answer = laptop.sends(form, pathway="CAP", text_CAP="Un secret de la mère")
    page = laptop.signs_in_again(camille.father.user, answer)
    assert note(page) == "" and b"Un secret de la" not in page.content
    laptop.sends(laptop.form(page, "/deconnexion/"))
    assert note(laptop.signs_in(camille.mother.user, path)) == ""


def test_what_a_session_closed_on_purpose_sends_is_dropped(camille: Family, laptop: Browser) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    laptop.signs_in(camille.mother.user)
    page = laptop.reads(path)
    form = laptop.form(page, path)
    laptop.sends(laptop.form(page, "/deconnexion/"))
    answer = laptop.sends(form, pathway="CAP", text_CAP="Fleuriste à Lyon")
    assert note(laptop.signs_in_again(camille.mother.user, answer)) == ""


def test_a_visitor_who_was_never_signed_in_makes_the_service_keep_nothing(camille: Family, laptop: Browser) -> None:
    form = laptop.form(laptop.reads("/connexion/"), "/connexion/")
    path = address(camille, "entry_add", **INTENTIONS)
    laptop.sends(Form(path, form.data), pathway="CAP", text_CAP="x" * 1000)
    assert not Session.objects.exists()


def test_page_read_before_signing_in_again_in_another_tab_comes_back_at_once(camille: Family, laptop: Browser) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(path), path)
    ends(camille.mother.user)
    laptop.reads("/mes-services/")  # the other tab
    laptop.signs_in(camille.mother.user)
    answer = laptop.sends(form, pathway="CAP", text_CAP="Fleuriste")
    assert answer.status_code == 302
    page = laptop.reads(answer["Location"])
    assert is_filled(page) and not Draft.objects.exists()
    assert laptop.form(page, path).data["text_CAP"] == ["Fleuriste"]


def test_page_of_somebody_who_used_this_browser_before_is_refused(camille: Family, laptop: Browser) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(path), path)
    ends(camille.mother.user)
    laptop.signs_in(camille.father.user)
    answer = laptop.sends(form, pathway="CAP", text_CAP="Fleuriste")
    assert answer.status_code == 403
    assert note(laptop.reads(path)) == ""


def test_a_form_without_a_token_is_refused_and_never_prepared_for_a_click(camille: Family, laptop: Browser) -> None:
    """Another site would only have to wait for the person's click."""
    path = address(camille, "entry_add", **INTENTIONS)
    laptop.signs_in(camille.mother.user)
    for token in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": "x" * 32}):
        assert laptop.client.post(path, {"pathway": "CAP", **token}).status_code == 403
    assert note(laptop.reads(path)) == ""


# --- what is kept, and how long ---------------------------------------------------------------------------------------
def test_no_password_and_no_code_is_ever_kept(camille: Family, laptop: Browser) -> None:
    path = reverse("families:change_password")
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(path), path)
    ends(camille.mother.user)
    laptop.sends(form, old_password="secret-un", new_password1="secret-deux", code="12345678", otp_token="123456")
    kept = laptop.client.session["kept"]
    assert kept["path"] == path and kept["fields"] == {}


def test_what_waited_for_an_hour_is_dropped(camille: Family, laptop: Browser, at: At) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(path), path)
    ends(camille.mother.user)
    at(DURING_INTENTIONS + timedelta(minutes=5))
    answer = laptop.sends(form, pathway="CAP", text_CAP="Fleuriste")
    at(DURING_INTENTIONS + timedelta(minutes=55))
    assert is_filled(laptop.signs_in_again(camille.mother.user, answer))
    at(DURING_INTENTIONS + timedelta(minutes=66))
    assert note(laptop.reads(path)) == ""


def test_what_was_sent_at_last_comes_back_no_more(camille: Family, laptop: Browser) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    page = lost(laptop, camille.mother, path, path, pathway="CAP", text_CAP="Fleuriste", status_CAP=["school"])
    assert is_filled(laptop.reads(path))  # reloaded: still there
    laptop.sends(laptop.form(page, path))
    assert note(laptop.reads(path)) == ""


def test_more_than_a_form_holds_is_not_kept(camille: Family, laptop: Browser) -> None:
    path = address(camille, "entry_add", **INTENTIONS)
    page = lost(laptop, camille.mother, path, path, pathway="CAP", text_CAP="x" * 70_000)
    assert b"xxxxxx" not in page.content
    assert laptop.form(page, path).data.get("pathway") is None


def test_a_program_of_the_page_keeps_what_it_sends_itself(camille: Family, laptop: Browser) -> None:
    laptop.signs_in(camille.mother.user)
    token = laptop.form(laptop.reads("/mon-compte/adresse/"), "/mon-compte/adresse/").data
    ends(camille.mother.user)
    answer = laptop.client.post("/session/prolonger/", token, headers={"x-requested-with": "fetch"})
    assert answer.status_code == 302
    assert "kept" not in laptop.client.session
