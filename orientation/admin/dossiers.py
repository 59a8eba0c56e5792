"""Dossiers: the follow-up list, the detail with its history, and the two acts of the head (ACC-08, OPI-05)."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.powers import Power, staff_actor
from ledger import clock
from orientation.actions import lift_gate, release_pen
from orientation.admin.calendar_forms import ReasonForm
from orientation.admin.dossier_detail import detail
from orientation.admin.follow_up import DivisionFilter, Waiting, with_facts
from orientation.enums import AnswerKind, DecisionOrigin, Phase
from orientation.models import Dossier
from orientation.reading import load_facts
from orientation.rules import Gate, gate, pen_holder


def who_when(name: str | None, at: datetime | None, zone: Any) -> str:
    local = at.astimezone(zone) if at else None
    return f"{name or ''}, {local:%d/%m %H:%M}".strip(", ") if local else ""


@admin.register(Dossier)
class DossierAdmin(ScopedModelAdmin):
    scope_path = "student__school"
    list_display = ["pupil", "division", "intentions", "acknowledged", "choices", "answered", "decided"]
    list_display_links = ["pupil"]
    list_filter = ["student__school", DivisionFilter, Waiting]
    list_select_related = ["student__division", "student__school__academy", "campaign__academy"]
    search_fields = ["student__family_name", "student__usage_name", "student__first_name", "student__ine"]
    ordering = ["student__division__code", "student__family_name", "student__first_name", "pk"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_facts(super().get_queryset(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        rows = self.within(Dossier.objects.select_related("campaign", "student__school__academy", "student__division"),
                           request.user, self.view_power)  # fmt: skip
        return rows.filter(pk=object_id).first() if object_id.isdecimal() else None

    @admin.display(description="Élève", ordering="student__family_name")
    def pupil(self, obj: Dossier) -> str:
        return f"{obj.student.usage_name or obj.student.family_name} {obj.student.first_name}"

    @admin.display(description="Division", ordering="student__division__code")
    def division(self, obj: Dossier) -> Any:
        return obj.student.division or "–"

    @admin.display(description="Intentions", ordering="provisional_at")
    def intentions(self, obj: Dossier) -> str:
        return self._entered(obj, "provisional")

    @admin.display(description="Choix", ordering="definitive_at")
    def choices(self, obj: Dossier) -> str:
        return self._entered(obj, "definitive")

    def _entered(self, obj: Any, phase: str) -> str:
        said = who_when(getattr(obj, f"{phase}_by"), getattr(obj, f"{phase}_at"), obj.student.school.timezone)
        marks = [
            (words,)
            for words, shown in (
                ("⚠ non traitée", getattr(obj, f"{phase}_late")),
                ("✎ saisie par l’établissement", getattr(obj, f"{phase}_typed")),
            )
            if shown
        ]
        shown = format_html_join(" ", '<span class="marker">{}</span>', marks)
        return format_html("{} {}", said, shown) if said or marks else "–"

    @admin.display(description="Accusé", ordering="acknowledged_at")
    def acknowledged(self, obj: Any) -> str:
        if obj.acknowledged_at:
            return who_when(obj.acknowledged_by, obj.acknowledged_at, obj.student.school.timezone)
        return "attendu" if obj.opinions_at else "–"

    @admin.display(description="Réponse", ordering="answered_at")
    def answered(self, obj: Any) -> str:
        if obj.answered_at:
            said = who_when(obj.answered_by, obj.answered_at, obj.student.school.timezone)
            return f"{AnswerKind(obj.answer_kind).label} ({said})"
        return "attendue" if obj.proposals_at else "–"

    @admin.display(description="Décision", ordering="decision_at")
    def decided(self, obj: Any) -> str:
        if not obj.decision_at:
            return "–"
        return (
            f"{DecisionOrigin(obj.decision_origin).label}, {who_when('', obj.decision_at, obj.student.school.timezone)}"
        )

    def get_urls(self) -> list[Any]:
        own = [
            path("<path:object_id>/liberer/<str:phase>/", self.admin_site.admin_view(self.release_view),
                 name="dossier_release"),
            path("<path:object_id>/lever/", self.admin_site.admin_view(self.lift_view), name="dossier_lift"),
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        dossier = self.reach(request, object_id, Power.READ)
        context = detail(dossier, clock.now(), decides=self._contains(request.user, Power.DECIDE, dossier))
        return self._page(request, dossier, "admin/orientation/dossier/detail.html", context)

    def _page(
        self, request: HttpRequest, dossier: Dossier, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "original": dossier}
        return rendered(TemplateResponse(request, template, {**shared, **context}, status=status))

    def release_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        """The head releases a pen, with a reason; both representatives are told (ACC-08)."""
        dossier = self.reach(request, object_id, Power.DECIDE)
        facts = load_facts(dossier.uuid)
        if phase not in Phase or pen_holder(facts, phase, clock.now()) is None:
            return self._nothing(request, dossier, "Personne ne tient cette saisie : il n’y a rien à libérer.")
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            by = staff_actor(request.user)
            release_pen(dossier=dossier.uuid, phase=phase, reason=form.cleaned_data["reason"], by=by)
            return self._done(request, dossier, "La saisie est libérée. Les représentants légaux sont prévenus.")
        said = (
            f"{facts.pen(phase).name} tient la saisie ({Phase(phase).label}). La saisie validée reste en place ; "
            "le prochain représentant qui validera la tiendra à son tour. Les représentants légaux sont prévenus, "
            "avec votre motif."
        )
        return self._reason_page(request, dossier, form, "Libérer la saisie", said)

    def lift_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The head lets a family choose although no opinion could be acknowledged (OPI-05)."""
        dossier = self.reach(request, object_id, Power.DECIDE)
        if gate(load_facts(dossier.uuid), clock.now()) is not Gate.NOTHING_TO_ACKNOWLEDGE:
            return self._nothing(request, dossier, "L’accusé de réception est possible, donné ou déjà levé.")
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            lift_gate(dossier=dossier.uuid, reason=reason, user=request.user, by=staff_actor(request.user))
            return self._done(request, dossier, "La famille peut saisir ses choix définitifs.")
        said = (
            "Aucun avis n’est publié pour ce dossier : la famille ne peut pas en accuser réception, et la saisie des "
            "choix définitifs lui reste fermée. Vous pouvez lever cette attente. Votre motif est conservé et affiché."
        )
        return self._reason_page(request, dossier, form, "Lever l’attente de l’accusé de réception", said)

    def _reason_page(
        self, request: HttpRequest, dossier: Dossier, form: ReasonForm, title: str, said: str
    ) -> HttpResponse:
        context = {"title": title, "form": form, "said": said}
        status = 422 if form.errors else 200
        return self._page(request, dossier, "admin/orientation/dossier/reason.html", context, status)

    def _done(self, request: HttpRequest, dossier: Dossier, said: str) -> HttpResponse:
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:orientation_dossier_change", args=[dossier.pk]))

    def _nothing(self, request: HttpRequest, dossier: Dossier, said: str) -> HttpResponse:
        messages.error(request, said)
        return HttpResponseRedirect(reverse("admin:orientation_dossier_change", args=[dossier.pk]))
