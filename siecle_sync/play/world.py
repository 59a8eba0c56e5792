"""The world of a simulated campaign: académies, schools, divisions, homes of every shape. Plain rows, from the seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from families.models import (
    Academy,
    Division,
    Guardianship,
    Level,
    Representative,
    School,
    StaffMembership,
    Student,
    User,
    YearDivision,
)
from orientation.models import Campaign, Dossier, PhaseWindow
from siecle_sync.play.acts import new_account
from siecle_sync.play.calendar import YEAR, Place, windows
from siecle_sync.play.levels import GRADES, SPECIALTIES
from siecle_sync.play.people import Home, Person
from siecle_sync.play.policies import OF_THE_SCHOOL

SCHOOL_SIZE = 110  # pupils of the level
SMALLEST_OF_TWO_SCHOOLS = 40  # from then on, a second school, overseas
SMALLEST_OF_TWO = 12  # from then on, a school has two divisions: somebody can change class
ACADEMIES = (
    ("10", "Lyon", "Europe/Paris", "069"),
    ("28", "La Réunion", "Indian/Reunion", "974"),
    ("31", "Martinique", "America/Martinique", "972"),
)
FAMILY_NAMES = (
    "Abadie", "Benali", "Cordier", "Diallo", "Étienne", "Fabre", "Grondin", "Hoarau", "Iglésias", "Joly", "Keller",
    "Lebrun", "Marchand", "N’Guyen", "Ollivier", "Payet", "Sissoko", "Traoré", "Vasseur",
)  # fmt: skip
FIRST_NAMES = (
    "Alice", "Bilal", "Chloé", "Driss", "Élise", "Fatou", "Gaspard", "Hugo", "Inès", "Jade", "Kenza", "Léo", "Maëlle",
    "Noé", "Océane", "Paul", "Rayan", "Sarah", "Théo", "Yasmine",
)  # fmt: skip
UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class World:
    academies: list[Academy]
    places: list[Place]
    divisions: dict[int, list[Division]]  # of a place, by its rank
    homes: list[Home]
    seed: int
    ids: Iterator[int]  # the numbers of Siècle, for who comes later

    def present(self, place: Place) -> list[Home]:
        """The families of a school whose pupil has not left it."""
        return [home for home in self.homes if home.place is place and not home.left]


class Builder:
    """Makes the world. Everything comes from one Random, in one order."""

    def __init__(self, *, students: int, seed: int, level: str, policies: Mapping[str, Any]) -> None:
        self.grade = GRADES[level]
        self.imposed = dict(policies)
        self.year_division = self.imposed.pop(OF_THE_SCHOOL, "")
        self.students = students
        self.seed = seed
        self.random = Random(f"{seed}:world")  # noqa: S311 (invented people, not secrets)
        self.ids = count(100_001)
        self.homes: list[Home] = []
        self.links: list[Guardianship] = []

    def build(self) -> World:
        schools = max(1, round(self.students / SCHOOL_SIZE))
        if self.students >= SMALLEST_OF_TWO_SCHOOLS:
            schools = max(2, schools)
        self.students -= schools if schools > 1 else 0  # one a school arrives in mid-campaign, with a new dossier
        places = [self.place(rank, of=schools) for rank in range(schools)]
        divisions = {place.rank: self.divisions(place) for place in places}
        for place in places:
            self.people(place, divisions[place.rank])
        Guardianship.objects.bulk_create(self.links)
        return World(
            list(Academy.objects.order_by("pk")), places, divisions, self.homes, self.seed, self.ids
        )  # fmt: skip

    # --- schools ------------------------------------------------------------------------------------------------------
    def place(self, rank: int, *, of: int) -> Place:
        """The last school of a small world is overseas; a larger world has one in three there."""
        overseas = of > 1 and (rank == of - 1 or rank % 3 == 2)
        code, name, zone, department = ACADEMIES[1 + (rank // 3) % 2 if overseas else 0]
        campaign = Campaign.objects.filter(academy=code).first() or self.campaign(code, name, zone)
        number = f"{department}{9000 + rank}"
        school = School.objects.create(
            uai=number + UAI_LETTERS[int(number) % 23], academy=campaign.academy,
            name=f"{self.grade.school} simulé {rank + 1}",
            phone="01 99 00 00 00", email=f"ce.{number}@exemple.invalid",
            year_division=self.year_division or self.random.choice(YearDivision.values),
        )  # fmt: skip
        head = User.objects.create(username=f"chef-{number}", password="!", is_staff=True)  # noqa: S106 (nobody signs in)
        StaffMembership.objects.create(user=head, role="HEAD", school=school)
        saio = User.objects.get(username=f"saio-{code}")
        return Place(rank, school, campaign, head, saio, self.offer(rank))

    def offer(self, rank: int) -> tuple[str, ...]:
        """The specialties of a lycée: seven to nine of the thirteen; one school in three never says."""
        found = self.random.sample(SPECIALTIES, k=self.random.randint(7, 9))
        says = self.grade.level == Level.SECOND_GT and rank % 3 != 1
        return tuple(sorted(found)) if says else ()

    def campaign(self, code: str, name: str, zone: str) -> Campaign:
        """The first académie keeps the policies of the level; the others draw theirs, so that each is lived."""
        academy = Academy.objects.create(
            code=code, name=name, timezone=zone, sender_email=f"orientation@ac-{code}.invalid"
        )
        saio = User.objects.create(username=f"saio-{code}", password="!", is_staff=True)  # noqa: S106 (nobody signs in)
        StaffMembership.objects.create(user=saio, role="ACADEMY", academy=academy)
        drawn = {} if code == "10" else self.policies()
        made = Campaign.objects.create(
            academy=academy, year=YEAR, level=self.grade.level, **{**self.grade.policies, **drawn, **self.imposed}
        )
        PhaseWindow.objects.bulk_create(
            PhaseWindow(campaign=made, phase=phase, kind=kind, opens_at=opens_at, closes_at=closes_at)
            for phase, kind, opens_at, closes_at in windows(ZoneInfo(zone))
        )
        return made

    def policies(self) -> dict[str, object]:
        draw = self.random.choice
        return {
            "acknowledgement_by": draw(["ANY", "AUTHOR"]),
            "opinion_change": draw(["TELL", "AGAIN"]),
            "answered_by": draw(["AUTHOR", "ALL", "ALL"]),
            "objection": draw(["NONE", "RECORDED"]),
            "acceptances": draw(["ONE", "SEVERAL"]),
            "recap_to": draw(["ALL", "ALL", "AUTHOR"]),
            "recap_when": draw(["SIGN_OUT", "VALIDATION"]),
            "free_text": draw([True, True, False]),
        }

    def divisions(self, place: Place) -> list[Division]:
        wanted = self.size(place)
        number = max(2 if wanted >= SMALLEST_OF_TWO else 1, round(wanted / self.grade.division_size))
        return Division.objects.bulk_create(
            Division(
                school=place.school,
                year=YEAR,
                code=f"{self.grade.division} {letter}",
                label=f"{self.grade.name} {letter}",
            )
            for letter in UAI_LETTERS[:number]
        )

    def size(self, place: Place) -> int:
        schools = School.objects.count()
        return self.students // schools + (1 if place.rank < self.students % schools else 0)

    # --- homes --------------------------------------------------------------------------------------------------------
    def people(self, place: Place, divisions: list[Division]) -> None:
        shapes = [self.shape() for _ in range(self.size(place))]
        twins = twins_of(len(shapes), step=len(divisions))
        for twin, first in twins.items():
            shapes[twin] = shapes[first]
        made = [self.student(place, divisions[n % len(divisions)], shape) for n, shape in enumerate(shapes)]
        for twin, first in twins.items():
            made[twin].family_name, made[twin].birth_date = made[first].family_name, made[first].birth_date
        students = Student.objects.bulk_create(made)
        dossiers = Dossier.objects.bulk_create(Dossier(campaign=place.campaign, student=one) for one in students)
        families: list[list[Representative]] = []
        for number, (dossier, (legal, others, _)) in enumerate(zip(dossiers, shapes, strict=True)):
            people = families[twins[number]] if number in twins else Representative.objects.bulk_create(
                self.representative(dossier.student, rank) for rank in range(legal + others)
            )  # fmt: skip
            families.append(people)
            levels = [1] * legal + [self.random.choice([2, 3]) for _ in range(others)]
            home = self.home(place, number % len(divisions), dossier, people, levels)
            home.has_twin = number in twins or number in twins.values()
            self.homes.append(home)

    def shape(self) -> tuple[int, int, str]:
        """Legal representatives, other persons, age."""
        legal = self.random.choices([0, 1, 2, 3], [1, 20, 75, 4])[0]
        others = self.random.choices([0, 1], [80, 20])[0] if legal else 1
        age = self.random.choices(["MINOR", "ADULT", "BIRTHDAY"], [95, 3, 2])[0]
        return legal, others, age

    def student(self, place: Place, division: Division, shape: tuple[int, int, str]) -> Student:
        number = next(self.ids)
        born = {
            "MINOR": date(YEAR - self.grade.age, self.random.randint(1, 12), self.random.randint(1, 28)),
            "ADULT": date(YEAR - 18, self.random.randint(1, 12), self.random.randint(1, 28)),
            # 18 in the middle of an entry, between the two phases, or while the family answers
            "BIRTHDAY": date(YEAR - 17, *self.random.choice([(1, 16), (3, 2), (5, 8), (5, 18)])),
        }[shape[2]]
        return Student(
            school=place.school, division=division, year=YEAR, level=self.grade.level, siecle_id=number,
            ine=f"{number:09}AA",
            family_name=self.random.choice(FAMILY_NAMES), first_name=self.random.choice(FIRST_NAMES), birth_date=born,
            mef=self.grade.mef, user=self.account(f"eleve-{number}", 90),
        )  # fmt: skip

    def representative(self, student: Student, rank: int) -> Representative:
        number = next(self.ids)
        return Representative(
            school=student.school, siecle_id=number, civility=("MME", "M.")[rank % 2],
            family_name=student.family_name, first_name=self.random.choice(FIRST_NAMES),
            email=f"parent{number}@exemple.invalid" if self.random.random() < 0.95 else "",
            user=self.account(f"parent-{number}", 92),
        )  # fmt: skip

    def account(self, name: str, percent: int) -> User | None:
        """Most people have opened their account."""
        if self.random.randrange(100) >= percent:
            return None
        return new_account(name)

    def home(
        self, place: Place, division: int, dossier: Dossier, people: list[Representative], levels: list[int]
    ) -> Home:
        self.links += [
            Guardianship(student=dossier.student, representative=person, level=level, kinship="10")
            for person, level in zip(people, levels, strict=True)
        ]
        persons = [
            Person(f"P{person.siecle_id}", person, person.user, level)
            for person, level in zip(people, levels, strict=True)
        ]
        pupil = Person("E", dossier.student, dossier.student.user, 0)
        legal = [one for one in persons if one.level == 1]
        return Home(self.seed, place, division, dossier, pupil, legal, [one for one in persons if one.level > 1])


def twins_of(pupils: int, *, step: int) -> dict[int, int]:
    """Two pupils in twenty-five are twins, in the same class: the second one's place → the first one's."""
    return {first + step: first for first in range(3, pupils - step, 25)}
