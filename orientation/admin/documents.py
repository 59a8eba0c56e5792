"""The documents that a school prints: the sheets of a pupil or of a division, the appeal form, the flyers (SIE-09)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from families.admin_site import rendered
from families.models import Division, School
from families.paper import as_pdf
from families.powers import Power
from ledger import clock
from orientation.admin.dossier_acts import DossierActs
from orientation.admin.exports import SchoolExports
from orientation.admin.school_life import CampaignLife, PhaseLife, school_life
from orientation.dates import day, instant, last_moment, moment
from orientation.documents.appeal import appeal_form, may_be_filed
from orientation.documents.attestation import digest, in_fours
from orientation.documents.flyer import UNKNOWN, Dates, Flyer, flyer
from orientation.documents.pdf import appeal_pdf, flyer_pdf, sheets_pdf
from orientation.documents.sheet import TITLE, sheet
from orientation.documents.words import where
from orientation.enums import Phase, WindowKind
from orientation.models import ClassCouncil, Dossier
from orientation.reading import load_facts, load_many

READING = ("GET", "HEAD")


class DossierDocuments(DossierActs):
    """The documents of one pupil."""

    def get_urls(self) -> list[Any]:
        pages = [
            ("", self.documents_view, "dossier_documents"),
            ("fiche/", self.sheet_view, "dossier_sheet"),
            ("appel/", self.appeal_form_view, "dossier_appeal_form"),
        ]
        own = [
            path(f"<path:object_id>/documents/{address}", self.admin_site.admin_view(view), name=name)
            for address, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def documents_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What can be printed, and the digest of each version: that of a true attestation is among them."""
        dossier = self.reach(request, object_id, Power.READ)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        facts = load_facts(dossier.uuid)
        context = {
            "title": f"Documents\u00a0: {facts.student_name}",
            "may_appeal": may_be_filed(facts, clock.now()),
            "versions": [
                {
                    "phase": Phase(one.phase).label, "version": one.version, "author": one.author_name,
                    "at": instant(one.at, facts.timezone), "digest": in_fours(digest(facts, one)),
                }
                for one in facts.submissions
            ],
        }  # fmt: skip
        return self._page(request, dossier, "admin/orientation/dossier/documents.html", context)

    def sheet_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        dossier = self.reach(request, object_id, Power.READ)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        said = sheet(load_facts(dossier.uuid), where(dossier), clock.now(), family=False)
        return as_pdf(sheets_pdf([said]), f"fiche-de-dialogue-{dossier.student.siecle_id}")

    def appeal_form_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        dossier = self.reach(request, object_id, Power.READ)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        facts, now = load_facts(dossier.uuid), clock.now()
        if not may_be_filed(facts, now):
            return self._nothing(request, dossier, "Il n’y a pas de décision dont on puisse faire appel aujourd’hui.")
        return as_pdf(appeal_pdf(appeal_form(facts, where(dossier), now)), f"appel-{dossier.student.siecle_id}")


class SchoolDocuments(SchoolExports):
    """The documents of a whole division, and the flyers of the school."""

    @admin.display(description="À imprimer")
    def documents(self, obj: School) -> str:
        return format_html('<a href="{}">Documents</a>', reverse("admin:school_documents", args=[obj.pk]))

    def get_urls(self) -> list[Any]:
        pages: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("", self.school_documents_view, "school_documents"),
            ("fiches/<int:division>/", self.sheets_view, "school_sheets"),
            ("affiche/<int:campaign>/<str:phase>/", self.flyer_view, "school_flyer"),
        ]
        own = [
            path(f"<path:object_id>/documents/{address}", self.admin_site.admin_view(view), name=name)
            for address, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def school_documents_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        school = self.reach(request, object_id, Power.READ)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": school,
            "title": f"Documents à imprimer\u00a0: {school}",
            "divisions": divisions_to_print(school),
            "lives": school_life(school, clock.now()),
        }
        return rendered(TemplateResponse(request, "admin/orientation/school/documents.html", context))

    def sheets_view(self, request: HttpRequest, object_id: str, division: int) -> HttpResponse:
        """The sheets of a whole division, a pupil each on pages of their own."""
        school = self.reach(request, object_id, Power.READ)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        found = school.divisions.filter(pk=division).first()
        rows = printed_dossiers(found) if found else []
        if not rows:
            raise Http404
        facts, now = load_many([one.uuid for one in rows]), clock.now()
        said = [sheet(facts[one.uuid], where(one), now, family=False) for one in rows]
        return as_pdf(sheets_pdf(said, title=f"{TITLE}, {found.code}"), f"fiches-de-dialogue-{school.uai}-{found.pk}")

    def flyer_view(self, request: HttpRequest, object_id: str, campaign: int, phase: str) -> HttpResponse:
        school = self.reach(request, object_id, Power.READ)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        lives = school_life(school, clock.now())
        life = next((one for one in lives if one.campaign.pk == campaign and phase in Phase), None)
        if life is None:
            raise Http404
        name = "intentions" if phase == Phase.PROVISIONAL else "choix"
        return as_pdf(flyer_pdf(flyer_of(life, phase)), f"affiche-{name}-{life.campaign.level.lower()}-{school.uai}")


def divisions_to_print(school: School) -> list[Division]:
    """Those of the school's latest year where somebody has a dossier, with how many of them (`pupils`)."""
    rows = Division.objects.filter(school=school, students__dossiers__isnull=False, students__scope="IN_SCOPE")
    found = list(rows.annotate(pupils=Count("students", distinct=True)).order_by("-year", "code"))
    return [one for one in found if one.year == found[0].year]


def printed_dossiers(division: Division) -> list[Dossier]:
    rows = Dossier.objects.filter(
        student__division=division, student__scope="IN_SCOPE", campaign__year=division.year
    ).select_related("campaign", "student__division", "student__school__academy")
    return list(rows.order_by("student__family_name", "student__first_name", "pk"))


def flyer_of(life: CampaignLife, phase: str) -> Flyer:
    """The flyer of a phase, with the school's own dates: extensions and early closing included (CAL-09)."""
    of_phase = next(one for one in life.phases if one.phase == phase)
    councils = ClassCouncil.objects.filter(campaign=life.campaign, phase=phase, division__school=of_phase.school)
    councils = councils.filter(division__students__dossiers__campaign=life.campaign).select_related("division")
    days = tuple(
        (one.division.code, day(one.held_on) if one.held_on else UNKNOWN)
        for one in councils.order_by("division__code").distinct()
    )
    return flyer(of_phase.school, life.campaign.level, phase, dates_of(of_phase), days, settings.PUBLIC_URL)


def dates_of(life: PhaseLife) -> Dates:
    zone, read = life.school.timezone, life.windows.get(WindowKind.CONSULTATION)
    known: dict[str, Any] = {}
    if life.entry:
        known = {
            "opens": moment(life.entry.opens_at, zone),
            "closes": life.deadline.removeprefix("jusqu’au "),
            "longer": () if life.closes_at else tuple(life.longer_for(WindowKind.ENTRY)),
        }
    if read:
        end = life.ends_at(WindowKind.CONSULTATION)
        known |= {"read_from": moment(read.opens_at, zone), "read_until": last_moment(end, zone)}
    return Dates(**known)
