"""« Siècle Orientation (simulateur) »: the desk of a school in the ministry's application, plainly labelled (SIE)."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone

from families.admin_base import ScopeBy
from families.powers import Power, zone_at
from ledger import clock
from siecle_sync.mock import desk
from siecle_sync.mock.change_form import ChangeForm
from siecle_sync.mock.council_page import TITLES, CouncilPages
from siecle_sync.mock.entry_form import EntryForm
from siecle_sync.mock.forms import AnswerForm, DecisionForm
from siecle_sync.mock.markers import marked
from siecle_sync.mock.models import MockDeposit, MockDivision, MockPupil, Phase
from siecle_sync.mock.pathways import key_of
from siecle_sync.mock.simulator_admin import SimulatorAdmin


@admin.register(MockDivision)
class DivisionDesk(CouncilPages):
    """A division's page, by phase: its council, its pupils with their markers, what the council answers."""

    list_display = ["code", "school", "uai", "level_words", "years"]
    list_filter = ["level", "year"]
    search_fields = ["code", "uai", "school"]

    def get_urls(self) -> list[Any]:
        desk_page = path(
            "<path:object_id>/<str:phase>/bureau/", self.admin_site.admin_view(self.desk_view), name="mock_desk"
        )
        return [desk_page, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        division = self.reach(request, object_id, Power.READ)
        opened = desk.is_open(division, Phase.DEFINITIVE) or self._has_definitive(division)
        return self._to_desk(division, Phase.DEFINITIVE if opened else Phase.PROVISIONAL)

    def _has_definitive(self, division: MockDivision) -> bool:
        return division.pupils.filter(entries__phase=Phase.DEFINITIVE).exists()

    def desk_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        division = self._reach(request, object_id, phase, Power.READ)
        context = {
            "title": f"Division {division.code} : {TITLES[Phase(phase)].lower()}",
            "rows": [marked(row, phase) for row in desk.pupils_of(division, phase=phase)],
            "may_work": self._contains(request.user, Power.WORK, division),
        }
        return self.page(request, "desk", division.uai, {**self._shared(division, phase), **context})


@admin.register(MockPupil)
class PupilDesk(SimulatorAdmin):
    """One pupil: a request typed for the family, its answer, the head's decision (SIE-10, ANS-05)."""

    list_display = ["family_name", "first_name", "division", "uai", "present"]
    fields = [
        "family_name", "usage_name", "first_name", "birth_date", "ine", "division", "uai", "years", "level_words",
        "present",
    ]  # fmt: skip
    list_display_links = ["family_name", "first_name"]
    list_filter = ["level", "present"]
    list_select_related = ["division"]
    search_fields = ["family_name", "usage_name", "first_name", "ine"]

    def get_urls(self) -> list[Any]:
        pages = [
            ("<path:object_id>/<str:phase>/demande/", self.entry_view, "mock_entry"),
            ("<path:object_id>/<str:phase>/modification/", self.change_entry_view, "mock_change"),
            ("<path:object_id>/reponse/", self.answer_view, "mock_answer"),
            ("<path:object_id>/decision/", self.decision_view, "mock_decision"),
        ]
        own = [path(url, self.admin_site.admin_view(view), name=name) for url, view, name in pages]
        return [*own, *super().get_urls()]

    def _act(
        self, request: HttpRequest, pupil: MockPupil, form: Any, act: Any, phase: str, words: dict[str, str]
    ) -> Any:
        """Show the form, or do what it asks; a refusal of the desk is read on the page, with what was typed."""
        if form.is_valid():
            try:
                act()
            except desk.DeskRefused as refusal:
                form.add_error(None, refusal.sentence)
            else:
                messages.success(request, words["done"])
                return HttpResponseRedirect(reverse("admin:mock_desk", args=[pupil.division_id, phase]))
        return self.page(request, "pupil", pupil.uai, {"pupil": pupil, "phase": phase, **words}, form)

    def _with_division(self, request: HttpRequest, object_id: str) -> MockPupil:
        pupil = self.reach(request, object_id, Power.WORK)
        if pupil.division_id is None:
            raise Http404
        return pupil

    def entry_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        pupil = self._in_phase(request, object_id, phase)
        form = EntryForm(request.POST or None, pupil=pupil, phase=phase, entry=desk.entry_in_force(pupil, phase))
        words = {"title": f"Demande de la famille\u00a0: {pupil}", "done": "Demande enregistrée.", "what": "entry"}
        return self._act(request, pupil, form, lambda: type_entry(request, pupil, phase, form), phase, words)

    def change_entry_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        """Change, at the family's request, what it entered online (SIE-04)."""
        pupil = self._in_phase(request, object_id, phase)
        today = timezone.localdate(clock.now(), zone_at(pupil.uai))
        form = ChangeForm(
            request.POST or None, pupil=pupil, phase=phase, entry=desk.entry_in_force(pupil, phase), asked_on=today
        )
        words = {
            "title": f"Modifier la demande de la famille\u00a0: {pupil}",
            "done": "Demande modifiée. Les avis ou propositions déjà donnés sont retirés\u00a0: saisissez-les "
            "de nouveau.",
            "what": "change",
        }
        return self._act(request, pupil, form, lambda: change_entry(request, pupil, phase, form), phase, words)

    def _in_phase(self, request: HttpRequest, object_id: str, phase: str) -> MockPupil:
        if phase not in Phase:
            raise Http404
        return self._with_division(request, object_id)

    def answer_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        pupil = self._with_division(request, object_id)
        form = AnswerForm(request.POST or None, statement=desk.statement_in_force(pupil, Phase.DEFINITIVE))
        words = {"title": f"Réponse de la famille : {pupil}", "done": "Réponse enregistrée.", "what": "answer"}
        return self._act(request, pupil, form, lambda: record_answer(pupil, form), Phase.DEFINITIVE, words)

    def decision_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        pupil = self._with_division(request, object_id)
        form = DecisionForm(request.POST or None, pupil=pupil, initial={"notified_on": timezone.localdate(clock.now())})
        words = {
            "title": f"Décision d’orientation : {pupil}",
            "done": "Décision enregistrée.",
            "what": "decision",
        }
        return self._act(request, pupil, form, lambda: record_decision(pupil, form), Phase.DEFINITIVE, words)


def type_entry(request: HttpRequest, pupil: MockPupil, phase: str, form: EntryForm) -> None:
    desk.type_entry(pupil, phase=phase, choices=form.requested, by=request.user.get_full_name() or desk.SCHOOL)


def change_entry(request: HttpRequest, pupil: MockPupil, phase: str, form: ChangeForm) -> None:
    by = request.user.get_full_name() or desk.SCHOOL
    desk.change_entry(pupil, phase=phase, choices=form.requested, by=by, **form.asked)


def record_answer(pupil: MockPupil, form: AnswerForm) -> None:
    accepted = [key_of(code) for code in form.cleaned_data["accepted"]]
    desk.record_answer(pupil, kind="ACCEPTED" if accepted else "REFUSED", accepted=accepted)


def record_decision(pupil: MockPupil, form: DecisionForm) -> None:
    pathways = [key_of(code) for code in form.cleaned_data["pathways"]]
    desk.record_head_decision(
        pupil, pathways=pathways, notified_on=form.cleaned_data["notified_on"], on_appeal=form.cleaned_data["on_appeal"]
    )


@admin.register(MockDeposit)
class DepositAdmin(SimulatorAdmin):
    """What the simulator received in the night: for the académie's and the deployment's eyes (superusers)."""

    scope_by = ScopeBy.SUPERUSER
    view_power = Power.ALL
    list_display = ["received_at", "academy", "years", "level_words", "state", "counted"]
    fields = ["uuid", "academy", "years", "level_words", "version", "received_at", "state", "counted"]

    @admin.display(description="Lignes")
    def counted(self, obj: MockDeposit) -> str:
        return ", ".join(f"{obj.counters.get(name, 0)} {words}" for name, words in COUNTED.items())


COUNTED = {"read": "lues", "accepted": "acceptées", "rejected": "refusées", "not_processed": "non traitées"}
