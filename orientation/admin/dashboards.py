"""« Tableau de bord » of a school, of an académie, of the country; « Soirée de clôture » of the first two (SIE-07).

Who is not of the school reads no small figure, nor what would give it away: an académie reads of a school only its line
of the académie's table and its divisions.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.models import Academy, School
from families.powers import PARIS, Power, has_power
from ledger import clock
from orientation.admin import dashboard_parts as parts
from orientation.admin import dashboard_scopes as scopes
from orientation.admin.dashboard_parts import Known, Line
from orientation.admin.dashboard_scopes import least, scope_of
from orientation.admin.school_life import CampaignLife, school_life
from orientation.dates import hour, instant
from orientation.figures import counting, kept
from orientation.figures.counting import Detail, Scope, Step, Unit
from orientation.figures.openings import Opening, current
from orientation.figures.tables import Row
from orientation.models import Campaign

DIVISION, STAYS = "division", "fixe"  # of the address; « fixe »: the page must not refresh itself
SECONDS = 60
READS = ("GET", "HEAD")


class SchoolDashboards(ScopedModelAdmin):
    """The pages; SchoolAdmin is their door."""

    def get_urls(self) -> list[Any]:
        pages = [
            ("tableau-de-bord/", self.country_view, "country_dashboard"),
            ("tableau-de-bord/<str:academy>/", self.academy_view, "academy_dashboard"),
            ("tableau-de-bord/<str:academy>/soiree-de-cloture/", self.academy_evening_view, "academy_evening"),
            ("<path:object_id>/tableau-de-bord/", self.school_view, "school_dashboard"),
            ("<path:object_id>/soiree-de-cloture/", self.school_evening_view, "school_evening"),
        ]
        own = [path(address, self.admin_site.admin_view(view), name=name) for address, view, name in pages]
        return [*own, *super().get_urls()]

    # --- a school -----------------------------------------------------------------------------------------------------
    def school_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method not in READS:
            return HttpResponseNotAllowed(READS)
        school = self.reach(request, object_id, Power.READ)
        life, shown = school_asked(request, school)
        shown |= {
            "title": f"Tableau de bord\u00a0: {school}",
            "evening": reverse("admin:school_evening", args=[school.pk]),
        }
        if life and shown["inside"]:
            shown |= inside_figures(request, school, life)
        elif life:
            shown |= outside_figures(school, life)
        return self._board(request, shown, school.timezone)

    def school_evening_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method not in READS:
            return HttpResponseNotAllowed(READS)
        school = self.reach(request, object_id, Power.READ)
        life, shown = school_asked(request, school)
        shown |= {
            "title": f"Soirée de clôture\u00a0: {school}",
            "board": reverse("admin:school_dashboard", args=[school.pk]),
        }
        opening = current(scopes.openings_of_school(life), clock.now()) if life else None
        if life and opening:
            shown |= school_evening(school, life.campaign, opening.phase, inside=shown["inside"])
        return self._evening(request, shown, opening, school.timezone)

    # --- an académie --------------------------------------------------------------------------------------------------
    def academy_view(self, request: HttpRequest, academy: str) -> HttpResponse:
        if request.method not in READS:
            return HttpResponseNotAllowed(READS)
        where = scopes.reach_academy(request, academy)
        campaign, shown = campaign_asked(request, scopes.latest(where.campaigns.select_related("academy")))
        shown |= {
            "title": f"Tableau de bord\u00a0: {where}",
            "evening": reverse("admin:academy_evening", args=[where.pk]),
            "export": reverse("admin:academy_export", args=[where.pk]),
        }
        if campaign:
            scope, openings = scope_of(campaign, academy=where.pk), scopes.openings_of_academy(campaign)
            found = parts.known(counting.progress(scope, Unit.SCHOOL), least())
            shown |= {"lines": scopes.school_lines(found.rows)} | figures(
                scope, counting.detail(scope), found, openings, least()
            )
        return self._board(request, shown, ZoneInfo(where.timezone))

    def academy_evening_view(self, request: HttpRequest, academy: str) -> HttpResponse:
        if request.method not in READS:
            return HttpResponseNotAllowed(READS)
        where = scopes.reach_academy(request, academy)
        campaign, shown = campaign_asked(request, scopes.latest(where.campaigns.select_related("academy")))
        shown |= {
            "title": f"Soirée de clôture\u00a0: {where}",
            "board": reverse("admin:academy_dashboard", args=[where.pk]),
        }
        opening = current(scopes.openings_of_academy(campaign), clock.now()) if campaign else None
        if campaign and opening:
            found = scopes.evening(scope_of(campaign, academy=where.pk), Unit.SCHOOL, opening.phase, least())
            lines = scopes.school_evening_lines(found.rows, opening.phase)
            shown |= {"lines": lines, "sums": parts.evening_figures(found.sums, opening.phase)}
        return self._evening(request, shown, opening, ZoneInfo(where.timezone))

    # --- the country --------------------------------------------------------------------------------------------------
    def country_view(self, request: HttpRequest) -> HttpResponse:
        if request.method not in READS:
            return HttpResponseNotAllowed(READS)
        if not has_power(request.user, Power.OVERSEE):
            raise PermissionDenied
        campaign, shown = campaign_asked(request, scopes.latest(Campaign.objects.all()))
        shown |= {"title": "Tableau de bord\u00a0: toutes les académies", "unit": "Académie", "country": True}
        if campaign:
            scope = Scope(campaign.year, campaign.level)
            country = kept.of_country(scope)
            found = parts.known(country.rows, least())
            rows = scopes.by_name(found.rows, dict(Academy.objects.values_list("pk", "name")))
            lines = [Line(name, list(row.values())) for _, name, row in rows]
            shown |= {"lines": lines, "computed": instant(country.at, PARIS), "every": kept.EVERY}
            shown |= figures(scope, country.detail, found, [], least())
        return self._board(request, shown, PARIS)

    # --- the pages ----------------------------------------------------------------------------------------------------
    def _board(self, request: HttpRequest, shown: dict[str, Any], zone: ZoneInfo) -> HttpResponse:
        return self._shown_by(request, "board", {"steps": list(Step), **shown}, zone)

    def _evening(
        self, request: HttpRequest, shown: dict[str, Any], opening: Opening | None, zone: ZoneInfo
    ) -> HttpResponse:
        """It refreshes itself as long as the entry is open, unless the reader says no (WCAG 2.2.1)."""
        now = clock.now()
        is_open = opening is not None and opening.is_open(now)
        refreshes = is_open and STAYS not in request.GET
        more = {
            "opening": opening, "is_open": is_open, "refreshes": refreshes, "seconds": SECONDS,
            "since": hour(now - parts.LAST_HOUR, zone),
            "said": opening.said(now, missing=shown["sums"][2].words) if opening else "",
        }  # fmt: skip
        response = self._shown_by(request, "evening", {**more, **shown}, zone)
        if refreshes:
            response.headers["Refresh"] = str(SECONDS)
        return response

    def _shown_by(self, request: HttpRequest, name: str, shown: dict[str, Any], zone: ZoneInfo) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request), "opts": self.opts, "computed": instant(clock.now(), zone),
            "least": least(inside=shown.get("inside", False)), "most": settings.SMALL_GROUP - 1,
        }  # fmt: skip
        with timezone.override(zone):
            template = f"admin/orientation/dashboard/{name}.html"
            return rendered(TemplateResponse(request, template, {**shared, **shown}))


def school_asked(request: HttpRequest, school: School) -> tuple[CampaignLife | None, dict[str, Any]]:
    """The campaign that the address asks for, in this school."""
    lives = school_life(school, clock.now())
    known = [one.campaign.level for one in lives]
    level = scopes.asked_level(known, request)
    life = next((one for one in lives if one.campaign.level == level), None)
    shown = {"original": school, "inside": scopes.is_of(request, school), "unit": "Division"}
    return life, {**shown, **scopes.tabs(known, level), "enabled": life is None or life.enabled}


def campaign_asked(request: HttpRequest, campaigns: list[Campaign]) -> tuple[Campaign | None, dict[str, Any]]:
    known = [one.level for one in campaigns]
    level = scopes.asked_level(known, request)
    campaign = next((one for one in campaigns if one.level == level), None)
    return campaign, {**scopes.tabs(known, level), "unit": "Établissement", "enabled": True}


def figures(scope: Scope, detail: Detail, found: Known, openings: list[Opening], hidden_below: int) -> dict[str, Any]:
    """Everything that a dashboard shows of its sums."""
    phases = parts.phase_parts(scope.level, detail, found.sums, openings, hidden_below, clock.now())
    return {**sums_of(found.sums, openings), "phases": phases}


def sums_of(sums: Row, openings: list[Opening]) -> dict[str, Any]:
    return {
        "sums": list(sums.values()), "picture": parts.progress_picture(sums), "decided": parts.all_decided(sums),
        "state": parts.phase_states(openings, sums, clock.now()) if openings else [],
        "empty": not sums[Step.DOSSIERS].value,
    }  # fmt: skip


def inside_figures(request: HttpRequest, school: School, life: CampaignLife) -> dict[str, Any]:
    """The school reads everything; one division only, if the address says so."""
    names = scopes.division_names(school, life.campaign)
    found = parts.known(counting.progress(scope_of(life.campaign, school=school.pk), Unit.DIVISION), 0)
    asked = next((key for key in names if str(key) == request.GET.get(DIVISION)), None)
    lines = [
        Line(name, list(row.values()), f"?niveau={life.campaign.level}&division={key}" if key else "")
        for key, name, row in scopes.by_name(found.rows, names, parts.NO_DIVISION)
    ]
    read = Known(found.rows.get(asked) or parts.none_of(found.sums), {}) if asked else found
    scope = scope_of(life.campaign, school=school.pk, division=asked)
    shown = {"lines": lines, "asked": names.get(asked or 0), "who": parts.follow_up(school.pk, division=asked)}
    return shown | figures(scope, counting.detail(scope), read, scopes.openings_of_school(life), 0)


def outside_figures(school: School, life: CampaignLife) -> dict[str, Any]:
    names, above = scopes.division_names(school, life.campaign), scopes.progress_from_above(school, life.campaign)
    counts = counting.progress(scope_of(life.campaign, school=school.pk), Unit.DIVISION)
    found = parts.known(counts, least(), sums=above)
    rows = scopes.by_name(found.rows, names, parts.NO_DIVISION)
    lines = [Line(name, list(row.values())) for _, name, row in rows]
    return {"lines": lines, "who": parts.follow_up(school.pk)} | sums_of(found.sums, scopes.openings_of_school(life))


def school_evening(school: School, campaign: Campaign, phase: str, *, inside: bool) -> dict[str, Any]:
    above = None if inside else scopes.evening_from_above(school, campaign, phase)
    scope = scope_of(campaign, school=school.pk)
    found = scopes.evening(scope, Unit.DIVISION, phase, least(inside=inside), above)
    rows = scopes.by_name(found.rows, scopes.division_names(school, campaign), parts.NO_DIVISION)
    lines = [
        Line(
            name,
            parts.evening_figures(row, phase),
            parts.follow_up(school.pk, phase=phase, division=key) if key else "",
        )
        for key, name, row in rows
    ]
    who = parts.follow_up(school.pk, phase=phase)
    return {"lines": lines, "sums": parts.evening_figures(found.sums, phase), "who": who}
