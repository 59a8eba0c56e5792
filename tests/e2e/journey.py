"""What a family does on its screens, with a mouse, in the same words with JavaScript and without."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.factories import Family
from tests.orientation.screens import address

INTENTIONS, CHOICES = {"phase": "PROVISIONAL"}, {"phase": "DEFINITIVE"}
GT, PRO, CAP = "2de générale et technologique ou 2de STHR", "2de professionnelle", "1re année de CAP"


def signs_in(page: Page, username: str, password: str = "mot-de-passe-solide") -> None:
    page.goto("/connexion/")
    types_who_they_are(page, username, password)


def types_who_they_are(page: Page, username: str, password: str = "mot-de-passe-solide") -> None:
    page.get_by_label("Identifiant", exact=True).fill(username)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()


def signs_out(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("heading", name="Vous êtes déconnecté")).to_be_visible()


def visits(page: Page, of: Family, screen: str, **path: str) -> None:
    page.goto(address(of, screen, **path))


def ticks(where: Page | Locator, role: str, name: str) -> None:
    """Click the words beside a box, as the design system draws the box over the field itself."""
    field = where.get_by_role(role, name=name)  # type: ignore[arg-type]
    field.locator("xpath=following-sibling::label").click()
    expect(field).to_be_checked()


def adds(page: Page, pathway: str, *, text: str = "", status: str = "") -> None:
    """« Ajouter une intention »: a dialog, or a page of its own without JavaScript."""
    page.get_by_role("link", name=re.compile("^Ajouter un")).click()
    form = page.locator("form[data-choice-form]:visible")
    ticks(form, "radio", pathway)
    details = form.get_by_role("group", name=f"Si vous choisissez « {pathway} »")
    if text:
        details.get_by_role("textbox").fill(text)
    if status:
        ticks(details, "checkbox", status)
    form.get_by_role("button", name="Ajouter à ma liste").click()
    expect(page.get_by_role("heading", name="Liste non validée")).to_be_visible()


def listed(page: Page) -> list[str]:
    """The pathways of the first list of the page, in its order."""
    labels = page.locator("main .o-choices").first.locator(".o-choice__label")
    return [label.strip() for label in labels.all_inner_texts()]


def presses(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def validates(page: Page) -> None:
    presses(page, "Valider")
    expect(page.get_by_role("heading", name=re.compile("ont bien été validé"))).to_be_visible()


def accepts(page: Page, pathway: str) -> None:
    """Tick, press, read the consequence, confirm (ANS-02)."""
    ticks(page, "checkbox", pathway)
    presses(page, "Accepter ce que j’ai coché")
    expect(page.get_by_role("heading", name="Confirmez votre réponse")).to_be_visible()
    presses(page, "Confirmer : j’accepte")


def reads(page: Page, *sentences: str) -> None:
    """These words are on the page (plain spaces for the others)."""
    main = page.get_by_role("main")
    for sentence in sentences:
        expect(main).to_contain_text(sentence)
