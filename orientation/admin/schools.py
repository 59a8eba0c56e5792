"""The school, and its page « Vie de l’établissement »."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from families.admin_site import rendered
from families.models import School
from families.powers import Power, has_power, staff_actor
from ledger import clock
from orientation.actions import set_closing, set_specialty_offer, switch_service
from orientation.admin.documents import SchoolDocuments
from orientation.admin.offer_form import OfferForm
from orientation.admin.school_life import CampaignLife, PhaseLife, school_life
from orientation.admin.unreachable import FamiliesOfSchools
from orientation.dates import until, zone_words


@admin.register(School)
class SchoolAdmin(SchoolDocuments, FamiliesOfSchools):
    scope_path = "pk"
    change_power = Power.WORK
    add_power = Power.ALL
    list_display = ["name", "uai", "academy", "life", "dashboard", "follow_up", "unreachable", "documents", "exports"]
    list_filter = ["academy"]
    list_select_related = ["academy"]
    search_fields = ["name", "uai"]
    fields = ["uai", "academy", "name", "phone", "email", "address", "year_division", "own_timezone"]

    def get_readonly_fields(self, request: HttpRequest, obj: School | None = None) -> list[str]:
        if obj is None or request.user.is_superuser:
            return []
        return ["uai", "academy", "name", "own_timezone"]

    @admin.display(description="Calendrier et service")
    def life(self, obj: School) -> str:
        return format_html('<a href="{}">Vie de l’établissement</a>', reverse("admin:school_life", args=[obj.pk]))

    @admin.display(description="Chiffres")
    def dashboard(self, obj: School) -> str:
        return format_html('<a href="{}">Tableau de bord</a>', reverse("admin:school_dashboard", args=[obj.pk]))

    @admin.display(description="Dossiers")
    def follow_up(self, obj: School) -> str:
        page = reverse("admin:orientation_dossier_changelist")
        return format_html('<a href="{}?student__school__id__exact={}">Suivi des dossiers</a>', page, obj.pk)

    @admin.display(description="Courriels")
    def unreachable(self, obj: School) -> str:
        page = reverse("admin:school_unreachable", args=[obj.pk])
        return format_html('<a href="{}">Familles non joignables</a>', page)

    def get_urls(self) -> list[Any]:
        pages = [
            ("vie", self.life_view, "school_life"),
            ("vie/fermeture", self.closing_view, "school_closing"),
            ("vie/service", self.service_view, "school_service"),
            ("vie/specialites", self.offer_view, "school_offer"),
        ]
        own = [
            path(f"<path:object_id>/{url}/", self.admin_site.admin_view(view), name=name) for url, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def life_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        school = self.reach(request, object_id, Power.READ)
        with timezone.override(school.timezone):
            return self._life_page(request, school, school_life(school, clock.now()))

    def _life_page(
        self, request: HttpRequest, school: School, lives: list[CampaignLife], status: int = 200
    ) -> HttpResponse:
        context = {
            "title": f"Vie de l’établissement : {school}",
            "lives": lives,
            "zone": zone_words(school.timezone),
            "may_work": self._works(request, school),
        }
        return self._page(request, school, "admin/orientation/school/life.html", context, status)

    def _page(
        self, request: HttpRequest, school: School, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "original": school}
        return rendered(TemplateResponse(request, template, {**shared, **context}, status=status))

    def _works(self, request: HttpRequest, school: School) -> bool:
        return has_power(request.user, Power.WORK) and self._contains(request.user, Power.WORK, school)

    def closing_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Set, change or lift the school's own closing (CAL-09)."""
        school = self.reach(request, object_id, Power.WORK)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        now = clock.now()
        with timezone.override(school.timezone):
            lives = school_life(school, now)
            phase = self._phase(lives, request.POST)
            if "lift" in request.POST:
                return self._close(request, phase, None)
            phase.form = phase.closing_form(now, request.POST)
            if phase.form and phase.form.is_valid():
                return self._close(request, phase, phase.form.cleaned_data["closes_at"])
            return self._life_page(request, school, lives, 422)

    def _phase(self, lives: list[CampaignLife], data: Any) -> PhaseLife:
        for life in lives:
            for phase in life.phases:
                if [str(life.campaign.pk), phase.phase] == [data.get("campaign"), data.get("phase")]:
                    return phase
        raise Http404

    def _close(self, request: HttpRequest, phase: PhaseLife, closes_at: Any) -> HttpResponse:
        set_closing(
            campaign=phase.campaign, school=phase.school, phase=phase.phase, closes_at=closes_at, user=request.user,
            by=staff_actor(request.user),
        )  # fmt: skip
        if closes_at:
            said = f"Fermeture enregistrée. Les familles lisent : saisie {until(closes_at, phase.school.timezone)}."
        else:
            said = "Fermeture propre à l’établissement levée. La fin est celle du calendrier de l’académie."
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:school_life", args=[phase.school.pk]))

    def service_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Switch the service off or on; the page asks for a confirmation first (CAL-05)."""
        school = self.reach(request, object_id, Power.WORK)
        asked = request.POST if request.method == "POST" else request.GET
        life = self._campaign(school_life(school, clock.now()), asked)
        enabled = asked.get("etat") == "ouvert"
        if request.method == "POST" and request.POST.get("confirm"):
            by = staff_actor(request.user)
            switch_service(campaign=life.campaign, school=school, enabled=enabled, user=request.user, by=by)
            messages.success(request, "Service ouvert aux familles." if enabled else "Service fermé aux familles.")
            return HttpResponseRedirect(reverse("admin:school_life", args=[school.pk]))
        context = {
            "title": "Ouvrir le service aux familles" if enabled else "Fermer le service aux familles",
            "life": life, "enabled": enabled, "asked": request.method == "POST",
        }  # fmt: skip
        return self._page(request, school, "admin/orientation/school/service.html", context)

    def offer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say which specialty subjects of 1re générale the school offers (P2G-02)."""
        school = self.reach(request, object_id, Power.WORK)
        life = self._campaign(school_life(school, clock.now()), {**request.GET.dict(), **request.POST.dict()})
        if not life.asks_offer:
            raise Http404
        form = OfferForm(request.POST) if request.method == "POST" else life.offer_form
        if form.is_bound and form.is_valid():
            by, specialties = staff_actor(request.user), form.cleaned_data["specialties"]
            set_specialty_offer(
                campaign=life.campaign, school=school, specialties=specialties, user=request.user, by=by
            )
            messages.success(request, "Offre d’enseignements de spécialité enregistrée.")
            return HttpResponseRedirect(reverse("admin:school_life", args=[school.pk]))
        context = {"title": "Enseignements de spécialité de 1re générale", "life": life, "form": form}
        return self._page(request, school, "admin/orientation/school/offer.html", context, 422 if form.errors else 200)

    def _campaign(self, lives: list[CampaignLife], data: Any) -> CampaignLife:
        for life in lives:
            if str(life.campaign.pk) == data.get("campaign"):
                return life
        raise Http404
