"""« Rattachements »: whose account is whose, since when, by what; undone by the school, with a reason (ACC-07)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from families.admin_base import ScopedModelAdmin
from families.attachments import AlreadyEnded, children_of, detach, may_undo, means, person_of
from families.models import Attachment, User
from families.names import folded, name_key
from families.powers import Power, schools_with, staff_actor


class DetachForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=300,
        help_text="Gardé dans l’historique de l’établissement. La famille ne le lit pas. Par exemple\u00a0: le code de "
        "la mère a été tapé par une autre personne.",
    )


class Standing(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("rattache", "rattaché"), ("detache", "détaché")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Attachment]) -> QuerySet[Attachment]:
        if self.value() in {"rattache", "detache"}:
            return queryset.filter(ended_at__isnull=self.value() == "rattache")
        return queryset


class AttachmentAdmin(ScopedModelAdmin):
    """Two ways lead to the school: through a representative, or a pupil."""

    list_display = ["person", "quality", "school", "by_what", "at", "state", "undo"]
    list_filter = [Standing]
    list_select_related = ["representative__school", "student__school"]
    search_fields = ["ended_by"]  # so that there is a box: `get_search_results` says what it finds
    search_help_text = "Nom de la personne, ou UAI de l’établissement"
    ordering = ["-at", "-pk"]
    fields = ["person", "quality", "school", "by_what", "at", "ended_at", "ended_by", "reason"]

    def within(self, queryset: QuerySet[Any], user: User, power: Power) -> QuerySet[Any]:
        schools = schools_with(user, power)
        mine = Q(representative__school__in=schools) | Q(student__school__in=schools)
        return queryset if user.is_superuser else queryset.filter(mine)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        queryset = queryset.alias(adult=name_key("representative__"), pupil=name_key("student__"))
        for word in search_term.split():
            key = folded(word)
            queryset = queryset.filter(
                Q(adult__contains=key) | Q(pupil__contains=key)
                | Q(representative__school__uai__iexact=word) | Q(student__school__uai__iexact=word)
            )  # fmt: skip
        return queryset, False

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Who only reads undoes nothing."""
        return self.list_display if may_undo(request.user).exists() else self.list_display[:-1]

    def get_fields(self, request: HttpRequest, obj: Attachment | None = None) -> list[str]:
        return [*self.fields, "undo"] if may_undo(request.user).exists() else self.fields

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.detach_view)
        return [path("<path:object_id>/detacher/", view, name="attachment_detach"), *super().get_urls()]

    def detach_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """404 out of scope; 403 for who reads this school, and neither works there nor governs it."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        if not may_undo(request.user).filter(pk=person_of(found).school_id).exists():
            raise PermissionDenied
        form = DetachForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._detached(request, found, form.cleaned_data["reason"])
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "Détacher un compte",
            "attachment": found, "person": person_of(found), "children": children_of(person_of(found)), "form": form,
        }  # fmt: skip
        return TemplateResponse(request, "admin/families/detach.html", context, status=422 if form.errors else 200)

    def _detached(self, request: HttpRequest, found: Attachment, reason: str) -> HttpResponse:
        name = person_of(found).full_name
        try:
            detach(found.pk, by=staff_actor(request.user), reason=reason)
            messages.success(request, f"Le compte de {name} est détaché. Vous pouvez lui remettre une nouvelle lettre.")
        except AlreadyEnded:
            messages.info(request, f"Le compte de {name} était déjà détaché\u00a0: rien n’a changé.")
        return redirect("admin:families_attachment_changelist")

    @admin.display(description="Personne")
    def person(self, obj: Attachment) -> str:
        return person_of(obj).full_name

    @admin.display(description="Qualité")
    def quality(self, obj: Attachment) -> str:
        return "élève" if obj.student_id else "représentant légal"

    @admin.display(description="Établissement")
    def school(self, obj: Attachment) -> str:
        return str(person_of(obj).school)

    @admin.display(description="Avec")
    def by_what(self, obj: Attachment) -> str:
        return means(obj.way, obj.provider)

    @admin.display(description="État")
    def state(self, obj: Attachment) -> str:
        return f"détaché par {obj.ended_by}" if obj.ended_at else "rattaché"

    @admin.display(description="Détacher")
    def undo(self, obj: Attachment) -> str:
        if obj.ended_at:
            return "–"
        page = reverse("admin:attachment_detach", args=[obj.pk])
        return format_html('<a href="{}" aria-label="Détacher le compte de {}">Détacher</a>', page, self.person(obj))
