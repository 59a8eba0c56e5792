"""A colleague lost the phone of their second factor: who has one in my schools, and taking it away (an act, journaled).

For the académie, over the people of its schools alone, and for superusers (families.second_factor:may_remove).
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django_otp.plugins.otp_totp.models import TOTPDevice

from families.admin_base import SuperuserModelAdmin
from families.models import User
from families.powers import Power, has_power
from families.second_factor import FactorRefused, may_remove, remove

SHOWN = 50


class LostPhoneForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=200,
        help_text="Par exemple\u00a0: téléphone perdu, la personne a rappelé depuis le numéro de l’établissement.",
    )


class StaffPhones(SuperuserModelAdmin):
    """The pages beside those of the memberships, which are the superusers' own."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("telephones/", wrap(self.phones_view), name="staff_phones"),
            path("telephones/<uuid:uuid>/retirer/", wrap(self.remove_view), name="staff_phone_remove"),
            *super().get_urls(),
        ]

    def phones_view(self, request: HttpRequest) -> HttpResponse:
        check_power(request)
        query = request.GET.get("q", "").strip()
        found = list(phones_of(may_remove(request.user), query)[: SHOWN + 1])
        context = {"phones": found[:SHOWN], "more": len(found) > SHOWN, "query": query, "shown": SHOWN}
        return self._page(request, "admin/families/phones.html", "Téléphones du personnel", context)

    def remove_view(self, request: HttpRequest, uuid: UUID) -> HttpResponse:
        """404 for who is not theirs, as for nobody."""
        check_power(request)
        person = get_object_or_404(may_remove(request.user), uuid=uuid)
        form = LostPhoneForm(request.POST or None)
        if form.is_valid() and self._removed(request, person, form):
            return redirect("admin:staff_phones")
        status = 422 if form.errors else 200
        context = {"form": form, "person": person}
        return self._page(request, "admin/families/phone_lost.html", "Retirer un téléphone perdu", context, status)

    def _removed(self, request: HttpRequest, person: User, form: LostPhoneForm) -> bool:
        try:
            remove(person, by=request.user, reason=form.cleaned_data["reason"])
        except FactorRefused as refused:
            form.add_error(None, forms.ValidationError(refused.sentence, code=refused.code))
            return False
        name = person.get_full_name() or person.get_username()
        messages.success(request, f"Le téléphone de {name} est retiré. Il faudra en enregistrer un autre.")
        return True

    def _page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, template, shown, status=status)


def check_power(request: HttpRequest) -> None:
    if not has_power(request.user, Power.GOVERN):
        raise PermissionDenied


def phones_of(people: QuerySet[User], query: str) -> QuerySet[TOTPDevice]:
    """The phones in use of these people, whose name, login or school holds each word."""
    rows = TOTPDevice.objects.filter(confirmed=True, user__in=people).select_related("user")
    for word in query.split():
        rows = rows.filter(
            Q(user__last_name__icontains=word) | Q(user__first_name__icontains=word)
            | Q(user__username__icontains=word) | Q(user__memberships__school__uai__iexact=word)
        )  # fmt: skip
    return rows.distinct().order_by("user__last_name", "user__first_name", "pk")
