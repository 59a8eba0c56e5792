"""The guards of conftest.py do bite."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.template import Context, Origin, Template
from django.template.engine import Engine

from families.models import Academy
from ledger import journal
from ledger.models import JournalEntry
from tests import emptied, factories

OURS = Origin(name=str(settings.BASE_DIR / "templates" / "page.html"))
THEIRS = Origin(name="/somewhere/else/page.html")


def render(source: str, origin: Origin) -> str:
    return str(Template(source, origin=origin, engine=Engine.get_default()).render(Context({"known": "yes"})))


def test_undefined_variable_in_our_templates_fails() -> None:
    with pytest.raises(AssertionError, match=r"undefined variable \{\{ unknown"):
        render("{{ known }} {{ unknown|upper }}", OURS)


def test_undefined_variable_may_have_a_default_or_be_tested() -> None:
    assert render("{{ unknown|default:'no' }}{% if unknown %}!{% endif %}", OURS) == "no"


def test_templates_of_others_keep_django_s_tolerance() -> None:
    assert render("[{{ unknown|default:'no' }}{{ unknown }}]", THEIRS) == "[no]"


def test_the_network_beyond_this_machine_is_closed() -> None:
    with pytest.raises(pytest.fail.Exception, match="reach the network"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))


def test_the_clock_stands_where_it_is_put(at: Callable[[str], None]) -> None:
    at("2027-04-05T08:00:00+02:00")
    assert datetime.now(UTC).isoformat() == "2027-04-05T06:00:00+00:00"


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_deleted_after_it_even_where_nothing_may_be() -> None:
    factories.academy()
    journal.write(verb="seen", by=journal.SYSTEM, at=datetime.now(UTC))
    assert {Academy._meta.db_table, JournalEntry._meta.db_table} == {*emptied.written("default")}
    emptied.empty(["default"])
    assert emptied.written("default") == []
