"""A browser of somebody; and one that reads page after page and says of each whether it is sound."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Response

from families.models import Representative, Student, User
from ledger import clock
from tests import factories
from tests.e2e.quality import axe_faults, check_html, cut_off, listen
from tests.factories import Family
from tests.orientation.screens import signed_in

PATIENCE = 30_000  # milliseconds, on a machine shared with other work
Person = Representative | Student | User
DESK = {"width": 1280, "height": 900}

# Django's own tables of inlines: a field is named by the header of its column, and some headers are empty.
DJANGO_INLINES = ".inline-group"


def a_context(browser: Browser, site: str, complaints: list[str], **options: Any) -> BrowserContext:
    context = browser.new_context(base_url=site, locale="fr-FR", **options)
    context.set_default_timeout(PATIENCE)
    listen(context, complaints)
    return context


def sign_in(context: BrowserContext, site: str, person: Person) -> None:
    """Give the browser the session of this person, as if they had typed their password."""
    session = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])


@dataclass
class Reader:
    """One browser that reads page after page, each as the person it is told to be."""

    context: BrowserContext
    site: str
    complaints: list[str]
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()

    def reads(self, path: str, *, by: Person | None = None, status: int = 200, **allowed: Any) -> None:
        self.becomes(by)
        self.page.set_viewport_size(DESK)
        self.checks(self.page.goto(path), status=status, **allowed)

    def becomes(self, person: Person | None) -> None:
        self.complaints.clear()
        self.context.clear_cookies()
        if person is not None:
            sign_in(self.context, self.site, person)

    def presses(self, button: str) -> Response:
        """Press a button and return the page it leads to."""
        with self.page.expect_response(lambda one: one.request.is_navigation_request() and one.status != 302) as led:
            self.page.get_by_role("button", name=button).click()
        self.page.wait_for_load_state()
        return led.value

    def checks(self, response: Response | None, *, status: int = 200, but: tuple[str, ...] = ()) -> None:
        assert response is not None
        assert response.status == status
        check_html(response.text())
        assert axe_faults(self.page, but=but, outside=(DJANGO_INLINES,)) == []
        assert cut_off(self.page) == {}
        assert self.complaints == []


def told(story: Callable[..., None]) -> Family:
    made = factories.family()
    story(made, clock.freeze)
    return made
