"""Dossiers: the follow-up list (SIE-06, SIE-07), and the detail with its history."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.html import format_html, format_html_join

from families.admin_base import scoped_action
from families.names import name_key
from families.powers import Power
from ledger import clock
from orientation.admin import reminding
from orientation.admin.dossier_detail import detail
from orientation.admin.follow_up import DivisionFilter, FactsOfThePage, Unreached, Waiting, with_facts
from orientation.admin.journal_export import DossierJournal
from orientation.admin.see_as import visits
from orientation.enums import AnswerKind, DecisionOrigin, OpinionChange
from orientation.models import Dossier
from orientation.unreachable import Reach


def who_when(name: str | None, at: datetime | None, zone: Any) -> str:
    local = at.astimezone(zone) if at else None
    return f"{name or ''}, {local:%d/%m %H:%M}".strip(", ") if local else ""


@admin.register(Dossier)
class DossierAdmin(DossierJournal):
    scope_path = "student__school"
    list_display = ["pupil", "division", "unreached", "intentions", "acknowledged", "choices", "answered", "decided"]
    list_display_links = ["pupil"]
    list_filter = ["student__school", DivisionFilter, Waiting, Unreached]
    list_select_related = ["student__division", "student__school__academy", "campaign__academy"]
    name_path = "student__"
    search_fields = ["student__ine", "student__school__uai"]
    search_help_text = "Nom, prénom, INE, ou UAI de l’établissement"
    ordering = ["student__division__code", name_key("student__"), "pk"]
    show_full_result_count = False
    actions = ["remind"]

    @scoped_action(power=Power.WORK, description="Relancer les familles choisies")
    def remind(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> HttpResponse | None:
        return reminding.remind(self, request, queryset)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[FactsOfThePage]:
        return FactsOfThePage

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_facts(super().get_queryset(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        rows = self.within(Dossier.objects.select_related("campaign", "student__school__academy", "student__division"),
                           request.user, self.view_power)  # fmt: skip
        return rows.filter(pk=object_id).first() if object_id.isdecimal() else None

    @admin.display(description="Élève", ordering=name_key("student__"))
    def pupil(self, obj: Dossier) -> str:
        return f"{obj.student.usage_name or obj.student.family_name} {obj.student.first_name}"

    @admin.display(description="Division", ordering="student__division__code")
    def division(self, obj: Dossier) -> Any:
        return obj.student.division or "–"

    @admin.display(description="Non joignable")
    def unreached(self, obj: Any) -> str:
        """MAI-06: why no letter reaches the family. « – »: they arrive, or nothing is awaited any more."""
        if obj.trouble is None:
            return "–"
        return format_html('<span class="marker warn">✉ {}</span>', Reach(obj.trouble).label)

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
                ("✎ modifiée par l’établissement", getattr(obj, f"{phase}_changed")),
                ("⚑ désaccord", getattr(obj, f"{phase}_contested")),
            )
            if shown
        ]
        shown = format_html_join(" ", '<span class="marker">{}</span>', marks)
        return format_html("{} {}", said, shown) if said or marks else "–"

    @admin.display(description="Accusé", ordering="acknowledged_at")
    def acknowledged(self, obj: Any) -> str:
        if obj.acknowledged_at:
            return who_when(obj.acknowledged_by, obj.acknowledged_at, obj.student.school.timezone)
        if obj.acknowledged_before_at:
            return self._acknowledged_before(obj)
        return "attendu" if obj.opinions_at else "–"

    def _acknowledged_before(self, obj: Any) -> str:
        """OPI-04: what was acknowledged is no longer what stands; the school must tell the family."""
        said = who_when(obj.acknowledged_before_by, obj.acknowledged_before_at, obj.student.school.timezone)
        again = obj.opinions_at and obj.campaign.opinion_change == OpinionChange.AGAIN
        return format_html(
            '{} <span class="marker warn">⚠ avis modifiés après accusé : prévenir la famille</span>{}',
            said,
            " attendu de nouveau" if again else "",
        )

    @admin.display(description="Réponse", ordering="answered_at")
    def answered(self, obj: Any) -> str:
        if obj.answered_at:
            said = who_when(obj.answered_by, obj.answered_at, obj.student.school.timezone)
            waits = f" – attendu : {obj.awaited}" if obj.awaited else ""
            return f"{AnswerKind(obj.answer_kind).label} ({said}){waits}"
        return "attendue" if obj.proposals_at else "–"

    @admin.display(description="Décision", ordering="decision_at")
    def decided(self, obj: Any) -> str:
        if not obj.decision_at:
            return "–"
        return (
            f"{DecisionOrigin(obj.decision_origin).label}, {who_when('', obj.decision_at, obj.student.school.timezone)}"
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        dossier = self.reach(request, object_id, Power.READ)
        asked = (Power.WORK, Power.DECIDE, Power.SEE_AS)
        powers = {one for one in asked if self._contains(request.user, one, dossier)}
        context = {
            **detail(dossier, clock.now(), powers),
            "may_work": Power.WORK in powers,
            "may_see_as": Power.SEE_AS in powers,
            "may_hand_over": self.may_hand_over(request, dossier),
            "visits": visits(dossier, dossier.student.school.timezone),
            "preserved_filters": self.get_preserved_filters(request),
        }
        return self._page(request, dossier, "admin/orientation/dossier/detail.html", context)
