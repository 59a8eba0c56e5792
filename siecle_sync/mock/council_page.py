"""A council: opened, moved or reset once its consequences were read; all its answers on one page (SIE-05)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from families.powers import Power, zone_at
from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import consequences, desk
from siecle_sync.mock.council_typing import Typing
from siecle_sync.mock.forms import CouncilDateForm, MoveForm
from siecle_sync.mock.models import MockDivision, MockOutbound, Phase
from siecle_sync.mock.reading import typed_by
from siecle_sync.mock.simulator_admin import SimulatorAdmin
from siecle_sync.mock.statement_form import StatementForm

TITLES = {Phase.PROVISIONAL: "Phase provisoire", Phase.DEFINITIVE: "Phase définitive"}
CONFIRMED = "Le service Orientation a confirmé."
WAITING = "Le service Orientation n’a pas encore confirmé\u00a0: l’envoi est répété, et la nuit rattrape ce qui manque."
VERBS = {
    "ouvrir": ("Ouvrir le conseil de classe", "Ouvrir le conseil", consequences.of_opening),
    "deplacer": ("Déplacer le conseil de classe", "Déplacer le conseil", consequences.of_moving),
    "reinitialiser": ("Réinitialiser le conseil de classe", "Réinitialiser le conseil", consequences.of_resetting),
}
DATES = {"ouvrir": CouncilDateForm, "deplacer": MoveForm}


class CouncilPages(SimulatorAdmin):
    """The pages of a council; DivisionDesk is their door."""

    def get_urls(self) -> list[Any]:
        pages = [
            ("<path:object_id>/<str:phase>/conseil/<str:verb>/", self.council_view, "mock_council"),
            ("<path:object_id>/<str:phase>/saisie/", self.statements_view, "mock_statements"),
        ]
        own = [path(url, self.admin_site.admin_view(view), name=name) for url, view, name in pages]
        return [*own, *super().get_urls()]

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

    def council_view(self, request: HttpRequest, object_id: str, phase: str, verb: str) -> HttpResponse:
        """Open, move or reset a council: the page says what follows, in figures, before anything is done (SIE-05)."""
        division = self._reach(request, object_id, phase, Power.WORK)
        if verb not in VERBS:
            raise Http404
        form = self._date_form(request, division, phase, verb)
        if not request.POST.get("confirm") or (form and not form.is_valid()):
            return self._ask(request, division, phase, verb, form)
        try:
            acts = {"ouvrir": self._open, "deplacer": self._move, "reinitialiser": self._reset}
            acts[verb](request, division, phase, form)
        except desk.DeskRefused as refusal:
            messages.error(request, refusal.sentence)
        return self._to_desk(division, phase)

    def _date_form(self, request: HttpRequest, division: MockDivision, phase: str, verb: str) -> Any:
        council, kind = desk.council_of(division, phase), DATES.get(verb)
        confirmed = request.POST if request.POST.get("confirm") else None
        return kind(confirmed, initial={"held_on": council.held_on if council else None}) if kind else None

    def _ask(self, request: HttpRequest, division: MockDivision, phase: str, verb: str, form: Any) -> HttpResponse:
        title, button, said = VERBS[verb]
        shown = {**self._shared(division, phase), "title": f"{title} de {division.code}", "verb": verb}
        idle = consequences.is_idle(verb, division, phase)
        follows = [consequences.NOTHING[verb]] if idle else said(division, phase)
        told = {"button": f"{button} de {division.code}", "consequences": follows, "idle": idle}
        return self.page(request, "council_verb", division.uai, {**shown, **told}, form)

    def _open(self, request: HttpRequest, division: MockDivision, phase: str, form: CouncilDateForm) -> None:
        line = desk.open_council(division, phase=phase, held_on=form.cleaned_data["held_on"])
        if line is None:
            messages.warning(request, "Ce conseil était déjà ouvert.")
        else:
            self._say(request, "Conseil de classe ouvert\u00a0: la saisie des familles est arrêtée.", line)

    def _move(self, request: HttpRequest, division: MockDivision, phase: str, form: MoveForm) -> None:
        line = desk.move_council(division, phase=phase, held_on=form.cleaned_data["held_on"])
        self._say(request, "Conseil de classe déplacé.", line)

    def _reset(self, request: HttpRequest, division: MockDivision, phase: str, form: None) -> None:
        line = desk.reset_council(division, phase=phase)
        self._say(request, "Conseil de classe réinitialisé\u00a0: ce qu’il avait dit est retiré.", line)

    def _say(self, request: HttpRequest, said: str, line: MockOutbound) -> None:
        messages.success(request, f"{said} {CONFIRMED if line.confirmed_at else WAITING}")

    def statements_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        """The opinions or proposals of a whole division, each pupil's saved apart (OPI-01, ANS-01)."""
        division = self._reach(request, object_id, phase, Power.WORK)
        typing = Typing(division, phase, request.POST, request.user.get_full_name() or desk.SCHOOL, _only(request))
        if request.method == "POST":
            typing.save()
        alone = request.headers.get("X-Requested-With") == "fetch" and typing.only is not None
        if request.method == "POST" and typing.is_done and not alone:
            return self._saved(request, typing)
        forms = typing.forms()
        shown = typing.status(forms)
        if alone:
            return self._block(request, typing, forms, shown)
        what = "Propositions" if phase == Phase.DEFINITIVE else "Avis"
        context = {**self._shared(division, phase), **_around(typing, forms)}
        context |= {"title": f"{what} du conseil de classe de {division.code}"}
        return self.page(request, "statements", division.uai, context, status=shown)

    def _saved(self, request: HttpRequest, typing: Typing) -> HttpResponse:
        number = len(typing.saved)
        words = f"Enregistré pour {number} élève{'s' if number > 1 else ''}." if number else "Rien n’avait changé."
        messages.success(request, words)
        if typing.only is None:
            return self._to_desk(typing.division, typing.phase)
        return HttpResponseRedirect(f"{request.path}#eleve-{typing.only}")

    def _block(self, request: HttpRequest, typing: Typing, forms: list[StatementForm], status: int) -> HttpResponse:
        """One pupil's block alone, for the page that saves as its reader types."""
        form = next((one for one in forms if one.row.pupil.pk == typing.only), None)
        if form is None:
            raise Http404
        at = clock.now().astimezone(zone_at(typing.division.uai))
        done = (
            f"enregistré à {at:%-H}\u00a0h\u00a0{at:%M}."
            if typing.saved
            else "rien à enregistrer, la page montre ce qui l’est."
        )
        told = "" if typing.refused else f"{form.row.pupil}\u00a0: {done}"
        context = {**_around(typing, [form]), "form": form, "told": told}
        return self.page(request, "statement_block", typing.division.uai, context, status=status)


def _only(request: HttpRequest) -> int | None:
    typed = request.POST.get("only", "")
    return int(typed) if typed.isdecimal() and len(typed) < 19 else None


def _around(typing: Typing, forms: list[StatementForm]) -> dict[str, Any]:
    """What the blocks show beside what is typed: who saved what stands, and which pupils wait."""
    authors = typed_by([form.row.statement for form in forms if form.row.statement])
    for form in forms:
        form.author = authors.get(form.row.statement.ref, "") if form.row.statement else ""
    return {
        "forms": forms,
        "wrong": [form for form in forms if form.row.pupil.pk in typing.refused],
        "waiting": [form for form in forms if form.waiting],
        "kept": len(typing.saved),
    }


def last_told(division: MockDivision, phase: str) -> MockOutbound | None:
    """The last thing the service was told of this council, and whether it has confirmed."""
    told = MockOutbound.objects.filter(
        kind=contract.COUNCIL, uai=division.uai, year=division.year, level=division.level, division=division.code,
        phase=phase,
    )  # fmt: skip
    return told.order_by("-seq").first()
