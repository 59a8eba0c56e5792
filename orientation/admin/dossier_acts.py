"""What the staff of a school do on a dossier (ACC-08, OPI-05, ANS-07): a page each, a reason or a date, one act."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.powers import Power, staff_actor
from families.staff_inputs import date_input
from ledger import clock
from orientation.actions import lift_gate, record_appeal, record_meeting, release_pen
from orientation.admin.calendar_forms import ReasonForm
from orientation.dates import day
from orientation.enums import Phase
from orientation.facts import Facts
from orientation.models import Dossier
from orientation.reading import load_facts
from orientation.refusals import sentence
from orientation.rules import (
    Gate,
    Refusal,
    RuleBroken,
    appeal_deadline,
    gate,
    head_decision,
    pen_holder,
    standing_disagreement,
)


class MeetingForm(forms.Form):
    """The meeting of the family with the head of school (ANS-07). `refused_on`: the field that a refusal is about."""

    refused_on = "held_on"
    held_on = forms.DateField(label="Entretien tenu le", widget=date_input())
    present = forms.CharField(
        label="Personnes présentes", max_length=300, help_text="Par exemple : l’élève, sa mère, la principale."
    )


class AppealForm(forms.Form):
    """The day when the school received the family's appeal, on paper (ANS-07)."""

    refused_on = "filed_on"
    filed_on = forms.DateField(label="Appel reçu le", widget=date_input())


class DossierActs(ScopedModelAdmin):
    def get_urls(self) -> list[Any]:
        pages = [
            ("liberer/<str:phase>/", self.release_view, "dossier_release"),
            ("lever/", self.lift_view, "dossier_lift"),
            ("entretien/", self.meeting_view, "dossier_meeting"),
            ("appel/", self.appeal_view, "dossier_appeal"),
        ]
        own = [
            path(f"<path:object_id>/{address}", self.admin_site.admin_view(view), name=name)
            for address, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def release_view(self, request: HttpRequest, object_id: str, phase: str) -> HttpResponse:
        """The head releases a pen, with a reason; both representatives are told (ACC-08)."""
        dossier = self.reach(request, object_id, Power.DECIDE)
        facts = load_facts(dossier.uuid)
        if phase not in Phase or pen_holder(facts, phase, clock.now()) is None:
            return self._nothing(request, dossier, "Personne ne tient cette saisie : il n’y a rien à libérer.")
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            by = staff_actor(request.user)
            release_pen(dossier=dossier.uuid, phase=phase, reason=form.cleaned_data["reason"], by=by)
            return self._done(request, dossier, "La saisie est libérée. Les représentants légaux sont prévenus.")
        said = (
            f"{facts.pen(phase).name} tient la saisie ({Phase(phase).label}). La saisie validée reste en place ; "
            "le prochain représentant qui validera la tiendra à son tour. Les représentants légaux sont prévenus, "
            "avec votre motif."
        )
        return self._form_page(request, dossier, form, "Libérer la saisie", said)

    def lift_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The head lets a family choose although no opinion could be acknowledged (OPI-05)."""
        dossier = self.reach(request, object_id, Power.DECIDE)
        if gate(load_facts(dossier.uuid), clock.now()) is not Gate.NOTHING_TO_ACKNOWLEDGE:
            return self._nothing(request, dossier, "L’accusé de réception est possible, donné ou déjà levé.")
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            lift_gate(dossier=dossier.uuid, reason=reason, user=request.user, by=staff_actor(request.user))
            return self._done(request, dossier, "La famille peut saisir ses choix définitifs.")
        said = (
            "Aucun avis n’est publié pour ce dossier : la famille ne peut pas en accuser réception, et la saisie des "
            "choix définitifs lui reste fermée. Vous pouvez lever cette attente. Votre motif est conservé et affiché."
        )
        return self._form_page(request, dossier, form, "Lever l’attente de l’accusé de réception", said)

    def meeting_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The head or the secretary writes down a meeting that was held: a fact, no decision (ANS-07)."""
        dossier = self.reach(request, object_id, Power.WORK)
        if standing_disagreement(load_facts(dossier.uuid), clock.now()) is None:
            return self._nothing(request, dossier, sentence(Refusal.NO_DISAGREEMENT))
        return self._record(
            request, dossier, MeetingForm(request.POST or None), record_meeting,
            title="Enregistrer l’entretien", done="L’entretien est enregistré. La famille le lit.",
            said="La date et les personnes présentes sont affichées à la famille et ne se modifient plus.",
        )  # fmt: skip

    def appeal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The head or the secretary writes down that the family's appeal has come, on paper (ANS-07)."""
        dossier = self.reach(request, object_id, Power.WORK)
        facts = load_facts(dossier.uuid)
        end = appeal_deadline(facts)
        if end is None:
            return self._nothing(request, dossier, sentence(Refusal.NOTHING_TO_APPEAL))
        return self._record(
            request, dossier, AppealForm(request.POST or None), record_appeal,
            title="Enregistrer l’appel", done="L’appel est enregistré. La famille le lit.",
            said=f"{_notified(facts)} Dernier jour pour faire appel : {day(end)}. Un appel reçu plus tard s’enregistre "
            "aussi, et il est signalé « hors délai ». La date est affichée à la famille et ne se modifie plus.",
        )  # fmt: skip

    def _record(
        self, request: HttpRequest, dossier: Dossier, form: Any, act: Callable[..., Any], *, title: str, done: str,
        said: str,
    ) -> HttpResponse:  # fmt: skip
        """Do what the form asks; a refusal is read beside the date."""
        if form.is_valid():
            try:
                act(dossier=dossier.uuid, user=request.user, by=staff_actor(request.user), **form.cleaned_data)
            except RuleBroken as broken:
                form.add_error(form.refused_on, ValidationError(sentence(broken.code), code=broken.code))
            else:
                return self._done(request, dossier, done)
        return self._form_page(request, dossier, form, title, said)

    def _form_page(self, request: HttpRequest, dossier: Dossier, form: Any, title: str, said: str) -> HttpResponse:
        context = {"title": title, "form": form, "said": said}
        status = 422 if form.errors else 200
        return self._page(request, dossier, "admin/orientation/dossier/reason.html", context, status)

    def _page(
        self, request: HttpRequest, dossier: Dossier, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "original": dossier}
        return rendered(TemplateResponse(request, template, {**shared, **context}, status=status))

    def _done(self, request: HttpRequest, dossier: Dossier, said: str) -> HttpResponse:
        messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:orientation_dossier_change", args=[dossier.pk]))

    def _nothing(self, request: HttpRequest, dossier: Dossier, said: str) -> HttpResponse:
        messages.error(request, said)
        return HttpResponseRedirect(reverse("admin:orientation_dossier_change", args=[dossier.pk]))


def _notified(facts: Facts) -> str:
    decision = head_decision(facts)
    return f"Décision notifiée le {day(decision.notified_on)}." if decision and decision.notified_on else ""
