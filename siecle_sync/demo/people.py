"""Invented families. Those with a login to try are named; the others make the lists look like real ones."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from django.db.models import Max, Min

from families.attachments import Person
from families.models import Attachment, Division, Guardianship, Level, Representative, School, Student, User, Way
from ledger import clock
from ledger.models import ActorKind, JournalEntry

PASSWORD = "bac-a-sable-2026"  # noqa: S105 (everyone knows it: the demonstration says it on its screen)

PROVIDER, ISSUER = "educonnect", "https://educonnect.invalid"
A_WHILE = timedelta(days=9)
OF_AGE = date(2007, 12, 1)  # born that day or before: of age since the first entries of the demonstration
MEFS = {Level.THIRD: "10310019110", Level.SECOND_GT: "20010018110"}
AGES = {Level.THIRD: 2011, Level.SECOND_GT: 2010}  # the year in which most pupils were born
NAMES = {Level.THIRD: "3e", Level.SECOND_GT: "2de"}
FIRST_NAMES = (
    "Amel", "Basile", "Chloé", "Diego", "Éléonore", "Fatou", "Gaël", "Hanaé", "Ilyès", "Jeanne", "Kenza", "Loïc",
    "Maëlys", "Noé", "Océane", "Paulin", "Quitterie", "Rayan", "Soumaya", "Théo", "Ursule", "Valentin", "Wassim",
    "Yaëlle", "Zoé", "Anaïs", "Côme", "Inès", "Lucas", "Nour",
)  # fmt: skip
PARENT_NAMES = ("Agnès", "Brahim", "Cécile", "David", "Émilie", "Farid", "Hélène", "Ibrahim", "Joëlle", "Karim", "Lise")
FAMILY_NAMES = (
    "Aubert", "Benali", "Chevallier", "Da Silva", "Estève", "Fournier", "Guérin", "Hoarau", "Ivanov", "Jacquet",
    "Kacem", "Lefèvre", "Moreau", "N’Diaye", "Olivier", "Payet", "Quéré", "Rousseau", "Sylla", "Tessier", "Vidal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """A pupil, their legal representatives (the first one is « mother » on the list of accounts), and a key."""

    key: str
    student: Student
    parents: tuple[Representative, ...]

    @property
    def mother(self) -> Representative:
        return self.parents[0]

    @property
    def writer(self) -> Representative | Student:
        """Who enters: the mother, or the pupil who has come of age (ACC-03)."""
        return self.student if self.student.birth_date <= OF_AGE else self.mother


@dataclass
class Village:
    """Makes the people of one school, always the same for the same seed."""

    school: School
    year: int
    seed: int
    level: str = Level.THIRD
    domain: str = "exemple.invalid"
    next_id: int = 1000
    homes: list[Home] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 (invented people, not secrets)

    def division(self, code: str) -> Division:
        label = f"{NAMES[Level(self.level)]} {code[-1]}"
        return Division.objects.create(school=self.school, year=self.year, code=code, label=label)

    def family(self, division: Division, *, key: str = "", roles: tuple[str, ...] = ("mere", "pere")) -> Home:
        """A pupil and a legal representative for each role. With a `key`, logins: ROLE-KEY, eleve-KEY."""
        place = self.seed + len(self.homes)
        name = FAMILY_NAMES[place % len(FAMILY_NAMES)]
        student = Student.objects.create(
            school=self.school, division=division, year=self.year, level=self.level, siecle_id=self._id(),
            family_name=name, first_name=FIRST_NAMES[place % len(FIRST_NAMES)], mef=MEFS[Level(self.level)],
            ine=f"{self._id():09}AA", birth_date=self._birth_date(key),
        )  # fmt: skip
        _give_account(student, key and f"eleve-{key}")
        people = tuple(self._parent(student, rank, key and f"{role}-{key}") for rank, role in enumerate(roles))
        home = Home(key, student, people)
        self.homes.append(home)
        return home

    def _birth_date(self, key: str) -> date:
        born = date(AGES[Level(self.level)], self.random.randint(1, 12), self.random.randint(1, 28))
        return OF_AGE if key == "majeur" else born

    def _parent(self, student: Student, rank: int, username: str) -> Representative:
        number = self._id()
        person = Representative.objects.create(
            school=self.school, siecle_id=number, family_name=student.family_name,
            first_name=PARENT_NAMES[(number + rank) % len(PARENT_NAMES)], civility=("MME", "M.")[rank % 2],
            email=f"parent{number}.{self.school.uai.lower()}@{self.domain}",
        )  # fmt: skip
        _give_account(person, username)
        Guardianship.objects.create(student=student, representative=person, level=1, kinship=("10", "20")[rank % 2])
        return person

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id


def _give_account(person: Student | Representative, username: str) -> None:
    if username:
        person.user = account(username, first_name=person.first_name, last_name=person.family_name)
        person.save(update_fields=["user"])


def account(username: str, **values: object) -> User:
    """An account whose password is the demonstration's."""
    user, created = User.objects.get_or_create(username=username, defaults=values)
    if created:
        user.set_password(PASSWORD)
        user.save()
    return user


def accounts_used() -> None:
    """Nobody acts without an account: whoever the story made act has theirs, last used for their last act."""
    lines = JournalEntry.objects.filter(actor_kind__in=(ActorKind.REPRESENTATIVE, ActorKind.STUDENT))
    acted = {who: (first, last) for who, first, last in lines.values_list("actor_uuid").annotate(Min("at"), Max("at"))}
    for person in _people(uuid__in=acted):
        user = person.user or _by_provider(person)
        User.objects.filter(pk=user.pk).update(last_login=acted[person.uuid][1])
    Attachment.objects.bulk_create(
        _attachment(person, person.user, acted.get(person.uuid, (clock.now(),))[0])
        for person in _people(user__isnull=False, attachments__isnull=True)
        if person.user
    )


def _people(**which: object) -> list[Person]:
    return [
        *Representative.objects.filter(**which).select_related("user").order_by("pk"),
        *Student.objects.filter(**which).select_related("user").order_by("pk"),
    ]


def _by_provider(person: Person) -> User:
    """Those without a login to try come by EduConnect."""
    user = User(username=f"{PROVIDER}-{person.uuid.hex}", first_name=person.first_name, last_name=person.family_name)
    user.set_unusable_password()
    user.save()
    user.identities.create(provider=PROVIDER, issuer=ISSUER, subject=person.uuid.hex, linked_at=clock.now() - A_WHILE)
    person.user = user
    person.save(update_fields=["user"])
    return user


def _attachment(person: Person, user: User, acted_at: datetime) -> Attachment:
    """With the code of the school, some days before they did anything."""
    own = {"student": person} if isinstance(person, Student) else {"representative": person}
    provider = "" if user.has_usable_password() else PROVIDER
    return Attachment(user=user, way=Way.CODE, provider=provider, at=acted_at - A_WHILE, **own)
