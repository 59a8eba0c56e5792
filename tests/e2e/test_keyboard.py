"""Entering and validating by keyboard alone: the focus is always somewhere one can see, and a dialog gives it back."""

import pytest
from playwright.sync_api import Page, expect

from ledger import clock
from orientation.models import Submission
from tests import factories
from tests.e2e import journey
from tests.e2e.conftest import Opens
from tests.e2e.journey import CAP, GT, INTENTIONS
from tests.e2e.quality import axe_faults
from tests.factories import DURING_INTENTIONS, DURING_PROPOSALS, Family
from tests.orientation.states import proposed

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
MOST_STOPS = 60

# What holds the focus: its words, whether it is in an open dialog, whether a line is drawn around it inside the window.
# The design system draws that of a box around its label's own mark.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const label = one.labels?.[0];
  const drawn = [one, label, label?.parentElement].filter(Boolean).flatMap(where =>
    [null, "::before"].map(part => getComputedStyle(where, part)));
  const box = (label ?? one).getBoundingClientRect();
  return {
    words: (one.type === "radio" || one.type === "checkbox" ? label : one.labels?.[0] ?? one)
      .textContent.replace(/\\s+/g, " ").trim(),
    kind: one.type ?? one.tagName.toLowerCase(),
    inside: Boolean(one.closest("dialog[open]")),
    visible: drawn.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
      && box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


@pytest.fixture
def camille() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def focused(page: Page) -> dict[str, object] | None:
    found: dict[str, object] | None = page.evaluate(FOCUS)
    if found is not None:
        assert found["visible"], f"the focus cannot be seen: {found}"
    return found


def tab_to(page: Page, words: str, *, key: str = "Tab") -> None:
    """Press Tab until what begins with these words holds the focus, and see it at each stop."""
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        one = focused(page)
        stops.append(one and one["words"])
        if one and str(one["words"]).startswith(words):
            return
    raise AssertionError(f"« {words} » was never reached: {stops}")


def press(page: Page, words: str, key: str = "Enter") -> None:
    tab_to(page, words)
    page.keyboard.press(key)


def leads(page: Page, words: str) -> None:
    """Press a button that loads another page, and wait for it."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def entry_page(opens: Opens, of: Family) -> Page:
    page = opens(of.mother)
    journey.visits(page, of, "entry", **INTENTIONS)
    return page


def test_a_family_enters_and_validates_without_a_mouse(camille: Family, opens: Opens) -> None:
    page = entry_page(opens, camille)
    press(page, "Ajouter une intention")
    tab_to(page, GT)
    page.keyboard.press("Space")
    leads(page, "Ajouter à ma liste")
    press(page, "Ajouter une intention")
    tab_to(page, GT)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert str(focused(page)["words"]).startswith(CAP)
    tab_to(page, "Spécialité(s)")
    page.keyboard.type("Boulanger")
    press(page, "Sous statut scolaire", "Space")
    leads(page, "Ajouter à ma liste")
    leads(page, f"Monter : {CAP}")
    assert journey.listed(page) == [CAP, GT]
    assert not Submission.objects.exists()
    leads(page, "Valider")
    expect(page.get_by_role("heading", name="Vos intentions ont bien été validées.")).to_be_visible()
    journey.reads(page, "Boulanger", "Sous statut scolaire")
    leads(page, "Modifier les intentions")
    expect(page.get_by_role("button", name=f"Supprimer : {GT}")).to_be_visible()


def test_after_a_button_of_the_list_the_keyboard_goes_on_from_the_list(camille: Family, opens: Opens) -> None:
    page = entry_page(opens, camille)
    journey.adds(page, GT)
    page.keyboard.press("Tab")
    found = focused(page)
    assert found is not None
    assert str(found["words"]).startswith("Modifier")


def test_the_dialog_keeps_the_focus_and_gives_it_back(camille: Family, opens: Opens) -> None:
    page = entry_page(opens, camille)
    press(page, "Ajouter une intention")
    assert axe_faults(page) == []
    inside = focused(page)
    assert inside is not None
    assert inside["inside"]
    for key in ["Tab"] * 15 + ["Shift+Tab"] * 15:
        page.keyboard.press(key)
        found = focused(page)  # None: the browser's own bar, before it comes round
        assert found is None or found["inside"]
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert focused(page)["words"] == "Ajouter une intention"
    page.keyboard.press("Enter")
    press(page, "Fermer")
    assert focused(page)["words"] == "Ajouter une intention"


def test_the_first_stop_of_a_page_leads_to_its_content(camille: Family, opens: Opens) -> None:
    page = entry_page(opens, camille)
    press(page, "Contenu")
    press(page, "Ajouter une intention")
    expect(page.locator("dialog[open]")).to_have_count(1)


def test_an_answer_is_given_without_a_mouse(opens: Opens) -> None:
    camille = factories.family()
    proposed(camille, clock.freeze)
    clock.freeze(DURING_PROPOSALS)
    page = opens(camille.mother)
    journey.visits(page, camille, "proposals")
    press(page, CAP, "Space")
    leads(page, "Accepter ce que j’ai coché")
    leads(page, "Confirmer")
    expect(page.get_by_role("heading", name="La réponse donnée")).to_be_visible()
