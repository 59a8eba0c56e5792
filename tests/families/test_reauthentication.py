"""« Confirmez que c’est vous »: before the final answer and before an address changes, when the last proof is old."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from families.models import User
from families.reauthentication import ACCOUNT_MINUTES
from orientation import actions
from orientation.enums import Phase
from orientation.models import Agreement, FamilyAnswer
from tests.factories import DURING_INTENTIONS, DURING_PROPOSALS, PRO, Family, actor, family
from tests.families.laptop import PASSWORD, Browser, Form, is_filled, note
from tests.orientation.screens import address
from tests.orientation.states import proposed

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
CONFIRM, ADDRESS = "/connexion/confirmer/", "/mon-compte/adresse/"
ACCEPTS = {"accepted": ["2PRO:"], "kind": "ACCEPTED"}
QUARTER = timedelta(minutes=15)


@pytest.fixture
def laptop() -> Browser:
    return Browser()


@pytest.fixture
def camille(at: At, settings: Any) -> Family:
    settings.REAUTHENTICATE_MINUTES = 15.0
    made = family(policies={"answered_by": "ALL"})
    proposed(made, at)
    return made


def proves(laptop: Browser, asked: Any, password: str = PASSWORD) -> Any:
    """Type one's password on the page that asks for it; return the page this leads to."""
    assert asked.status_code == 302 and asked["Location"].startswith(CONFIRM), asked
    form = laptop.form(laptop.reads(asked["Location"]), CONFIRM)
    return laptop.client.post(CONFIRM, {**form.data, "password": password}, follow=True)


def answer_form(laptop: Browser, of: Family) -> Form:
    return laptop.form(laptop.reads(address(of, "proposals")), address(of, "confirm_answer"))


def test_final_answer_is_confirmed_by_the_password_and_then_sent_by_the_person(
    camille: Family, laptop: Browser, at: At
) -> None:
    laptop.signs_in(camille.mother.user)
    form = answer_form(laptop, camille)
    at(DURING_PROPOSALS + QUARTER)
    page = proves(laptop, laptop.sends(form, **ACCEPTS))
    assert is_filled(page) and not FamilyAnswer.objects.exists()
    again = laptop.form(page, address(camille, "confirm_answer"))
    assert again.data["accepted"] == ["2PRO:"]
    last = laptop.sends(again, kind="ACCEPTED")
    laptop.sends(laptop.form(last, address(camille, "answer")))
    assert FamilyAnswer.objects.get().author_name == camille.mother.full_name


@pytest.mark.parametrize("step", ["confirm_answer", "answer"])
def test_each_step_of_the_answer_asks(camille: Family, laptop: Browser, at: At, step: str) -> None:
    laptop.signs_in(camille.mother.user)
    form = answer_form(laptop, camille)
    at(DURING_PROPOSALS + QUARTER)
    asked = laptop.sends(Form(address(camille, step), form.data), **ACCEPTS)
    assert asked["Location"].startswith(CONFIRM)
    assert not FamilyAnswer.objects.exists()


def test_agreement_asks_too_and_what_was_said_comes_back(camille: Family, laptop: Browser, at: At) -> None:
    version = camille.dossier.statements.get(phase=Phase.DEFINITIVE).uuid
    actions.answer_proposals(dossier=camille.dossier.uuid, statement=version, kind="ACCEPTED", accepted=[PRO.key],
                             by=actor(camille.mother))  # fmt: skip
    laptop.signs_in(camille.father.user)
    form = laptop.form(laptop.reads(address(camille, "agreement")), address(camille, "agree"))
    at(DURING_PROPOSALS + QUARTER)
    page = proves(laptop, laptop.sends(form, agrees_with="non"))
    assert is_filled(page) and not Agreement.objects.exists()
    assert laptop.sends(laptop.form(page, form.path)).status_code == 302
    assert Agreement.objects.get().agrees is False


def test_who_has_just_signed_in_is_not_asked(camille: Family, laptop: Browser, at: At) -> None:
    laptop.signs_in(camille.mother.user)
    form = answer_form(laptop, camille)
    at(DURING_PROPOSALS + QUARTER - timedelta(seconds=1))
    assert laptop.sends(form, **ACCEPTS).status_code == 200


def test_nobody_is_asked_where_the_setting_is_zero(camille: Family, laptop: Browser, at: At, settings: Any) -> None:
    settings.REAUTHENTICATE_MINUTES = 0.0
    laptop.signs_in(camille.mother.user)
    form = answer_form(laptop, camille)
    at(DURING_PROPOSALS + timedelta(minutes=29))
    assert laptop.sends(form, **ACCEPTS).status_code == 200


