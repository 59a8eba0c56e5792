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
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst

from families.admin_base import ScopedModelAdmin, scoped_action
from families.models import Representative, School, Student, User
from families.names import Folded, folded, name_key
from families.powers import Power, academies_with, schools_with, staff_actor
from ledger.again import send_again
from ledger.models import JournalEntry, OutgoingEmail
from orientation.admin.wording import LETTERS, VERBS, letter_label, said_of, verb_label
from orientation.dates import instant
from orientation.models import Dossier

MOST = 2000  # dossiers said one by one; people of one name whose lines are looked for
ADDRESS = re.compile(r"[^\s<>\"'(){}:]+@[\w.-]+")


def dossiers_with(user: User, power: Power) -> Any:
    return Dossier.objects.filter(student__school__in=schools_with(user, power)).values("uuid")


def of_academies(user: User) -> Q:
    """What is about the whole of an académie is read by who governs it."""
    governed = list(academies_with(user, Power.GOVERN).values_list("pk", flat=True))
    return Q(dossier_uuid=None, data__academy__in=governed)


def here(at: Any) -> str:
    return instant(at, ZoneInfo(timezone.get_current_timezone_name())) if at else ""


class RegisterAdmin(ScopedModelAdmin):
    """A line is read on its page in the words of its list, never in codes."""

    def what(self, obj: Any) -> str:
        raise NotImplementedError

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context["subtitle"] = capfirst(self.what(context["original"]))
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="Dossier")
    def dossier_page(self, obj: Any) -> str:
        found = Dossier.objects.filter(uuid=obj.dossier_uuid).first() if obj.dossier_uuid else None
        if found is None:
            return "–"
        page = reverse("admin:orientation_dossier_change", args=[found.pk])
        return format_html('<a href="{}">{}</a>', page, obj.pupil_name)


@admin.register(JournalEntry)
class JournalAdmin(RegisterAdmin):
    list_display = ["when", "what", "actor_name", "actor_kind", "pupil"]
    list_filter = ["actor_kind"]
    ordering = ["-at", "-pk"]
    fieldsets = [
        (None, {"fields": ["when", "what", "actor_kind", "actor_name", "dossier_page", "told"]}),
        ("La ligne telle qu’elle est gardée", {"fields": ["data"], "classes": ["collapse"]}),
    ]
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
        return queryset.filter(
            Q(dossier_uuid__in=about) | Q(dossier_uuid=None, data__school__in=known) | of_academies(user)
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(pupil_name=pupil_name())

    @admin.display(description="Date", ordering="at")
    def when(self, obj: JournalEntry) -> str:
        return here(obj.at)

    @admin.display(description="Acte")
    def what(self, obj: JournalEntry) -> str:
        return verb_label(obj.verb)

    @admin.display(description="En clair")
    def told(self, obj: JournalEntry) -> str:
        return "\u00a0; ".join(f"{label}\u00a0: {said}" for label, said in said_of(obj.data)) or "–"

    @admin.display(description="Élève")
    def pupil(self, obj: Any) -> str:
        return obj.pupil_name or "–"


def asked_by(word: str, schools: QuerySet[School]) -> Q:
    """`schools`: those of the reader, whose pupils, representatives and staff may be named."""
    day = day_typed(word)
    if day is not None:
        return Q(at__gte=day, at__lt=day + timedelta(days=1))
    key = folded(word)
    staff = User.objects.alias(found_name=Folded(Concat("first_name", Value(" "), "last_name"))).filter(is_staff=True)
    authors = chain(parents_named(key, schools), first_named(staff, key))
    called = [verb for verb, label in VERBS.items() if key in folded(label)]
    return Q(dossier_uuid__in=pupils_named(key, schools)) | Q(actor_uuid__in=authors) | Q(verb__in=called)


def pupils_named(key: str, schools: QuerySet[School]) -> list[Any]:
    """The uuids of their dossiers."""
    rows = Dossier.objects.alias(found_name=name_key("student__")).filter(student__school__in=schools)
    return first_named(rows, key)


def parents_named(key: str, schools: QuerySet[School]) -> list[Any]:
    rows = Representative.objects.alias(found_name=name_key()).filter(guardianships__student__school__in=schools)
    return first_named(rows, key)


def first_named(rows: QuerySet[Any], key: str) -> list[Any]:
    return list(rows.filter(found_name__contains=key).values_list("uuid", flat=True)[:MOST])


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
class LetterAdmin(RegisterAdmin):
    """What was sent, to whom and when, and what became of it; never the text nor the address."""

    list_display = ["created", "what", "recipient", "pupil", "state", "sent", "became", "attempts", "why"]
    list_filter = ["state", "delivery", KindFilter]
    ordering = ["-created_at", "uuid"]
    fields = [
        "what", "recipient", "dossier_page", "state", "created", "not_before", "attempts", "sent", "became", "why",
    ]  # fmt: skip
    search_fields = ["kind"]  # so that there is a box: `get_search_results` says what it finds
    search_help_text = "Nom de l’élève ou du destinataire"
    show_full_result_count = False
    actions = ["try_again"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Each word typed is in the pupil's name or in the representative's."""
        schools = schools_with(request.user, self.view_power)
        for key in map(folded, search_term.split()):
            people = Q(recipient_uuid__in=parents_named(key, schools))
            queryset = queryset.filter(people | Q(dossier_uuid__in=pupils_named(key, schools)))
        return queryset, False

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
        return super().get_queryset(request).annotate(**named)

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
