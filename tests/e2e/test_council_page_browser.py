"""« Saisie du conseil » in real browsers: saved as one goes, two people at once, the network cut, the keyboard."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, Route, expect

from families.models import Session, User
from ledger import clock
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision, MockPupil, MockStatement
from tests import factories
from tests.admin.test_simulator import OPINIONS, online
from tests.admin.world import BOTH, desk_of
from tests.e2e.conftest import Opens
from tests.e2e.quality import axe_faults
from tests.e2e.reader import sign_in
from tests.e2e.test_keyboard import focused
from tests.factories import DURING_INTENTIONS, Family

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True, databases=BOTH)]
FIRST_CHOICE, SECOND_CHOICE = "2PRO", "2GT"
Said = list[tuple[str, str, str]]


@dataclass(frozen=True)
class Council:
    """A division of two pupils who ask for the same two pathways; its council is open."""

    family: Family
    division: MockDivision
    first: MockPupil
    second: MockPupil

    @property
    def path(self) -> str:
        return reverse("admin:mock_statements", args=[self.division.pk, OPINIONS])

    def member(self, first_name: str, last_name: str) -> User:
        user = factories.staff(self.family.student.school, "SECRETARY")
        user.first_name, user.last_name = first_name, last_name
        user.save()
        return user


@pytest.fixture
def council() -> Council:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    (division, one), (_, other) = desk_of(family), desk_of(factories.family(of=family.student.division))
    for pupil in (one, other):
        online(pupil, FIRST_CHOICE, SECOND_CHOICE)
    desk.open_council(division, phase=OPINIONS)
    first, second = (row.pupil for row in desk.pupils_of(division, phase=OPINIONS))
    return Council(family, division, first, second)


def council_page(opens: Opens, council: Council, user: User | None = None, **options: object) -> Page:
    page = opens(user or council.member("Inès", "Faure"), **options)
    page.goto(council.path)
    return page


def block(page: Page, pupil: MockPupil) -> Locator:
    return page.locator(f'[data-pupil="{pupil.pk}"]')


def answer(page: Page, pupil: MockPupil, pathway: str, value: str) -> Locator:
    return page.locator(f'[name="p{pupil.pk}-{pathway}-value"][value="{value}"]')


def reason(page: Page, pupil: MockPupil, pathway: str = FIRST_CHOICE) -> Locator:
    return page.locator(f'[name="p{pupil.pk}-{pathway}-comment"]')


def types(page: Page, pupil: MockPupil, value: str, why: str = "") -> None:
    """The same opinion on both pathways; the focus stays on the pupil."""
    for pathway in (FIRST_CHOICE, SECOND_CHOICE):
        answer(page, pupil, pathway, value).check()
    reason(page, pupil).fill(why)


def leaves(page: Page, pupil: MockPupil, to: MockPupil) -> None:
    """Go from one pupil to another, and wait for what the page says of it."""
    told = page.locator("#council-told").text_content() or ""
    reason(page, to).focus()
    expect(page.locator("#council-told")).not_to_have_text(told)


def says(page: Page, code: str) -> None:
    """`code` = which of its own sentences the page says."""
    told = page.locator("#council-told")
    expect(told).to_contain_text(told.get_attribute(f"data-{code}") or "?")


def standing(pupil: MockPupil) -> Said:
    known = MockStatement.objects.filter(pupil=pupil, withdrawn_at__isnull=True)
    return [(line["pathway"], line["value"], line["comment"]) for one in known for line in one.answers]


def both(value: str, why: str = "") -> Said:
    return [(FIRST_CHOICE, value, why), (SECOND_CHOICE, value, "")]


def asks_before_leaving(page: Page) -> bool:
    """Close the page as its reader would; whoever is asked stays."""
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.once("dialog", stay)
    page.close(run_before_unload=True)
    page.context.new_page().close()  # by then the browser has asked, or has closed
    return asked == ["beforeunload"]


def test_leaving_a_pupil_saves_what_was_typed_and_nothing_else(council: Council, opens: Opens) -> None:
    page = council_page(opens, council)
    types(page, council.first, "Réservé", "à revoir")
    assert standing(council.first) == []
    leaves(page, council.first, council.second)
    expect(block(page, council.first).locator(".council-said")).to_contain_text("Inès Faure")
    assert standing(council.first) == both("Réservé", "à revoir")
    assert standing(council.second) == []
    assert page.evaluate("document.activeElement.name") == f"p{council.second.pk}-{FIRST_CHOICE}-comment"
    assert not asks_before_leaving(page)


def test_what_is_wrong_stays_and_is_saved_once_mended(council: Council, opens: Opens) -> None:
    page = council_page(opens, council)
    answer(page, council.first, FIRST_CHOICE, "Réservé").check()
    leaves(page, council.first, council.second)
    says(page, "refused")
    expect(block(page, council.first).locator(".errorlist")).to_have_count(1)
    assert axe_faults(page) == []
    assert standing(council.first) == []
    answer(page, council.first, SECOND_CHOICE, "Réservé").check()
    leaves(page, council.first, council.second)
    assert standing(council.first) == both("Réservé")


@pytest.mark.parametrize(("kept", "value"), [("mine", "Favorable"), ("theirs", "Réservé")])
def test_two_people_on_the_same_pupil_the_second_reads_who_and_chooses(
    kept: str, value: str, council: Council, opens: Opens
) -> None:
    one, other = council_page(opens, council), council_page(opens, council, council.member("Léo", "Petit"))
    types(one, council.first, "Réservé")
    types(other, council.first, "Favorable")
    leaves(one, council.first, council.second)
    leaves(other, council.first, council.second)
    conflict = block(other, council.first).locator(".council-conflict")
    expect(conflict).to_contain_text("Inès Faure")
    expect(answer(other, council.first, FIRST_CHOICE, "Favorable")).to_be_checked()
    assert axe_faults(other) == []
    assert standing(council.first) == both("Réservé")
    conflict.get_by_role("radio").nth(0 if kept == "mine" else 1).check()
    leaves(other, council.first, council.second)
    expect(conflict).to_have_count(0)
    expect(answer(other, council.first, FIRST_CHOICE, value)).to_be_checked()
    assert standing(council.first) == both(value)


def test_two_people_on_two_pupils_do_not_meet(council: Council, opens: Opens) -> None:
    one, other = council_page(opens, council), council_page(opens, council, council.member("Léo", "Petit"))
    types(one, council.first, "Réservé")
    types(other, council.second, "Favorable")
    leaves(one, council.first, council.second)
    leaves(other, council.second, council.first)
    assert (standing(council.first), standing(council.second)) == (both("Réservé"), both("Favorable"))


def test_what_is_typed_while_the_network_is_cut_is_saved_when_it_is_back(council: Council, opens: Opens) -> None:
    page = council_page(opens, council)
    page.route(f"**{council.path}", lambda route: route.abort("internetdisconnected"))
    types(page, council.first, "Réservé", "mot à garder")
    leaves(page, council.first, council.second)
    says(page, "failed")
    expect(reason(page, council.first)).to_have_value("mot à garder")
    assert standing(council.first) == []
    assert asks_before_leaving(page)
    page.unroute_all()
    expect(block(page, council.first).locator(".council-said")).to_be_visible()
    assert standing(council.first) == both("Réservé", "mot à garder")


def test_what_is_typed_while_the_same_pupil_is_being_saved_is_saved_after(council: Council, opens: Opens) -> None:
    page = council_page(opens, council)
    held: list[Route] = []
    page.route(f"**{council.path}", lambda route: held.append(route), times=1)
    types(page, council.first, "Réservé")
    with page.expect_request(lambda one: one.method == "POST"):
        reason(page, council.second).focus()
    reason(page, council.first).fill("ajouté pendant l’envoi")
    with page.expect_response(lambda one: one.request.method == "POST"):
        held[0].continue_()
    leaves(page, council.first, council.second)
    expect(block(page, council.first).locator(".council-conflict")).to_have_count(0)
    assert standing(council.first) == both("Réservé", "ajouté pendant l’envoi")


def test_a_session_that_ends_loses_nothing_once_signed_in_again_in_another_tab(
    council: Council, opens: Opens, site: str
) -> None:
    user = council.member("Inès", "Faure")
    page = council_page(opens, council, user)
    Session.objects.all().delete()
    types(page, council.first, "Réservé", "mot à garder")
    leaves(page, council.first, council.second)
    says(page, "out")
    assert standing(council.first) == []
    page.context.clear_cookies()  # signing in again changes the token of the forms too
    sign_in(page.context, site, user)
    expect(block(page, council.first).locator(".council-said")).to_be_visible(
        timeout=15_000
    )  # it tries again every 3 seconds
    assert standing(council.first) == both("Réservé", "mot à garder")


def test_leaving_the_page_with_something_unsaved_asks_first(council: Council, opens: Opens) -> None:
    page = council_page(opens, council)
    reason(page, council.first).fill("pas encore quitté")
    assert asks_before_leaving(page)
    expect(reason(page, council.first)).to_have_value("pas encore quitté")


def tab_until(page: Page, found: Callable[[], bool]) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement?.closest('[data-pupil]'))"):
            focused(page)  # and it can be seen
        if found():
            return
    raise AssertionError("never reached by Tab")


def holds(page: Page, name: str) -> bool:
    return bool(page.evaluate("document.activeElement.name") == name)


def test_the_keyboard_goes_from_pupil_to_pupil_and_enter_saves_the_one_it_is_on(council: Council, opens: Opens) -> None:
    page = council_page(opens, council)
    pupil = council.second
    tab_until(page, lambda: holds(page, f"p{pupil.pk}-{FIRST_CHOICE}-value"))
    page.keyboard.press("ArrowRight")
    expect(answer(page, pupil, FIRST_CHOICE, "Favorable")).to_be_checked()
    tab_until(page, lambda: holds(page, f"p{pupil.pk}-{SECOND_CHOICE}-value"))
    page.keyboard.press("ArrowRight")
    tab_until(page, lambda: holds(page, f"p{pupil.pk}-{SECOND_CHOICE}-comment"))
    page.keyboard.type("bien")
    page.keyboard.press("Enter")
    expect(block(page, pupil).locator(".council-said")).to_be_visible()
    assert (standing(council.first), standing(pupil)) == (
        [],
        [(FIRST_CHOICE, "Favorable", ""), (SECOND_CHOICE, "Favorable", "bien")],
    )
    page.keyboard.type(" vu")  # the caret stayed where it was
    expect(reason(page, pupil, SECOND_CHOICE)).to_have_value("bien vu")


def test_without_javascript_each_pupil_has_a_button_and_enter_saves_the_whole_division(
    council: Council, opens: Opens
) -> None:
    page = council_page(opens, council, java_script_enabled=False, viewport={"width": 320, "height": 640})
    types(page, council.first, "Réservé")
    types(page, council.second, "Favorable", "gardé")
    block(page, council.first).get_by_role("button", name="Enregistrer").click()
    expect(reason(page, council.second)).to_have_value("gardé")
    assert (standing(council.first), standing(council.second)) == (both("Réservé"), [])
    reason(page, council.second).press("Enter")
    expect(page).not_to_have_url(council.path)
    assert standing(council.second) == both("Favorable", "gardé")
