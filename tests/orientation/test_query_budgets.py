"""Every family page costs at most six queries (session, user and pretended date included), whatever the history."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from families.models import Representative, Student
from ledger import journal
from orientation import actions
from orientation.enums import Phase
from orientation.models import Dossier
from tests.factories import CAP, GT, PRO, Family, actor, family, student
from tests.orientation.screens import address, signed_in
from tests.orientation.states import DURING_INTENTIONS, STATES, At, State

pytestmark = pytest.mark.django_db

BUDGET = 6


def queries(person: Representative | Student, where: str) -> int:
    client = signed_in(person)
    client.get(where)  # the session notes its first use
    with CaptureQueriesContext(connection) as captured:
        assert client.get(where).status_code == 200
    return len(captured)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_costs_at_most_six_queries(state: State, at: At, settings: Any) -> None:
    settings.SANDBOX = True
    camille = state.told(at)
    assert queries(state.reader(camille), address(camille, state.screen, **state.path)) <= BUDGET


def long_story(of: Family) -> None:
    """Thirty versions of the intentions, and a hundred lines of journal."""
    for version in range(30):
        choices = (GT, PRO) if version % 2 else (CAP, GT)
        actions.submit_choices(
            dossier=of.dossier.uuid, phase=Phase.PROVISIONAL, choices=choices, base_version=version,
            by=actor(of.mother),
        )  # fmt: skip
    for _ in range(70):
        journal.write(verb="pen_released", by=actor(of.mother), at=DURING_INTENTIONS, dossier=of.dossier.uuid)


@pytest.mark.parametrize("screen", ["dossier", "entry", "opinions", "proposals", "decision", "history"])
def test_a_long_history_costs_no_more_than_a_short_one(screen: str, at: At) -> None:
    at(DURING_INTENTIONS)
    short, long = family(), family()
    long_story(long)
    path = {"phase": Phase.PROVISIONAL} if screen == "entry" else {}
    costs = [queries(one.mother, address(one, screen, **path)) for one in (short, long)]
    assert costs[0] == costs[1] <= BUDGET


def test_the_history_shows_a_page_at_a_time(at: At) -> None:
    at(DURING_INTENTIONS)
    camille = family()
    long_story(camille)
    client = signed_in(camille.father)
    pages = [client.get(address(camille, "history"), {"page": page}) for page in (1, 5, 6)]
    assert [page.content.count(b'class="o-timeline__event"') for page in pages] == [20, 20, 0]


def test_the_portal_costs_the_same_for_one_child_and_for_five(at: At, settings: Any) -> None:
    settings.SANDBOX = True
    at(DURING_INTENTIONS)
    one, five = family(), family()
    for _ in range(4):
        sibling = student(five.student.division)
        sibling.guardianships.create(representative=five.mother, level=1)
        Dossier.objects.create(campaign=five.dossier.campaign, student=sibling)
    costs = [queries(camille.mother, "/mes-services/") for camille in (one, five)]
    assert costs[0] == costs[1] <= BUDGET
