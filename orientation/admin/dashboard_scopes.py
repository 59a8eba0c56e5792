"""Whose figures the address of a dashboard asks for, and how much of them its reader may know (ACC-06)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse

from families.models import Academy, Division, Level, School
from families.powers import Power, academies_with, memberships_of
from ledger import clock
from orientation.admin import dashboard_parts as parts
from orientation.admin.dashboard_parts import Known, Line
from orientation.admin.school_life import CampaignLife
from orientation.enums import WindowKind
from orientation.figures import counting
from orientation.figures.counting import Scope, Unit
from orientation.figures.openings import Opening
from orientation.figures.tables import Row
from orientation.models import Campaign

LEVEL = "niveau"  # of the address


def is_of(request: HttpRequest, school: School) -> bool:
    """Of the school itself: whoever else reads it from outside, where small groups are hidden."""
    return any(one.school_id == school.pk for one in memberships_of(request.user))


def least(*, inside: bool = False) -> int:
    return 0 if inside else settings.SMALL_GROUP


def reach_academy(request: HttpRequest, code: str) -> Academy:
    """The académie whose figures are read by who governs it. Its schools are refused; to others it does not exist."""
    known = academies_with(request.user, Power.READ).filter(pk=code).first()
    if known is None:
        raise Http404
    if not academies_with(request.user, Power.GOVERN).filter(pk=code).exists():
        raise PermissionDenied
    return known


def latest(campaigns: QuerySet[Campaign]) -> list[Campaign]:
    """The campaigns of the last year, 3e first."""
    found = list(campaigns.prefetch_related("windows", "extensions").order_by("-year", "-level", "academy"))
    return [one for one in found if one.year == found[0].year]


def asked_level(levels: Iterable[str], request: HttpRequest) -> str:
    known = list(levels)
    typed = request.GET.get(LEVEL, "")
    return typed if typed in known else known[0] if known else ""


def tabs(levels: Iterable[str], chosen: str) -> dict[str, Any]:
    """The levels among which the reader chooses, when there are several."""
    known = list(dict.fromkeys(levels))
    return {"levels": [(one, Level(one).label) for one in known] if len(known) > 1 else [], "level": chosen}


def scope_of(campaign: Campaign, **narrowed: Any) -> Scope:
    return Scope(campaign.year, campaign.level, **narrowed)


def openings_of_school(life: CampaignLife) -> list[Opening]:
    """The school's own closing included (CAL-09)."""
    return [
        Opening(one.phase, one.entry.opens_at, min([one.ends_at(WindowKind.ENTRY), *filter(None, [one.closes_at])]),
                one.school.timezone)
        for one in life.phases if one.entry
    ]  # fmt: skip


def openings_of_academy(campaign: Campaign) -> list[Opening]:
    """With the extensions given to the whole académie."""
    longer: dict[str, list[datetime]] = {}
    for one in campaign.extensions.all():
        if one.kind == WindowKind.ENTRY and one.school_id is None and one.division_id is None:
            longer.setdefault(one.phase, []).append(one.closes_at)
    zone = ZoneInfo(campaign.academy.timezone)
    return [
        Opening(one.phase, one.opens_at, max([one.closes_at, *longer.get(one.phase, [])]), zone)
        for one in campaign.windows.all() if one.kind == WindowKind.ENTRY
    ]  # fmt: skip


# --- what an académie knows of one of its schools is its line of the académie's own table -----------------------------
def progress_from_above(school: School, campaign: Campaign) -> Row:
    scope = scope_of(campaign, academy=school.academy_id)
    return line_of(school, parts.known(counting.progress(scope, Unit.SCHOOL), least()))


def evening_from_above(school: School, campaign: Campaign, phase: str) -> Row:
    return line_of(school, evening(scope_of(campaign, academy=school.academy_id), Unit.SCHOOL, phase, least()))


def line_of(school: School, found: Known) -> Row:
    return found.rows.get(school.pk) or parts.none_of(found.sums)


def evening(scope: Scope, unit: Unit, phase: str, hidden_below: int, above: Row | None = None) -> Known:
    counts, wholes = parts.evening_counts(scope, unit, phase, clock.now() - parts.LAST_HOUR)
    return parts.known(counts, hidden_below, sums=above, wholes=wholes)


# --- the rows, named --------------------------------------------------------------------------------------------------
def by_name(rows: Mapping[Any, Row], names: Mapping[Any, str], last: str = "") -> list[tuple[Any, str, Row]]:
    """Key, name, figures; those without a name come last."""
    named = [(key, names.get(key, last), row) for key, row in rows.items()]
    return sorted(named, key=lambda one: (one[0] not in names, one[1]))


def school_names(rows: Mapping[int, Row]) -> dict[int, str]:
    found = School.objects.filter(pk__in=list(rows)).values_list("pk", "name", "uai")
    return {key: f"{name} ({uai})" for key, name, uai in found}


def school_lines(rows: Mapping[int, Row]) -> list[Line]:
    return [
        Line(name, list(row.values()), reverse("admin:school_dashboard", args=[key]))
        for key, name, row in by_name(rows, school_names(rows))
    ]


def school_evening_lines(rows: Mapping[int, Row], phase: str) -> list[Line]:
    return [
        Line(name, parts.evening_figures(row, phase), parts.follow_up(key, phase=phase))
        for key, name, row in by_name(rows, school_names(rows))
    ]


def division_names(school: School, campaign: Campaign) -> dict[int, str]:
    return dict(Division.objects.filter(school=school, year=campaign.year).values_list("pk", "code"))