def test_wrong_password_opens_nothing_and_what_was_typed_waits(camille: Family, laptop: Browser, at: At) -> None:
    laptop.signs_in(camille.mother.user)
    form = answer_form(laptop, camille)
    at(DURING_PROPOSALS + QUARTER)
    asked = laptop.sends(form, **ACCEPTS)
    page = proves(laptop, asked, "un autre mot de passe")
    assert page.context["form"].has_error("password", "not_yours")
    assert laptop.sends(form, **ACCEPTS)["Location"].startswith(CONFIRM)
    assert is_filled(proves(laptop, asked))


def test_guessing_here_is_counted_with_the_guesses_of_the_sign_in_page(
    camille: Family, laptop: Browser, at: At, settings: Any
) -> None:
    settings.AXES_ENABLED = True
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(CONFIRM), CONFIRM)
    statuses = [laptop.sends(form, password=f"essai {number}").status_code for number in range(6)]
    assert statuses[0] == 200 and statuses[-1] == 429
    assert laptop.sends(form, password=PASSWORD).status_code == 429
    elsewhere = Browser()
    elsewhere.signs_in(camille.mother.user)
    assert elsewhere.reads("/mon-compte/").request["PATH_INFO"] == "/connexion/"


def test_a_proof_changes_the_key_of_the_session(camille: Family, laptop: Browser, at: At) -> None:
    laptop.signs_in(camille.mother.user)
    before = laptop.client.session.session_key
    laptop.sends(laptop.form(laptop.reads(CONFIRM), CONFIRM), password=PASSWORD)
    assert laptop.client.session.session_key != before
    assert laptop.client.session["sid"]
    assert laptop.reads("/mon-compte/").status_code == 200


def test_page_that_asks_leads_to_no_other_site(camille: Family, laptop: Browser) -> None:
    laptop.signs_in(camille.mother.user)
    form = laptop.form(laptop.reads(CONFIRM), CONFIRM)
    answer = laptop.sends(form, password=PASSWORD, next="https://ailleurs.invalid/")
    assert answer["Location"] == reverse("orientation:portal")


# --- the account ------------------------------------------------------------------------------------------------------
def test_address_asks_after_half_an_hour_before_it_is_read_and_before_it_changes(laptop: Browser, at: At) -> None:
    at(DURING_INTENTIONS)
    mother = family().mother.user
    laptop.signs_in(mother)
    form = laptop.form(laptop.reads(ADDRESS), ADDRESS)
    at(DURING_INTENTIONS + timedelta(minutes=20))
    laptop.reads("/mon-compte/")
    at(DURING_INTENTIONS + timedelta(minutes=ACCOUNT_MINUTES))
    assert laptop.client.get(ADDRESS)["Location"].startswith(CONFIRM)
    page = proves(laptop, laptop.sends(form, email="awa@exemple.fr"))
    assert is_filled(page)
    assert laptop.form(page, ADDRESS).data["email"] == ["awa@exemple.fr"]
    assert laptop.sends(laptop.form(page, ADDRESS))["Location"] == reverse("families:address_code")


def test_first_password_of_an_account_opened_by_a_provider_asks(laptop: Browser, at: At) -> None:
    at(DURING_INTENTIONS)
    mother = family().mother.user
    path = reverse("families:change_password")
    laptop.signs_in(mother)
    User.objects.filter(pk=mother.pk).update(password="!")
    client = laptop.client
    client.force_login(User.objects.get(pk=mother.pk))
    assert client.get(path).status_code == 200
    at(DURING_INTENTIONS + timedelta(minutes=20))
    client.get("/mon-compte/")
    at(DURING_INTENTIONS + timedelta(minutes=ACCOUNT_MINUTES))
    assert client.get(path)["Location"].startswith(CONFIRM)
    assert client.get(CONFIRM).context["form"] is None  # there is no password to type


def test_what_waits_for_a_proof_is_said_in_its_own_words(camille: Family, laptop: Browser, at: At) -> None:
    laptop.signs_in(camille.mother.user)
    form = answer_form(laptop, camille)
    at(DURING_PROPOSALS + QUARTER)
    said = note(proves(laptop, laptop.sends(form, **ACCEPTS)))
    assert "session s’était terminée" not in said
