"""The nights, read-only: an académie's runs, one run, and the whole country's night."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date

from families.models import Academy, User
from families.powers import Power, academies_with, has_power
from ledger import clock
from siecle_sync import charts
from siecle_sync.admin import history, run_detail
from siecle_sync.admin.rehearsals import Rehearsals
from siecle_sync.admin.wording import duration_of, plain_error, state_words
from siecle_sync.models import Run, RunState
from siecle_sync.report import Figures, national_report

STAYS = "fixe"  # in the address: the reader does not want the page to refresh itself
SECONDS = 10


@admin.register(Run)
class RunAdmin(Rehearsals):
    list_display = ["night", "campaign", "went", "lasted", "sent", "received", "refused"]
    list_display_links = ["night"]
    list_filter = ["state", "academy"]
    list_select_related = ["campaign__academy"]
    change_list_template = "admin/siecle_sync/runs.html"
    ordering = ["-night_on", "-pk"]

    def get_urls(self) -> list[Any]:
        own = [path("rapport/", self.admin_site.admin_view(self.report_view), name="night_report")]
        return [*own, *super().get_urls()]

    @admin.display(description="Nuit du", ordering="night_on")
    def night(self, obj: Run) -> str:
        return f"{obj.night_on:%d/%m/%Y}"

    @admin.display(description="État", ordering="state")
    def went(self, obj: Run) -> str:
        return state_words(obj.state, obj.get_state_display())

    @admin.display(description="Durée")
    def lasted(self, obj: Run) -> str:
        duration = duration_of(obj)
        return charts.in_words(duration.total_seconds()) if duration is not None else "–"

    @admin.display(description="Envoyées")
    def sent(self, obj: Run) -> int:
        return Figures.of(obj.counters.get("out")).read

    @admin.display(description="Reçues")
    def received(self, obj: Run) -> int:
        return Figures.of(obj.counters.get("in")).read

    @admin.display(description="Refusées")
    def refused(self, obj: Run) -> int:
        return sum(Figures.of(obj.counters.get(way)).rejected for way in ("out", "in"))

    # --- the list -----------------------------------------------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        stays = self._stays(request)
        seen, today = self.get_queryset(request), timezone.localdate(clock.now())
        nights = history.nights_of(seen, until=today)
        running = history.going_on(seen)
        shown = {
            "nights": nights, "chart": charts.past_nights(nights, until=today), "running": running,
            "refreshes": bool(running) and not stays, "may_report": may_report(request.user),
            "rehearsable": academies_with(request.user, Power.GOVERN) if may_report(request.user) else [],
        }  # fmt: skip
        response = super().changelist_view(request, {**shown, **(extra_context or {})})
        return refreshing(response) if shown["refreshes"] else response

    def _stays(self, request: HttpRequest) -> bool:
        """Django's list knows its own parameters only: take ours out of the address before it looks."""
        asked = request.GET.copy()
        found = asked.pop(STAYS, None)
        request.GET = asked  # type: ignore[assignment]
        return found is not None

    # --- one run ------------------------------------------------------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        run = self.reach(request, object_id, Power.READ)
        governs = self._contains(request.user, Power.GOVERN, run)
        seen, asked = run_detail.rows_seen(run, request.user, governs=governs), run_detail.asked_in(request.GET)
        page, rows = run_detail.page_of(run_detail.matching(seen, run, asked), request.GET.get("page"))
        context = {
            "title": f"Nuit du {run.night_on:%d/%m/%Y}", "run": run, "dry": run.state == RunState.DRY,
            "state": state_words(run.state, run.get_state_display()), "lasted": self.lasted(run),
            "error": plain_error(run.error), "governs": governs, "asked": asked, "page": page, "rows": rows,
            "refreshes": run.state == RunState.RUNNING and STAYS not in request.GET,
            "totals": run_detail.totals(seen), "parts": run_detail.parts_of(run) if governs else [],
        }  # fmt: skip
        response = self._page(request, "run", context)
        return refreshing(response) if context["refreshes"] else response

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).select_related("campaign__academy")

    # --- the whole country --------------------------------------------------------------------------------------------
    def report_view(self, request: HttpRequest) -> HttpResponse:
        """The fan-in of a night: every académie for who oversees them, one's own otherwise."""
        if not may_report(request.user):
            raise PermissionDenied
        night_on = asked_night(request)
        report = national_report(night_on, academies=overseen(request.user))
        readable = set(academies_with(request.user, Power.READ).values_list("pk", flat=True))
        context = {
            "title": "Nuit d’échange, toutes académies", "report": report, "readable": readable,
            "picture": charts.timeline(report.academies, now=clock.now()),
            "rows": [(one, charts.SYMBOLS[one.state], [*map(plain_error, one.errors)]) for one in report.academies],
        }  # fmt: skip
        return self._page(request, "report", context)


def may_report(user: User) -> bool:
    return has_power(user, Power.OVERSEE) or has_power(user, Power.GOVERN)


def overseen(user: User) -> QuerySet[Academy]:
    return Academy.objects.all() if has_power(user, Power.OVERSEE) else academies_with(user, Power.GOVERN)


def asked_night(request: HttpRequest) -> date:
    """The night that the address names; the last one, in Paris, when it names none or nonsense."""
    try:
        asked = parse_date(request.GET.get("nuit", ""))
    except ValueError:  # the 31st of February
        asked = None
    return asked or timezone.localdate(clock.now())


def refreshing(response: HttpResponse) -> HttpResponse:
    """As long as a run goes on; the page says how to stop it (WCAG 2.2.1)."""
    response.headers["Refresh"] = str(SECONDS)
    return response
