"""See as the family, read-only: one member of the staff, one dossier, one of its readers, half an hour (ACC-06).

A visit is kept in the staff's own session and not in a signed cookie: it never leaves the server, so that nobody forges
it, copies it to another browser, or plays it again after « Quitter »; and it ends with the session.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from families.models import Guardianship, School, StaffMembership, StaffRole, User
from families.powers import POWERS, Power, memberships_of, schools_with
from ledger import clock, journal
from ledger.journal import Actor
from ledger.models import ActorKind, JournalEntry
from orientation.models import Dossier

SEEN = "seen_as_family"  # the verb of the history
VISIT = "visit"  # the key of the session
LASTS = timedelta(minutes=30)  # of real time: a security limit
WHO = {
    StaffRole.HEAD: "L’établissement",
    StaffRole.ACADEMY: "L’académie",
    StaffRole.SUPPORT: "L’assistance",
}
ADMINISTRATION = "L’administration du service"
KINDS = {StaffRole.HEAD: ActorKind.SCHOOL, StaffRole.ACADEMY: ActorKind.ACADEMY}  # the others: the service


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads this dossier with an account: a legal representative of today, or the pupil."""

    person: UUID
    name: str
    quality: str
    user: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What the session keeps: `reader` is an account; `number`, the dossier's in the admin; `until`, in real time."""

    dossier: UUID
    number: int
    reader: int
    name: str
    until: datetime

    @property
    def is_over(self) -> bool:
        return timezone.now() >= self.until


def readers(dossier: Dossier) -> list[Reader]:
    """Who may be chosen. One account is one reader: Siècle may hold the same person twice."""
    legal = Guardianship.objects.legal().filter(student=dossier.student, representative__user__isnull=False)
    people = [one.representative for one in legal.select_related("representative").order_by("pk")]
    found = {one.user_id: Reader(one.uuid, one.full_name, "représentant légal", one.user_id or 0) for one in people}
    pupil = dossier.student
    if pupil.user_id:
        found[pupil.user_id] = Reader(pupil.uuid, pupil.full_name, "élève", pupil.user_id)
    return list(found.values())


def without_account(dossier: Dossier) -> list[str]:
    legal = Guardianship.objects.legal().filter(student=dossier.student, representative__user=None)
    names = [one.representative.full_name for one in legal.select_related("representative").order_by("pk")]
    return names if dossier.student.user_id else [*names, dossier.student.full_name]


def begin(*, session: Any, dossier: Dossier, reader: Reader, reason: str, user: User) -> None:
    """Note the visit in the history, in a transaction that ends before anything is shown; then open it."""
    role = role_over(user, dossier.student.school)
    with transaction.atomic():
        journal.write(
            verb=SEEN, by=visitor(user, role), at=clock.now(), dossier=dossier.uuid,
            role=role, seen_as=str(reader.person), seen_as_name=reader.name, reason=reason,
        )  # fmt: skip
    visit = Visit(dossier.uuid, dossier.pk, reader.user, reader.name, timezone.now() + LASTS)
    session[VISIT] = {**asdict(visit), "dossier": str(visit.dossier), "until": visit.until.isoformat()}


def visit_in(session: Any) -> Visit | None:
    """The visit that this session keeps, over or not."""
    kept = session.get(VISIT)
    if kept is None:
        return None
    said = {"dossier": UUID(kept["dossier"]), "until": datetime.fromisoformat(kept["until"])}
    return Visit(**{**kept, **said})


def end(session: Any) -> Visit | None:
    visit = visit_in(session)
    session.pop(VISIT, None)
    return visit


def may_see(user: User, dossier: UUID) -> bool:
    """Asked again at every page of a visit: a role may have been taken away meanwhile."""
    return bool(user.is_staff and schools_with(user, Power.SEE_AS).filter(students__dossiers__uuid=dossier).exists())


def role_over(user: User, school: School) -> str:
    """The role by which this user sees the dossiers of this school; "" for an administrator, who has none there."""
    roles = (one.role for one in memberships_of(user) if Power.SEE_AS in POWERS[one.role] and _covers(one, school))
    return next(roles, "")


def _covers(one: StaffMembership, school: School) -> bool:
    if one.school_id or one.academy_id:
        return one.school_id == school.pk or one.academy_id == school.academy_id
    return True


def visitor(user: User, role: str) -> Actor:
    kind = KINDS.get(StaffRole(role), ActorKind.SYSTEM) if role else ActorKind.SYSTEM
    return Actor(kind, user.uuid, user.get_full_name() or user.get_username())


def who(data: dict[str, Any]) -> str:
    """In plain words, without a name: the institution that looked."""
    role = data.get("role")
    return WHO[StaffRole(role)] if role else ADMINISTRATION


def seen_words(data: dict[str, Any]) -> str:
    """What the family reads in its history."""
    return f"{who(data)} a consulté votre dossier, sans rien pouvoir y changer, comme {data['seen_as_name']} le voit"


def visits_of(dossier: UUID) -> QuerySet[JournalEntry]:
    """« Qui a consulté ce dossier », the last one first."""
    return JournalEntry.objects.filter(dossier_uuid=dossier, verb=SEEN).order_by("-at", "-pk")
