"""Activation letters of a division: who has one, what it says, what it replaces, who prints them (ACC-01, ACC-06)."""

import json
import os
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import typst
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.activation import VALIDITY, ActivationRefused, issue_codes, redeem
from families.activation_letters import letter, waiting_for
from families.models import ActivationCode, Division, Guardianship, Representative, School, Student
from families.paper import TEMPLATES
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from tests import factories
from tests.admin.world import client_of, page
from tests.orientation.letter_box import SNAPSHOTS

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
TEMPLATE = TEMPLATES / "activation.typ"
LETTERS = "activation_letters"
PASSWORD = "quatre-chevaux-bleus-7"


@pytest.fixture
def division(at: Callable[[Any], None], settings: Any) -> Division:
    at(factories.DURING_INTENTIONS)
    settings.PUBLIC_URL = "https://orientation.exemple.fr"
    return factories.division(factories.school(name="Collège Lucie-Aubrac", address="12 rue de l’Œuvre, 69003 Lyon",
                                               email="ce@college.invalid"))  # fmt: skip


@pytest.fixture
def pupil(division: Division) -> Student:
    return factories.student(division, first_name="Camille", family_name="Roux")


@pytest.fixture
def parents(pupil: Student) -> list[Representative]:
    names = (("Claire", "Roux"), ("Alex", "Besson"))
    return [factories.representative(pupil, account=False, first_name=first, family_name=last) for first, last in names]


@pytest.fixture
def client(division: Division) -> Client:
    return client_of(factories.staff(division.school, "SECRETARY"))


def prints(client: Client, division: Division, **typed: Any) -> HttpResponse:
    return client.post(reverse(f"admin:{LETTERS}", args=[division.pk]), typed)


def letters(division: Division) -> list[dict[str, Any]]:
    return [letter(one, division) for one in issue_codes(division, by=SYSTEM, minors=False)]


def flat(said: Any) -> list[str]:
    if isinstance(said, str):
        return [said]
    return [line for one in (said.values() if isinstance(said, dict) else said) for line in flat(one)]


