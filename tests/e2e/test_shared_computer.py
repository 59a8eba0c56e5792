"""A computer that several people share: after leaving, nothing of the person can be seen again; and the end is told."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from families.models import Session
from ledger import clock
from tests import factories
from tests.e2e import journey
from tests.e2e.conftest import Opens
from tests.e2e.journey import INTENTIONS
from tests.e2e.quality import axe_faults, cut_off
from tests.factories import DURING_INTENTIONS, Family
from tests.orientation.screens import address

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
ALMOST_HALF_AN_HOUR = 25 * 60 + 30  # seconds


@pytest.fixture
def camille() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def arrives(opens: Opens, of: Family) -> Page:
    page = opens(None)
    journey.signs_in(page, of.mother.user.username)
    page.wait_for_url("**/mes-services/")
    return page


def end(page: Page) -> None:
    expect(page.get_by_role("heading", name="Connexion", exact=True)).to_be_visible()


def shows_nothing_of(page: Page, of: Family) -> None:
    for one in (of.student.first_name, of.mother.full_name, of.mother.user.username):
        assert one not in page.content()


def test_going_back_after_signing_out_shows_nothing(camille: Family, opens: Opens) -> None:
    page = arrives(opens, camille)
    journey.visits(page, camille, "dossier")
    journey.visits(page, camille, "entry", **INTENTIONS)
    assert camille.student.first_name in page.content()
    journey.signs_out(page)
    for _ in range(3):
        page.go_back()
        end(page)
        shows_nothing_of(page, camille)
    page.goto(address(camille, "dossier"))
    shows_nothing_of(page, camille)


def test_going_back_after_the_session_was_closed_elsewhere_shows_nothing(camille: Family, opens: Opens) -> None:
    """The library's browser is left open; the person closes its session from home."""
    library, home = arrives(opens, camille), arrives(opens, camille)
    journey.visits(library, camille, "dossier")
    home.goto("/mon-compte/connexions/")
    home.get_by_role("button", name="Fermer toutes les autres").or_(
        home.get_by_role("button", name="Fermer mes autres sessions")
    ).first.click()
    expect(home.get_by_role("status").first).to_be_visible()
    library.reload()
    end(library)
    library.go_back()
    shows_nothing_of(library, camille)
    home.goto("/mes-services/")
    assert camille.student.first_name in home.content()


def test_next_person_reads_nothing_of_the_one_before(camille: Family, opens: Opens) -> None:
    other = factories.family()
    page = arrives(opens, camille)
    journey.visits(page, camille, "dossier")
    journey.signs_out(page)
    journey.signs_in(page, other.mother.user.username)
    page.wait_for_url("**/mes-services/")
    shows_nothing_of(page, camille)
    for _ in range(4):
        page.go_back()
        shows_nothing_of(page, camille)


# --- the end is told --------------------------------------------------------------------------------------------------
def warned(opens: Opens, of: Family, path: str = "/mes-services/") -> Page:
    """A page left open for twenty-five minutes and a half."""
    page = arrives(opens, of)
    page.clock.install()
    page.goto(path)
    page.clock.fast_forward(ALMOST_HALF_AN_HOUR * 1000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    return page


def test_five_minutes_before_the_end_one_click_stays_signed_in(camille: Family, opens: Opens) -> None:
    page = warned(opens, camille)
    stays = page.get_by_role("button", name="Rester connecté")
    expect(stays).to_be_focused()
    Session.objects.update(last_activity_at=None)
    with page.expect_response("**/session/prolonger/") as said:
        page.keyboard.press("Enter")
    assert said.value.ok
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    assert Session.objects.get(user=camille.mother.user).last_activity_at is not None
    page.clock.fast_forward(4 * 60 * 1000)
    expect(page.get_by_role("alertdialog")).to_be_hidden()


def test_when_nothing_is_done_the_page_says_that_it_is_over_and_what_to_do(camille: Family, opens: Opens) -> None:
    page = warned(opens, camille)
    page.clock.fast_forward(5 * 60 * 1000)
    over = page.get_by_role("alertdialog")
    expect(over.get_by_role("link", name="Se connecter de nouveau")).to_be_visible()
    expect(over.get_by_role("button", name="Rester connecté")).to_be_hidden()


def test_the_warning_is_sound_and_fits_a_small_phone(camille: Family, opens: Opens) -> None:
    page = warned(opens, camille)
    assert axe_faults(page) == []
    page.set_viewport_size({"width": 320, "height": 480})
    assert cut_off(page) == {}


@pytest.mark.django_db(transaction=True, databases=["default", "siecle_mock"])
def test_the_staff_is_warned_too(camille: Family, opens: Opens) -> None:
    page = opens(None)
    journey.signs_in(page, factories.staff(camille.student.school).username)
    page.wait_for_url("**/admin/")
    page.clock.install()
    page.goto("/admin/")
    page.clock.fast_forward(ALMOST_HALF_AN_HOUR * 1000)
    page.get_by_role("button", name="Rester connecté").click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()


def test_what_one_tab_prolongs_the_other_learns(camille: Family, opens: Opens) -> None:
    first = arrives(opens, camille)
    second = first.context.new_page()
    for page in (first, second):
        page.clock.install()
        page.goto("/mes-services/")
        page.clock.fast_forward(ALMOST_HALF_AN_HOUR * 1000)
        expect(page.get_by_role("alertdialog")).to_be_visible()
    first.get_by_role("button", name="Rester connecté").click()
    expect(first.get_by_role("alertdialog")).to_be_hidden()
    expect(second.get_by_role("alertdialog")).to_be_hidden()


def test_what_was_typed_comes_back_after_signing_in_again(camille: Family, opens: Opens) -> None:
    page = arrives(opens, camille)
    page.goto(address(camille, "entry_add", **INTENTIONS))
    form = page.locator("form[data-choice-form]")
    journey.ticks(form, "radio", journey.CAP)
    form.get_by_role("textbox").locator("visible=true").fill("Fleuriste « à l’ancienne »")
    Session.objects.update(expire_date=timezone.now())
    form.get_by_role("button", name="Ajouter à ma liste").click()
    journey.types_who_they_are(page, camille.mother.user.username)
    expect(page.locator(".o-kept")).to_be_visible()
    form = page.locator("form[data-choice-form]")
    expect(form.get_by_role("radio", name=journey.CAP)).to_be_checked()
    expect(form.get_by_role("textbox").locator("visible=true")).to_have_value("Fleuriste « à l’ancienne »")
    form.get_by_role("button", name="Ajouter à ma liste").click()
    expect(page.get_by_role("heading", name="Liste non validée")).to_be_visible()
    assert journey.listed(page) == [journey.CAP]
