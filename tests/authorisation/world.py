"""One dossier in one state, with everybody who may come to its addresses, and what each address is posted."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connections
from django.test import Client

from families.models import Academy, School, User
from ledger import clock
from ledger.models import JournalEntry, OutgoingEmail
from orientation.admin.unreachable import digest
from orientation.models import Campaign, CouncilStatement, Draft, InvariantRun, Submission
from orientation.pathways import Choice, fingerprint
from orientation.unreachable import Reach, families
from siecle_sync import contract
from siecle_sync.mock.models import MockDeposit
from siecle_sync.models import HeldLine, ImportState, MassChange, Run, RunLine, SiecleImport
from tests import factories
from tests.admin.test_academy_pages import fields_of
from tests.admin.world import desk_of
from tests.authorisation.roles import Role
from tests.authorisation.states import STORIES, When
from tests.factories import Family
from tests.orientation.states import At

TOKENS = {
    Role.WRONG_TOKEN: "wrong",
    Role.SIECLE_TOKEN: "simulator",
    Role.SERVICE_TOKEN: "service",
    Role.METRICS_TOKEN: "figures",
}


@dataclass
class World:
    when: When
    family: Family
    clients: dict[Role, Client]
    objects: dict[str, Any] = field(default_factory=dict)
    posted: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {role: client.cookies.get(settings.SESSION_COOKIE_NAME) for role, client in self.clients.items()}
        self.sessions = {role: cookie.value for role, cookie in kept.items() if cookie}

    @property
    def phase(self) -> str:
        return STORIES[self.when].phase


def build(when: When, at: At) -> World:
    """Tell the story of this state to a family of its own, in a school of its own."""
    story = STORIES[when]
    academy = factories.academy()
    school = factories.school(academy=academy)
    family = factories.family(of=factories.division(school), policies=story.policies, **story.pupil)
    persons = people(family, academy, school)
    story.tell(family, at)
    rows = objects(family, persons)
    return World(when, family, clients(persons), rows, posted(family, story.phase, rows))


def people(family: Family, academy: Academy, school: School) -> dict[Role, User]:
    classmate = factories.family(of=family.student.division)
    former = factories.representative(family.student)
    former.guardianships.update(ended_on=factories.INTENTIONS_OPEN.date())
    elsewhere = factories.academy("28", name="La Réunion", timezone="Indian/Reunion")
    return {
        Role.MOTHER: family.mother.user,
        Role.FATHER: family.father.user,
        Role.PUPIL: family.student.user,
        Role.OTHER_PARENT: classmate.mother.user,
        Role.FORMER: former.user,
        Role.LEVEL_2: factories.representative(family.student, level=2).user,
        Role.LEVEL_3: factories.representative(family.student, level=3).user,
        Role.OTHER_PUPIL: classmate.student.user,
        Role.READER: factories.staff(school, "READER"),
        Role.SECRETARY: factories.staff(school, "SECRETARY"),
        Role.HEAD: factories.staff(school, "HEAD"),
        Role.OTHER_HEAD: factories.staff(factories.school(academy=academy), "HEAD"),
        Role.ACADEMY: factories.staff(academy, "ACADEMY"),
        Role.OTHER_ACADEMY: factories.staff(elsewhere, "ACADEMY"),
        Role.SUPPORT: factories.staff(None, "SUPPORT"),
        Role.NATIONAL: factories.staff(None, "NATIONAL"),
        Role.SUPERUSER: factories.user(is_staff=True, is_superuser=True),
    }


def clients(persons: dict[Role, User]) -> dict[Role, Client]:
    """Each has made a first request: the next ones leave their session as it is."""
    made = {
        role: Client(headers={"Authorization": f"Bearer {token}", contract.H_VERSION: contract.VERSION})
        for role, token in TOKENS.items()
    }
    made[Role.ANONYMOUS] = Client()
    for role, user in persons.items():
        made[role] = Client()
        made[role].force_login(user)
        assert made[role].get("/aide/").status_code == 200
        assert made[role].session[SESSION_KEY] == str(user.pk)
    return made


def objects(family: Family, persons: dict[Role, User]) -> dict[str, Any]:
    """A row of each model of the admin, of this dossier's school or académie."""
    student, now = family.student, clock.now()
    school, campaign = student.school, family.dossier.campaign
    division, pupil = desk_of(family)
    after_2de = Campaign.objects.create(academy=school.academy, year=campaign.year, level="2GT")
    factories.student(student.division, level="2GT")  # a school only sees the campaigns of its pupils
    unreachable = factories.representative(student, level=2, account=False, email="")
    run = Run.objects.create(academy=school.academy, campaign=campaign, night_on=now.date(), started_at=now)
    line = RunLine.objects.create(run=run, direction="IN", seq=1, kind="STATEMENT", ref="x", uai=school.uai)
    held = HeldLine.objects.create(campaign=campaign, seq=1, uai=school.uai, code="UNKNOWN_PUPIL", line={}, since=now)
    mass = MassChange.objects.create(campaign=campaign, uai=school.uai, up_to=9, standing=20, touched=19, found_at=now)
    deposit = MockDeposit.objects.create(
        uuid=uuid4(), academy="10", year=2025, level="3E", received_at=now, digest="", version="1"
    )
    upload = SiecleImport.objects.create(
        school=school, year=campaign.year, by=persons[Role.HEAD], created_at=now, state=ImportState.PREVIEW
    )
    journal = JournalEntry.objects.filter(dossier_uuid=family.dossier.uuid)
    made = {
        "families/academy": school.academy, "families/division": student.division, "families/student": student,
        "families/representative": unreachable, "families/school": school, "families/user": persons[Role.MOTHER],
        "families/staffmembership": persons[Role.HEAD].memberships.get(), "orientation/campaign": campaign,
        "orientation/dossier": family.dossier, "ledger/journalentry": journal.earliest("pk"),
        "orientation/invariantrun": InvariantRun.objects.create(started_at=clock.now()),
        "ledger/outgoingemail": OutgoingEmail.objects.filter(dossier_uuid=family.dossier.uuid).earliest("created_at"),
        "siecle_sync/run": run, "siecle_sync/runline": line, "siecle_sync/heldline": held,
        "siecle_sync/masschange": mass, "siecle_sync/siecleimport": upload, "siecle_mock/mockdivision": division,
        "siecle_mock/mockpupil": pupil, "siecle_mock/mockdeposit": deposit,
        "families/attachment": family.mother.user.attachments.create(
            representative=family.mother, way="CODE", at=now
        ),
        "after 2de": after_2de, "axes/accessattempt": AccessAttempt.objects.create(failures_since_start=1),
        "axes/accesslog": AccessLog.objects.create(),
        "axes/accessfailurelog": AccessFailureLog.objects.create(),
    }  # fmt: skip
    return {model: row.pk for model, row in made.items()}


