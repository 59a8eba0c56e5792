"""The history of a dossier, handed over in a dispute: signed, as a PDF to read or a file to check (ANS-09)."""

import json
import logging
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from families.paper import as_pdf
from families.powers import Power, staff_actor
from ledger import clock
from ledger.export import NotAsSealed, extract
from ledger.models import ActorKind
from ledger.signing import Unusable, fingerprint, public_key_of
from orientation.actions.act import opened
from orientation.admin.see_as import SeeAsFamily
from orientation.admin.wording import letter_label, verb_label
from orientation.dates import instant, zone_words
from orientation.documents.pdf import compiled
from orientation.models import Dossier

log = logging.getLogger(__name__)
KINDS = {"pdf": "PDF, à lire et à imprimer (le fichier à vérifier y est joint)", "json": "Fichier à vérifier (JSON)"}
NO_KEY = (
    "L’historique ne peut pas être signé\u00a0: la clé du service n’est pas installée. "
    "Prévenez l’exploitant du service."
)
TOUCHED = (
    "L’historique de ce dossier n’est pas celui qui a été scellé\u00a0: rien n’est signé. Prévenez sans attendre "
    "l’exploitant du service."
)


class HandOverForm(forms.Form):
    kind = forms.ChoiceField(label="Sous quelle forme", choices=list(KINDS.items()))


class DossierJournal(SeeAsFamily):
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.journal_view)
        return [path("<path:object_id>/historique-signe/", view, name="dossier_journal"), *super().get_urls()]

    def may_hand_over(self, request: HttpRequest, dossier: Dossier) -> bool:
        """The head of school, or the académie."""
        return any(self._contains(request.user, one, dossier) for one in (Power.DECIDE, Power.GOVERN))

    def journal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        dossier = self.reach(request, object_id, Power.READ)
        if not self.may_hand_over(request, dossier):
            raise PermissionDenied
        form = HandOverForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._handed_over(request, dossier, form.cleaned_data["kind"])
        context = {"title": "Remettre l’historique signé", "form": form}
        status = 422 if form.errors else 200
        return self._page(request, dossier, "admin/orientation/dossier/journal.html", context, status)

    def _handed_over(self, request: HttpRequest, dossier: Dossier, kind: str) -> HttpResponse:
        try:
            taken = extract(dossier.uuid, clock.now())
        except Unusable:
            return self._nothing(request, dossier, NO_KEY)
        except NotAsSealed as fault:
            log.error("the journal of dossier %s is not as it was sealed: %s", dossier.uuid, fault)
            return self._nothing(request, dossier, TOUCHED)
        made = as_file(taken)
        answer = _pdf(dossier, taken, made) if kind == "pdf" else _json(dossier, made)
        with opened(dossier.uuid, by=staff_actor(request.user)) as act:
            act.journal("journal_exported", kind=kind, lines=len(taken["lines"]), digest=taken["digest"])
        return answer


def as_file(taken: dict[str, Any]) -> str:
    """JSON without a single space: in the PDF that it is joined to, nothing may be made unbreakable."""
    return json.dumps(taken, separators=(",", ":")).replace(" ", "\\u0020")


def _json(dossier: Dossier, made: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{_name(dossier)}.json"'}
    return HttpResponse(made, content_type="application/json", headers=headers)


def _pdf(dossier: Dossier, taken: dict[str, Any], made: str) -> HttpResponse:
    return as_pdf(compiled("journal", printed_words(dossier, taken, made)), _name(dossier))


def _name(dossier: Dossier) -> str:
    return f"historique-{dossier.uuid}"


def printed_words(dossier: Dossier, taken: dict[str, Any], made: str) -> dict[str, Any]:
    """What the PDF says; `file` is the extract itself, joined to it."""
    student, zone = dossier.student, dossier.student.school.timezone
    return {
        "title": f"Historique du dossier d’orientation de {student}",
        "school": str(student.school),
        "dossier": taken["dossier"],
        "made": f"Remis {instant(datetime.fromisoformat(taken['made_at']), zone)}. Heures\u00a0: {zone_words(zone)}.",
        "lines": [_line(one, zone, taken["seals"]) for one in taken["lines"]],
        "seals": [{"day": one["day"], "digest": one["digest"]} for one in taken["seals"]],
        "digest": taken["digest"],
        "file_digest": sha256(made.encode()).hexdigest(),
        "signature": taken["signature"],
        "key": f"{taken['public_key']} (empreinte {fingerprint(public_key_of(taken['public_key']))})",
        "file_name": f"{_name(dossier)}.json",
        "file": made,
    }


def _line(one: dict[str, Any], zone: ZoneInfo, seals: list[dict[str, Any]]) -> dict[str, str]:
    kind = f" : {letter_label(one['data']['kind'])}" if one["verb"] == "letter_sent" else ""
    sealed = next((seal["day"] for seal in seals if seal["after"] < one["id"] <= seal["up_to"]), "")
    return {
        "number": str(one["id"]),
        "at": instant(datetime.fromisoformat(one["at"]), zone),
        "what": f"{verb_label(one['verb'])}{kind}",
        "who": one["actor_name"] or str(ActorKind(one["actor_kind"]).label),
        "sealed": sealed or "la nuit prochaine",
    }
