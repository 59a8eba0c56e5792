"""A real browser in front of the real server: what every test of this folder shares.

A test that fails leaves a picture of each of its pages in `test-results/` and says where.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.reader import Person, Reader, a_context, sign_in

# Playwright runs its own loop in the thread of the tests; none of our code is asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PICTURES = settings.BASE_DIR / "test-results"
Opens = Callable[..., Page]


@pytest.fixture(scope="session")
def site(django_db_setup: None) -> Iterator[str]:
    """The address of the whole application on a port of its own; it serves its static files as the demo does."""
    server = LiveServerThread("127.0.0.1", static_handler=lambda media: media.application)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture(scope="module")
def context(browser: Browser, site: str) -> Iterator[tuple[BrowserContext, list[str]]]:
    complaints: list[str] = []
    made = a_context(browser, site, complaints)
    yield made, complaints
    made.close()


@pytest.fixture(scope="module")
def reader(context: tuple[BrowserContext, list[str]], site: str) -> Reader:
    made, complaints = context
    return Reader(made, site, complaints)


@pytest.fixture
def opens(browser: Browser, site: str) -> Iterator[Opens]:
    """`opens(person)`: a page of a browser of their own, signed in; `opens(None)`: not signed in.

    Nothing may complain in a console, whatever the test does.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visit(person: Person | None, **options: Any) -> Page:
        context = a_context(browser, site, complaints, **options)
        contexts.append(context)
        if person is not None:
            sign_in(context, site, person)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.when == "call" and report.failed and browser is not None:
        taken = "\n".join(map(str, pictures(browser, re.sub(r"\W+", "-", item.nodeid))))
        report.longrepr.addsection("Captures d’écran", taken)
    return report


def pictures(browser: Browser, name: str) -> Iterator[Path]:
    pages = [page for context in browser.contexts for page in context.pages]
    for number, page in enumerate(pages, start=1):
        path = PICTURES / f"{name[-120:]}-{number}.png"
        page.screenshot(path=path, full_page=True)
        yield path