def seen(school: School) -> str:
    """The list of « jointe » as it is on the screen of the secretary."""
    now = clock.now()
    User.objects.filter(representatives__school=school).update(last_login=now)
    reached = families([school], now).filter(category=Reach.REACHED)
    return digest(reached.values_list("pk", flat=True))


def posted(family: Family, phase: str, rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each address takes, so that who may write does write."""
    campaign, dossier, school = family.dossier.campaign, family.dossier, family.student.school
    list_ = {"shown": shown(family, phase)}
    statement = CouncilStatement.objects.filter(dossier=dossier).order_by("pk").last()
    submission = Submission.objects.filter(dossier=dossier, phase=phase).latest("version")
    answer = getattr(statement, "family_answer", None) or getattr(statement, "answer", None)
    said = {"statement": statement.uuid if statement else uuid4()}
    page = fields_of(campaign, **{"windows-3-closes_at_0": "20/06/2026"})
    calendar = {name: value for name, value in page.items() if "-" in name}  # the policies are frozen by the entries
    today = f"{clock.now():%d/%m/%Y}"
    later = clock.now() + timedelta(days=1)
    moment = {"closes_at_0": f"{later:%d/%m/%Y}", "closes_at_1": "12:00"}
    end = factories.CHOICES_CLOSE + timedelta(days=1)
    prefix = f"{campaign.pk}-PROVISIONAL"
    return {
        "orientation:entry_add": {**list_, "pathway": "2PRO"},
        "orientation:entry_edit": {**list_, "pathway": "2PRO"},
        "orientation:entry_up": list_, "orientation:entry_down": list_, "orientation:entry_remove": list_,
        "orientation:entry_validate": list_, "orientation:entry_move": {**list_, "to": "2"},
        "orientation:entry_object": {"submission": submission.uuid, "reason": "Essai"},
        "orientation:acknowledge": said,
        "orientation:confirm_answer": {**said, "kind": "REFUSED"},
        "orientation:answer": {**said, "kind": "REFUSED"},
        "orientation:agree": {"answer": answer.uuid if answer else uuid4(), "agrees_with": "oui"},
        "admin:dossier_release": {"reason": "Essai"},
        "admin:dossier_lift": {"reason": "Essai"},
        "admin:dossier_meeting": {"held_on": today, "present": "La mère et l’élève"},
        "admin:dossier_appeal": {"filed_on": today},
        "admin:dossier_contact": {"means": "PHONE"},
        "admin:dossier_see_as": {"reader": family.mother.uuid, "reason": "La mère appelle."},
        "admin:school_export": {"phase": "PROVISIONAL", "kind": "csv"},
        "admin:academy_export": {"phase": "PROVISIONAL", "level": "3E", "kind": "csv"},
        "admin:school_letters": {"categorie": "REACHED", "seen": seen(school)},
        "admin:school_offer": {"campaign": rows["after 2de"], "specialties": ["MATHS"]},
        "admin:mass_change_settle": {"verdict": "REFUSE", "reason": "Essai", "confirm": "on", "up_to": 9},
        "admin:pupil_settle": {"concerned": "non", "reason": "Essai"},
        "admin:mock_change": {"pathway1": "2GT"},
        "admin:school_closing": {
            "campaign": campaign.pk, "phase": "PROVISIONAL",
            **{f"{prefix}-{name}": one for name, one in moment.items()},
        },
        "admin:school_service": {"campaign": campaign.pk, "etat": "ferme", "confirm": "1"},
        "admin:orientation_campaign_extend": {
            "window": "DEFINITIVE ENTRY", "closes_at_0": f"{end:%d/%m/%Y}", "closes_at_1": "12:00", "reason": "Essai",
        },
        "admin:orientation_campaign_change": calendar,
        "admin:families_representative_change": {"email": "nouvelle@exemple.invalid"},
        "admin:families_school_change": {
            **{name: getattr(school, name) for name in ("uai", "name", "email", "own_timezone")},
            "academy": school.academy_id, "year_division": school.year_division, "phone": "0400000001",
        },
        "admin:mock_council": {"held_on": "", "confirm": "1"},
        "admin:mock_entry": {"pathway1": "2GT"},
        "admin:mock_statements": {"saved": "1"}, "admin:mock_answer": {"refused": "on"},
        "admin:mock_decision": {"pathways": ["2GT"]},
        "families:address": {"email": "nouvelle@exemple.invalid"},
    }  # fmt: skip


def shown(family: Family, phase: str) -> str:
    """The list that the author's page shows: what is being typed, else what was validated."""
    draft = Draft.objects.filter(dossier=family.dossier, phase=phase).first()
    if draft:
        return fingerprint(tuple(Choice.from_json(one) for one in draft.choices), draft.base_version)
    last = Submission.objects.filter(dossier=family.dossier, phase=phase).order_by("-version").first()
    rows = last.choices.order_by("rank") if last else ()
    choices = tuple(Choice.from_json({name: getattr(one, name) for name in Choice.__slots__}) for one in rows)
    return fingerprint(choices, last.version if last else 0)


BOOKKEEPING = ("families_session", "django_migrations")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def everything_kept() -> dict[str, str]:
    """Table → digest of all its rows, in both databases; the sessions' own bookkeeping apart."""
    kept = {}
    for alias in ("default", "siecle_mock"):
        with connections[alias].cursor() as cursor:
            cursor.execute(TABLES)
            names = [name for (name,) in cursor.fetchall() if name not in BOOKKEEPING]
            digests = ", ".join(
                f"(SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t)" for name in names
            )
            cursor.execute(f"SELECT {digests}")
            kept |= {f"{alias}.{name}": digest for name, digest in zip(names, cursor.fetchone(), strict=True)}
    return kept
