"""The school settles the pupils whom the import of Siècle leaves to be examined (CAL-01)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from families.models import Student
from families.scope import DECIDED
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from orientation import actions
from orientation.models import Dossier
from orientation.rules import Refusal, RuleBroken
from siecle_sync.bee.load import import_files
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync.bee_builder import FOURTH, UAI, YEAR, eleve, pupils, structures

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
At = Callable[[datetime | str], None]


def imports(division: str | None, **values: Any) -> Student:
    places = [] if division is None else [structures(1, division)]
    import_files([pupils(eleve(1, **values), places=places)], uai=UAI, year=YEAR)
    return Student.objects.get()


@pytest.fixture
def stray(at: At) -> Student:
    """A pupil of 3e without a division."""
    at(DURING_INTENTIONS)
    factories.campaign()
    student = imports(None)
    assert (student.scope, student.scope_reason) == ("TO_DECIDE", "NO_DIVISION")
    factories.division(student.school, "3 C")
    return student


def secretary(of: Student) -> Client:
    return client_of(factories.staff(of.school, "SECRETARY"))


def settles(client: Client, student: Student, **typed: Any) -> HttpResponse:
    return client.post(reverse("admin:pupil_settle", args=[student.pk]), {"reason": "vu avec la famille", **typed})


def codes(response: HttpResponse) -> set[str]:
    return {error.code for errors in response.context["form"].errors.as_data().values() for error in errors}


def test_a_pupil_without_a_division_is_placed_and_has_a_dossier_at_once(stray: Student) -> None:
    where = stray.school.divisions.get()
    client = secretary(stray)
    shown = page(client, "pupil_settle", stray.pk).context["form"]
    assert set(shown.fields) == {"concerned", "division", "reason"}  # Siècle gives the level
    assert settles(client, stray, concerned="oui", division=where.pk).status_code == 302
    stray.refresh_from_db()
    assert (stray.scope, stray.scope_reason, stray.division) == ("IN_SCOPE", DECIDED, where)
    dossier = Dossier.objects.get(student=stray)
    line = JournalEntry.objects.get(verb="scope_settled")
    assert (line.dossier_uuid, line.data["scope"], line.data["reason"]) == (
        dossier.uuid, "IN_SCOPE", "vu avec la famille",
    )  # fmt: skip
    assert line.actor_kind == "SCHOOL"


def test_a_pupil_without_a_known_formation_is_given_a_level(at: At) -> None:
    at(DURING_INTENTIONS)
    factories.campaign()
    student = imports("3 A", CODE_MEF="")
    assert student.scope_reason == "NO_MEF"
    client = secretary(student)
    assert codes(settles(client, student, concerned="oui")) == {Refusal.LEVEL_MISSING}
    assert settles(client, student, concerned="oui", level="3E").status_code == 302
    assert Dossier.objects.get().student == student
    assert Student.objects.get().division.code == "3 A"


def test_a_pupil_out_of_the_campaign_has_no_dossier_and_the_next_import_does_not_ask_again(stray: Student) -> None:
    assert settles(secretary(stray), stray, concerned="non").status_code == 302
    again = imports(None)
    assert (again.scope, again.scope_reason) == ("OUT", DECIDED)
    assert not Dossier.objects.exists()


def test_the_next_import_leaves_a_pupil_whom_the_school_placed_where_they_are(stray: Student) -> None:
    where = stray.school.divisions.get()
    settles(secretary(stray), stray, concerned="oui", division=where.pk)
    again = imports(None)
    assert (again.scope, again.scope_reason, again.division, again.level) == ("IN_SCOPE", DECIDED, where, "3E")


def test_what_siecle_says_plainly_afterwards_is_followed(stray: Student) -> None:
    settles(secretary(stray), stray, concerned="oui", division=stray.school.divisions.get().pk)
    again = imports("4 A", CODE_MEF=FOURTH)
    assert (again.scope, again.scope_reason) == ("OUT", "OTHER_LEVEL")


def test_the_school_may_think_again(stray: Student) -> None:
    client = secretary(stray)
    settles(client, stray, concerned="non")
    where = stray.school.divisions.get()
    assert settles(client, stray, concerned="oui", division=where.pk).status_code == 302
    assert Student.objects.get().scope == "IN_SCOPE"
    assert Dossier.objects.count() == 1


def test_a_division_and_a_reason_are_wanted(stray: Student) -> None:
    client = secretary(stray)
    assert codes(settles(client, stray, concerned="oui")) == {Refusal.DIVISION_MISSING}
    assert codes(settles(client, stray, concerned="non", reason="")) == {"required"}
    assert codes(settles(client, stray, reason="oubli")) == {"required"}
    elsewhere = factories.division(factories.school(), "3 C")
    assert codes(settles(client, stray, concerned="oui", division=elsewhere.pk)) == {"invalid_choice"}
    assert Student.objects.get().scope == "TO_DECIDE"
    assert not JournalEntry.objects.filter(verb="scope_settled").exists()


def test_the_act_itself_refuses_another_school_s_division_and_a_pupil_whom_siecle_places(stray: Student) -> None:
    elsewhere = factories.division(factories.school(), "3 C")
    with pytest.raises(RuleBroken) as broken:
        actions.settle_scope(student=stray, concerned=True, reason="essai", division=elsewhere, by=SYSTEM)
    assert broken.value.code == Refusal.DIVISION_MISSING
    placed = factories.family().student
    with pytest.raises(RuleBroken) as broken:
        actions.settle_scope(student=placed, concerned=False, reason="essai", by=SYSTEM)
    assert broken.value.code == Refusal.NOTHING_TO_SETTLE
    assert Student.objects.get(pk=placed.pk).scope == "IN_SCOPE"


def test_a_page_still_open_on_a_pupil_settled_since_says_so(at: At) -> None:
    at(DURING_INTENTIONS)
    student = factories.family().student
    client = secretary(student)
    assert "n’est pas à examiner" in page(client, "pupil_settle", student.pk).content.decode()
    answer = settles(client, student, concerned="non")
    assert (answer.status_code, codes(answer)) == (422, {Refusal.NOTHING_TO_SETTLE})


def test_the_list_shows_who_is_to_be_examined_with_the_reason_and_the_way(stray: Student) -> None:
    factories.student(stray.school.divisions.get(), first_name="Ordinaire")
    client = secretary(stray)
    shown = page(client, "families_student_changelist", scope__exact="TO_DECIDE")
    assert list(shown.context["cl"].result_list) == [stray]
    html = shown.content.decode()
    assert "sans division" in html
    assert reverse("admin:pupil_settle", args=[stray.pk]) in html
    assert (
        reverse("admin:pupil_settle", args=[stray.pk])
        in page(client, "families_student_change", stray.pk).content.decode()
    )


@pytest.mark.parametrize(("role", "status"), [("READER", 403), ("SECRETARY", 200), ("HEAD", 200)])
def test_the_secretary_and_the_head_settle_and_a_reader_does_not(stray: Student, role: str, status: int) -> None:
    client = client_of(factories.staff(stray.school, role))
    assert page(client, "pupil_settle", stray.pk).status_code == status
    if status == 403:
        assert settles(client, stray, concerned="non").status_code == 403
        assert Student.objects.get().scope == "TO_DECIDE"


def test_another_school_finds_nobody_and_the_academie_only_reads(stray: Student) -> None:
    stranger = client_of(factories.staff(factories.school(), "HEAD"))
    assert page(stranger, "pupil_settle", stray.pk).status_code == 404
    assert settles(stranger, stray, concerned="non").status_code == 404
    saio = client_of(factories.staff(stray.school.academy, "ACADEMY"))
    assert settles(saio, stray, concerned="non").status_code == 403
    assert Student.objects.get().scope == "TO_DECIDE"
