"""The nights, read-only: an académie's runs, and the lines that somebody has to look at, each school its own."""

from django.contrib import admin

from families.admin_base import ScopeBy, ScopedModelAdmin
from siecle_sync.models import Run, RunLine


@admin.register(Run)
class RunAdmin(ScopedModelAdmin):
    scope_by = ScopeBy.ACADEMY
    scope_path = "academy"
    list_display = ["night_on", "campaign", "state", "counted", "ended_at"]
    list_filter = ["state", "academy"]
    list_select_related = ["campaign__academy"]
    fields = [
        "academy", "campaign", "night_on", "state", "started_at", "ended_at", "counters", "cursor", "deposit", "error",
    ]  # fmt: skip
    ordering = ["-pk"]

    @admin.display(description="Compteurs")
    def counted(self, obj: Run) -> str:
        return obj.summary


@admin.register(RunLine)
class RunLineAdmin(ScopedModelAdmin):
    """A refused or unprocessed line is about one school, which reads it."""

    scope_by = ScopeBy.UAI
    scope_path = "uai"
    list_display = ["night", "direction", "kind", "uai", "eleve_id", "ine", "outcome", "code", "sentence"]
    list_filter = ["direction", "kind", "outcome", "code"]
    list_select_related = ["run"]
    search_fields = ["uai", "eleve_id", "ine", "ref"]
    ordering = ["-run_id", "seq"]
    show_full_result_count = False

    @admin.display(description="Nuit du", ordering="run_id")
    def night(self, obj: RunLine) -> str:
        return f"{obj.run.night_on:%d/%m/%Y}"
