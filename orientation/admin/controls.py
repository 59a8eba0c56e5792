"""« Contrôles » : what the nightly check found, each school and académie for its own dossiers (ACC-06)."""

from typing import Any

from django.contrib import admin
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from families.admin_base import ScopedModelAdmin
from families.models import User
from families.powers import Power, has_power, schools_with
from orientation.admin.register import here
from orientation.models import Dossier, InvariantRun

# how many offences of a run are about dossiers of these schools
OWN = """
(SELECT count(*) FROM jsonb_array_elements(orientation_invariantrun.violations) AS v
 JOIN orientation_dossier d ON d.uuid = (v->>'dossier')::uuid JOIN families_student s ON s.id = d.student_id
 WHERE s.school_id = ANY(%s))
"""
ALL = "jsonb_array_length(orientation_invariantrun.violations)"


@admin.register(InvariantRun)
class ControlAdmin(ScopedModelAdmin):
    """Everybody reads that the check was made; what it found, only for their own dossiers."""

    list_display = ["when", "until", "state", "found"]
    list_display_links = ["when"]
    fields = readonly_fields = ["when", "until", "state", "offences"]
    ordering = ["-started_at"]

    def within(self, queryset: QuerySet[Any], user: User, power: Power) -> QuerySet[Any]:
        return queryset if has_power(user, power) else queryset.none()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        own = [*schools_with(request.user, self.view_power).values_list("pk", flat=True)]
        sql, params = (ALL, []) if request.user.is_superuser else (OWN, [own])
        counted = RawSQL(sql, params, output_field=IntegerField())  # noqa: S611 (our own constants)
        return super().get_queryset(request).annotate(own=counted)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        run = super().get_object(request, object_id, from_field)
        if run is not None:
            run.shown = self._shown(run, request.user)
        return run

    def _shown(self, run: InvariantRun, user: User) -> list[tuple[str, str, int | None]]:
        """(invariant, sentence, dossier or None) of what this user may read."""
        rows = Dossier.objects.filter(uuid__in=[one["dossier"] for one in run.violations if one["dossier"]])
        if not user.is_superuser:
            rows = rows.filter(student__school__in=schools_with(user, self.view_power))
        known = {str(uuid): pk for uuid, pk in rows.values_list("uuid", "pk")}
        told = [(one["invariant"], one["sentence"], known.get(one["dossier"])) for one in run.violations]
        return told if user.is_superuser else [one for one in told if one[2] is not None]

    @admin.display(description="Commencé", ordering="started_at")
    def when(self, obj: InvariantRun) -> str:
        return here(obj.started_at)

    @admin.display(description="Terminé", ordering="ended_at")
    def until(self, obj: InvariantRun) -> str:
        return here(obj.ended_at) or "–"

    @admin.display(description="État")
    def state(self, obj: InvariantRun) -> str:
        return "terminé" if obj.ended_at else "inachevé\u00a0: le contrôle a échoué"

    @admin.display(description="Écarts", ordering="own")
    def found(self, obj: Any) -> str:
        return str(obj.own) if obj.own else "aucun"

    @admin.display(description="Écarts")
    def offences(self, obj: Any) -> str:
        if not obj.shown:
            return "Aucun écart."
        lines = [(invariant, sentence, _link(pk)) for invariant, sentence, pk in obj.shown]
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}\u00a0: {} {}</li>", lines))


def _link(dossier: int | None) -> str:
    if dossier is None:
        return ""
    return format_html('<a href="{}">Voir le dossier</a>', reverse("admin:orientation_dossier_change", args=[dossier]))