def data_of(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {"data": json.dumps({"title": "t", "letters": rows})}


def pages_of(rows: list[dict[str, Any]]) -> int:
    drawn = typst.compile(str(TEMPLATE), format="png", ppi=20, ignore_system_fonts=True, sys_inputs=data_of(rows))
    return len(drawn) if isinstance(drawn, list) else 1


# --- who has a letter -------------------------------------------------------------------------------------------------
def test_each_representative_and_each_pupil_of_age_without_an_account_has_a_letter(
    division: Division, parents: list[Representative]
) -> None:
    adult = factories.student(division, first_name="Sacha", birth_date=date(2008, 1, 20))
    factories.student(division, first_name="Majeur", birth_date=date(2007, 1, 1), user=factories.user())
    factories.student(division, first_name="Bientôt", birth_date=date(2008, 1, 21))
    signed_in = factories.representative(adult)
    assert waiting_for(division) == (3, [])
    names = {name for one in letters(division) for name in one["to"] if not name.startswith("pour ")}
    assert names == {f"{adult.full_name}, {division.code}", *(one.full_name for one in parents)}
    assert signed_in.full_name not in names


def test_printing_leaves_the_codes_of_minors_as_they_were(
    client: Client, division: Division, pupil: Student, parents: list[Representative]
) -> None:
    issue_codes(division, by=SYSTEM)
    code = ActivationCode.objects.get(student=pupil)
    prints(client, division)
    assert ActivationCode.objects.get(student=pupil) == code


# --- what it says -----------------------------------------------------------------------------------------------------
def test_a_letter_says_nothing_of_the_other_parent(division: Division, parents: list[Representative]) -> None:
    for one, (reader, other) in zip(letters(division), (parents[::-1], parents), strict=True):
        text = "\n".join(flat(one))
        assert reader.full_name in text
        assert other.first_name not in text


def test_the_code_that_is_printed_opens_the_account_of_its_reader(
    division: Division, parents: list[Representative]
) -> None:
    said = {one["to"][0]: one["code"] for one in letters(division)}
    user = redeem(said[parents[0].full_name], "claire", PASSWORD)
    assert user.representatives.get() == parents[0]


def test_the_whole_letters_are_as_they_were_read(division: Division, parents: list[Representative]) -> None:
    """UPDATE_SNAPSHOTS=1 writes them instead, to be read again before they are committed."""
    factories.student(division, first_name="Sacha", family_name="Petit", birth_date=date(2007, 1, 1))
    rows = [{**one, "code": "ACDE-FGHJ-KLMN"} for one in letters(division)]
    text = "\n\n".join("\n".join(flat(one)) for one in rows) + "\n"
    file = SNAPSHOTS / "activation.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_each_person_has_one_page_whatever_the_names(division: Division, parents: list[Representative]) -> None:
    Representative.objects.update(family_name=("De La Tour-Saint-Christophe " * 3).strip())
    School.objects.update(name=("Collège " * 12).strip(), address=("1 rue " * 30).strip())
    division.school.refresh_from_db()
    assert pages_of(letters(division)) == 2
    assert pages_of(letters(division) * 3) == 6


HOSTILE = ['#read("/etc/passwd")', "*gras* _ital_ $x$", '"] #panic("non") //', "= Titre", "\\u{41}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_part_of_the_source_of_the_letter(
    name: str, division: Division, pupil: Student, parents: list[Representative]
) -> None:
    Student.objects.filter(pk=pupil.pk).update(first_name=name)
    row = letters(division)[0]
    found = json.loads(typst.query(str(TEMPLATE), "heading", ignore_system_fonts=True, sys_inputs=data_of([row])))
    assert found[0]["body"] == {"func": "text", "text": row["object"]}
    assert name in row["object"]


# --- what it replaces -------------------------------------------------------------------------------------------------
def test_new_letters_are_an_accessible_pdf_journaled_once_and_the_former_codes_stop_working(
    client: Client, division: Division, parents: list[Representative]
) -> None:
    former = issue_codes(division, by=SYSTEM, minors=False)
    response = page(client, LETTERS, division.pk)
    assert (response.context["count"], len(response.context["held"]), response.context["new"]) == (2, 2, 0)
    assert JournalEntry.objects.filter(verb="activation_codes").count() == 1
    document = prints(client, division, renew=2)
    assert document["Content-Type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    assert b"pdfuaid" in document.content
    line = JournalEntry.objects.filter(verb="activation_codes").latest("pk")
    assert (line.data["count"], line.data["division"], line.actor_kind) == (2, division.code, "SCHOOL")
    for one in former:
        with pytest.raises(ActivationRefused) as caught:
            redeem(one.code, "autre", PASSWORD)
        assert caught.value.code == "CODE_UNKNOWN"


def test_who_has_a_valid_letter_keeps_it_and_only_the_others_have_one(
    client: Client, division: Division, parents: list[Representative]
) -> None:
    """A pupil who arrives in the year, or the second class of two siblings: nobody's letter dies of it."""
    prints(client, division)
    kept = set(ActivationCode.objects.values_list("digest", flat=True))
    sibling = factories.student(factories.division(division.school, code="3 B"))
    for one in parents:
        Guardianship.objects.create(student=sibling, representative=one, level=1, kinship="10")
    newcomer = factories.representative(sibling, account=False)
    count, held = waiting_for(sibling.division)
    assert (count, {person for person, _ in held}) == (3, set(parents))
    assert prints(client, sibling.division)["Content-Type"] == "application/pdf"
    assert kept < set(ActivationCode.objects.values_list("digest", flat=True))
    assert ActivationCode.objects.filter(representative=newcomer).count() == 1
    assert ActivationCode.objects.count() == 3


def test_a_second_press_of_the_button_prints_nothing_and_a_letter_that_is_over_is_made_again(
    client: Client, division: Division, parents: list[Representative], at: Callable[[Any], None]
) -> None:
    prints(client, division)
    kept = set(ActivationCode.objects.values_list("digest", flat=True))
    assert prints(client, division).status_code == 302
    assert set(ActivationCode.objects.values_list("digest", flat=True)) == kept
    assert JournalEntry.objects.filter(verb="activation_codes").count() == 1
    at(factories.DURING_INTENTIONS + VALIDITY)
    assert waiting_for(division) == (2, [])
    assert prints(client_of(factories.staff(division.school)), division).status_code == 200


def test_a_lost_letter_is_made_again_without_touching_the_others(
    client: Client, division: Division, parents: list[Representative]
) -> None:
    elsewhere = factories.student(factories.division(division.school, code="3 B"))
    stranger = factories.representative(elsewhere, account=False)
    for one in (division, elsewhere.division):
        issue_codes(one, by=SYSTEM, minors=False)
    digests = dict(ActivationCode.objects.values_list("representative", "digest"))
    assert prints(client, division, ticked=1).status_code == 302
    assert prints(client, division, ticked=1, to=[str(stranger.uuid)]).status_code == 302
    assert dict(ActivationCode.objects.values_list("representative", "digest")) == digests
    assert prints(client, division, ticked=1, to=[str(parents[0].uuid), str(stranger.uuid)]).status_code == 200
    now = dict(ActivationCode.objects.values_list("representative", "digest"))
    assert [pk for pk, digest in digests.items() if now[pk] != digest] == [parents[0].pk]


def test_letters_that_a_colleague_has_just_printed_are_not_replaced_without_a_word(
    client: Client, division: Division, parents: list[Representative]
) -> None:
    issue_codes(division, by=SYSTEM, minors=False)
    page(client, LETTERS, division.pk)
    factories.representative(factories.student(division), account=False)
    issue_codes(division, by=SYSTEM, minors=False, renew=False)
    kept = set(ActivationCode.objects.values_list("digest", flat=True))
    assert prints(client, division, renew=2).status_code == 302
    assert set(ActivationCode.objects.values_list("digest", flat=True)) == kept


def test_when_everybody_has_an_account_there_is_nothing_to_print_and_nothing_is_noted(
    client: Client, division: Division
) -> None:
    factories.representative(factories.student(division))
    assert page(client, LETTERS, division.pk).context["count"] == 0
    assert prints(client, division).status_code == 302
    assert not JournalEntry.objects.filter(verb="activation_codes").exists()


def test_the_page_costs_the_same_for_two_persons_and_for_forty(
    client: Client, division: Division, parents: list[Representative]
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page(client, LETTERS, division.pk).status_code == 200
        return len(captured)

    cost()
    few = cost()
    for _ in range(20):
        made = factories.student(division)
        factories.representative(made, account=False)
        factories.representative(made, account=False)
    assert cost() == few


# --- who prints them --------------------------------------------------------------------------------------------------
def test_the_school_that_works_prints_them_and_nobody_else(division: Division, parents: list[Representative]) -> None:
    def asked(client: Client) -> list[int]:
        return [page(client, LETTERS, division.pk).status_code, prints(client, division).status_code]

    school = division.school
    assert asked(client_of(factories.staff(school, "READER"))) == [403, 403]
    assert asked(client_of(factories.staff(school.academy, "ACADEMY"))) == [403, 403]
    assert asked(client_of(factories.staff(factories.school(), "HEAD"))) == [404, 404]
    assert not ActivationCode.objects.exists()
    assert asked(client_of(factories.staff(school, "HEAD"))) == [200, 200]


def test_the_list_of_divisions_leads_to_the_letters_who_hands_them_out_only(division: Division) -> None:
    where = reverse(f"admin:{LETTERS}", args=[division.pk])
    for role, led in {"READER": False, "SECRETARY": True}.items():
        found = page(client_of(factories.staff(division.school, role)), "families_division_changelist")
        assert (where in found.content.decode()) == led
