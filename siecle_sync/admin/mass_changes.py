"""« À confirmer »: a school whose opinions would change or vanish in an absurd share. The académie says."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from families.admin_base import ScopeBy, ScopedModelAdmin
from families.admin_site import rendered
from families.models import School
from families.powers import Power
from orientation.admin.register import here
from siecle_sync.admin import would_change
from siecle_sync.mass_changes import AlreadySettled, settle
from siecle_sync.models import MassChange, Verdict

DONE = {
    Verdict.TAKE: "Changement confirmé\u00a0: les lignes seront prises la nuit prochaine.",
    Verdict.REFUSE: "Changement refusé\u00a0: les avis en vigueur restent. L’établissement doit corriger dans Siècle.",
}


class Settled(admin.SimpleListFilter):
    title = "décision"
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("attendue", "à confirmer"), ("prise", "décidés")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MassChange]) -> QuerySet[MassChange]:
        match self.value():
            case "attendue":
                return queryset.filter(verdict="")
            case "prise":
                return queryset.exclude(verdict="")
        return queryset


class VerdictForm(forms.Form):
    """Take the lines or refuse them, for a reason, and sure of it."""

    verdict = forms.ChoiceField(choices=Verdict, widget=forms.HiddenInput)
    up_to = forms.IntegerField(widget=forms.HiddenInput)  # what the person was shown
    reason = forms.CharField(label="Motif", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    confirm = forms.BooleanField(label="J’ai vérifié auprès de l’établissement")


@admin.register(MassChange)
class MassChangeAdmin(ScopedModelAdmin):
    scope_by = ScopeBy.UAI
    scope_path = "uai"
    view_power = Power.GOVERN
    list_display = ["school", "campaign", "share", "found", "settled"]
    list_display_links = ["school"]
    list_filter = [Settled]
    list_select_related = ["campaign__academy", "decided_by"]
    search_fields = ["uai"]
    ordering = ["verdict", "-found_at", "-pk"]  # no verdict comes first

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.settle_view)
        return [path("<path:object_id>/decider/", page, name="mass_change_settle"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MassChange]:
        name = School.objects.filter(uai=OuterRef("uai")).values("name")
        return super().get_queryset(request).annotate(school_name=Subquery(name))

    @admin.display(description="Établissement", ordering="school_name")
    def school(self, obj: Any) -> str:
        return f"{obj.school_name or ''} {obj.uai}".strip()

    @admin.display(description="Avis qui changeraient")
    def share(self, obj: MassChange) -> str:
        return f"{obj.touched} sur {obj.standing}"

    @admin.display(description="Constaté", ordering="found_at")
    def found(self, obj: MassChange) -> str:
        return here(obj.found_at)

    @admin.display(description="Décision", ordering="verdict")
    def settled(self, obj: MassChange) -> str:
        return f"{obj.get_verdict_display()}, {obj.decided_by}" if obj.verdict else "⚠ à confirmer"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, self.reach(request, object_id, Power.GOVERN), VerdictForm(label_suffix=""))

    def settle_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        change = self.reach(request, object_id, Power.GOVERN)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = VerdictForm(request.POST, label_suffix="")
        if not form.is_valid():
            return self._page(request, change, form, 422)
        verdict, reason = form.cleaned_data["verdict"], form.cleaned_data["reason"]
        change.up_to = form.cleaned_data["up_to"]
        try:
            settle(change, verdict=verdict, reason=reason, by=request.user)
        except AlreadySettled:
            messages.warning(
                request, "Quelqu’un a déjà décidé, ou d’autres lignes sont arrivées depuis. Rien n’est changé."
            )
        else:
            messages.success(request, DONE[Verdict(verdict)])
        return HttpResponseRedirect(reverse("admin:siecle_sync_masschange_change", args=[change.pk]))

    def _page(self, request: HttpRequest, change: Any, form: VerdictForm, status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request), "opts": self.opts,
            "title": f"Changement massif\u00a0: {self.school(change)}",
            "change": change, "form": form, "percent": round(100 * change.touched / max(change.standing, 1)),
            "found": here(change.found_at), "decided": here(change.decided_at), "kinds": would_change.by_kind(change),
            "councils": would_change.councils(change), "examples": would_change.examples(change),
        }  # fmt: skip
        page = TemplateResponse(request, "admin/siecle_sync/mass_change.html", context, status=status)
        return rendered(page)
