"""The staff find a pupil however the name is typed, and read them in the order of the French alphabet."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from families.admin_base import FewRelated
from families.models import School, Student
from families.names import folded, name_key
from orientation.models import Dossier
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import DURING_INTENTIONS

pytestmark = pytest.mark.django_db
NAMES = (
    ("L’Hôte", "Zoé"), ("Bœuf-Éclair", "Jean-Noël"), ("Çelik", "Ève"), ("D’ANGELO", "Ÿann"), ("Zola", "Émile"),
    ("Celik", "Adam"),
)  # fmt: skip
AT_THE_DOOR = ("families_student_changelist", "orientation_dossier_changelist")


@pytest.fixture
def desk(at: Callable[[datetime], None]) -> Client:
    at(DURING_INTENTIONS)
    school = factories.school()
    division = factories.division(school)
    campaign = factories.campaign(of=school.academy)
    for family_name, first_name in NAMES:
        child = factories.student(division, family_name=family_name, first_name=first_name)
        Dossier.objects.create(campaign=campaign, student=child)
    return client_of(factories.staff(school, "SECRETARY"))


def found(desk: Client, where: str, typed: str = "") -> list[str]:
    rows = page(desk, where, q=typed).context["cl"].result_list
    return [row.family_name if isinstance(row, Student) else row.student.family_name for row in rows]


@pytest.mark.parametrize("where", AT_THE_DOOR)
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("celik", ["Celik", "Çelik"]),
        ("ÇELIK ève", ["Çelik"]),
        ("boeuf", ["Bœuf-Éclair"]),
        ("l'hote", ["L’Hôte"]),
        ("jean noel", ["Bœuf-Éclair"]),
        ("d angelo", ["D’ANGELO"]),
        ("emile zola", ["Zola"]),
        ("100%", []),
        ("_", []),
    ],
)
def test_a_pupil_is_found_however_the_name_is_typed(desk: Client, where: str, typed: str, names: list[str]) -> None:
    assert found(desk, where, typed) == names


@pytest.mark.parametrize("where", AT_THE_DOOR)
def test_names_are_in_the_order_of_the_alphabet_whatever_their_accents(desk: Client, where: str) -> None:
    assert found(desk, where) == ["Bœuf-Éclair", "Celik", "Çelik", "D’ANGELO", "L’Hôte", "Zola"]


@pytest.mark.parametrize("where", AT_THE_DOOR)
def test_a_pupil_is_found_by_ine_and_by_the_number_of_the_school(desk: Client, where: str) -> None:
    child = Student.objects.get(family_name="Zola")
    Student.objects.filter(pk=child.pk).update(ine="123456789AB")
    assert found(desk, where, "123456789ab") == ["Zola"]
    assert found(desk, where, f"zola {child.school.uai.lower()}") == ["Zola"]
    assert found(desk, where, "zola 0000000X") == []


@given(name=st.text(alphabet="aZéÉçÇœŒæÆñÿŸ-'’ ßİ", max_size=12))
def test_the_database_and_python_fold_a_name_alike(name: str) -> None:
    child = Student.objects.filter(pk=a_pupil()).annotate(key=name_key())
    Student.objects.filter(pk=a_pupil()).update(family_name=name or "x", first_name="", usage_name="")
    assert child.get().key == folded(f"{name or 'x'}  {name or 'x'}")


def a_pupil() -> int:
    known = Student.objects.order_by("pk").first()
    return (known or factories.student(factories.division(factories.school()))).pk


def test_an_academie_of_many_schools_searches_for_them_instead_of_reading_a_list(
    at: Callable[[datetime], None],
) -> None:
    at(DURING_INTENTIONS)
    child = factories.family().student
    client, chosen = client_of(factories.staff(child.school.academy, "ACADEMY")), {"school__id__exact": child.school.pk}
    other = factories.family(of=factories.division(factories.school(academy=child.school.academy))).student
    assert listed(client) == [child.school, other.school]
    for _ in range(FewRelated.MANY):
        factories.school(academy=child.school.academy)
    assert listed(client) == []
    assert listed(client, **chosen) == [child.school]
    rows = page(client, "families_student_changelist", **chosen).context["cl"].result_list
    assert [one.pk for one in rows] == [child.pk]


def listed(client: Client, **asked: object) -> list[School]:
    """The schools offered beside the page."""
    filters = page(client, "families_student_changelist", **asked).context["cl"].filter_specs
    keys = [key for one in filters if one.title == "établissement" for key, _ in one.lookup_choices]
    return list(School.objects.filter(pk__in=keys).order_by("pk"))
