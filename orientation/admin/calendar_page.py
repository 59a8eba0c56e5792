"""What the page of a campaign shows beside its calendar: the year line, what to look at, what families read."""

from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from families.models import User
from families.powers import Power, schools_with
from orientation.admin.year_line import missing, too_late, year_line
from orientation.enums import Phase
from orientation.facts import Window
from orientation.letters.sample_facts import FACTS
from orientation.models import Campaign, ClassCouncil, PhaseWindow
from orientation.views.home import openings


def calendar_page(campaign: Campaign, *, user: User, now: datetime) -> dict[str, Any]:
    """A school reads its own councils and extensions only; an académie, all of its own."""
    zone = ZoneInfo(campaign.academy.timezone)
    schools = schools_with(user, Power.READ).filter(academy=campaign.academy_id)
    windows = list(campaign.windows.order_by("phase", "opens_at"))
    windows.sort(key=lambda one: [*Phase].index(Phase(one.phase)))
    whole = Q(school__isnull=True, division__isnull=True)
    extensions = list(campaign.extensions.filter(whole | Q(school__in=schools) | Q(division__school__in=schools)))
    councils = ClassCouncil.objects.filter(campaign=campaign, division__school__in=schools, held_on__isnull=False)
    held = list(councils.select_related("division__school__academy").order_by("phase", "held_on", "pk"))
    closings = campaign.closings.filter(school__in=schools).order_by("school_id", "phase", "-pk")
    late = too_late(windows, extensions, closings.distinct("school_id", "phase"), held)
    return {
        "line": year_line(windows, extensions, held, late=late, zone=zone, now=now),
        "missing": missing(windows),
        "late": by_school(late),
        "late_count": len(late),
        "openings": read_by_families(campaign, windows, zone),
    }


def by_school(councils: list[ClassCouncil]) -> list[tuple[str, str]]:
    """The school, its divisions."""
    ordered = sorted(councils, key=lambda one: (str(one.division.school), one.division.code, one.phase))
    return [
        (school, ", ".join(f"{one.division.code} ({one.get_phase_display()}, {one.held_on:%d/%m/%Y})" for one in rows))
        for school, rows in groupby(ordered, key=lambda one: str(one.division.school))
    ]


def read_by_families(campaign: Campaign, windows: list[PhaseWindow], zone: ZoneInfo) -> list[tuple[str, str]]:
    """CAL-04, from the code of the families' own page."""
    known = tuple(((one.phase, one.kind), Window(one.opens_at, one.closes_at)) for one in windows)
    return openings(replace(FACTS, level=campaign.level, timezone=zone, windows=known))
