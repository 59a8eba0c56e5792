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
from ledger import clock
from orientation.actions.calendar import extend_window, set_calendar
from orientation.actions.policies import are_frozen, create_campaign, set_policies
from orientation.admin.calendar_forms import ExtensionForm, WindowForm, WindowFormSet
from orientation.admin.calendar_page import calendar_page
from orientation.admin.policies import FREE, FROZEN, NEW, CampaignForm, FrozenCampaignForm, NewCampaignForm, policies_of
from orientation.dates import until, zone_words
from orientation.models import Campaign, Extension, PhaseWindow
from orientation.models.triggers import POLICIES
from orientation.refusals import sentence
from orientation.rules import Refusal, RuleBroken


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
    list_display = ["__str__", "academy", "year", "level"]
    list_filter = ["academy", "year", "level"]
    list_select_related = ["academy"]
    inlines = [WindowInline, ExtensionInline]
    change_form_template = "admin/orientation/campaign/change_form.html"

    def get_form(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> Any:
        """A new campaign is first an académie, a year and a level: its policies are those of the level."""
        form = NewCampaignForm if obj is None else FrozenCampaignForm if are_frozen(obj) else CampaignForm
        return super().get_form(request, obj, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> list[Any]:
        what = (None, {"fields": ["academy", "year", "level"], "description": "" if obj else NEW})
        if obj is None:
            return [what]
        fixed = are_frozen(obj)
        read = fixed or not self.has_change_permission(request, obj)
        rules = {"fields": policies_of(obj.level, frozen=read), "description": FROZEN if fixed else FREE}
        return [what, ("Règles de la campagne", rules)]

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:
        if obj is None:
            return []
        return ["academy", "year", "level", "opinions_read", *(POLICIES if are_frozen(obj) else ())]

    @admin.display(description="Valeurs des avis")
    def opinions_read(self, obj: Campaign) -> str:
        return ", ".join(obj.opinion_values)

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
        context = {**(extra_context or {}), "zone": zone_words(zone), **self._calendar(request, object_id)}
        try:
            self._refuse_stale_page(request, object_id)
            with timezone.override(zone):
                return rendered(super().changeform_view(request, object_id, form_url, context))
        except RuleBroken as broken:
            messages.error(request, f"{sentence(broken.code)} Rien n’est enregistré.")
            return HttpResponseRedirect(request.path)

    def _calendar(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        known = self.get_object(request, object_id) if object_id else None
        return calendar_page(known, user=request.user, now=clock.now()) if known else {}

    def _refuse_stale_page(self, request: HttpRequest, object_id: str | None) -> None:
        """A page opened before the first entry still offers the policies: they are not dropped in silence."""
        if request.method != "POST" or not set(POLICIES) & request.POST.keys():
            return
        known = self.get_object(request, object_id) if object_id else None
        if known and self.has_change_permission(request, known) and are_frozen(known):
            raise RuleBroken(Refusal.POLICIES_FROZEN)

    def _zone(self, request: HttpRequest, object_id: str | None) -> ZoneInfo:
        known = self.get_object(request, object_id) if object_id else None
        return ZoneInfo(known.academy.timezone) if known else ZoneInfo(timezone.get_current_timezone_name())

    def save_model(self, request: HttpRequest, obj: Campaign, form: ModelForm, change: bool) -> None:
        by = staff_actor(request.user)
        if not change:
            create_campaign(campaign=obj, by=by)
            return
        typed = {name: form.cleaned_data[name] for name in form.changed_data if name in POLICIES}
        set_policies(campaign=obj, policies=typed, by=by)

    def response_add(self, request: HttpRequest, obj: Campaign, post_url_continue: str | None = None) -> HttpResponse:
        """The page that follows is the one where its policies and its calendar are set."""
        request.POST = request.POST.copy()
        request.POST["_continue"] = "1"
        return super().response_add(request, obj, post_url_continue)

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
