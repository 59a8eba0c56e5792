"""The register read page by page: a line of the journal and a letter, in words, found by name (ANS-09, ACC-06)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from families.models import Representative, Student
from ledger import journal
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, OutgoingEmail
from orientation import actions
from orientation.admin.wording import VERBS, letter_label, said_of, verb_label
from orientation.enums import DecisionOrigin, Phase
from tests import factories
from tests.admin.world import World, client_of, page, world
from tests.factories import DURING_INTENTIONS, Family

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime | str], None]


@pytest.fixture
def here(at: At) -> World:
    """Two families of two schools have entered something, an hour apart: each has its letters."""
    made = world()
    for hours, family in enumerate((made.here, made.neighbour)):
        at(DURING_INTENTIONS + timedelta(hours=hours))
        actions.submit_choices(
            dossier=family.dossier.uuid, phase="PROVISIONAL", choices=[factories.GT], base_version=0,
            by=factories.actor(family.mother),
        )  # fmt: skip
    return made


def said(client: Client, model: str, pk: Any) -> tuple[Any, str]:
    answer = page(client, f"ledger_{model}_change", pk)
    assert answer.status_code == 200
    return answer.context, answer.content.decode()


def letters_of(family: Family) -> set[Any]:
    return set(OutgoingEmail.objects.filter(dossier_uuid=family.dossier.uuid).values_list("pk", flat=True))


def listed(client: Client, typed: str = "") -> list[Any]:
    rows = page(client, "ledger_outgoingemail_changelist", q=typed).context["cl"].result_list
    return [one.pk for one in rows]


# --- in words ---------------------------------------------------------------------------------------------------------
def test_a_line_is_named_by_its_act_and_leads_to_its_dossier(here: World) -> None:
    line = JournalEntry.objects.get(verb="entry_validated", dossier_uuid=here.here.dossier.uuid)
    context, html = said(client_of(factories.staff(here.school, "READER")), "journalentry", line.pk)
    assert context["subtitle"] == verb_label("entry_validated")
    assert "entry_validated" not in html
    assert reverse("admin:orientation_dossier_change", args=[here.here.dossier.pk]) in html


def test_a_letter_is_named_by_what_it_says_and_never_shows_an_address(here: World) -> None:
    Representative.objects.filter(pk=here.here.mother.pk).update(email="mere@exemple.invalid")
    letter = OutgoingEmail.objects.filter(recipient_uuid=here.here.mother.uuid).first()
    assert letter is not None
    context, html = said(client_of(factories.staff(here.school, "READER")), "outgoingemail", letter.pk)
    assert context["subtitle"].casefold() == letter_label(letter.kind).casefold()
    assert letter.kind not in html
    assert "mere@exemple.invalid" not in html


def test_a_line_that_is_about_no_dossier_reads_too(here: World) -> None:
    journal.write(verb="offer_set", by=SYSTEM, at=DURING_INTENTIONS, school=here.school.uai, specialties=["SES"])
    line = JournalEntry.objects.get(verb="offer_set")
    context, _ = said(client_of(factories.staff(here.school, "READER")), "journalentry", line.pk)
    assert context["subtitle"] == VERBS["offer_set"]


def test_what_a_line_says_is_in_words_without_technical_numbers() -> None:
    told = said_of(
        {
            "phase": "PROVISIONAL", "version": 2, "origin": "HEAD", "accepted": [["2GT", ""]], "asked_on": "2027-01-04",
            "closes_at": "2027-01-04T23:00:00+01:00", "year": 2026, "then": {"legal": []}, "submission": "0" * 36,
            "school": None,
        }
    )  # fmt: skip
    assert len(told) == 7
    words = " ".join(value for _, value in told)
    assert {Phase.PROVISIONAL.label, DecisionOrigin.HEAD.label} <= {value for _, value in told}
    assert not any(code in words for code in ("PROVISIONAL", "2GT", "2027-01-04", "0000"))
    assert "2026-2027" in words


# --- found ------------------------------------------------------------------------------------------------------------
def test_letters_are_found_by_the_pupil_and_by_who_receives_them(here: World) -> None:
    Student.objects.filter(pk=here.here.student.pk).update(family_name="Bœuf-Éclair", first_name="Chloë")
    Representative.objects.filter(pk=here.here.mother.pk).update(family_name="Çelik")
    client = client_of(factories.staff(here.school, "READER"))
    own = letters_of(here.here)
    assert set(listed(client, "BOEUF chloe")) == own
    hers = set(listed(client, "celik"))
    assert hers
    assert hers < own
    assert listed(client, "celik introuvable") == []


@pytest.mark.parametrize("typed", ["", "boeuf"])
def test_whatever_is_typed_nobody_reads_the_letters_of_another_school(here: World, typed: str) -> None:
    for family in here.families:
        Student.objects.filter(pk=family.student.pk).update(family_name="Bœuf")
    client = client_of(factories.staff(here.school, "HEAD"))
    assert set(listed(client, typed)) == letters_of(here.here)


def test_the_newest_letter_is_the_first(here: World) -> None:
    rows = listed(client_of(factories.staff(here.lyon, "ACADEMY")))
    newest = len(letters_of(here.neighbour))
    assert set(rows[:newest]) == letters_of(here.neighbour)
