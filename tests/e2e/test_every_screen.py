"""Every screen of families, in every state: axe finds nothing, no console complains, nothing is cut off on a phone."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from families import addresses
from families.models import User
from families.oidc.claims import Claims
from ledger import clock
from orientation import actions
from tests import arriving, factories
from tests.admin.world import BOTH
from tests.e2e import journey
from tests.e2e.quality import check_html
from tests.e2e.reader import Reader, told
from tests.families.laptop import ends
from tests.orientation.changed import CHANGED
from tests.orientation.contested import CONTESTED
from tests.orientation.screens import address
from tests.orientation.states import INTENTIONS, STATES, State, drafting, intentions_open, proposed

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True, databases=BOTH)]


@pytest.mark.parametrize("state", [*STATES, *CONTESTED, *CHANGED], ids=lambda one: one.name)
def test_a_family_screen_is_sound(state: State, reader: Reader) -> None:
    made = state.told(clock.freeze)
    reader.reads(address(made, state.screen, **state.path), by=state.reader(made))


PUBLIC = [
    "home", "sign_in", "activate", "lost_password", "renew_password", "help", "sign_in_help", "accessibility",
    "privacy", "legal",
]  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_is_sound(name: str, reader: Reader) -> None:
    reader.reads(reverse(f"families:{name}"))


@pytest.mark.parametrize("name", ["account", "connections", "address", "attach", "change_password", "reauthenticate"])
def test_an_account_page_is_sound(name: str, reader: Reader) -> None:
    reader.reads(reverse(f"families:{name}"), by=factories.family().mother)


def test_an_address_that_waits_for_its_code_and_one_that_looks_misspelt_are_sound(reader: Reader) -> None:
    mother = factories.family().mother
    addresses.ask(mother.user, "claire@exemple.invalid")
    reader.reads(reverse("families:account"), by=mother)
    reader.reads(reverse("families:address"), by=mother)
    reader.reads(reverse("families:address_code"), by=mother)
    reader.page.goto(reverse("families:address"))
    reader.page.get_by_label("Votre adresse électronique").fill("claire@gmial.com")
    reader.checks(reader.presses("Recevoir un code à cette adresse"))
    reader.presses("Non, garder ce que j’ai écrit")
    expect(reader.page).to_have_url(re.compile(reverse("families:address_code")))
    expect(reader.page.get_by_role("main")).to_contain_text("claire@gmial.com")


def test_a_page_that_gives_back_what_was_typed_is_sound(reader: Reader) -> None:
    made = told(drafting)
    form = address(made, "entry_add", **INTENTIONS)
    reader.becomes(None)
    reader.page.goto("/connexion/")
    journey.types_who_they_are(reader.page, made.mother.user.username)
    reader.page.goto(form)
    journey.ticks(reader.page.locator("form[data-choice-form]"), "radio", journey.CAP)
    ends(made.mother.user)
    reader.checks(reader.presses("Ajouter à ma liste"))  # the page to sign in
    journey.types_who_they_are(reader.page, made.mother.user.username)
    expect(reader.page.locator(".o-kept")).to_be_visible()
    reader.checks(reader.page.reload())


def by_a_provider(reader: Reader, claims: Claims, *, signed_in: User | None = None) -> None:
    """The reader's browser, back from an identity provider (the journey itself: tests/oidc)."""
    browser = Client()
    if signed_in is not None:
        browser.force_login(signed_in)
    arriving.come_back(browser, claims)
    reader.becomes(None)
    value = browser.cookies[settings.SESSION_COOKIE_NAME].value
    reader.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": reader.site}])


def test_a_first_arrival_from_the_code_to_the_portal_is_sound(reader: Reader) -> None:
    person = factories.representative(told(drafting).student, account=False)
    code = arriving.code_of(person)
    by_a_provider(reader, arriving.parent())
    reader.checks(reader.page.goto(reverse("families:arrival")))
    for typed in ("AAAA-AAAA-AAAA", code):
        reader.page.get_by_label("Code d’activation").fill(typed)
        reader.checks(reader.presses("Continuer"))
    reader.checks(reader.presses("Oui, c’est bien moi"))
    expect(reader.page).to_have_url(re.compile(reverse("orientation:portal")))


