"""The register, read-only: the journal and the letters, scoped through the dossiers they are about (ACC-06)."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest
from django.utils import timezone

from families.admin_base import ScopedModelAdmin, scoped_action
from families.models import Representative, Student, User
from families.powers import Power, schools_with, staff_actor
from ledger.again import send_again
from ledger.models import JournalEntry, OutgoingEmail
from orientation.admin.wording import LETTERS, letter_label, verb_label
from orientation.dates import instant
from orientation.models import Dossier

ADDRESS = re.compile(r"[^\s<>\"'(){}:]+@[\w.-]+")


def dossiers_with(user: User, power: Power) -> Any:
    return Dossier.objects.filter(student__school__in=schools_with(user, power)).values("uuid")


def here(at: Any) -> str:
    return instant(at, ZoneInfo(timezone.get_current_timezone_name())) if at else ""


@admin.register(JournalEntry)
class JournalAdmin(ScopedModelAdmin):
    list_display = ["when", "what", "actor_name", "actor_kind", "pupil"]
    list_filter = ["actor_kind"]
    fields = ["at", "verb", "actor_kind", "actor_name", "dossier_uuid", "data"]
    show_full_result_count = False

    def within(self, queryset: QuerySet[Any], user: User, power: Power) -> QuerySet[Any]:
        if user.is_superuser:
            return queryset
        known = list(schools_with(user, power).values_list("uai", flat=True))
        return queryset.filter(
            Q(dossier_uuid__in=dossiers_with(user, power)) | Q(dossier_uuid=None, data__school__in=known)
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(pupil_name=pupil_name()).order_by("-at", "-pk")

    @admin.display(description="Date", ordering="at")
    def when(self, obj: JournalEntry) -> str:
        return here(obj.at)

    @admin.display(description="Acte")
    def what(self, obj: JournalEntry) -> str:
        return verb_label(obj.verb)

    @admin.display(description="Élève")
    def pupil(self, obj: Any) -> str:
        return obj.pupil_name or "–"


class KindFilter(admin.SimpleListFilter):
    """By what the letter is about, whoever reads it."""

    title, parameter_name = "lettre", "lettre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(LETTERS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kind = self.value()
        return queryset.filter(kind__in=[kind, f"{kind}_author", f"{kind}_other"]) if kind else queryset


@admin.register(OutgoingEmail)
class LetterAdmin(ScopedModelAdmin):
    """What was sent, to whom and when, and what became of it; never the text nor the address."""

    list_display = ["created", "what", "recipient", "pupil", "state", "sent", "became", "attempts", "why"]
    list_filter = ["state", "delivery", KindFilter]
    fields = [
        "kind", "state", "created_at", "not_before", "attempts", "sent_at", "delivery", "delivery_at", "why",
    ]  # fmt: skip
    show_full_result_count = False
    actions = ["try_again"]

    @scoped_action(power=Power.GOVERN, description="Essayer de nouveau maintenant (en échec ou mis de côté)")
    def try_again(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        chosen = list(queryset.order_by().values_list("pk", flat=True))
        sent = send_again(chosen, by=staff_actor(request.user))
        messages.success(request, f"Courriels remis en route\u00a0: {sent}. Ils partent dans la minute.")
        if sent < len(chosen):
            left = len(chosen) - sent
            messages.info(request, f"Laissés tels quels, car ni en échec ni mis de côté\u00a0: {left}.")

    def within(self, queryset: QuerySet[Any], user: User, power: Power) -> QuerySet[Any]:
        return queryset if user.is_superuser else queryset.filter(dossier_uuid__in=dossiers_with(user, power))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        named = {"recipient_name": Coalesce(name_of(Representative), name_of(Student)), "pupil_name": pupil_name()}
        return super().get_queryset(request).annotate(**named).order_by("-created_at", "uuid")

    @admin.display(description="Écrit", ordering="created_at")
    def created(self, obj: OutgoingEmail) -> str:
        return here(obj.created_at)

    @admin.display(description="Lettre")
    def what(self, obj: OutgoingEmail) -> str:
        return letter_label(obj.kind)

    @admin.display(description="Destinataire")
    def recipient(self, obj: Any) -> str:
        return obj.recipient_name or "–"

    @admin.display(description="Élève")
    def pupil(self, obj: Any) -> str:
        return obj.pupil_name or "–"

    @admin.display(description="Envoyé", ordering="sent_at")
    def sent(self, obj: OutgoingEmail) -> str:
        return here(obj.sent_at)

    @admin.display(description="Devenir", ordering="delivery")
    def became(self, obj: OutgoingEmail) -> str:
        return f"{obj.get_delivery_display()}, {here(obj.delivery_at)}" if obj.delivery else "–"

    @admin.display(description="Dernière erreur")
    def why(self, obj: OutgoingEmail) -> str:
        """What the mail server answers often holds the address."""
        return ADDRESS.sub("(adresse)", obj.last_error) or "–"


def name_of(model: type[Representative] | type[Student]) -> Subquery:
    rows = model._default_manager.filter(uuid=OuterRef("recipient_uuid")).order_by()
    return Subquery(rows.values(name=Concat("first_name", Value(" "), "family_name"))[:1])


def pupil_name() -> Subquery:
    rows = Dossier.objects.filter(uuid=OuterRef("dossier_uuid")).order_by()
    return Subquery(rows.values(name=Concat("student__first_name", Value(" "), "student__family_name"))[:1])
