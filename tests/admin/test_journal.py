"""The journal at the staff's desk: handed over signed, searched by person, by act and by day (ANS-09, ACC-06)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.models import Representative, Student, User
from ledger import clock, journal
from ledger.export import check
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from ledger.seals import seal_journal
from ledger.signing import private_key
from orientation import actions
from orientation.admin.journal_export import as_file, printed_words
from tests import factories
from tests.admin.world import World, client_of, page, world
from tests.factories import DURING_INTENTIONS, Family

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime | str], None]
PAGE = "dossier_journal"


@pytest.fixture
def here(at: At) -> World:
    """Two families of two schools have entered something; the night has sealed it."""
    at(DURING_INTENTIONS)
    made = world()
    for family in (made.here, made.neighbour):
        enters(family)
    at(DURING_INTENTIONS + timedelta(days=1))
    seal_journal()
    return made


def enters(family: Family) -> None:
    actions.submit_choices(
        dossier=family.dossier.uuid, phase="PROVISIONAL", choices=[factories.GT], base_version=0,
        by=factories.actor(family.mother),
    )  # fmt: skip


def asks(user: User, family: Family, kind: str = "json") -> HttpResponse:
    return client_of(user).post(reverse(f"admin:{PAGE}", args=[family.dossier.pk]), {"kind": kind})


def handed_over(family: Family) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(verb="journal_exported", dossier_uuid=family.dossier.uuid))


def judged(answer: HttpResponse) -> Any:
    found = check(json.loads(answer.content), private_key().public_key())
    return found.fault, found.figures


# --- handed over ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("role", "status"), [("READER", 403), ("SECRETARY", 403), ("HEAD", 200)])
def test_the_head_hands_over_the_history_of_a_dossier_and_the_journal_says_so(
    here: World, role: str, status: int
) -> None:
    user = factories.staff(here.school, role)
    assert page(client_of(user), PAGE, here.here.dossier.pk).status_code == status
    answer = asks(user, here.here)
    assert answer.status_code == status
    if status == 403:
        assert handed_over(here.here) == []
        return
    assert judged(answer) == (None, {"lines": 1, "sealed": 1, "seals": 1})
    assert json.loads(answer.content)["dossier"] == str(here.here.dossier.uuid)
    [line] = handed_over(here.here)
    assert (line.actor_uuid, line.data["kind"], line.data["lines"]) == (user.uuid, "json", 1)


def test_the_academie_does_for_its_schools_and_nobody_for_another(here: World) -> None:
    academy = factories.staff(here.lyon, "ACADEMY")
    assert asks(academy, here.neighbour).status_code == 200
    assert asks(academy, here.far).status_code == 404
    head = factories.staff(here.school, "HEAD")
    for other in (here.neighbour, here.far):
        assert asks(head, other).status_code == page(client_of(head), PAGE, other.dossier.pk).status_code == 404
        assert b"historique-signe" not in page(client_of(head), "orientation_dossier_changelist").content
    assert handed_over(here.far) == []


@pytest.mark.parametrize(("role", "shown"), [("HEAD", True), ("SECRETARY", False)])
def test_the_page_of_the_dossier_leads_there_for_who_may(here: World, role: str, shown: bool) -> None:
    response = page(client_of(factories.staff(here.school, role)), "orientation_dossier_change", here.here.dossier.pk)
    link = reverse(f"admin:{PAGE}", args=[here.here.dossier.pk])
    assert (link in response.content.decode()) is shown


def test_the_pdf_can_be_read_aloud_and_says_each_line_and_what_proves_it(here: World) -> None:
    head = factories.staff(here.school, "HEAD")
    answer = asks(head, here.here, "pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"pdfuaid" in answer.content
    assert b"EmbeddedFile" in answer.content
    taken = json.loads(asks(head, here.here).content)
    said = printed_words(here.here.dossier, taken, as_file(taken))
    assert [one["number"] for one in said["lines"]] == [str(one["id"]) for one in taken["lines"]]
    assert [bool(one["sealed"][0].isdigit()) for one in said["lines"]] == [True, False]  # entered; handed over today
    assert (said["digest"], said["signature"]) == (taken["digest"], taken["signature"])
    assert json.loads(said["file"]) == taken
    assert " " not in said["file"]


@pytest.mark.parametrize("kind", ["", "docx"])
def test_no_other_form_is_handed_over(here: World, kind: str) -> None:
    assert asks(factories.staff(here.school, "HEAD"), here.here, kind).status_code == 422
    assert handed_over(here.here) == []


def test_without_a_key_or_once_touched_nothing_is_signed(here: World, settings: Any) -> None:
    head, key = factories.staff(here.school, "HEAD"), settings.JOURNAL_SIGNING_KEY
    settings.JOURNAL_SIGNING_KEY = ""
    assert asks(head, here.here).status_code == 302
    settings.JOURNAL_SIGNING_KEY = key
    with pgtrigger.ignore():
        JournalEntry.objects.filter(dossier_uuid=here.here.dossier.uuid).update(actor_name="Autre")
    assert asks(head, here.here).status_code == 302
    assert handed_over(here.here) == []


# --- searched ---------------------------------------------------------------------------------------------------------
def found(client: Client, typed: str) -> set[tuple[str, Any]]:
    rows = page(client, "ledger_journalentry_changelist", q=typed).context["cl"].result_list
    return {(one.verb, one.dossier_uuid) for one in rows}


@pytest.fixture
def named(here: World) -> World:
    """The same pupil's name in three schools, the same mother's in two."""
    for family in here.families:
        Student.objects.filter(pk=family.student.pk).update(family_name="Bœuf-Éclair", first_name="Chloë")
    Representative.objects.filter(pk=here.here.mother.pk).update(family_name="Çelik")
    User.objects.filter(pk=factories.staff(here.school, "HEAD").pk).update(first_name="Maïté", last_name="Dût")
    enters(here.far)
    return here


def entered(family: Family) -> tuple[str, Any]:
    return ("entry_validated", family.dossier.uuid)


@pytest.mark.parametrize(
    "typed", ["boeuf", "BŒUF-eclair chloe", "celik", "saisie", "validee chloe", "05/04/2027", "celik 05/04/2027"]
)
def test_a_line_is_found_by_the_pupil_the_author_what_it_is_called_and_the_day(named: World, typed: str) -> None:
    typed = typed.replace("05/04/2027", f"{DURING_INTENTIONS:%d/%m/%Y}")
    head = client_of(factories.staff(named.school, "READER"))
    assert entered(named.here) in found(head, typed)
    assert found(head, f"{typed} introuvable") == set()


def test_the_author_is_found_among_the_staff_too(named: World) -> None:
    head = User.objects.get(last_name="Dût")
    asks(head, named.here)
    client = client_of(factories.staff(named.school, "READER"))
    assert found(client, "maite") == {("journal_exported", named.here.dossier.uuid)}


@pytest.mark.parametrize("typed", ["", "boeuf", "saisie", "01/01/2020"])
def test_whatever_is_typed_nobody_reads_the_lines_of_another_school(named: World, typed: str) -> None:
    client = client_of(factories.staff(named.school, "HEAD"))
    others = {one.dossier.uuid for one in (named.neighbour, named.far)}
    assert not {dossier for _, dossier in found(client, typed)} & others


def test_another_day_finds_nothing_and_a_word_that_is_no_day_is_a_word(named: World) -> None:
    client = client_of(factories.staff(named.school, "HEAD"))
    assert found(client, "01/01/2020") == found(client, "99/99/2027") == set()


def test_the_newest_line_is_the_first(named: World) -> None:
    client = client_of(factories.staff(named.school, "HEAD"))
    asks(factories.staff(named.school, "HEAD"), named.here)
    rows = page(client, "ledger_journalentry_changelist").context["cl"].result_list
    assert [one.verb for one in rows] == ["journal_exported", "entry_validated"]


def test_the_page_costs_the_same_for_one_line_and_for_thirty(named: World) -> None:
    client = client_of(factories.staff(named.school, "HEAD"))

    def cost(typed: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert found(client, typed)
        return len(captured)

    cost("boeuf")
    one = [cost(""), cost("boeuf")]
    for rank in range(30):
        journal.write(verb="letter_sent", by=SYSTEM, at=clock.now(), dossier=named.here.dossier.uuid, rank=rank)
    assert [cost(""), cost("boeuf")] == one
