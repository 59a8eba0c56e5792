"""« Exporter »: the requests and answers of a school or of an académie, step by step, as a spreadsheet (SIE-08)."""

from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.models import Academy, Division, Level, School
from families.names import name_key
from families.powers import Power, staff_actor
from ledger import clock
from orientation.actions.school import note_export
from orientation.admin.dashboard_scopes import reach_academy
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
    kind = forms.ChoiceField(
        label="Format",
        choices=[(key, label) for key, (label, _, _) in FORMATS.items()],
        widget=forms.RadioSelect,
        initial="xlsx",
    )


class SchoolExportForm(ExportForm):
    division = forms.ModelChoiceField(
        Division.objects.none(), label="Division", required=False, empty_label="toutes les divisions"
    )
    field_order = ("phase", "division", "kind")

    def __init__(self, data: Any = None, *, divisions: QuerySet[Division]) -> None:
        super().__init__(data)
        self.fields["division"].queryset = divisions  # type: ignore[attr-defined]


class AcademyExportForm(ExportForm):
    level = forms.ChoiceField(label="Niveau", choices=Level.choices, widget=forms.RadioSelect, initial=Level.THIRD)
    field_order = ("phase", "level", "kind")


class SchoolExports(ScopedModelAdmin):
    """The spreadsheets of a school, and of an académie; SchoolAdmin is their door."""

    @admin.display(description="Tableurs")
    def exports(self, obj: School) -> str:
        return format_html('<a href="{}">Exporter</a>', reverse("admin:school_export", args=[obj.pk]))

    def get_urls(self) -> list[Any]:
        academy, school = (self.admin_site.admin_view(one) for one in (self.academy_export_view, self.export_view))
        return [
            path("exporter/<str:academy>/", academy, name="academy_export"),
            path("<path:object_id>/exporter/", school, name="school_export"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """GET: what to choose. POST: the file; who took it away is kept in the history."""
        school = self.reach(request, object_id, Power.READ)
        data = request.POST if request.method == "POST" else None
        form = SchoolExportForm(data, divisions=divisions_of(school))
        if form.is_valid():
            division, phase, kind = (form.cleaned_data[name] for name in ("division", "phase", "kind"))
            noted = {"school": school.uai, "division": division.code if division else ""}
            where = f"{school.uai}-{division.pk}" if division else school.uai
            found = dossiers_of(school, division)
            return exported(request, found, phase, kind, where=where, zone=school.timezone, noted=noted)
        return self._form_page(request, form, {"original": school, "title": f"Exporter\u00a0: {school}"})

    def academy_export_view(self, request: HttpRequest, academy: str) -> HttpResponseBase:
        """For who governs the académie: all its pupils of a level."""
        there = reach_academy(request, academy)
        form = AcademyExportForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            level, phase, kind = (form.cleaned_data[name] for name in ("level", "phase", "kind"))
            where, zone = f"academie-{there.pk}-{level.lower()}", ZoneInfo(there.timezone)
            noted = {"academy": there.pk, "level": level}
            found = dossiers_of_academy(there, level)
            return exported(request, found, phase, kind, where=where, zone=zone, noted=noted)
        return self._form_page(request, form, {"academy": there, "title": f"Exporter\u00a0: {there}"})

    def _form_page(self, request: HttpRequest, form: ExportForm, shown: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "academy": None, **shown}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return rendered(TemplateResponse(request, "admin/orientation/school/export.html", context, status=status))


def divisions_of(school: School) -> QuerySet[Division]:
    return Division.objects.filter(school=school, students__dossiers__isnull=False).distinct().order_by("-year", "code")


@transaction.atomic
def exported(
    request: HttpRequest,
    dossiers: QuerySet[Dossier],
    phase: str,
    kind: str,
    *,
    where: str,
    zone: ZoneInfo,
    noted: dict[str, str],
) -> FileResponse:
    """The whole file is on the disk before it leaves: only what was written to its end is said to be taken away."""
    now, (_, write, media) = clock.now(), FORMATS[kind]
    with ExitStack() as stack:
        file = stack.enter_context(NamedTemporaryFile())
        count = write(Path(file.name), COLUMNS[Phase(phase)], rows(dossiers, phase, now))
        note_export(phase=phase, format=kind, rows=count, by=staff_actor(request.user), **noted)
        stack.pop_all()  # from here, whoever sends it closes it, and it is gone
    name = f"orientation-{where}-{NAMES[Phase(phase)]}-{now.astimezone(zone):%Y-%m-%d}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=media)


def dossiers_of(school: School, division: Division | None) -> QuerySet[Dossier]:
    """Those of the school's latest campaigns, a division after the other, by name."""
    found = Dossier.objects.filter(student__school=school)
    latest = found.order_by("-campaign__year").values("campaign__year")[:1]
    return in_order(found.filter(student__division=division) if division else found.filter(campaign__year=latest))


def dossiers_of_academy(academy: Academy, level: str) -> QuerySet[Dossier]:
    """Those of its schools' pupils, of the latest campaign of this level, a school after the other."""
    latest = academy.campaigns.filter(level=level).order_by("-year").values("year")[:1]
    found = Dossier.objects.filter(student__school__academy=academy, campaign__level=level, campaign__year=latest)
    return in_order(found)


def in_order(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    found = dossiers.select_related("student__division", "student__school")
    return found.order_by("student__school__uai", "student__division__code", name_key("student__"), "pk")
