"""The register, read-only: the journal and the letters, scoped through the dossiers they are about (ACC-06)."""

import re
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest
from django.utils import timezone

from families.admin_base import ScopedModelAdmin, scoped_action
from families.models import Representative, School, Student, User
from families.names import Folded, folded, name_key
from families.powers import Power, schools_with, staff_actor
from ledger.again import send_again
from ledger.models import JournalEntry, OutgoingEmail
from orientation.admin.wording import LETTERS, VERBS, letter_label, verb_label
from orientation.dates import instant
from orientation.models import Dossier

MOST = 2000  # dossiers said one by one; people of one name whose lines are looked for
ADDRESS = re.compile(r"[^\s<>\"'(){}:]+@[\w.-]+")


def dossiers_with(user: User, power: Power) -> Any:
    return Dossier.objects.filter(student__school__in=schools_with(user, power)).values("uuid")


def here(at: Any) -> str:
    return instant(at, ZoneInfo(timezone.get_current_timezone_name())) if at else ""


@admin.register(JournalEntry)
class JournalAdmin(ScopedModelAdmin):
    list_display = ["when", "what", "actor_name", "actor_kind", "pupil"]
    list_filter = ["actor_kind"]
    ordering = ["-at", "-pk"]
    fields = ["at", "verb", "actor_kind", "actor_name", "dossier_uuid", "data"]
    search_fields = ["actor_name"]  # so that there is a box: `get_search_results` says what it finds
    search_help_text = "Nom de l’élève ou de l’auteur, acte («\u00a0saisie\u00a0», «\u00a0avis »…), jour (05/04/2027)"
    show_full_result_count = False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Each word typed is in the pupil's name, in the author's, in what the act is called, or is the day."""
        schools = schools_with(request.user, self.view_power)
        for word in search_term.split():
            queryset = queryset.filter(asked_by(word, schools))
        return queryset, False

    def within(self, queryset: QuerySet[Any], user: User, power: Power) -> QuerySet[Any]:
        if user.is_superuser:
            return queryset
        known = list(schools_with(user, power).values_list("uai", flat=True))
        mine = dossiers_with(user, power)
        few = list(mine.values_list("uuid", flat=True)[: MOST + 1])  # said one by one, the index finds them
        about = mine if len(few) > MOST else few
        return queryset.filter(Q(dossier_uuid__in=about) | Q(dossier_uuid=None, data__school__in=known))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(pupil_name=pupil_name())

    @admin.display(description="Date", ordering="at")
    def when(self, obj: JournalEntry) -> str:
        return here(obj.at)

    @admin.display(description="Acte")
    def what(self, obj: JournalEntry) -> str:
        return verb_label(obj.verb)

    @admin.display(description="Élève")
    def pupil(self, obj: Any) -> str:
        return obj.pupil_name or "–"


def asked_by(word: str, schools: QuerySet[School]) -> Q:
    """`schools`: those of the reader, whose pupils, representatives and staff may be named."""
    day = day_typed(word)
    if day is not None:
        return Q(at__gte=day, at__lt=day + timedelta(days=1))
    key = folded(word)
    pupils = Dossier.objects.alias(found_name=name_key("student__")).filter(student__school__in=schools)
    parents = Representative.objects.alias(found_name=name_key()).filter(guardianships__student__school__in=schools)
    staff = User.objects.alias(found_name=Folded(Concat("first_name", Value(" "), "last_name"))).filter(is_staff=True)
    named, *authors = [
        list(rows.filter(found_name__contains=key).values_list("uuid", flat=True)[:MOST])
        for rows in (pupils, parents, staff)
    ]
    called = [verb for verb, label in VERBS.items() if key in folded(label)]
    return Q(dossier_uuid__in=named) | Q(actor_uuid__in=chain(*authors)) | Q(verb__in=called)


def day_typed(word: str) -> datetime | None:
    """« 05/04/2027 », from midnight in the reader's time."""
    try:
        return datetime.strptime(word, "%d/%m/%Y").replace(tzinfo=timezone.get_current_timezone())
    except ValueError:
        return None


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
