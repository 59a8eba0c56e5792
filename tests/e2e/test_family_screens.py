"""Every family screen in a real browser: valid, accessible, nothing wider than a small phone, no console error.

`SHOTS=/some/folder pytest tests/e2e/test_family_screens.py` also keeps a picture of each, on a phone and on a desk.
"""

import os
from pathlib import Path

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Dialog, Page
from pytest_django.live_server_helper import LiveServer

from ledger import clock
from tests.factories import family
from tests.orientation.screens import address, signed_in
from tests.orientation.states import STATES, State, intentions_open, proposed

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

PHONE, DESK, SMALLEST = {"width": 375, "height": 800}, {"width": 1280, "height": 900}, {"width": 320, "height": 700}


def let_in(context: BrowserContext, live_server: LiveServer, client: Client) -> None:
    cookie = client.cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])


def assert_sound(page: Page) -> None:
    page.set_viewport_size(SMALLEST)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if not folder:
        return
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_screen_is_sound(state: State, live_server: LiveServer, page: Page) -> None:
    camille = state.told(clock.freeze)
    let_in(page.context, live_server, signed_in(state.reader(camille)))
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    response = page.goto(live_server.url + address(camille, state.screen, **state.path))
    assert response is not None
    html5lib.HTMLParser(strict=True).parse(response.text())
    keep(page, state.name)
    assert_sound(page)
    assert wrong == []


def test_a_choice_is_picked_in_a_dialog_that_shows_only_its_own_details(live_server: LiveServer, page: Page) -> None:
    camille = family()
    intentions_open(camille, clock.freeze)
    let_in(page.context, live_server, signed_in(camille.mother))
    page.goto(live_server.url + address(camille, "entry", phase="PROVISIONAL"))
    page.get_by_role("link", name="Ajouter une intention").click()
    dialog = page.get_by_role("dialog", name="Ajouter une intention")
    assert dialog.get_by_label("Spécialité(s)", exact=False).first.is_hidden()
    dialog.locator("label", has_text="1re année de CAP").first.click()
    keep(page, "dialog")
    assert Axe().run(page).violations_count == 0
    dialog.locator("[name=text_CAP]").fill("Boulanger")
    assert dialog.locator("[name=text_2PRO]").is_hidden()
    dialog.get_by_role("button", name="Ajouter à ma liste").click()
    page.get_by_role("button", name="Valider", exact=True).click()
    assert page.get_by_role("heading", name="Vos intentions ont bien été validées.").is_visible()


def test_everything_works_by_keyboard_and_without_javascript(live_server: LiveServer, browser: Browser) -> None:
    camille = family()
    intentions_open(camille, clock.freeze)
    context = browser.new_context(java_script_enabled=False, viewport=SMALLEST)
    let_in(context, live_server, signed_in(camille.mother))
    page = context.new_page()
    page.goto(live_server.url + address(camille, "entry", phase="PROVISIONAL"))
    page.get_by_role("link", name="Ajouter une intention").press("Enter")
    keep(page, "add-without-javascript")
    page.locator("[name=pathway][value='2PRO']").press("Space")
    page.locator("[name=text_2PRO]").fill("Mode")
    page.get_by_role("button", name="Ajouter à ma liste").press("Enter")
    page.get_by_role("button", name="Valider", exact=True).press("Enter")
    assert "Mode" in page.inner_text("main")
    assert page.get_by_role("heading", name="Vos intentions ont bien été validées.").is_visible()
    context.close()


def test_leaving_without_answering_raises_a_warning(live_server: LiveServer, page: Page) -> None:
    camille = family()
    proposed(camille, clock.freeze)
    let_in(page.context, live_server, signed_in(camille.mother))
    page.goto(live_server.url + address(camille, "proposals"))
    page.get_by_text("2de professionnelle", exact=True).last.click()
    warned: list[str] = []

    def stay(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    page.get_by_role("link", name="Mes services").first.click()
    page.wait_for_url("**/mes-services/")
    assert warned == ["beforeunload"]
    keep(page, "portal")


def test_answering_raises_no_warning(live_server: LiveServer, page: Page) -> None:
    camille = family()
    proposed(camille, clock.freeze)
    let_in(page.context, live_server, signed_in(camille.mother))
    page.goto(live_server.url + address(camille, "proposals"))
    page.locator("label", has_text="2de professionnelle").click()
    page.get_by_role("button", name="Accepter ce que j’ai coché").click()
    keep(page, "proposals-confirm")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Confirmer").click()
    assert "Voie acceptée" in page.inner_text("main")
