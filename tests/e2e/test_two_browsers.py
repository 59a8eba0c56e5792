"""Two browsers, two tabs, the back button, a session that ends: one entry, nothing overwritten or lost in silence."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from playwright.sync_api import Page, expect

from families.models import Session
from ledger import clock
from orientation import actions
from orientation.models import Dossier, Draft, Submission
from orientation.pathways import Choice
from tests import factories
from tests.e2e import journey
from tests.e2e.conftest import Opens
from tests.e2e.journey import CAP, GT, INTENTIONS, PRO
from tests.factories import DURING_INTENTIONS, Family, actor

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
PATIENCE = 20  # seconds


@pytest.fixture
def camille() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def drafts(of: Family, person: factories.Representative, *choices: Choice) -> None:
    for choice in choices:
        actions.add_choice(
            dossier=of.dossier.uuid, phase="PROVISIONAL", choice=choice, user=person.user, by=actor(person)
        )


def entry_page(opens: Opens, of: Family, person: factories.Representative) -> Page:
    page = opens(person)
    journey.visits(page, of, "entry", **INTENTIONS)
    return page


@contextmanager
def dossier_held(of: Family, *, until_waiting: int) -> Iterator[None]:
    """Keep the dossier's lock until this many requests wait for it: they then meet at the same instant."""
    with transaction.atomic():
        Dossier.objects.select_for_update().get(pk=of.dossier.pk)
        yield
        deadline = time.monotonic() + PATIENCE
        while waiting() < until_waiting:
            assert time.monotonic() < deadline, "the requests did not reach the lock"
            time.sleep(0.05)


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction would read the same answer again and again
        cursor.execute(WAITING)
        return int(cursor.fetchone()[0])


def test_both_parents_validate_at_the_same_instant_and_one_entry_stands(camille: Family, opens: Opens) -> None:
    """ENT-11: the other sees the winner's entry, and why; what they had prepared is shown as not recorded."""
    drafts(camille, camille.mother, factories.GT)
    drafts(camille, camille.father, factories.CAP, factories.PRO)
    pages = [entry_page(opens, camille, parent) for parent in camille.parents]
    with dossier_held(camille, until_waiting=2):
        for page in pages:
            page.get_by_role("button", name="Valider", exact=True).click(no_wait_after=True)
    for page in pages:
        expect(page.get_by_role("button", name="Valider", exact=True)).to_have_count(0)
    made = Submission.objects.get()
    won = 0 if made.author_name == camille.mother.full_name else 1
    winner, loser = pages[won], pages[1 - won]
    expect(winner.get_by_role("heading", name="Vos intentions ont bien été validées.")).to_be_visible()
    expect(loser.get_by_role("alert")).to_contain_text("Un autre représentant a déjà validé une saisie")
    journey.reads(loser, f"Saisie validée par {camille.parents[won].full_name}")
    expect(loser.get_by_role("heading", name="Ce que vous aviez préparé n’est pas enregistré")).to_be_visible()
    assert journey.listed(loser) == ([CAP, PRO] if won == 0 else [GT])


def test_a_tab_left_behind_is_refused_and_says_why(camille: Family, opens: Opens) -> None:
    drafts(camille, camille.mother, factories.GT, factories.CAP)
    stale = entry_page(opens, camille, camille.mother)
    fresh = stale.context.new_page()
    journey.visits(fresh, camille, "entry", **INTENTIONS)
    journey.presses(fresh, f"Monter : {CAP}")
    journey.presses(stale, "Valider")
    expect(stale.get_by_role("alert")).to_contain_text("Cette page n’était plus à jour")
    assert journey.listed(stale) == [CAP, GT]
    assert not Submission.objects.exists()
    journey.validates(fresh)
    journey.presses(stale, "Valider")  # the list it shows is the one validated: nothing more is made of it
    assert Submission.objects.count() == 1


def test_a_tab_that_would_undo_a_later_entry_is_refused(camille: Family, opens: Opens) -> None:
    drafts(camille, camille.mother, factories.GT)
    stale = entry_page(opens, camille, camille.mother)
    fresh = stale.context.new_page()
    journey.visits(fresh, camille, "entry", **INTENTIONS)
    journey.adds(fresh, PRO)
    journey.validates(fresh)
    journey.presses(stale, "Valider")
    expect(stale.get_by_role("alert")).to_contain_text("Cette page n’était plus à jour")
    assert journey.listed(stale) == [GT, PRO]
    assert Submission.objects.count() == 1


def test_the_back_button_after_validating_makes_no_second_entry(camille: Family, opens: Opens) -> None:
    drafts(camille, camille.mother, factories.GT)
    page = entry_page(opens, camille, camille.mother)
    journey.validates(page)
    page.go_back()
    again = page.get_by_role("button", name="Valider", exact=True)
    if again.count():
        again.click()
    expect(page.get_by_role("heading", name="Vos intentions ont bien été validées.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert Submission.objects.count() == 1


def test_two_clicks_on_validate_make_one_entry(camille: Family, opens: Opens) -> None:
    drafts(camille, camille.mother, factories.GT)
    page = entry_page(opens, camille, camille.mother)
    page.get_by_role("button", name="Valider", exact=True).dblclick()
    expect(page.get_by_role("heading", name="Vos intentions ont bien été validées.")).to_be_visible()
    assert Submission.objects.count() == 1


def test_a_session_that_ends_in_the_middle_keeps_the_draft(camille: Family, opens: Opens) -> None:
    """ENT-07: after signing in again the list is there, still not validated."""
    page = entry_page(opens, camille, camille.mother)
    journey.adds(page, CAP, text="Fleuriste")
    Session.objects.all().delete()
    journey.presses(page, "Valider")
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    assert not Submission.objects.exists()
    journey.types_who_they_are(page, camille.mother.user.username)
    expect(page.get_by_role("heading", name="Liste non validée")).to_be_visible()
    assert journey.listed(page) == [CAP]
    journey.validates(page)
    journey.reads(page, "Fleuriste")
    assert not Draft.objects.exists()
