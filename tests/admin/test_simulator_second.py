"""What a school types in the simulated Siècle after 2de GT: the details beside the pathways (P2G-01…03, SIE-10)."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from siecle_sync.mock.models import MockEntry
from tests.admin.world import BOTH, client_of, desk_of
from tests.factories import DURING_INTENTIONS, Family, staff
from tests.orientation.second import second

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def family(at: Any) -> Family:
    at(DURING_INTENTIONS)
    return second()


def types(of: Family, pupil: Any, phase: str = "PROVISIONAL", **typed: Any) -> HttpResponse:
    return client_of(staff(of.student.school)).post(reverse("admin:mock_entry", args=[pupil.pk, phase]), typed)


def codes(refused: HttpResponse) -> set[str]:
    assert refused.status_code == 422
    return {error.code for errors in refused.context["form"].errors.as_data().values() for error in errors}


def test_a_school_types_a_request_with_its_details_and_reads_it_again(family: Family) -> None:
    _, pupil = desk_of(family, level="2GT")
    typed = {
        "pathway1": "1GEN", "inside": ["MATHS", "PC", "SVT"], "outside": ["NSI", "SI"],
        "pathway2": "1TECHNO STMG", "pathway3": "VOIEPRO+CAP", "free_text3": "Cuisine", "apprentice3": "on",
    }  # fmt: skip
    assert types(family, pupil, **typed).status_code == 302
    assert [(one["pathway"], one["series"], one["details"]) for one in MockEntry.objects.get().choices] == [
        ("1GEN", "", ["MATHS", "PC", "SVT", "NSI:HORS", "SI:HORS"]), ("1TECHNO", "STMG", []),
        ("VOIEPRO", "", ["CAP"]),
    ]  # fmt: skip
    where = reverse("admin:mock_entry", args=[pupil.pk, "PROVISIONAL"])
    form = client_of(staff(family.student.school)).get(where).context["form"]
    assert (form["pathway3"].value(), form["inside"].value(), form["outside"].value()) == (
        "VOIEPRO+CAP", ["MATHS", "PC", "SVT"], ["NSI", "SI"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"pathway1": "VOIEPRO+CAP", "pathway2": "VOIEPRO+1PRO"}, "PATHWAY_TWICE"),
        ({"pathway1": "1GEN", "inside": ["MATHS", "PC"]}, "SPECIALTIES_COUNT"),
        ({"pathway1": "1GEN", "inside": ["MATHS", "PC", "SVT"], "outside": ["SVT"]}, "SPECIALTY_TWICE"),
        ({"pathway1": "1GEN", "inside": ["MATHS", "PC", "LATIN"]}, "invalid_choice"),
        ({"pathway1": "VOIEPRO"}, "invalid_choice"),
    ],
)
def test_details_that_are_missing_or_doubled_are_refused(family: Family, typed: Any, code: str) -> None:
    _, pupil = desk_of(family, level="2GT")
    assert code in codes(types(family, pupil, **typed))
    assert not MockEntry.objects.exists()


def test_the_definitive_choice_holds_three_subjects(family: Family) -> None:
    _, pupil = desk_of(family, level="2GT")
    four = {"pathway1": "1GEN", "inside": ["MATHS", "PC", "SVT", "SES"]}
    assert codes(types(family, pupil, "DEFINITIVE", **four)) == {"SPECIALTIES_COUNT"}
    assert types(family, pupil, **four).status_code == 302
