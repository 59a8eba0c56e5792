"""/admin/bac-a-sable/: the pretended date, and the nights played when it goes forward."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from families.powers import Power, academies_with, has_power, zone_of
from families.staff_inputs import MomentInput
from ledger import clock
from orientation.dates import moment, zone_words
from siecle_sync.models import Run
from siecle_sync.sandbox import GoingBack, advance_to, nights_between

MOST_NIGHTS = 60


class DateForm(forms.Form):
    """Raises its own errors for a date that goes back, or that passes too many nights for one request."""

    at = forms.SplitDateTimeField(label="Avancer jusqu’au", widget=MomentInput)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.nights = now, 0

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if at < self.now:
            raise ValidationError(
                "On ne revient pas en arrière : pour cela, repartez de zéro (« make demo RESET=1 »).", code="GOING_BACK"
            )
        self.nights = len(nights_between(self.now, at))
        if self.nights > MOST_NIGHTS:
            raise ValidationError(
                f"Cela ferait {self.nights} nuits : {MOST_NIGHTS} au plus à la fois. Avancez en plusieurs fois.",
                code="TOO_MANY_NIGHTS",
            )
        return at


def sandbox_page(request: HttpRequest) -> HttpResponse:
    """Ask for a date, say how many nights will run, then run them in order. Superusers and académies, sandbox only."""
    if not settings.SANDBOX:
        raise Http404
    if not has_power(request.user, Power.GOVERN):
        raise PermissionDenied
    form = DateForm(data_of(request), now=clock.now())
    if form.is_valid() and request.POST.get("confirm"):
        return advance(request, form.cleaned_data["at"])
    zone = zone_of(request.user)
    context = {
        **admin.site.each_context(request),
        "title": "Bac à sable",
        "form": form,
        "shown": moment(form.now, zone),
        "zone": zone_words(zone),
        "confirming": form.is_bound and form.is_valid(),
        "asked": moment(form.cleaned_data["at"], zone) if form.is_bound and form.is_valid() else "",
        "runs": Run.objects.filter(academy__in=academies_with(request.user, Power.GOVERN))
        .select_related("campaign__academy")
        .order_by("-pk")[:20],
    }
    return TemplateResponse(request, "admin/siecle_sync/sandbox.html", context, status=422 if form.errors else 200)


def data_of(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def advance(request: HttpRequest, at: datetime) -> HttpResponse:
    """A night that fails leaves the date where it stopped, and says so."""
    said: list[str] = []
    try:
        played = advance_to(at, progress=said.append)
    except (GoingBack, DatabaseError, RuntimeError, OSError) as error:
        where = f" ({said[-1]})" if said else ""
        messages.error(request, f"Arrêt en chemin{where} : {error}")
    else:
        last = f" Dernière : {said[-1].lower()}." if said else ""
        messages.success(request, f"Nuits jouées : {played}.{last}")
    return HttpResponseRedirect(reverse("sandbox"))
