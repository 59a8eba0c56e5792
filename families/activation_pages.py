"""« Lettres d’activation » of a division: how many, what they replace, then the PDF, once (ACC-01)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from families.activation_letters import activation_letters, waiting_for
from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.models import Division
from families.paper import as_pdf
from families.powers import Power, staff_actor

CHANGED = (
    "Rien n’a été édité : des lettres de cette division viennent de l’être, ou d’être utilisées. Relisez cette "
    "page, puis choisissez de nouveau."
)
TICK = "Rien n’a été édité : cochez d’abord les personnes dont la lettre est à refaire."
NOBODY = (
    "Rien n’a été édité : chaque personne a déjà son compte ou une lettre valable. Si vous n’avez pas reçu le fichier "
    "qui vient d’être édité, refaites les lettres plus bas."
)


class LettersOfDivisions(ScopedModelAdmin):
    """DivisionAdmin is their door."""

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.letters_view)
        return [path("<path:object_id>/lettres/", page, name="activation_letters"), *super().get_urls()]

    def letters_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: what would be printed. POST: new codes, journaled, and their letters: the only time they are read.

        Letters already handed out stay good, but those that are ticked (`to`), or all of them when the person says
        `renew` and knows how many they replace.
        """
        division = self.reach(request, object_id, Power.WORK)
        if request.method == "POST":
            return self._printed(request, division)
        count, held = waiting_for(division)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "division": division, "count": count,
            "held": held, "new": count - len(held),
            "title": f"Lettres d’activation\u00a0: {division.code}, {division.school}",
        }  # fmt: skip
        return rendered(TemplateResponse(request, "admin/families/activation_letters.html", context))

    def _printed(self, request: HttpRequest, division: Division) -> HttpResponse:
        to, known = request.POST.getlist("to") or None, request.POST.get("renew")
        if known is not None and known != str(len(waiting_for(division)[1])):
            return self._nothing(request, CHANGED)
        if "ticked" in request.POST and to is None:
            return self._nothing(request, TICK)
        renew = to is not None or known is not None
        with transaction.atomic():  # a document that cannot be drawn leaves the former codes as they were
            document = activation_letters(division, by=staff_actor(request.user), renew=renew, to=to)
        if document is None:
            return self._nothing(request, NOBODY)
        return as_pdf(document, f"lettres-activation-{division.pk}")

    def _nothing(self, request: HttpRequest, said: str) -> HttpResponse:
        messages.warning(request, said)
        return HttpResponseRedirect(request.path)
