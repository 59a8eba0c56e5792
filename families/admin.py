"""Who: divisions and their activation codes, pupils, representatives and their addresses, accounts and roles."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F, QuerySet
from django.forms import BooleanField, ModelForm, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from families.activation import IssuedCode, as_csv, issue_codes
from families.activation_pages import LettersOfDivisions
from families.admin_accounts import AccountsOfFamilies
from families.admin_attachments import AttachmentAdmin
from families.admin_base import ScopeBy, ScopedInline, ScopedModelAdmin, SuperuserModelAdmin, scoped_action
from families.admin_phones import StaffPhones
from families.models import (
    Academy,
    Attachment,
    Division,
    Guardianship,
    Representative,
    StaffMembership,
    Student,
    User,
)
from families.names import name_key
from families.powers import Power, has_power, staff_actor
from families.typing import better_spelt
from ledger import clock, journal

admin.site.unregister(Group)  # roles are memberships
admin.site.register(Attachment, AttachmentAdmin)


@admin.register(Academy)
class AcademyAdmin(ScopedModelAdmin):
    scope_by = ScopeBy.ACADEMY
    scope_path = "pk"
    add_power = change_power = Power.ALL
    list_display = ["name", "code", "timezone", "sender_email"]
    search_fields = ["name", "code"]


@admin.register(Division)
class DivisionAdmin(LettersOfDivisions):
    scope_path = "school"
    list_display = ["code", "label", "year", "school", "letters"]
    list_filter = ["school", "year"]
    list_select_related = ["school"]
    search_fields = ["code", "school__name", "school__uai"]
    actions = ["print_codes", "download_codes"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Who only reads hands out no letter."""
        return self.list_display if has_power(request.user, Power.WORK) else self.list_display[:-1]

    @admin.display(description="Comptes des familles")
    def letters(self, obj: Division) -> str:
        page = reverse("admin:activation_letters", args=[obj.pk])
        return format_html('<a href="{}">Lettres d’activation</a>', page)

    @scoped_action(power=Power.WORK, description="Éditer les codes d’activation (page à imprimer)")
    def print_codes(self, request: HttpRequest, queryset: QuerySet[Division]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Codes d’activation",
            "opts": self.opts,
            "codes": self._issue(request, queryset),
        }
        return TemplateResponse(request, "admin/families/codes.html", context)

    @scoped_action(power=Power.WORK, description="Éditer les codes d’activation (fichier CSV)")
    def download_codes(self, request: HttpRequest, queryset: QuerySet[Division]) -> HttpResponse:
        response = HttpResponse(as_csv(self._issue(request, queryset)).encode("utf-8-sig"), content_type="text/csv")
        response["Content-Disposition"] = 'attachment; filename="codes-activation.csv"'
        return response

    def _issue(self, request: HttpRequest, divisions: QuerySet[Division]) -> list[IssuedCode]:
        """Former codes that were not used stop working (families.activation)."""
        by = staff_actor(request.user)
        with transaction.atomic():
            return [code for division in divisions for code in issue_codes(division, by=by)]


class GuardianshipInline(ScopedInline):
    model = Guardianship
    scope_path = "student__school"
    verbose_name_plural = "responsables dans Siècle"
    fields = ["representative", "level", "kinship", "ended_on"]


@admin.register(Student)
class StudentAdmin(AccountsOfFamilies):
    scope_path = "school"
    list_display = ["family_name", "first_name", "division", "level", "scope", "school"]
    list_display_links = ["family_name", "first_name"]
    list_filter = ["school", "division", "level", "scope"]
    list_select_related = ["school", "division"]
    name_path = ""
    search_fields = ["ine", "school__uai"]
    search_help_text = "Nom, prénom, INE, ou UAI de l’établissement"
    ordering = [name_key(), "pk"]
    exclude = ["user"]
    inlines = [GuardianshipInline]


class MissingAddress(admin.SimpleListFilter):
    """MAI-06: the school sees who cannot be written to."""

    title = "adresse électronique"
    parameter_name = "adresse"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("absente", "absente"), ("differente", "différente de celle de Siècle")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Representative]) -> QuerySet[Representative]:
        if self.value() == "absente":
            legal = Guardianship.objects.legal().values("representative_id")
            return queryset.filter(email="", pk__in=legal)
        if self.value() == "differente":
            return queryset.exclude(siecle_email="").exclude(siecle_email=F("email"))
        return queryset


class MissingAddressForm(ModelForm):
    """A slip of the finger is pointed out, never corrected: what was typed may be kept (ACC-09)."""

    sure = BooleanField(label="L’adresse est bien écrite ainsi", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:
            self.fields["email"].required = True

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        better = better_spelt(typed["email"]) if typed.get("email") else ""
        if better and not typed.get("sure"):
            words = f"Vouliez-vous écrire {better}\u00a0? Corrigez, ou cochez la case si l’adresse est bonne."
            self.add_error("email", ValidationError(words, code="LIKELY_SLIP"))
        return typed


@admin.register(Representative)
class RepresentativeAdmin(ScopedModelAdmin):
    """The school may fill in a missing address, never change one (ACC-09)."""

    form = MissingAddressForm
    scope_path = "school"
    change_power = Power.WORK
    list_display = ["family_name", "first_name", "email", "school"]
    list_display_links = ["family_name", "first_name"]
    list_filter = ["school", MissingAddress]
    list_select_related = ["school"]
    name_path = ""
    search_fields = ["school__uai"]
    search_help_text = "Nom, prénom, ou UAI de l’établissement"
    ordering = [name_key(), "pk"]
    fields = [
        "civility",
        "family_name",
        "usage_name",
        "first_name",
        "school",
        "email",
        "email_confirmed_at",
        "siecle_email",
    ]

    def get_fields(self, request: HttpRequest, obj: Representative | None = None) -> list[str]:
        """The box to keep what looks like a slip comes with the question."""
        asked = request.method == "POST" and obj is not None and not obj.email
        if not asked:
            return self.fields
        after = self.fields.index("email") + 1
        return [*self.fields[:after], "sure", *self.fields[after:]]

    def get_readonly_fields(self, request: HttpRequest, obj: Representative | None = None) -> list[str]:
        return [one for one in self.fields if one != "email" or obj is None or obj.email]

    def save_model(self, request: HttpRequest, obj: Representative, form: ModelForm, change: bool) -> None:
        filled = Representative.objects.filter(pk=obj.pk, email="").update(email=obj.email)
        if filled and obj.email:
            school = obj.school.uai
            journal.write(
                verb="address_filled", by=staff_actor(request.user), at=clock.now(), school=school,
                representative=str(obj.uuid),
            )  # fmt: skip


@admin.register(User)
class AccountAdmin(SuperuserModelAdmin, UserAdmin):
    list_display = ["username", "first_name", "last_name", "is_staff", "is_active"]
    list_filter = ["is_staff", "is_active"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Personne", {"fields": ["first_name", "last_name", "email"]}),
        ("Accès", {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]


@admin.register(StaffMembership)
class MembershipAdmin(StaffPhones):
    list_display = ["user", "role", "school", "academy"]
    list_filter = ["role", "academy"]
    list_select_related = ["user", "school", "academy"]
    autocomplete_fields = ["user", "school"]
