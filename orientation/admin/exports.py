"""« Exporter »: the requests and answers of a school, step by step, as a spreadsheet (SIE-08)."""

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.models import Division, School
from families.names import name_key
from families.powers import Power, staff_actor
from ledger import clock
from orientation.actions.school import note_export
from orientation.enums import Phase
from orientation.exports.columns import COLUMNS
from orientation.exports.csv import write_csv
from orientation.exports.ods import write_ods
from orientation.exports.rows import rows
from orientation.exports.xlsx import write_xlsx
from orientation.models import Dossier

STEPS = {
    Phase.PROVISIONAL: "phase provisoire\u00a0: intentions, avis, accusés de réception",
    Phase.DEFINITIVE: "phase définitive\u00a0: choix, propositions, réponses, désaccords, décisions, appels",
}
NAMES = {Phase.PROVISIONAL: "phase-provisoire", Phase.DEFINITIVE: "phase-definitive"}
FORMATS: dict[str, tuple[str, Any, str]] = {
    "xlsx": (
        "Excel (.xlsx)", write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "ods": ("LibreOffice (.ods)", write_ods, "application/vnd.oasis.opendocument.spreadsheet"),
    "csv": ("texte (.csv)", write_csv, "text/csv; charset=utf-8"),
}  # fmt: skip


class ExportForm(forms.Form):
    phase = forms.ChoiceField(label="Étape", choices=STEPS, widget=forms.RadioSelect, initial=Phase.PROVISIONAL)
    division = forms.ModelChoiceField(
        Division.objects.none(), label="Division", required=False, empty_label="toutes les divisions"
    )
    kind = forms.ChoiceField(
        label="Format",
        choices=[(key, label) for key, (label, _, _) in FORMATS.items()],
        widget=forms.RadioSelect,
        initial="xlsx",
    )

    def __init__(self, data: Any = None, *, divisions: QuerySet[Division]) -> None:
        super().__init__(data)
        self.fields["division"].queryset = divisions  # type: ignore[attr-defined]


class SchoolExports(ScopedModelAdmin):
    """The spreadsheets of a school; SchoolAdmin is their door."""

    @admin.display(description="Tableurs")
    def exports(self, obj: School) -> str:
        return format_html('<a href="{}">Exporter</a>', reverse("admin:school_export", args=[obj.pk]))

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.export_view)
        return [path("<path:object_id>/exporter/", page, name="school_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: what to choose. POST: the file; who took it away is kept in the history."""
        school = self.reach(request, object_id, Power.READ)
        form = ExportForm(request.POST or None, divisions=divisions_of(school))
        if request.method == "POST" and not form.data:
            form = ExportForm({}, divisions=divisions_of(school))
        if form.is_valid():
            return exported(request, school, **form.cleaned_data)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": school, "form": form,
            "title": f"Exporter\u00a0: {school}",
        }  # fmt: skip
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return rendered(TemplateResponse(request, "admin/orientation/school/export.html", context, status=status))


def divisions_of(school: School) -> QuerySet[Division]:
    return Division.objects.filter(school=school, students__dossiers__isnull=False).distinct().order_by("-year", "code")


@transaction.atomic
def exported(request: HttpRequest, school: School, *, phase: str, division: Division | None, kind: str) -> HttpResponse:
    now, (_, write, media) = clock.now(), FORMATS[kind]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "export"
        count = write(file, COLUMNS[Phase(phase)], rows(dossiers_of(school, division), phase, now))
        content = file.read_bytes()
    code = division.code if division else ""
    by = staff_actor(request.user)
    note_export(school=school, phase=phase, division=code, format=kind, rows=count, by=by)
    where = f"{school.uai}-{division.pk}" if division else school.uai
    day = now.astimezone(school.timezone).date()
    name = f"orientation-{where}-{NAMES[Phase(phase)]}-{day:%Y-%m-%d}.{kind}"
    return HttpResponse(content, media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def dossiers_of(school: School, division: Division | None) -> QuerySet[Dossier]:
    """Those of the school's latest campaigns, a division after the other, by name."""
    found = Dossier.objects.filter(student__school=school).select_related("student__division", "student__school")
    latest = Dossier.objects.filter(student__school=school).order_by("-campaign__year").values("campaign__year")[:1]
    found = found.filter(student__division=division) if division else found.filter(campaign__year=latest)
    return found.order_by("student__division__code", name_key("student__"), "pk")
