"""Guards for every test: no network, no silent template mistake, a clock that stands still when asked.

A test that touches the simulated Siècle declares `@pytest.mark.django_db(databases=["default", "siecle_mock"])`.
"""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from types import FrameType
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.template import engines
from django.template.base import FilterExpression, Node
from django.template.defaultfilters import default, default_if_none
from django.test import TransactionTestCase

from tests import emptied
from tests.dossiers_hold import offences

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
real_connect = socket.socket.connect


def pytest_configure(config: pytest.Config) -> None:
    if not {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        pytest.exit("Lancez « make test », ou « python tools/with_servers.py pytest tests/… ».", returncode=2)


def guarded_connect(self: socket.socket, address: Any) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in LOOPBACK:
        pytest.fail(f"a test tried to reach the network: {address}")
    real_connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real_connect  # type: ignore[method-assign]


def rendering_node(frame: FrameType | None) -> Node | None:
    while frame is not None:
        if isinstance(node := frame.f_locals.get("self"), Node):
            return node
        frame = frame.f_back
    return None


def is_ours(node: Node | None) -> bool:
    return node is not None and str(node.origin).startswith(str(settings.BASE_DIR / "templates"))


def expects_absence(expression: FilterExpression) -> bool:
    return any(function in {default, default_if_none} for function, _ in expression.filters)


class StrictUndefined(str):
    """Django's `string_if_invalid`: an undefined variable of our own templates fails the test that renders it.

    It looks up the stack, because Django says neither which template nor which filters. Everywhere else (the admin,
    the design system, an object without its one-to-one) it stands for the empty string, as in production.
    """

    def __bool__(self) -> bool:
        return sys._getframe(1).f_code is FilterExpression.resolve.__code__

    def __contains__(self, key: str) -> bool:
        return key == "%s"

    def __mod__(self, variable: Any) -> Any:
        frame = sys._getframe(1)
        expression, context, node = frame.f_locals["self"], frame.f_locals["context"], rendering_node(frame)
        if is_ours(node) and not expects_absence(expression):
            raise AssertionError(f"undefined variable {{{{ {variable} }}}} in {node.origin if node else '?'}")
        engine = context.template.engine
        engine.string_if_invalid = ""
        try:
            return expression.resolve(context)
        finally:
            engine.string_if_invalid = self


@pytest.fixture(autouse=True, scope="session")
def strict_templates() -> None:
    engines["django"].engine.string_if_invalid = StrictUndefined()


@pytest.fixture(autouse=True, scope="session")
def quickly_emptied() -> None:
    TransactionTestCase._fixture_teardown = emptied.after_a_test


@pytest.fixture(autouse=True)
def dossiers_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every invariant, on the dossiers that a test leaves. `corrupts`: it wrote by itself what no act writes.

    `corrupts("INV-27")` says which invariants that breaks; without a name, any.
    """
    on_the_database = request.node.get_closest_marker("django_db") is not None
    if on_the_database:
        request.getfixturevalue("_django_db_helper")  # it undoes the test after us; the others touch no database
    yield
    mark = request.node.get_closest_marker("corrupts")
    if on_the_database and (mark is None or mark.args):
        broken = [one for one in offences() if mark is None or one[0] not in mark.args]
        assert broken == []


@pytest.fixture
def at() -> Iterator[Callable[[datetime | str], None]]:
    """Stop the clock: `at("2027-04-05T08:00+02:00")`, as often as the test needs, until the test ends."""
    with ExitStack() as stack:

        def travel(moment: datetime | str) -> None:
            stack.enter_context(time_machine.travel(moment, tick=False))

        yield travel


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one; root has no sandbox to offer it."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    arguments = quiet + (["--no-sandbox"] if os.geteuid() == 0 else [])
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}
