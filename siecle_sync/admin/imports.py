"""« Importer les fichiers de Siècle »: a school hands its exports in, reads what they would change, then confirms."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from kombu.exceptions import OperationalError

from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.models import Level, School, User
from families.powers import Power, schools_with
from ledger import clock
from orientation.admin.register import here
from siecle_sync import tasks, uploads
from siecle_sync.admin.import_form import UploadForm
from siecle_sync.bee.anomalies import Severity
from siecle_sync.models import ImportState, SiecleImport
from siecle_sync.uploads import UploadRefused

SECONDS = 5  # between two looks at what a worker does
A_PAGE = 100
# what is read, added, changed, no longer there: the first words of the counters, and what the last one is called
KINDS = {
    "pupils": ("Élèves", "vanished"),
    "persons": ("Responsables", ""),
    "links": ("Liens entre un élève et un responsable", "ended"),
    "divisions": ("Divisions", ""),
}
ALONE = {
    "pupils_in_scope": "Élèves concernés par la campagne",
    "pupils_to_decide": "Élèves à examiner par l’établissement",
    "pupils_out": "Élèves hors campagne",
    "pupils_rejected": "Élèves rejetés",
    "dossiers_opened": "Dossiers ouverts",
    "pens_released": "Saisies libérées, parce que la personne ne peut plus agir",
}
STATES = {
    ImportState.READING: "▶",
    ImportState.PREVIEW: "…",
    ImportState.IMPORTING: "▶",
    ImportState.DONE: "✔",
    ImportState.REFUSED: "✖",
    ImportState.DROPPED: "○",
}


@admin.register(SiecleImport)
class SiecleImportAdmin(ScopedModelAdmin):
    """« Imports passés », and the three pages of an import: the files, the preview, the report."""

    scope_path = "school"
    list_display = ["handed_in", "school", "years", "status", "result", "handed_in_by"]
    list_display_links = ["handed_in"]
    list_filter = ["school", "state", "year"]
    list_select_related = ["school", "by"]
    search_fields = ["school__name", "school__uai"]

    def get_urls(self) -> list[Any]:
        pages = [
            ("etablissement/<int:school>/", self.upload_view, "siecle_upload"),
            ("<path:object_id>/confirmer/", self.confirm_view, "siecle_confirm"),
            ("<path:object_id>/abandonner/", self.drop_view, "siecle_drop"),
        ]
        own = [path(address, self.admin_site.admin_view(view), name=name) for address, view, name in pages]
        return [*own, *super().get_urls()]

    @admin.display(description="Déposé", ordering="created_at")
    def handed_in(self, obj: SiecleImport) -> str:
        return here(obj.created_at)

    @admin.display(description="Année", ordering="year")
    def years(self, obj: SiecleImport) -> str:
        return years_of(obj)

    @admin.display(description="État", ordering="state")
    def status(self, obj: SiecleImport) -> str:
        return status_of(obj)

    @admin.display(description="Résultat")
    def result(self, obj: SiecleImport) -> str:
        return result_of(obj)

    @admin.display(description="Déposé par", ordering="by")
    def handed_in_by(self, obj: SiecleImport) -> str:
        return obj.by.get_full_name() or obj.by.get_username()

    def upload_view(self, request: HttpRequest, school: int) -> HttpResponse:
        """The files of one school."""
        where, today = self._worked(request, school), clock.now().date()
        posted = request.method == "POST"
        form = UploadForm(request.POST, request.FILES, today=today) if posted else UploadForm(today=today)
        if posted and form.is_valid():
            return self._hand_in(request, where, form.cleaned_data)
        recent = SiecleImport.objects.filter(school=where).select_related("by").defer("report")
        context = {
            "title": f"Importer les fichiers de Siècle : {where}", "school": where, "form": form, "code": "",
            "busy": recent.filter(state__in=uploads.AT_WORK).first(),
            "preview": recent.filter(state=ImportState.PREVIEW).first(),
            "past": [(one, status_of(one), here(one.created_at)) for one in recent[:5]],
        }  # fmt: skip
        return self._page(request, "import_upload", context, 422 if form.errors else 200)

    def _worked(self, request: HttpRequest, school: int) -> School:
        found = schools_with(request.user, Power.READ).select_related("academy").filter(pk=school).first()
        if found is None:
            raise Http404
        if not schools_with(request.user, Power.WORK).filter(pk=school).exists():
            raise PermissionDenied
        return found

    def _hand_in(self, request: HttpRequest, school: School, typed: dict[str, Any]) -> HttpResponse:
        files = [(one.name, one) for one in typed["files"]]
        try:
            upload = uploads.hand_in(files, school=school, year=typed["year"], user=request.user)
        except UploadRefused as refusal:
            return self._refused(request, refusal, reverse("admin:siecle_upload", args=[school.pk]))
        return self._played(upload)

    def confirm_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        upload = self.reach(request, object_id, Power.WORK)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            return self._played(uploads.confirm(upload.pk, seen=request.POST.get("seen", ""), user=request.user))
        except UploadRefused as refusal:
            return self._refused(request, refusal, page_of(upload.pk))

    def drop_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        upload = self.reach(request, object_id, Power.WORK)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            uploads.drop(upload.pk)
        except UploadRefused as refusal:
            return self._refused(request, refusal, page_of(upload.pk))
        messages.success(request, "Import abandonné. Rien n’a été changé, les fichiers sont effacés.")
        return HttpResponseRedirect(reverse("admin:siecle_upload", args=[upload.school_id]))

    def _played(self, upload: SiecleImport) -> HttpResponse:
        """Small: now. Else by a worker; one that cannot be told finds it within the minute (`sweep_uploads`)."""
        if uploads.is_small(upload):
            uploads.play(upload.pk)
        else:
            hand_out(upload.pk)
        return HttpResponseRedirect(page_of(upload.pk))

    def _refused(self, request: HttpRequest, refusal: UploadRefused, where: str) -> HttpResponse:
        messages.error(request, str(refusal), extra_tags=refusal.code)
        return HttpResponseRedirect(where)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The progress, the preview or the report, whichever it is."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        upload = self.reach(request, object_id, Power.READ)
        working = upload.state in uploads.AT_WORK
        refreshes = working and "fixe" not in request.GET
        response = self._page(request, "import", {
            **described(upload), "working": working, "refreshes": refreshes, "seconds": SECONDS,
            "page": Paginator(lines_of(upload), A_PAGE).get_page(request.GET.get("page")),
            "may_work": self._contains(request.user, Power.WORK, upload),
        })  # fmt: skip
        if refreshes:
            response.headers["Refresh"] = str(SECONDS)
        return response

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return rendered(
            TemplateResponse(request, f"admin/siecle_sync/{name}.html", {**shared, **context}, status=status)
        )


def hand_out(pk: UUID) -> None:
    try:
        tasks.play_upload.delay(str(pk))
    except OperationalError:
        return


def page_of(pk: UUID) -> str:
    return reverse("admin:siecle_sync_siecleimport_change", args=[pk])


def described(upload: SiecleImport) -> dict[str, Any]:
    """What a page says of an import, besides its lines."""
    report = upload.report
    confirmed_by = User.objects.filter(pk=report.get("confirmed_by")).first()
    return {
        "title": f"Import de Siècle : {upload.school}", "upload": upload, "code": report.get("code", ""),
        "status": status_of(upload), "years": years_of(upload),
        "at": here(upload.created_at), "ended": here(upload.done_at), "confirmed_by": confirmed_by,
        "notice": report.get("notice", ""), "files": files_of(upload), "figures": figures_of(report),
        "alone": [(label, report["counts"][name]) for name, label in ALONE.items()] if "counts" in report else [],
        "told": told_of(report), "changed": report.get("changed", False),
        "mefs": [mef_of(one) for one in report.get("mefs", [])],
        "seen": uploads.fingerprint(report) if upload.state == ImportState.PREVIEW else "",
    }  # fmt: skip


def told_of(report: dict[str, Any]) -> dict[str, int]:
    """What is read before the tables; nothing of files that were not read."""
    if "counts" not in report:
        return {}
    counts, lines = report["counts"], report.get("anomalies", [])
    return {
        "added": counts["pupils_created"], "changed": counts["pupils_updated"], "vanished": counts["pupils_vanished"],
        "ended": counts["links_ended"], "to_decide": counts["pupils_to_decide"], "lines": len(lines),
        "grave": sum(Severity[one["severity"]] <= Severity.DECISION for one in lines),
    }  # fmt: skip


def figures_of(report: dict[str, Any]) -> list[tuple[str, list[int | str]]]:
    """For each kind: read, added, changed, unchanged, no longer in the file (« – »: does not apply)."""
    counts = report.get("counts")
    if counts is None:
        return []
    return [(label, _figures(counts, kind, gone)) for kind, (label, gone) in KINDS.items()]


def _figures(counts: dict[str, int], kind: str, gone: str) -> list[int | str]:
    added, changed = counts[f"{kind}_created"], counts[f"{kind}_updated"]
    read = counts.get(f"{kind}_read", "–")
    same: int | str = "–"
    if kind == "pupils":  # the others that are read are not all kept: a person linked to nobody is not
        same = sum(counts[f"pupils_{one}"] for one in ("in_scope", "to_decide", "out")) - added - changed
    return [read, added, changed, same, counts[f"{kind}_{gone}"] if gone else "–"]


def files_of(upload: SiecleImport) -> list[dict[str, Any]]:
    """The files in the order they were given: what each is, or why it is refused; beside them those not looked at."""
    known = {one["name"]: one for one in upload.report.get("files", [])}
    return [
        {"name": one.name, "size": one.size, "kind": "", "refused": None}
        | {name: _shown(name, said) for name, said in known.get(one.name, {}).items()}
        for one in upload.files.defer("content")
    ]


def _shown(name: str, said: Any) -> Any:
    return date.fromisoformat(said) if name == "exported_on" and said else said


def mef_of(one: dict[str, Any]) -> tuple[str, str, int]:
    level = Level(one["level"]).label if one["level"] else "hors campagne"
    return f"{one['code'] or 'sans MEF'} {one['label']}".strip(), level, one["pupils"]


def lines_of(upload: SiecleImport) -> list[dict[str, Any]]:
    return [{**one, "grave": Severity[one["severity"]].label} for one in upload.report.get("anomalies", [])]


def years_of(upload: SiecleImport) -> str:
    return f"{upload.year}-{upload.year + 1}"


def status_of(upload: SiecleImport) -> str:
    return f"{STATES[ImportState(upload.state)]} {upload.get_state_display()}"


def result_of(upload: SiecleImport) -> str:
    counts = upload.report.get("counts")
    if upload.refusal or counts is None or upload.state == ImportState.DROPPED:
        return upload.refusal or "–"
    said = f"{counts['pupils_created']} ajoutés, {counts['pupils_updated']} modifiés sur {counts['pupils_read']} élèves"
    return f"{said} ; à lire : {len(upload.report['anomalies'])}"
