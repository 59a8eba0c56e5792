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


class LettersOfDivisions(ScopedModelAdmin):
    """DivisionAdmin is their door."""

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.letters_view)
        return [path("<path:object_id>/lettres/", page, name="activation_letters"), *super().get_urls()]

    def letters_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET: what would be printed. POST: new codes, journaled, and their letters: the only time they are read."""
        division = self.reach(request, object_id, Power.WORK)
        if request.method == "POST":
            return self._printed(request, division)
        count, replaced = waiting_for(division)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "division": division, "count": count,
            "replaced": replaced, "title": f"Lettres d’activation\u00a0: {division.code}, {division.school}",
        }  # fmt: skip
        return rendered(TemplateResponse(request, "admin/families/activation_letters.html", context))

    def _printed(self, request: HttpRequest, division: Division) -> HttpResponse:
        if not waiting_for(division)[0]:
            messages.info(request, "Toutes les personnes de cette division ont déjà un compte.")
            return HttpResponseRedirect(request.path)
        with transaction.atomic():  # a document that cannot be drawn leaves the former codes as they were
            document = activation_letters(division, by=staff_actor(request.user))
        return as_pdf(document, f"lettres-activation-{division.pk}")
