"""One family whom no letter reaches: the letter to print, and how the school reached them (MAI-06)."""

from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path

from families.paper import as_pdf
from families.powers import Power, staff_actor
from ledger import clock
from orientation.actions import contact_family
from orientation.admin.documents import DossierDocuments
from orientation.dates import instant
from orientation.models import ContactMeans, Dossier
from orientation.printing import letters_pdf
from orientation.unreachable import ADVICE, Reach, category_of, with_category


class ContactForm(forms.Form):
    means = forms.ChoiceField(label="Moyen", choices=ContactMeans.choices)
    note = forms.CharField(
        label="Note",
        max_length=300,
        required=False,
        help_text="Par exemple\u00a0: message laissé, la mère rappelle jeudi.",
    )


class DossierContacts(DossierDocuments):
    def get_urls(self) -> list[Any]:
        pages = [("relance/", self.contact_view, "dossier_contact"), ("courrier/", self.letter_view, "dossier_letter")]
        own = [
            path(f"<path:object_id>/{address}", self.admin_site.admin_view(view), name=name)
            for address, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def contact_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who runs the service notes that the family was reached, or not, otherwise than by e-mail."""
        dossier = self.reach(request, object_id, Power.WORK)
        form = ContactForm(request.POST or None)
        if form.is_valid():
            contact_family(dossier=dossier.uuid, user=request.user, by=staff_actor(request.user), **form.cleaned_data)
            return self._done(request, dossier, "La relance est notée dans l’historique du dossier.")
        found = category_of(dossier, clock.now())
        prefetch_related_objects([dossier], "contacts__by")
        context = {
            "title": "Noter une relance",
            "form": form,
            "category": found.label,
            "advice": ADVICE[found],
            "contacts": contacts_of(dossier),
        }
        status = 422 if form.errors else 200
        return self._page(request, dossier, "admin/orientation/dossier/contact.html", context, status)

    def letter_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        dossier = self.reach(request, object_id, Power.READ)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        now = clock.now()
        rows = with_category(Dossier.objects.filter(pk=dossier.pk), now)
        return as_pdf(letters_pdf(rows.select_related(*PRINTED), now), f"courrier-{dossier.student.siecle_id}")


PRINTED = ("student__school__academy", "student__division")


def contacts_of(dossier: Dossier) -> list[dict[str, str]]:
    """The follow-ups of a family, the last one first; what « contacts__by » has fetched is not read again."""
    zone = dossier.student.school.timezone
    return [
        {
            "at": instant(one.at, zone), "means": ContactMeans(one.means).label, "note": one.note,
            "by": one.by.get_full_name() or one.by.get_username(),
        }
        for one in reversed(dossier.contacts.all())
    ]  # fmt: skip


def reach_named(name: str) -> Reach | None:
    """The category that an address names, None for no category or an unknown one."""
    return Reach.__members__.get(name)  # type: ignore[return-value]
