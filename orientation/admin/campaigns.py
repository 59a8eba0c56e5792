"""The académie's page: the policies, the calendar and its extensions (CAL-01…03). Schools read it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from families.admin_base import ScopeBy, ScopedInline, ScopedModelAdmin
from families.admin_site import rendered
from families.powers import Power, staff_actor
from ledger import clock, journal
from orientation.actions.calendar import extend_window, set_calendar
from orientation.admin.calendar_forms import CampaignForm, ExtensionForm, WindowForm, WindowFormSet
from orientation.dates import until, zone_words
from orientation.models import Campaign, Extension, PhaseWindow


class WindowInline(ScopedInline):
    model = PhaseWindow
    form = WindowForm
    formset = WindowFormSet
    scope_by = ScopeBy.ACADEMY
    scope_path = "campaign__academy"
    add_power = change_power = Power.GOVERN
    max_num = 4

    def get_extra(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> int:
        return 4 - (obj.windows.count() if obj else 0)


class ExtensionInline(ScopedInline):
    model = Extension
    scope_by = ScopeBy.ACADEMY
    scope_path = "campaign__academy"
    fields = ["phase", "kind", "school", "division", "closes_at", "reason", "at", "by"]


@admin.register(Campaign)
class CampaignAdmin(ScopedModelAdmin):
    scope_by = ScopeBy.ACADEMY
    scope_path = "academy"
    add_power = change_power = Power.GOVERN
    form = CampaignForm
    list_display = ["__str__", "academy", "year", "level"]
    list_filter = ["academy", "year", "level"]
    list_select_related = ["academy"]
    inlines = [WindowInline, ExtensionInline]
    change_form_template = "admin/orientation/campaign/change_form.html"
    fieldsets = [
        (None, {"fields": ["academy", "year", "level"]}),
        ("Règles de la campagne", {"fields": [
            "max_choices", "free_text", "acknowledgement_by", "opinion_change", "objection", "answered_by",
            "acceptances", "recap_to", "recap_when", "opinion_values", "specialties", "specialties_if_outside",
        ]}),
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:
        return ["academy", "year", "level"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Campaign | None) -> list[Any]:
        """The calendar is typed once the académie is known: its time zone is."""
        return self.inlines if obj else []

    def get_urls(self) -> list[Any]:
        own = path(
            "<path:object_id>/prolonger/",
            self.admin_site.admin_view(self.extend_view),
            name="orientation_campaign_extend",
        )
        return [own, *super().get_urls()]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Dates are typed and read in the time zone of the campaign's académie (CAL-02)."""
        zone = self._zone(request, object_id)
        context = {**(extra_context or {}), "zone": zone_words(zone)}
        with timezone.override(zone):
            return rendered(super().changeform_view(request, object_id, form_url, context))

    def _zone(self, request: HttpRequest, object_id: str | None) -> ZoneInfo:
        known = self.get_object(request, object_id) if object_id else None
        return ZoneInfo(known.academy.timezone) if known else ZoneInfo(timezone.get_current_timezone_name())

    def save_model(self, request: HttpRequest, obj: Campaign, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        said = {name: form.cleaned_data[name] for name in form.changed_data if name != "academy"}
        journal.write(
            verb="campaign_changed" if change else "campaign_created", by=staff_actor(request.user), at=clock.now(),
            academy=obj.academy_id, year=obj.year, level=obj.level, changed=said,
        )  # fmt: skip

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        if isinstance(formset, WindowFormSet) and formset.has_changed():
            set_calendar(campaign=form.instance, windows=formset.windows(), by=staff_actor(request.user))

    def extend_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """CAL-03: one recorded act, which widens only."""
        campaign = self.reach(request, object_id, Power.GOVERN)
        zone = ZoneInfo(campaign.academy.timezone)
        with timezone.override(zone):
            form = ExtensionForm(request.POST or None, campaign=campaign, now=clock.now())
            if form.is_valid():
                return self._extend(request, campaign, form.cleaned_data, zone)
            context = {
                **self.admin_site.each_context(request), "opts": self.opts, "original": campaign, "form": form,
                "title": "Prolonger une fenêtre", "zone": zone_words(zone),
            }  # fmt: skip
            return rendered(
                TemplateResponse(
                    request, "admin/orientation/campaign/extend.html", context, status=422 if form.errors else 200
                )
            )

    def _extend(self, request: HttpRequest, campaign: Campaign, data: dict[str, Any], zone: ZoneInfo) -> HttpResponse:
        with transaction.atomic():
            extend_window(campaign=campaign, user=request.user, by=staff_actor(request.user), **data)
        messages.success(request, f"Fenêtre prolongée {until(data['closes_at'], zone)}. Les familles sont prévenues.")
        return HttpResponseRedirect(reverse("admin:orientation_campaign_change", args=[campaign.pk]))
