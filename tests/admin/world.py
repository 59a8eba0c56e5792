"""Three schools of two académies, each with a family and its staff."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from families.models import Academy, School, User
from siecle_sync.mock.models import MockDivision, MockPupil
from tests import factories
from tests.factories import Family

BOTH = ["default", "siecle_mock"]


@dataclass
class World:
    lyon: Academy
    reunion: Academy
    here: Family
    neighbour: Family
    far: Family

    @property
    def school(self) -> School:
        return self.here.student.school

    @property
    def families(self) -> list[Family]:
        return [self.here, self.neighbour, self.far]


def world() -> World:
    lyon = factories.academy()
    reunion = factories.academy("28", name="La Réunion", timezone="Indian/Reunion", sender_email="o@re.invalid")
    here, neighbour, far = (
        factories.family(of=factories.division(factories.school(academy=academy))) for academy in (lyon, lyon, reunion)
    )
    return World(lyon, reunion, here, neighbour, far)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, name: str, *args: Any, **query: Any) -> HttpResponse:
    return client.get(reverse(f"admin:{name}", args=args), query)


def desk_of(family: Family, *, level: str = "3E") -> tuple[MockDivision, MockPupil]:
    """What the roster of a night tells the simulator of a family."""
    student, school = family.student, family.student.school
    division, _ = MockDivision.objects.get_or_create(
        academy=school.academy_id, uai=school.uai, year=2025, level=level, code=student.division.code,
        defaults={"opinion_values": ["Favorable", "Réservé", "Défavorable"], "school": school.name},
    )  # fmt: skip
    pupil = MockPupil.objects.create(
        division=division, academy=school.academy_id, uai=school.uai, year=2025, level=level,
        eleve_id=student.siecle_id, ine=student.ine, family_name=student.family_name, first_name=student.first_name,
        birth_date=student.birth_date,
    )  # fmt: skip
    return division, pupil
