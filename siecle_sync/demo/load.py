"""Build the demonstration: five schools in four académies, and their year played up to the day we pretend it is."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from families.activation import attach, issue_codes, redeem
from families.models import Academy, Division, Guardianship, Level, School, StaffMembership, Student, User
from ledger import clock
from ledger.journal import SYSTEM
from orientation import actions
from orientation.actions.policies import create_campaign
from orientation.models import Campaign, PhaseWindow
from siecle_sync.bee.load import import_files
from siecle_sync.demo.calendar import CHOICES, INTENTIONS, LYCEE, OPINIONS, PLACES, PROPOSALS, TODAY, YEAR, Place
from siecle_sync.demo.people import PASSWORD, Home, Village, account, accounts_used
from siecle_sync.demo.situations import situations
from siecle_sync.demo.story import Scene, Story

EXPORTS = "ExportXML_{}.zip"
FILES = ("ElevesSansAdresses", "ResponsablesAvecAdresses", "Structures", "Nomenclature", "Communs")
KEYS = {
    OPINIONS: ["avis", "avis-modifies", "demande-modifiee"],
    CHOICES: ["choix", "attente"],
    PROPOSALS: ["propositions", "decision", "desaccord", "entretien", "appel"],
    LYCEE: ["2de", "majeur"],
}
ROLES = {"majeur": ("parent",)}
ORDINARY = {Level.THIRD: 8, Level.SECOND_GT: 4}  # families without a login in each division
TWO_SCHOOLS = "parent-deux-ecoles"

Progress = Callable[[int, int, str], None]


class AlreadyLoaded(RuntimeError):
    """The database holds a demonstration, or a real campaign."""


def load(progress: Progress) -> None:
    """Load everything. `progress(done, total, what)` is called after each act. Raises AlreadyLoaded."""
    if Campaign.objects.exists():
        raise AlreadyLoaded
    clock.freeze(PROPOSALS.at(PROPOSALS.windows[0][1][0] - timedelta(days=1), 8))
    stories = [_story(place) for place in PLACES]
    _two_schools(stories)
    _staff()
    actions.open_dossiers(by=SYSTEM)
    scenes = _in_order(scene for story in stories for scene in (*story.scenes(), *situations(story)))
    for done, scene in enumerate(scenes, start=1):
        _play(scene)
        progress(done, len(scenes), f"{scene.at:%d/%m/%Y}")
    accounts_used()
    clock.pretend(INTENTIONS.at(TODAY, 17, 30))


def _in_order(scenes: Iterable[Scene]) -> list[Scene]:
    """By date; a night that two schools of an académie wait for is one night."""
    nights: set[tuple[datetime, str]] = set()
    found = []
    for scene in sorted(scenes, key=lambda scene: scene.at):
        if scene.night and (scene.at, scene.night) in nights:
            continue
        nights.add((scene.at, scene.night))
        found.append(scene)
    return found


def _play(scene: Scene) -> None:
    clock.freeze(scene.at)
    scene.act()


def _story(place: Place) -> Story:
    academy, _ = Academy.objects.get_or_create(
        code=place.academy,
        defaults={
            "name": place.name, "timezone": place.timezone,
            "sender_email": f"orientation@ac-{place.academy}.exemple.invalid",
        },
    )  # fmt: skip
    _campaign(place, academy)
    if place is INTENTIONS:
        return _imported(place)
    return _invented(place, academy)


def _campaign(place: Place, academy: Academy) -> None:
    made = Campaign(academy=academy, year=YEAR, level=place.level)
    campaign = create_campaign(campaign=made, by=SYSTEM)
    PhaseWindow.objects.bulk_create(
        PhaseWindow(
            campaign=campaign, phase=phase, kind=kind, opens_at=place.at(first, 8),
            closes_at=place.at(last + timedelta(days=1), 0),
        )
        for (phase, kind), (first, last) in place.windows
    )  # fmt: skip


def _imported(place: Place) -> Story:
    """A school that comes from its Siècle exports, and accounts opened with the codes it hands out."""
    folder = Path(settings.BASE_DIR) / "tests" / "data" / "siecle"
    import_files(
        [folder / EXPORTS.format(name) for name in FILES], uai=place.uai, year=YEAR, academy=place.academy, by=SYSTEM
    )
    divisions = list(Division.objects.filter(school__uai=place.uai, students__scope="IN_SCOPE").distinct())
    homes = list(_homes(place))
    for home in (homes[0], homes[2]):
        _open_accounts(home)
    _same_mother(homes[1])
    return Story(place, homes, divisions, seed=1)


def _homes(place: Place) -> Iterator[Home]:
    """The twins first: nothing entered for either; then a family that has entered, then the others."""
    keys = iter(["intentions", "jumelle", "saisie"])
    students = Student.objects.filter(school__uai=place.uai, scope="IN_SCOPE").order_by("siecle_id")
    several = [one for one in students if _legal(one).count() > 1]
    for student in [*several, *(one for one in students if one not in several)]:
        parents = tuple(link.representative for link in _legal(student))
        if parents and parents[0].guardianships.filter(kinship="70").count() == 0:
            yield Home(next(keys, ""), student, parents)


def _legal(student: Student):  # type: ignore[no-untyped-def]  # a QuerySet of links
    links = Guardianship.objects.legal().filter(student=student).select_related("representative")
    return links.order_by("kinship", "representative__siecle_id")


def _open_accounts(home: Home) -> None:
    division = home.student.division
    if division is None:
        return
    codes = {line.person: line.code for line in issue_codes(division, by=SYSTEM)}
    names = {home.student.full_name: f"eleve-{home.key}"}
    names |= {one.full_name: f"{role}-{home.key}" for role, one in zip(("mere", "pere"), home.parents, strict=False)}
    for person, username in names.items():
        if person in codes:
            redeem(codes[person], username, PASSWORD)


def _same_mother(twin: Home) -> None:
    """Siècle knows the twins' mother twice: the second code goes to her one account (ACC-07)."""
    codes = {line.person: line.code for line in issue_codes(twin.student.division, by=SYSTEM)}
    attach(User.objects.get(username="mere-intentions"), codes[twin.mother.full_name])