def test_attaching_a_child_is_sound(reader: Reader) -> None:
    mother, person = factories.family().mother, factories.representative(factories.family().student, account=False)
    reader.reads(reverse("families:attach"), by=mother)
    reader.page.get_by_label("Code d’activation").fill(arriving.code_of(person))
    reader.checks(reader.presses("Continuer"))
    reader.checks(reader.presses("Oui, c’est bien moi"))


def test_linking_an_identity_and_having_another_already_are_sound(reader: Reader) -> None:
    mother = factories.family().mother.user
    by_a_provider(reader, arriving.parent(), signed_in=mother)
    reader.checks(reader.page.goto(reverse("families:link_identity")))
    reader.checks(reader.presses("Oui, les relier"))
    by_a_provider(reader, arriving.parent("s-autre"), signed_in=mother)
    reader.page.goto(reverse("families:link_identity"))
    reader.checks(reader.presses("Oui, les relier"), status=403)


@pytest.mark.parametrize("claims", [arriving.agent(), arriving.pupil("1", "0690001A")], ids=["staff", "pupil"])
def test_who_is_not_known_here_reads_valid_html(claims: Claims) -> None:
    check_html(arriving.come_back(Client(), claims).content.decode())


def test_the_portal_and_the_sign_out_are_sound(reader: Reader) -> None:
    made = told(drafting)
    reader.reads(reverse("orientation:portal"), by=made.mother)
    reader.reads(reverse("orientation:sign_out"), by=made.mother)
    reader.reads(reverse("orientation:sign_out"))


def test_the_portal_of_a_switched_off_school_and_of_nobody_s_parent_are_sound(reader: Reader) -> None:
    made = told(drafting)
    school = made.student.school
    actions.switch_service(
        campaign=made.dossier.campaign, school=school, enabled=False, user=factories.staff(school),
        by=factories.actor(made.mother),
    )  # fmt: skip
    reader.reads(reverse("orientation:portal"), by=made.mother)
    reader.reads(reverse("orientation:portal"), by=factories.user())


def test_pages_of_errors_are_sound(reader: Reader) -> None:
    made = factories.family()
    elsewhere = address(factories.family(), "dossier")
    reader.reads(elsewhere, by=made.mother, status=404)
    reader.reads("/nulle-part/", status=404)
    reader.reads(reverse("sandbox"), by=factories.staff(made.student.school), status=403)


def test_a_refused_sign_in_and_a_form_with_errors_are_sound(reader: Reader) -> None:
    reader.reads(reverse("families:sign_in"))
    reader.page.get_by_label("Identifiant").fill("inconnue")
    reader.page.get_by_label("Mot de passe").first.fill("ce-n-est-pas-le-bon")
    reader.checks(reader.presses("Se connecter"))
    made = told(drafting)
    reader.reads(address(made, "entry_add", **INTENTIONS), by=made.mother)
    reader.checks(reader.presses("Ajouter à ma liste"), status=422)


def test_the_dialog_is_sound_and_shows_the_details_of_the_pathway_selected_only(reader: Reader) -> None:
    made = told(intentions_open)
    reader.becomes(made.mother)
    shown = reader.page.goto(address(made, "entry", **INTENTIONS))
    reader.page.get_by_role("link", name="Ajouter une intention").click()
    details = reader.page.locator("dialog fieldset[data-pathway]:visible")
    expect(details).to_have_count(0)
    journey.ticks(reader.page.get_by_role("dialog"), "radio", journey.CAP)
    expect(details).to_have_count(1)
    expect(details).to_have_attribute("data-pathway", "CAP")
    reader.checks(shown)


def test_the_confirmation_of_an_answer_and_its_refusal_are_sound(reader: Reader) -> None:
    made = told(proposed)
    reader.becomes(made.mother)
    reader.page.goto(address(made, "proposals"))
    reader.checks(reader.presses("Accepter ce que j’ai coché"), status=422)
    journey.ticks(reader.page, "checkbox", journey.PRO)
    reader.checks(reader.presses("Accepter ce que j’ai coché"))


def test_the_refusal_of_a_page_out_of_date_is_sound(reader: Reader) -> None:
    made = told(drafting)
    reader.becomes(made.mother)
    reader.page.goto(address(made, "entry", **INTENTIONS))
    person = {"user": made.mother.user, "by": factories.actor(made.mother)}
    actions.remove_choice(dossier=made.dossier.uuid, phase="PROVISIONAL", rank=1, **person)
    reader.checks(reader.presses("Valider"), status=409)
