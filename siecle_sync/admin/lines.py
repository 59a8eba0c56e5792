"""The lines that somebody has to look at, each school its own: signalled by a night, or waiting here."""

from typing import Any

from django.contrib import admin
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from families.admin_base import ScopeBy, ScopedModelAdmin
from families.models import School
from orientation.admin.register import here
from orientation.models import Dossier
from siecle_sync.admin.wording import KINDS, OUTCOMES, kind_label
from siecle_sync.contract import SENTENCES
from siecle_sync.models import HeldLine, RunLine, RunState


class Rehearsed(admin.SimpleListFilter):
    """What a rehearsal would refuse has not been refused: it is shown when asked for only."""

    title = "nuit"
    parameter_name = "blanc"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("oui", "à blanc")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RunLine]) -> QuerySet[RunLine]:
        if self.value() == "oui":
            return queryset.filter(run__state=RunState.DRY)
        return queryset.exclude(run__state=RunState.DRY)


class Kind(admin.SimpleListFilter):
    """From our own list: asking the lines which kinds there are would read them all."""

    title = "objet"
    parameter_name = "kind"
    choices_of = KINDS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.choices_of.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[RunLine]) -> QuerySet[RunLine]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class Outcome(Kind):
    title = "résultat"
    parameter_name = "outcome"
    choices_of = OUTCOMES


def dossier_of(*, campaign: str, pupil: str) -> Subquery:
    """The dossier that a line is about, or NULL: `pupil` is what Siècle wrote, a number or not."""
    written = Cast("student__siecle_id", CharField())
    rows = Dossier.objects.annotate(written=written).filter(
        campaign=OuterRef(campaign), student__school__uai=OuterRef("uai"), written=OuterRef(pupil)
    )
    return Subquery(rows.values("pk")[:1])


def link(dossier: int | None, words: str) -> str:
    if dossier is None:
        return words or "–"
    where = reverse("admin:orientation_dossier_change", args=[dossier])
    return format_html('<a href="{}" aria-label="Dossier de l’élève {}">{}</a>', where, words, words)


@admin.register(RunLine)
class RunLineAdmin(ScopedModelAdmin):
    """A refused or unprocessed line is about one school, which reads it."""

    scope_by = ScopeBy.UAI
    scope_path = "uai"
    list_display = ["night", "direction", "what", "uai", "pupil", "ine", "became", "code", "sentence"]
    list_display_links = ["night"]
    list_filter = [Rehearsed, "direction", Kind, Outcome]
    list_select_related = ["run"]
    search_fields = ["uai", "eleve_id", "ine", "ref", "code"]
    ordering = ["-run_id", "seq"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunLine]:
        dossier = dossier_of(campaign="run__campaign", pupil="eleve_id")
        return super().get_queryset(request).annotate(dossier=dossier)

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """The page of a run leads to its lines."""
        return lookup in {"run__id__exact", "uai__exact"} or super().lookup_allowed(lookup, value, request)

    @admin.display(description="Nuit du", ordering="run_id")
    def night(self, obj: RunLine) -> str:
        dry = " (à blanc)" if obj.run.state == RunState.DRY else ""
        return f"{obj.run.night_on:%d/%m/%Y}{dry}"

    @admin.display(description="Objet", ordering="kind")
    def what(self, obj: RunLine) -> str:
        return kind_label(obj.kind)

    @admin.display(description="ELEVE_ID", ordering="eleve_id")
    def pupil(self, obj: Any) -> str:
        return link(obj.dossier, obj.eleve_id)

    @admin.display(description="Résultat", ordering="outcome")
    def became(self, obj: RunLine) -> str:
        return OUTCOMES.get(obj.outcome, obj.outcome)


@admin.register(HeldLine)
class HeldLineAdmin(ScopedModelAdmin):
    """Refused for a reason that may cease: examined again each night."""

    scope_by = ScopeBy.UAI
    scope_path = "uai"
    list_display = ["waits_since", "school", "what", "pupil", "division", "code", "why"]
    list_display_links = ["waits_since"]
    list_filter = ["code"]
    search_fields = ["uai", "line__eleve_id", "line__ine"]
    fields = readonly_fields = ["waits_since", "school", "what", "pupil", "division", "code", "why", "seq"]
    ordering = ["since", "seq"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeldLine]:
        name = School.objects.filter(uai=OuterRef("uai")).values("name")
        said = {"line_kind": KT("line__kind"), "line_pupil": KT("line__eleve_id"), "line_class": KT("line__division")}
        rows = super().get_queryset(request).annotate(school_name=Subquery(name), **said)
        return rows.annotate(dossier=dossier_of(campaign="campaign", pupil="line_pupil"))

    @admin.display(description="Depuis", ordering="since")
    def waits_since(self, obj: HeldLine) -> str:
        return here(obj.since)

    @admin.display(description="Établissement", ordering="school_name")
    def school(self, obj: Any) -> str:
        return f"{obj.school_name or ''} {obj.uai}".strip()

    @admin.display(description="Objet", ordering="line_kind")
    def what(self, obj: Any) -> str:
        return kind_label(obj.line_kind or "")

    @admin.display(description="ELEVE_ID", ordering="line_pupil")
    def pupil(self, obj: Any) -> str:
        return link(obj.dossier, obj.line_pupil or "")

    @admin.display(description="Division", ordering="line_class")
    def division(self, obj: Any) -> str:
        return obj.line_class or "–"

    @admin.display(description="Pourquoi elle attend", ordering="code")
    def why(self, obj: HeldLine) -> str:
        return SENTENCES.get(obj.code, obj.code)
