"""« Vie de l’établissement »: the calendar, the school's own closings, the service (CAL-03, CAL-05, CAL-09, P2G-02)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from families.models import School
from orientation.admin.calendar_forms import ClosingForm
from orientation.admin.offer_form import OfferForm
from orientation.dates import day, moment, until
from orientation.enums import Phase, WindowKind
from orientation.models import (
    Campaign,
    ClassCouncil,
    Extension,
    PhaseWindow,
    SchoolClosing,
    ServiceSwitch,
    SpecialtyOffer,
)
from orientation.pathways import SPECIALTY_NAMES, pathways_of
from orientation.wording import phase_title


@dataclass
class PhaseLife:
    """One phase in one school. `ends_at` counts the extensions for the académie and for this school."""

    campaign: Campaign
    school: School
    phase: str
    windows: dict[str, PhaseWindow]
    extensions: list[Extension]
    closing: SchoolClosing | None
    form: ClosingForm | None = None

    @property
    def title(self) -> str:
        return phase_title(self.phase, self.school)

    @property
    def entry(self) -> PhaseWindow | None:
        return self.windows.get(WindowKind.ENTRY)

    def ends_at(self, kind: str) -> datetime:
        own = [one.closes_at for one in self.extensions if one.kind == kind and one.division_id is None]
        return max(self.windows[kind].closes_at, *own) if own else self.windows[kind].closes_at

    @property
    def closes_at(self) -> datetime | None:
        return self.closing.closes_at if self.closing else None

    @property
    def deadline(self) -> str:
        """What the families read (CAL-09)."""
        end = self.ends_at(WindowKind.ENTRY)
        return until(min(end, self.closes_at) if self.closes_at else end, self.school.timezone)

    @property
    def calendar(self) -> list[dict[str, Any]]:
        zone = self.school.timezone
        return [
            {
                "label": WindowKind(kind).label.capitalize(),
                "opens": moment(window.opens_at, zone),
                "closes": until(self.ends_at(kind), zone),
                "extended": self.ends_at(kind) > window.closes_at,
                "divisions": self.longer_for(kind),
            }
            for kind, window in self.windows.items()
        ]

    def longer_for(self, kind: str) -> list[str]:
        """The divisions that have more time than the school: « 3 A : jusqu’au … »."""
        end, zone = self.ends_at(kind), self.school.timezone
        longer = {
            one.division.code: one.closes_at
            for one in sorted(self.extensions, key=lambda one: one.closes_at)
            if one.kind == kind and one.division and one.closes_at > end
        }
        return [f"{code} : {until(closes_at, zone)}" for code, closes_at in sorted(longer.items())]

    def closing_form(self, now: datetime, data: Any = None) -> ClosingForm | None:
        if self.entry is None:
            return None
        return ClosingForm(
            data, opens_at=self.entry.opens_at, ends_at=self.ends_at(WindowKind.ENTRY), now=now,
            initial={"closes_at": self.closes_at}, prefix=f"{self.campaign.pk}-{self.phase}",
        )  # fmt: skip


@dataclass
class CampaignLife:
    campaign: Campaign
    phases: list[PhaseLife]
    switch: ServiceSwitch | None
    offer: SpecialtyOffer | None = None
    councils: list[dict[str, Any]] = field(default_factory=list)

    @property
    def enabled(self) -> bool:
        return self.switch is None or self.switch.enabled

    @property
    def asks_offer(self) -> bool:
        """P2G-02: the specialty subjects are those of 1re générale."""
        return any(one.asks_specialties for one in pathways_of(self.campaign.level))

    @property
    def offered(self) -> list[str]:
        """Empty when the school has not said."""
        return [SPECIALTY_NAMES.get(code, code) for code in self.offer.specialties] if self.offer else []

    @property
    def offer_form(self) -> OfferForm:
        return OfferForm(initial={"specialties": self.offer.specialties if self.offer else []})

    @property
    def switched(self) -> str:
        """Who switched the service last, and when."""
        if self.switch is None:
            return ""
        return f"{moment(self.switch.at, self.switch.school.timezone)}, par {self.switch.by.get_full_name()}".strip()


def school_life(school: School, now: datetime) -> list[CampaignLife]:
    """The campaigns of its latest year that concern a pupil of the school (all of them before the first import)."""
    campaigns = list(
        Campaign.objects.filter(academy=school.academy_id).select_related("academy").order_by("-year", "level")
    )
    campaigns = [one for one in campaigns if one.year == campaigns[0].year]
    levels = set(school.students.filter(year=campaigns[0].year).values_list("level", flat=True)) if campaigns else set()
    return [campaign_life(one, school, now) for one in campaigns if not levels or one.level in levels]


def campaign_life(campaign: Campaign, school: School, now: datetime) -> CampaignLife:
    windows = list(campaign.windows.order_by("opens_at"))
    extensions = [
        one for one in campaign.extensions.select_related("division")
        if one.school_id in (None, school.pk) and (one.division is None or one.division.school_id == school.pk)
    ]  # fmt: skip
    closings = campaign.closings.filter(school=school).order_by("phase", "-pk").distinct("phase")
    last = {one.phase: one for one in closings}
    phases = [
        PhaseLife(
            campaign, school, phase, {one.kind: one for one in windows if one.phase == phase},
            [one for one in extensions if one.phase == phase], last.get(phase),
        )
        for phase in Phase
    ]  # fmt: skip
    for phase in phases:
        phase.form = phase.closing_form(now)
    switch = campaign.switches.filter(school=school).select_related("school__academy", "by").order_by("-pk").first()
    offer = campaign.offers.filter(school=school).order_by("-pk").first()
    return CampaignLife(campaign, phases, switch, offer, councils_of(campaign, school))


def councils_of(campaign: Campaign, school: School) -> list[dict[str, Any]]:
    rows = ClassCouncil.objects.filter(campaign=campaign, division__school=school).select_related("division")
    return [
        {
            "division": one.division.code,
            "phase": Phase(one.phase).label,
            "held_on": day(one.held_on) if one.held_on else "date non indiquée",
            "opened": moment(one.opened_at, school.timezone) if one.opened_at else "",
        }
        for one in rows.order_by("held_on", "division__code")
    ]
