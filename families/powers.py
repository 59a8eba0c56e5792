"""What each role of the staff may do, and where: one table (ACC-06)."""

from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from families.models import Academy, School, StaffMembership, StaffRole, User
from ledger.journal import Actor
from ledger.models import ActorKind


class Power(StrEnum):
    READ = "READ"  # read the calendar, the pupils and the dossiers
    WORK = "WORK"  # run the school's service: closing, switch, codes, addresses, Siècle Orientation
    DECIDE = "DECIDE"  # release a pen, lift the wait for the acknowledgement
    GOVERN = "GOVERN"  # set the calendar and the policies, extend a window
    SEE_AS = "SEE_AS"  # open one dossier as its family sees it, read-only, with a reason that is kept
    OVERSEE = "OVERSEE"  # read the figures of every académie's nights, and nothing of any pupil
    ALL = "ALL"  # accounts, roles, académies: no role gives it, only superusers have it


POWERS: dict[str, frozenset[Power]] = {
    StaffRole.READER: frozenset({Power.READ}),
    StaffRole.SECRETARY: frozenset({Power.READ, Power.WORK}),
    StaffRole.HEAD: frozenset({Power.READ, Power.WORK, Power.DECIDE, Power.SEE_AS}),
    StaffRole.ACADEMY: frozenset({Power.READ, Power.GOVERN, Power.SEE_AS}),
    StaffRole.NATIONAL: frozenset({Power.OVERSEE}),
    StaffRole.SUPPORT: frozenset({Power.SEE_AS}),
}
PARIS = ZoneInfo("Europe/Paris")


def memberships_of(user: User) -> list[StaffMembership]:
    """Read once a request: the user object lives as long as the request does."""
    if not user.is_authenticated:
        return []
    if not hasattr(user, "_memberships"):
        rows = StaffMembership.objects.filter(user=user).select_related("school__academy", "academy").order_by("pk")
        user._memberships = list(rows)
    return user._memberships


def _giving(user: User, power: Power) -> list[StaffMembership]:
    return [one for one in memberships_of(user) if power in POWERS[one.role]]


def has_power(user: User, power: Power) -> bool:
    """Somewhere at least; on one object, ask `schools_with` or the admin's `within`."""
    return user.is_superuser or bool(_giving(user, power))


def schools_with(user: User, power: Power) -> QuerySet[School]:
    """A role without a school or an académie (national, support) has its few powers in all of them."""
    rows = _giving(user, power)
    if user.is_superuser or any(not one.school_id and not one.academy_id for one in rows):
        return School.objects.all()
    return School.objects.filter(
        Q(pk__in=[one.school_id for one in rows if one.school_id])
        | Q(academy__in=[one.academy_id for one in rows if one.academy_id])
    )


def academies_with(user: User, power: Power) -> QuerySet[Academy]:
    """The académies themselves, and (to read only, since no school role gives more) those of the schools."""
    if user.is_superuser:
        return Academy.objects.all()
    codes = {one.academy_id or (one.school and one.school.academy_id) for one in _giving(user, power)}
    return Academy.objects.filter(pk__in=[code for code in codes if code])


def staff_actor(user: User) -> Actor:
    """As whom a member of staff signs an act in the journal."""
    of_academy = any(one.role == StaffRole.ACADEMY for one in memberships_of(user))
    kind = ActorKind.ACADEMY if of_academy else ActorKind.SCHOOL
    return Actor(kind, user.uuid, user.get_full_name() or user.get_username())


def zone_at(uai: str) -> ZoneInfo:
    """The time zone of a school known by its UAI only."""
    school = School.objects.select_related("academy").filter(uai=uai).first()
    return school.timezone if school else PARIS


def zone_of(user: User) -> ZoneInfo:
    """The time zone in which a member of staff reads and types: their school's, or their académie's (CAL-02)."""
    for one in memberships_of(user):
        if one.school:
            return one.school.timezone
        if one.academy:
            return ZoneInfo(one.academy.timezone)
    return PARIS