def _invented(place: Place, academy: Academy) -> Story:
    school = School.objects.create(
        uai=place.uai, academy=academy, name=place.school, phone="01 00 00 00 00", address=place.address,
        email=f"ce.{place.uai.lower()}@exemple.invalid",
    )  # fmt: skip
    village = Village(school, YEAR, seed=int(place.academy), level=place.level)
    divisions = [village.division(f"{place.level[0]} {letter}") for letter in "AB"]
    for key in KEYS[place]:
        village.family(divisions[0], key=key, roles=ROLES.get(key, ("mere", "pere")))
    for division in divisions:
        for number in range(ORDINARY[Level(place.level)]):
            village.family(division, roles=("mere",) if number % 4 == 3 else ("mere", "pere"))
    return Story(place, village.homes, divisions, seed=int(place.academy))


def _two_schools(stories: list[Story]) -> None:
    """One account, a child in each of two schools: Siècle knows the same person twice."""
    user = account(TWO_SCHOOLS, first_name="Nadia", last_name="Belkacem")
    for story in stories:
        if story.place in (OPINIONS, CHOICES):
            home = next(one for one in story.homes if not one.key and len(one.parents) == 2)
            person = home.mother
            person.user, person.first_name, person.family_name = user, "Nadia", "Belkacem"
            person.save()


def _staff() -> None:
    schools = School.objects.filter(uai__in=[place.uai for place in PLACES])
    for username, role, first, last in (
        ("secretariat", "SECRETARY", "Sylvie", "Bernard"), ("chef", "HEAD", "Marc", "Delorme"),
    ):  # fmt: skip
        user = account(username, is_staff=True, first_name=first, last_name=last)
        StaffMembership.objects.bulk_create(StaffMembership(user=user, role=role, school=one) for one in schools)
    saio = account("saio", is_staff=True, first_name="Irène", last_name="Castel")
    for academy in Academy.objects.filter(code__in=[place.academy for place in PLACES]):
        StaffMembership.objects.create(user=saio, role="ACADEMY", academy=academy)
    User.objects.filter(pk=account("admin", is_staff=True).pk).update(is_superuser=True)
