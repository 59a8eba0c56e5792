"""See a dossier as its family does: choose a reader, say why, look; and « Qui a consulté ce dossier » (ACC-06)."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path

from families.admin_site import rendered
from families.models import User
from families.powers import Power, has_power
from orientation.admin.family_contacts import DossierContacts
from orientation.dates import instant
from orientation.models import Dossier
from orientation.seeing_as import Reader, begin, end, readers, visits_of, who, without_account

A_PAGE = re.compile(r"(?:.*/dossiers/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/.*)?", re.IGNORECASE)
MOST = 200  # visits listed


class VisitForm(forms.Form):
    reader = forms.ChoiceField(label="Voir comme")
    reason = forms.CharField(
        label="Motif",
        min_length=10,
        error_messages={"min_length": "Dites-en un peu plus : 10 caractères au moins."},
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="10 caractères au moins. Par exemple : la mère appelle, elle ne trouve pas le bouton « Valider ».",
    )

    def __init__(self, data: Any = None, *, readers: Sequence[Reader]) -> None:
        super().__init__(data)
        self.readers = {str(one.person): one for one in readers}
        choices = [(person, f"{one.name}, {one.quality}") for person, one in self.readers.items()]
        self.fields["reader"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Reader:
        return self.readers[self.cleaned_data["reader"]]


class FindForm(forms.Form):
    """What a family can read out, whole: never a name, by which anybody could be looked for."""

    said = forms.CharField(
        label="INE de l’élève, ou adresse de la page que la famille a sous les yeux",
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "size": 50}),
        help_text="L’INE a 11 caractères. L’adresse contient « /dossiers/ ».",
    )

    @property
    def looked_for(self) -> Q:
        said = self.cleaned_data["said"]
        page = A_PAGE.fullmatch(said)
        return Q(uuid=UUID(page[1])) if page else Q(student__ine=said.replace(" ", "").upper())


class SeeAsFamily(DossierContacts):
    def get_urls(self) -> list[Any]:
        pages = [
            ("voir-comme-la-famille/", self.find_view, "see_as_find"),
            ("quitter-la-visite/", self.quit_view, "see_as_quit"),
            ("<path:object_id>/voir-comme/", self.see_as_view, "dossier_see_as"),
        ]
        own = [path(address, self.admin_site.admin_view(view), name=name) for address, view, name in pages]
        return [*own, *super().get_urls()]

    def see_as_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose as whom and say why; the visit then begins on the home of the dossier."""
        dossier = self._to_be_seen(request, object_id)
        form = VisitForm(request.POST or None, readers=readers(dossier))
        if form.is_valid():
            reason, session = form.cleaned_data["reason"], request.session
            begin(session=session, dossier=dossier, reader=form.chosen, reason=reason, user=request.user)
            return redirect("orientation:dossier", uuid=dossier.uuid)
        context = {
            "title": "Voir ce dossier comme la famille",
            "form": form if form.readers else None,
            "without_account": without_account(dossier),
            "reads": self._contains(request.user, Power.READ, dossier),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return self._page(request, dossier, "admin/orientation/dossier/see_as.html", context, status)

    def _to_be_seen(self, request: HttpRequest, object_id: str) -> Dossier:
        """The support reaches what it does not read in the admin, by its uuid alone: numbers follow one another.

        Raises Http404 or PermissionDenied, as `reach`.
        """
        named = A_PAGE.fullmatch(object_id)
        if named is None:
            return self.reach(request, object_id, Power.SEE_AS)
        rows = Dossier.objects.filter(uuid=named[1]).select_related("student__school__academy", "student__division")
        found = self.within(rows, request.user, Power.SEE_AS).first()
        return found or self.reach(request, str(rows.values_list("pk", flat=True).first()), Power.SEE_AS)

    def quit_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        visit = end(request.session)
        if visit is None:
            return redirect("admin:index")
        if self.get_object(request, str(visit.number)):
            return redirect("admin:orientation_dossier_change", visit.number)
        return redirect("admin:see_as_find")

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """For the support, who has no list of pupils: one dossier, exactly named. Posted: an INE stays out of logs."""
        if not has_power(request.user, Power.SEE_AS):
            raise PermissionDenied
        form = FindForm(request.POST or None)
        if request.method == "POST" and not form.data:
            form = FindForm({})
        asked = form.is_valid()
        rows = seen_by(self, request.user).select_related("campaign__academy", "student__school", "student__division")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Voir un dossier comme la famille",
            "form": form,
            "asked": asked,
            "found": rows.filter(form.looked_for).order_by("-pk")[:10] if asked else [],
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return rendered(TemplateResponse(request, "admin/orientation/dossier/see_as_find.html", context, status=status))


def seen_by(admin: SeeAsFamily, user: User) -> QuerySet[Dossier]:
    return admin.within(Dossier.objects.all(), user, Power.SEE_AS)


def low(text: str) -> str:
    return text[0].lower() + text[1:]


def visits(dossier: Dossier, zone: ZoneInfo) -> list[dict[str, str]]:
    """« Qui a consulté ce dossier », for its school."""
    return [
        {
            "at": instant(one.at, zone), "who": f"{one.actor_name}, {low(who(one.data))}",
            "seen_as": one.data["seen_as_name"], "reason": one.data["reason"],
        }
        for one in visits_of(dossier.uuid)[:MOST]
    ]  # fmt: skip
