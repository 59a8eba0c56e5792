"""« Familles non joignables »: of a school, with the letters to print; and how many in each school (MAI-06)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from families.admin_site import rendered
from families.models import Division, School
from families.paper import as_pdf
from families.powers import Power, schools_with, staff_actor
from ledger import clock
from orientation.actions import contact_family
from orientation.admin.dashboards import SchoolDashboards
from orientation.admin.family_contacts import PRINTED, contacts_of, reach_named
from orientation.models import ContactMeans, Dossier
from orientation.printing import letters_pdf
from orientation.unreachable import ADVICE, UNREACHED, Reach, families, figures, figures_by_school

A_PAGE = 50
ROW, NAMES, WIDTH = 20, 150, 220  # of the picture


CHANGED = (
    "Rien n’a été noté\u00a0: la liste a changé depuis que vous l’avez ouverte. La voici à jour. Vérifiez que chaque "
    "famille a bien son courrier, puis notez-le."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One category: its figure, and the bar that draws it."""

    reach: Reach
    count: int
    width: float
    y: int
    query: str

    @property
    def label(self) -> str:
        return str(self.reach.label)

    @property
    def advice(self) -> str:
        return ADVICE[self.reach]

    @property
    def look(self) -> str:
        return LOOKS[self.reach]

    @property
    def end(self) -> float:
        return NAMES + self.width + 4


LOOKS = {
    Reach.NO_ADDRESS: "failed",
    Reach.REFUSED: "failed",
    Reach.NEVER_DELIVERED: "in",
    Reach.NEVER_USED: "late",
    Reach.REACHED: "ok",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks to see: a category (none: whoever is not reached), a division (none: all)."""

    reach: Reach | None
    division: Division | None

    @property
    def query(self) -> str:
        return self.query_for(self.reach)

    def query_for(self, reach: Reach | None) -> str:
        words = QueryDict(mutable=True)
        if reach:
            words["categorie"] = reach.name
        if self.division:
            words["division"] = str(self.division.pk)
        return words.urlencode()

    def of_the_division(self, rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
        return rows.filter(student__division=self.division) if self.division else rows

    def shown(self, rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
        wanted = [self.reach] if self.reach else UNREACHED
        return (
            self.of_the_division(rows)
            .filter(category__in=wanted)
            .select_related(*PRINTED, "campaign")
            .order_by("student__division__code", "student__family_name", "student__first_name", "pk")
        )


def asked_of(request: HttpRequest, divisions: list[Division]) -> Asked:
    typed = request.POST if request.method == "POST" else request.GET
    chosen = typed.get("division", "")
    division = next((one for one in divisions if str(one.pk) == chosen), None)
    return Asked(reach_named(typed.get("categorie", "")), division)


class FamiliesOfSchools(SchoolDashboards):
    """The pages of schools; SchoolAdmin is their door."""

    def get_urls(self) -> list[Any]:
        pages = [
            ("familles-non-joignables/", self.unreachable_schools_view, "unreachable_schools"),
            ("<path:object_id>/familles-non-joignables/", self.unreachable_view, "school_unreachable"),
            ("<path:object_id>/familles-non-joignables/courriers/", self.letters_view, "school_letters"),
        ]
        own = [path(address, self.admin_site.admin_view(view), name=name) for address, view, name in pages]
        return [*own, *super().get_urls()]

    def unreachable_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        school = self.reach(request, object_id, Power.READ)
        divisions = divisions_of(school)
        asked, rows = asked_of(request, divisions), families([school], clock.now())
        page = Paginator(asked.shown(rows).prefetch_related("contacts__by"), A_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": f"Familles non joignables\u00a0: {school}",
            "original": school,
            "asked": asked,
            "divisions": divisions,
            "categories": list(Reach),
            "no_address": Reach.NO_ADDRESS,
            "lines": drawn(figures(asked.of_the_division(rows)), asked),
            "page": page,
            "families": [listed(one) for one in page],
            "may_work": self._contains(request.user, Power.WORK, school),
            "seen": digest(asked.shown(rows).values_list("pk", flat=True)),
        }
        return self._shown(request, "admin/orientation/school/unreachable.html", context)

    def letters_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: the letters of the families shown, a page each. POST: note that those of the list `seen` were sent."""
        school = self.reach(request, object_id, Power.WORK if request.method == "POST" else Power.READ)
        asked, now = asked_of(request, divisions_of(school)), clock.now()
        rows = list(asked.shown(families([school], now)))
        if not rows:
            messages.error(request, "Il n’y a aucune famille dans cette liste.")
        elif request.method == "POST" and request.POST.get("seen") != digest(one.pk for one in rows):
            messages.error(request, CHANGED)
        elif request.method == "POST":
            self._note(request, rows)
        else:
            return as_pdf(letters_pdf(rows, now), f"courriers-{school.uai}")
        where = reverse("admin:school_unreachable", args=[school.pk])
        return HttpResponseRedirect(f"{where}?{asked.query}" if asked.query else where)

    def _note(self, request: HttpRequest, rows: list[Dossier]) -> None:
        for one in rows:
            contact_family(
                dossier=one.uuid, means=ContactMeans.PAPER, note="", user=request.user, by=staff_actor(request.user)
            )
        messages.success(request, f"Courrier papier noté pour {len(rows)} famille{'s' if len(rows) > 1 else ''}.")

    def unreachable_schools_view(self, request: HttpRequest) -> HttpResponse:
        """How many families in each school that the reader oversees; what is counted is the page shown."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        typed = request.GET.get("q", "").strip()
        schools = schools_with(request.user, Power.READ).order_by("name", "pk")
        schools = schools.filter(Q(name__icontains=typed) | Q(uai__iexact=typed)) if typed else schools
        page = Paginator(schools, A_PAGE).get_page(request.GET.get("page"))
        counted = figures_by_school(families(list(page), clock.now()))
        none = dict.fromkeys(Reach, 0)
        context = {
            "title": "Familles non joignables, par établissement",
            "typed": typed,
            "query": urlencode({"q": typed}),
            "categories": list(Reach),
            "page": page,
            "schools": [(one, list(counted.get(one.pk, none).values())) for one in page],
        }
        return self._shown(request, "admin/orientation/school/unreachable_schools.html", context)

    def _shown(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return rendered(TemplateResponse(request, template, {**shared, **context}))


def divisions_of(school: School) -> list[Division]:
    """The divisions of the school's latest year that have dossiers."""
    rows = Division.objects.filter(school=school, students__dossiers__isnull=False).distinct().order_by("-year", "code")
    found = list(rows)
    return [one for one in found if one.year == found[0].year]


def digest(dossiers: Iterable[int]) -> str:
    """What tells one list of dossiers from another, whatever its order."""
    return hashlib.sha256(repr(sorted(dossiers)).encode()).hexdigest()


def drawn(counts: dict[Reach, int], asked: Asked) -> list[Line]:
    most = max(counts.values()) or 1
    return [
        Line(one, counts[one], round(WIDTH * counts[one] / most, 1), ROW * number, asked.query_for(one))
        for number, one in enumerate(Reach)
    ]


def listed(dossier: Any) -> dict[str, Any]:
    return {
        "dossier": dossier,
        "label": Reach(dossier.category).label,
        "look": "" if dossier.category == Reach.REACHED else "warn",
        "contacts": contacts_of(dossier),
    }
