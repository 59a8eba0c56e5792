"""« Siècle Orientation (simulateur) »: the desk of a school in the ministry's application, plainly labelled (SIE)."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from families.admin_base import ScopeBy, ScopedModelAdmin
from families.powers import Power, zone_at
from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import desk
from siecle_sync.mock.change_form import ChangeForm
from siecle_sync.mock.entry_form import EntryForm
from siecle_sync.mock.forms import AnswerForm, CouncilDateForm, DecisionForm, MoveForm, StatementForm
from siecle_sync.mock.markers import marked
from siecle_sync.mock.models import MockDeposit, MockDivision, MockOutbound, MockPupil, Phase
from siecle_sync.mock.pathways import key_of
from siecle_sync.mock.router import LABEL

TITLES = {Phase.PROVISIONAL: "Phase provisoire", Phase.DEFINITIVE: "Phase définitive"}
CONFIRMED = "Le service Orientation a confirmé."
WAITING = "Le service Orientation n’a pas encore confirmé : l’envoi est répété, et la nuit rattrape ce qui manque."


class SimulatorAdmin(ScopedModelAdmin):
    """The simulator knows schools by their UAI only."""

    scope_by = ScopeBy.UAI
    scope_path = "uai"
    change_list_template = "siecle_mock/change_list.html"
    change_form_template = "siecle_mock/change_form.html"

    def page(
        self,
        request: HttpRequest,
        template: str,
        uai: str,
        context: dict[str, Any],
        form: Any = None,
        status: int = 200,
    ) -> HttpResponse:
        """A page of ours, in the time zone of the school it is about."""
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "form": form}
        shown = 422 if form is not None and form.is_bound else status
        with timezone.override(zone_at(uai)):
            response = TemplateResponse(request, f"siecle_mock/{template}.html", {**shared, **context}, status=shown)
            return response.render()


@admin.register(MockDivision)
class DivisionDesk(SimulatorAdmin):
    """A division's page, by phase: its council, its pupils with their markers, what the council answers."""

    list_display = ["code", "school", "uai", "level", "year"]
    list_filter = ["level", "year"]
    search_fields = ["code", "uai", "school"]

    def get_urls(self) -> list[Any]:
        pages = [
            ("<path:object_id>/<str:phase>/bureau/", self.desk_view, "mock_desk"),
            ("<path:object_id>/<str:phase>/conseil/<str:verb>/", self.council_view, "mock_council"),
            ("<path:object_id>/<str:phase>/reponses/", self.statements_view, "mock_statements"),
        ]
        own = [path(url, self.admin_site.admin_view(view), name=name) for url, view, name in pages]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        division = self.reach(request, object_id, Power.READ)
        opened = desk.is_open(division, Phase.DEFINITIVE) or self._has_definitive(division)
        return self._to_desk(division, Phase.DEFINITIVE if opened else Phase.PROVISIONAL)

    def _has_definitive(self, division: MockDivision) -> bool:
        return division.pupils.filter(entries__phase=Phase.DEFINITIVE).exists()

    def _to_desk(self, division: MockDivision, phase: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:mock_desk", args=[division.pk, phase]))

    def _reach(self, request: HttpRequest, object_id: str, phase: str, power: Power) -> MockDivision:
        if phase not in Phase:
            raise Http404
        return self.reach(request, object_id, power)

    def _shared(self, division: MockDivision, phase: str) -> dict[str, Any]:
        return {
            "division": division, "phase": phase, "phases": TITLES.items(),
            "council": desk.council_of(division, phase), "last": last_told(division, phase),
        }  # fmt: skip

    def desk_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        division = self._reach(request, object_id, phase, Power.READ)
        shared = self._shared(division, phase)
        council = shared["council"]
        context = {
            "title": f"Division {division.code} : {TITLES[Phase(phase)].lower()}",
            "rows": [marked(row, phase) for row in desk.pupils_of(division, phase=phase)],
            "may_work": self._contains(request.user, Power.WORK, division),
            "open_form": CouncilDateForm(initial={"held_on": council.held_on if council else None}),
            "move_form": MoveForm(prefix="move"),
        }
        return self.page(request, "desk", division.uai, {**shared, **context})

    def council_view(self, request: HttpRequest, object_id: str, phase: str, verb: str) -> HttpResponse:
        """Open, move or reset a council; a reset asks first (SIE-05)."""
        division = self._reach(request, object_id, phase, Power.WORK)
        acts = {"ouvrir": self._open, "deplacer": self._move, "reinitialiser": self._reset}
        if verb not in acts:
            raise Http404
        if verb == "reinitialiser" and not request.POST.get("confirm"):
            shown = {**self._shared(division, phase), "title": "Réinitialiser le conseil de classe"}
            return self.page(request, "reset", division.uai, shown)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            acts[verb](request, division, phase)
        except desk.DeskRefused as refusal:
            messages.error(request, refusal.sentence)
        return self._to_desk(division, phase)

    def _open(self, request: HttpRequest, division: MockDivision, phase: str) -> None:
        form = CouncilDateForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Cette date n’est pas lisible. Rien n’a été ouvert.")
            return
        line = desk.open_council(division, phase=phase, held_on=form.cleaned_data["held_on"])
        if line is None:
            messages.warning(request, "Ce conseil était déjà ouvert.")
        else:
            self._say(request, "Conseil de classe ouvert : la saisie des familles est arrêtée.", line)

    def _move(self, request: HttpRequest, division: MockDivision, phase: str) -> None:
        form = MoveForm(request.POST, prefix="move")
        if not form.is_valid():
            messages.error(request, "Indiquez la nouvelle date. Rien n’a été changé.")
            return
        line = desk.move_council(division, phase=phase, held_on=form.cleaned_data["held_on"])
        self._say(request, "Conseil de classe déplacé.", line)

    def _reset(self, request: HttpRequest, division: MockDivision, phase: str) -> None:
        line = desk.reset_council(division, phase=phase)
        self._say(request, "Conseil de classe réinitialisé : ce qu’il avait dit est retiré.", line)

    def _say(self, request: HttpRequest, said: str, line: MockOutbound) -> None:
        messages.success(request, f"{said} {CONFIRMED if line.confirmed_at else WAITING}")

    def statements_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        """The opinions or proposals of a whole division, saved all at once or not at all (OPI-01, ANS-01)."""
        division = self._reach(request, object_id, phase, Power.WORK)
        rows = desk.pupils_of(division, phase=phase)
        forms = [StatementForm(request.POST or None, row=row, phase=phase) for row in rows]
        status = 200
        if request.method == "POST":
            if all(form.is_valid() for form in forms) and self._save(forms, phase):
                messages.success(request, f"Enregistré pour {sum(bool(form.answers) for form in forms)} élèves.")
                return self._to_desk(division, phase)
            status = 422
        what = "Propositions" if phase == Phase.DEFINITIVE else "Avis"
        context = {**self._shared(division, phase), "title": f"{what} de la division {division.code}", "forms": forms}
        return self.page(request, "statements", division.uai, context, status=status)

    def _save(self, forms: list[StatementForm], phase: str) -> bool:
        """Beside the pupil whom the desk refuses, its sentence; then nothing at all is kept."""
        with transaction.atomic(using=LABEL):
            for form in forms:
                try:
                    if form.answers:
                        desk.type_statement(form.row.pupil, phase=phase, answers=form.answers)
                except desk.DeskRefused as refusal:
                    form.add_error(None, refusal.sentence)
            refused = any(form.errors for form in forms)
            transaction.set_rollback(refused, using=LABEL)
        return not refused


def last_told(division: MockDivision, phase: str) -> MockOutbound | None:
    """The last thing the service was told of this council, and whether it has confirmed."""
    told = MockOutbound.objects.filter(
        kind=contract.COUNCIL, uai=division.uai, year=division.year, level=division.level, division=division.code,
        phase=phase,
    )  # fmt: skip
    return told.order_by("-seq").first()


@admin.register(MockPupil)
class PupilDesk(SimulatorAdmin):
    """One pupil: a request typed for the family, its answer, the head's decision (SIE-10, ANS-05)."""

    list_display = ["family_name", "first_name", "division", "uai", "present"]
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
        words = {"title": f"Demande de la famille : {pupil}", "done": "Demande enregistrée.", "what": "entry"}
        return self._act(request, pupil, form, lambda: type_entry(request, pupil, phase, form), phase, words)

    def change_entry_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        """Change, at the family's request, what it entered online (SIE-04)."""
        pupil = self._in_phase(request, object_id, phase)
        today = timezone.localdate(clock.now(), zone_at(pupil.uai))
        form = ChangeForm(
            request.POST or None, pupil=pupil, phase=phase, entry=desk.entry_in_force(pupil, phase), asked_on=today
        )
        words = {
            "title": f"Modifier la demande de la famille : {pupil}",
            "done": "Demande modifiée. Les avis ou propositions déjà donnés sont retirés : saisissez-les de nouveau.",
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
    list_display = ["received_at", "academy", "year", "level", "state", "counters"]
    fields = ["uuid", "academy", "year", "level", "version", "received_at", "state", "counters"]
