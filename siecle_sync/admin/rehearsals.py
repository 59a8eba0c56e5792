"""« Ce que cette nuit ferait »: asked for an académie, played by a worker, told school by school; nothing is sent."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from kombu.exceptions import OperationalError

from families.admin_base import ScopeBy, ScopedModelAdmin
from families.admin_site import rendered
from families.models import Academy
from families.powers import Power, academies_with, has_power
from ledger import clock
from siecle_sync import tasks
from siecle_sync.admin import run_detail
from siecle_sync.admin.wording import plain_error
from siecle_sync.models import Run, RunState
from siecle_sync.night import campaigns_of

SECONDS = 5
PATIENCE = timedelta(minutes=15)  # then the page stops waiting for the worker
KEPT = 10


class Rehearsals(ScopedModelAdmin):
    """The part of the runs' admin that rehearses."""

    scope_by = ScopeBy.ACADEMY
    scope_path = "academy"

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.rehearsal_view)
        return [path("a-blanc/<str:academy>/", page, name="rehearsal"), *super().get_urls()]

    def rehearsal_view(self, request: HttpRequest, academy: str) -> HttpResponse:
        """Ask for a rehearsal, wait for it, read it."""
        where = self._governed(request, academy)
        if request.method == "POST":
            return self._rehearse(request, where)
        since = asked_at(request)
        done = runs_since(where, since)
        campaigns = list(campaigns_of(where))
        late = since is not None and clock.now() - since > PATIENCE
        waiting = since is not None and len(done) < len(campaigns) and not late
        context = {
            "title": "Ce que cette nuit ferait", "academy": where, "waiting": waiting, "late": late and not done,
            "campaigns": campaigns, "done": done, "told": [told(run) for run in done],
            "past": Run.objects.filter(academy=where, state=RunState.DRY).select_related("campaign__academy")[:KEPT],
        }  # fmt: skip
        response = self._page(request, "rehearsal", context)
        if waiting:
            response.headers["Refresh"] = str(SECONDS)
        return response

    def _governed(self, request: HttpRequest, code: str) -> Academy:
        if not has_power(request.user, Power.GOVERN):
            raise PermissionDenied
        found = academies_with(request.user, Power.GOVERN).filter(pk=code).first()
        if found is None:
            raise Http404
        return found

    def _rehearse(self, request: HttpRequest, academy: Academy) -> HttpResponse:
        page = reverse("admin:rehearsal", args=[academy.pk])
        now = clock.now()
        try:
            tasks.rehearse.delay(academy.pk)
        except OperationalError:
            messages.error(request, "Le travail de fond ne répond pas\u00a0: réessayez dans quelques minutes.")
            return HttpResponseRedirect(page)
        return HttpResponseRedirect(f"{page}?depuis={now:%Y-%m-%dT%H:%M:%SZ}")

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return rendered(TemplateResponse(request, f"admin/siecle_sync/{name}.html", {**shared, **context}))


def asked_at(request: HttpRequest) -> datetime | None:
    try:
        asked = parse_datetime(request.GET.get("depuis", ""))
    except ValueError:
        return None
    return asked if asked and asked.tzinfo else None


def runs_since(academy: Academy, since: datetime | None) -> list[Run]:
    """The last rehearsal of each campaign that ended since it was asked for; without a date, the last of all."""
    rows = Run.objects.filter(academy=academy, state=RunState.DRY, ended_at__isnull=False)
    if since is not None:
        rows = rows.filter(started_at__gte=since)
    rows = rows.select_related("campaign__academy").order_by("campaign_id", "-pk").distinct("campaign_id")
    return sorted(rows, key=lambda run: run.campaign.level)


def told(run: Run) -> dict[str, Any]:
    """What a rehearsal says on this page: its sums, and its first schools."""
    seen = run.schools.order_by("uai", "-direction")
    page, rows = run_detail.page_of(seen, 1)
    return {
        "run": run, "totals": run_detail.totals(seen), "page": page, "rows": rows, "error": plain_error(run.error),
    }  # fmt: skip
