"""Chromium signs in and out through a provider on another site, under our content security policy (ACC-01)."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from families import activation
from ledger.journal import SIECLE
from tests import factories
from tests.e2e.conftest import Opens
from tests.factories import Family
from tests.oidc.people import SUBJECT, introduces, knows
from tests.oidc.running import Provider

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
BUTTONS = {"educonnect": "Se connecter avec EduConnect", "franceconnect": "S’identifier avec FranceConnect",
           "proconnect": "S’identifier avec ProConnect"}  # fmt: skip
WITHOUT_SCRIPTS = {"java_script_enabled": False, "viewport": {"width": 320, "height": 640}}
BROWSERS = pytest.mark.parametrize("browser_of", [{}, WITHOUT_SCRIPTS], ids=["desk", "phone without JavaScript"])


def registered(provider: Provider, settings: Any, site: str) -> Provider:
    """The service is at another address than in the other tests: the provider sends people back there."""
    settings.PUBLIC_URL = site
    provider.obey(bases=[site])
    return provider


@pytest.fixture
def educonnect(educonnect: Provider, settings: Any, site: str) -> Provider:
    return registered(educonnect, settings, site)


@pytest.fixture
def franceconnect(franceconnect: Provider, settings: Any, site: str) -> Provider:
    return registered(franceconnect, settings, site)


@pytest.fixture
def proconnect(proconnect: Provider, settings: Any, site: str) -> Provider:
    return registered(proconnect, settings, site)


@pytest.fixture
def family() -> Family:
    made = factories.family(parents=1)
    made.mother.user = made.student.user = None
    made.mother.save()
    made.student.save()
    return made


def goes_to(provider: Provider, page: Page, path: str = "/connexion/") -> None:
    """From our sign-in page to the provider's, by its button."""
    page.goto(path)
    page.get_by_role("link", name=BUTTONS[provider.kind]).click()
    expect(page).to_have_url(re.compile(f"^{provider.issuer}/interaction/"))


def says_who_they_are(page: Page, subject: str = SUBJECT) -> None:
    page.get_by_label("Personne").fill(subject)
    page.get_by_role("button", name="Continuer").click()


def presses(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


@BROWSERS
def test_parent_comes_in_with_a_code_and_leaves(
    franceconnect: Provider, family: Family, opens: Opens, site: str, browser_of: dict[str, Any]
) -> None:
    introduces(franceconnect)
    [issued] = activation.issue_codes(family.student.division, by=SIECLE, to=[str(family.mother.uuid)])
    page = opens(None, **browser_of)
    goes_to(franceconnect, page)
    says_who_they_are(page)
    page.get_by_label("Code d’activation").fill(issued.code)
    presses(page, "Continuer")
    expect(page.get_by_text(family.student.full_name)).to_be_visible()
    presses(page, "Oui, c’est bien moi")
    expect(page).to_have_url(f"{site}/mes-services/")
    expect(page.get_by_text(family.student.first_name).first).to_be_visible()
    leaves_everywhere(page, franceconnect, site)


def leaves_everywhere(page: Page, provider: Provider, site: str) -> None:
    """Sign out here by the button of every page, then there; the next person on this computer must say who they are."""
    presses(page, "Se déconnecter")
    expect(page).to_have_url(re.compile(f"^{provider.issuer}/session/end"))
    presses(page, "Oui")
    expect(page).to_have_url(f"{site}/deconnexion/")
    page.goto("/mon-compte/")
    expect(page).to_have_url(re.compile(f"^{site}/connexion/"))
    goes_to(provider, page)


def test_pupil_comes_in_and_leaves(educonnect: Provider, family: Family, opens: Opens, site: str) -> None:
    said = {"FrEduCtEleveINE": family.student.ine, "FrEduCtEleveUAI": family.student.school.uai}
    introduces(educonnect, FrEduCtPersonAffiliation=["eleve2d"], **said)
    page = opens(None)
    goes_to(educonnect, page)
    says_who_they_are(page)
    expect(page).to_have_url(f"{site}/mes-services/")
    expect(page.get_by_text(family.student.first_name).first).to_be_visible()
    leaves_everywhere(page, educonnect, site)


def test_staff_come_back_to_the_page_they_asked_for(proconnect: Provider, opens: Opens, site: str) -> None:
    knows(proconnect)
    page = opens(None, **WITHOUT_SCRIPTS)
    goes_to(proconnect, page, "/mon-compte/")
    says_who_they_are(page)
    expect(page).to_have_url(f"{site}/mon-compte/")
    leaves_everywhere(page, proconnect, site)


def test_person_who_says_no_comes_back_to_the_other_ways_in(franceconnect: Provider, opens: Opens, site: str) -> None:
    introduces(franceconnect)
    page = opens(None, **WITHOUT_SCRIPTS)
    goes_to(franceconnect, page)
    presses(page, "Refuser")
    page.get_by_role("link", name="Avec un identifiant et un mot de passe").click()
    expect(page).to_have_url(f"{site}/connexion/")


def test_provider_stops_in_mid_flow_and_the_password_still_opens(
    franceconnect: Provider, opens: Opens, site: str
) -> None:
    account = knows(franceconnect)
    page = opens(None, **WITHOUT_SCRIPTS)
    goes_to(franceconnect, page, "/mon-compte/")

    franceconnect.obey(mortal=True)
    with page.expect_response(lambda one: "/connexion/franceconnect/retour/" in one.url) as answered:
        says_who_they_are(page)
    assert answered.value.status == 503
    page.get_by_role("link", name="Avec un identifiant et un mot de passe").click()
    page.get_by_label("Identifiant").fill(account.username)
    page.get_by_label("Mot de passe", exact=True).fill("mot-de-passe-solide")
    presses(page, "Se connecter")
    expect(page).to_have_url(f"{site}/mon-compte/")
