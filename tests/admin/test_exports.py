"""« Exporter »: what a school’s spreadsheets say at each step, who takes them away, what is kept of it (SIE-08)."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import FileResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from families.models import StaffMembership
from ledger.models import JournalEntry
from orientation.enums import Phase
from orientation.exports.cells import Kind
from orientation.exports.columns import COLUMNS
from tests import factories
from tests.admin.world import World, client_of, page, world
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_OPINIONS, DURING_PROPOSALS, GT, PRO, Family
from tests.orientation.letter_box import answer, enter, read_opinions

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime], None]
TYPES = {Kind.TEXT: str, Kind.NUMBER: float, Kind.DAY: date, Kind.MOMENT: datetime}


@pytest.fixture
def here(at: At) -> World:
    at(DURING_INTENTIONS)
    return world()


def staff_of(family: Family, role: str = "READER") -> Client:
    return client_of(factories.staff(family.student.school, role))


def asks(client: Client, school: int, phase: str = Phase.PROVISIONAL, kind: str = "xlsx", **more: Any) -> FileResponse:
    return client.post(reverse("admin:school_export", args=[school]), {"phase": phase, "kind": kind, **more})


def of_academy(client: Client, code: str = "10", level: str = "3E", kind: str = "csv") -> FileResponse:
    said = {"phase": Phase.PROVISIONAL, "level": level, "kind": kind}
    return client.post(reverse("admin:academy_export", args=[code]), said)


def read(response: FileResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(response.getvalue())).get_sheet_by_index(0)
    headers, *rows = sheet.to_python()
    columns = next(one for one in COLUMNS.values() if [column.header for column in one] == headers)
    for row in rows:  # of its column's type, or empty
        assert all(cell == "" or type(cell) is TYPES[one.kind] for cell, one in zip(row, columns, strict=True))
    return [dict(zip(headers, row, strict=True)) for row in rows]


def picked(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


# --- what they say ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_first_phase_has_a_row_a_pathway_with_the_opinion_and_who_acknowledged(
    here: World, at: At, kind: str
) -> None:
    family = here.here
    entry = enter(family, family.mother, Phase.PROVISIONAL, GT, PRO)
    at(DURING_OPINIONS)
    factories.accepted(family, entry)
    said = factories.statement(
        family, answers=[(GT, "Favorable"), (PRO, "Réservé")], submission=entry,
        published_at=DURING_OPINIONS - timedelta(days=1),
    )  # fmt: skip
    read_opinions(family, said, family.father)
    first, second = read(asks(staff_of(family), here.school.pk, kind=kind))
    pupil = family.student
    assert picked(first, "UAI", "Division", "Nom", "Prénom", "Naissance") == [
        here.school.uai, pupil.division.code, pupil.family_name, pupil.first_name, pupil.birth_date,
    ]  # fmt: skip
    assert picked(first, "Rang", "Code voie", "Version", "Saisie par", "Validée le") == [
        1, GT.pathway, 1, family.mother.full_name, datetime(2026, 1, 20, 19),
    ]  # fmt: skip
    assert picked(first, "Avis", "Avis lisibles depuis", "Accusé de réception par", "Accusé le") == [
        "Favorable", datetime(2026, 3, 9, 19), family.father.full_name, datetime(2026, 3, 10, 19),
    ]  # fmt: skip
    assert picked(second, "Rang", "Code voie", "Avis") == [2, PRO.pathway, "Réservé"]


def test_the_second_phase_says_what_was_accepted_and_decided(here: World, at: At) -> None:
    family = here.here
    first_phase(family, at)
    at(DURING_CHOICES)
    entry = enter(family, family.mother, Phase.DEFINITIVE, GT, PRO)
    factories.accepted(family, entry)
    at(DURING_PROPOSALS)
    said = factories.statement(
        family, Phase.DEFINITIVE, answers=[(GT, "NON"), (PRO, "OUI")], submission=entry,
        published_at=DURING_PROPOSALS - timedelta(hours=1),
    )  # fmt: skip
    answer(family, said, family.mother, PRO)
    first, second = read(asks(staff_of(family), here.school.pk, Phase.DEFINITIVE))
    assert picked(first, "Code voie", "Proposition", "Voie acceptée") == [GT.pathway, "Non", ""]
    assert picked(second, "Code voie", "Proposition", "Voie acceptée") == [PRO.pathway, "Oui", "oui"]
    assert picked(second, "Réponse par", "Réponse le", "Appel reçu le", "Entretien le") == [
        family.mother.full_name, datetime(2026, 6, 5, 20), "", "",
    ]  # fmt: skip


def first_phase(family: Family, at: At) -> None:
    entry = enter(family, family.mother, Phase.PROVISIONAL, GT)
    factories.accepted(family, entry)
    at(DURING_OPINIONS)
    said = factories.statement(family, answers=[(GT, "Favorable")], submission=entry, published_at=DURING_OPINIONS)
    read_opinions(family, said, family.mother)


def test_a_pupil_of_whom_nothing_is_known_yet_has_a_row(here: World) -> None:
    (row,) = read(asks(staff_of(here.here), here.school.pk))
    assert picked(row, "Nom", "Rang", "Code voie", "Avis") == [here.here.student.family_name, "", "", ""]


def test_opinions_that_were_withdrawn_are_left_out(here: World, at: At) -> None:
    family = here.here
    entry = enter(family, family.mother, Phase.PROVISIONAL, GT)
    at(DURING_OPINIONS)
    factories.accepted(family, entry)
    said = factories.statement(family, answers=[(GT, "Favorable")], submission=entry, published_at=DURING_OPINIONS)
    factories.withdraw(family, said, at=DURING_OPINIONS)
    (row,) = read(asks(staff_of(family), here.school.pk))
    assert picked(row, "Code voie", "Avis", "Avis lisibles depuis") == [GT.pathway, "", ""]


def test_the_three_formats_say_the_same(here: World) -> None:
    enter(here.here, here.here.mother, Phase.PROVISIONAL, GT, PRO)
    client = staff_of(here.here)
    books = [read(asks(client, here.school.pk, kind=kind)) for kind in ("xlsx", "ods")]
    assert books[0] == books[1]
    text = asks(client, here.school.pk, kind="csv").getvalue().decode("utf-8-sig")
    headers, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert headers == list(books[0][0]) and len(rows) == 2
    assert [row[headers.index("Validée le")] for row in rows] == ["2026-01-20 19:00:00"] * 2
    assert [row[headers.index("Naissance")] for row in rows] == [str(here.here.student.birth_date)] * 2


# --- who takes them away ----------------------------------------------------------------------------------------------
def test_a_school_takes_its_own_pupils_and_no_others_and_the_history_says_who(here: World) -> None:
    client = staff_of(here.here)
    assert page(client, "school_export", here.school.pk).status_code == 200
    response = asks(client, here.school.pk)
    assert {row["UAI"] for row in read(response)} == {here.school.uai}
    assert f"{here.school.uai}-phase-provisoire-2026-01-20.xlsx" in response["Content-Disposition"]
    line = JournalEntry.objects.get(verb="exported")
    assert (line.data["school"], line.data["phase"], line.data["rows"]) == (here.school.uai, "PROVISIONAL", 1)
    for other in (here.neighbour, here.far):
        assert asks(client, other.student.school.pk).status_code == 404
    assert JournalEntry.objects.filter(verb="exported").count() == 1


def test_a_division_alone_is_taken_and_never_one_of_another_school(here: World) -> None:
    there = factories.family(of=factories.division(here.school, "3 B"))
    client = staff_of(here.here)
    (row,) = read(asks(client, here.school.pk, division=there.student.division_id))
    assert row["Division"] == "3 B"
    assert asks(client, here.school.pk, division=here.far.student.division_id).status_code == 422
    assert len(read(asks(client, here.school.pk))) == 2


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_who_governs_an_academie_takes_all_its_pupils_of_a_level_school_by_school(here: World, kind: str) -> None:
    second = factories.family(of=factories.division(here.school, "2 1"), level="2GT")
    person = factories.staff(here.lyon, "ACADEMY")
    client = client_of(person)
    assert page(client, "academy_export", "10").status_code == 200
    response = of_academy(client, kind=kind)
    found = [row["UAI"] for row in read(response)]
    assert found == sorted([here.school.uai, here.neighbour.student.school.uai])
    assert f"orientation-academie-10-3e-phase-provisoire-2026-01-20.{kind}" in response["Content-Disposition"]
    [row] = read(of_academy(client, level="2GT", kind=kind))
    assert row["Nom"] == second.student.family_name
    first, last = JournalEntry.objects.filter(verb="exported").order_by("pk")
    assert (first.actor_uuid, first.data["academy"], first.data["level"]) == (person.uuid, "10", "3E")
    assert (first.data["rows"], last.data["level"]) == (2, "2GT")


def test_an_academie_is_taken_by_nobody_else_and_no_other_than_its_own(here: World) -> None:
    saio = client_of(factories.staff(here.lyon, "ACADEMY"))
    for code in ("28", "99"):
        assert of_academy(saio, code).status_code == 404
    assert of_academy(staff_of(here.here, "HEAD")).status_code == 403
    assert page(staff_of(here.here, "HEAD"), "academy_export", "10").status_code == 403
    assert of_academy(staff_of(here.far, "HEAD")).status_code == 404
    national = factories.user(is_staff=True)
    StaffMembership.objects.create(user=national, role="NATIONAL")
    assert of_academy(client_of(national)).status_code == 404
    assert of_academy(saio, level="TOUT").status_code == 422
    assert not JournalEntry.objects.filter(verb="exported").exists()


def test_a_pupil_gone_to_another_academie_is_taken_there_only(here: World) -> None:
    moved = factories.family(of=here.here.student.division)
    moved.student.school, moved.student.division = here.far.student.school, here.far.student.division
    moved.student.save()
    saio = client_of(factories.staff(here.lyon, "ACADEMY"))
    assert moved.student.ine not in of_academy(saio).getvalue().decode("utf-8-sig")


def test_only_who_governs_the_academie_reads_in_the_history_that_it_was_taken(here: World) -> None:
    saio = client_of(factories.staff(here.lyon, "ACADEMY"))
    assert of_academy(saio).getvalue()
    there = client_of(factories.staff(here.far.student.school.academy, "ACADEMY"))
    for client, expected in ((saio, 1), (there, 0), (staff_of(here.here, "HEAD"), 0)):
        shown = page(client, "ledger_journalentry_changelist")
        assert [one.verb for one in shown.context["cl"].result_list].count("exported") == expected


@pytest.mark.parametrize("typed", [{}, {"phase": "TOUT"}, {"kind": "exe"}])
def test_what_does_not_exist_is_not_exported(here: World, typed: dict[str, str]) -> None:
    said = {"phase": "PROVISIONAL", "kind": "csv", **typed} if typed else {}
    response = staff_of(here.here).post(reverse("admin:school_export", args=[here.school.pk]), said)
    assert response.status_code == 422
    assert not JournalEntry.objects.filter(verb="exported").exists()


def test_an_export_costs_the_same_questions_for_one_pupil_and_for_twenty(here: World) -> None:
    client = staff_of(here.here)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(asks(client, here.school.pk))
        return len(captured)

    cost()
    one = cost()
    for _ in range(20):
        factories.family(of=here.here.student.division)
    assert cost() == one
