"""The follow-up list of dossiers: one fact a column, in one query (SIE-06, SIE-07)."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from families.admin_base import FewRelated
from families.models import Division, School
from families.powers import Power, schools_with
from ledger import clock
from orientation.admin.awaited import awaited_names
from orientation.enums import AnswerKind, AuthorKind, OpinionChange, Phase, ReceiptOutcome
from orientation.models import (
    Acknowledgement,
    Agreement,
    ClassCouncil,
    CouncilStatement,
    Decision,
    Dossier,
    EntryObjection,
    FamilyAnswer,
    Meeting,
    SiecleReceipt,
    Submission,
)
from orientation.unreachable import UNREACHED, unreached


def with_facts(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Annotate each dossier with the last facts of each phase; the school's own entries are told apart."""
    entered = {}
    for phase in Phase:
        last, name = _entries(phase).order_by("-version"), phase.value.lower()
        entered[f"{name}_by"] = Subquery(_online(phase).values("author_name")[:1])
        entered[f"{name}_at"] = Subquery(_online(phase).values("submitted_at")[:1])
        entered[f"{name}_typed"] = Exists(_typed(phase))
        entered[f"{name}_changed"] = Subquery(last.values("asked_by")[:1])  # SIE-04: who asked; empty, no change
        entered[f"{name}_late"] = Exists(_not_processed(phase))
        entered[f"{name}_contested"] = Exists(_contested(phase))
    return dossiers.annotate(**entered, **_answers(), awaited=awaited_names(clock.now()))


def _entries(phase: str) -> QuerySet[Submission]:
    return Submission.objects.filter(dossier=OuterRef("pk"), phase=phase)


def _online(phase: str) -> QuerySet[Submission]:
    """The family's own, and those that the school changed at its request; the last one first."""
    return _entries(phase).exclude(author_kind=AuthorKind.SCHOOL).order_by("-version")


def _typed(phase: str) -> QuerySet[Submission]:
    return _entries(phase).filter(author_kind=AuthorKind.SCHOOL, asked_by="")


def _not_processed(phase: str) -> QuerySet[Submission]:
    """SIE-03: a family's version that Siècle has not accepted although the council is open; once it is reset, the
    family's last one if it was left aside.
    """
    opened = ClassCouncil.objects.filter(
        campaign=OuterRef("dossier__campaign"), division=OuterRef("dossier__student__division"), phase=phase,
        opened_at__isnull=False,
    )  # fmt: skip
    taken = SiecleReceipt.objects.filter(ref=OuterRef("uuid"), outcome=ReceiptOutcome.ACCEPTED)
    families = Submission.objects.filter(dossier=OuterRef("pk"), phase=phase).exclude(author_kind=AuthorKind.SCHOOL)
    since = Submission.objects.filter(dossier=OuterRef("dossier"), phase=phase, version__gt=OuterRef("version"))
    left_aside = SiecleReceipt.objects.filter(ref=OuterRef("uuid"), outcome=ReceiptOutcome.NOT_PROCESSED)
    return families.filter(Exists(opened) | Exists(left_aside) & ~Exists(since)).exclude(Exists(taken))


def _contested(phase: str) -> QuerySet[EntryObjection]:
    """Another representative objects to the last version (policy « objection »); an older one is in the history."""
    later = Submission.objects.filter(
        dossier=OuterRef("submission__dossier"), phase=phase, version__gt=OuterRef("submission__version")
    )
    objections = EntryObjection.objects.filter(submission__dossier=OuterRef("pk"), submission__phase=phase)
    return objections.exclude(Exists(later))


STANDING = CouncilStatement.objects.filter(dossier=OuterRef("pk"), withdrawal__isnull=True)
SIGNED = Acknowledgement.objects.filter(statement__dossier=OuterRef("pk"), statement__withdrawal__isnull=True)
SIGNED_BEFORE = Acknowledgement.objects.filter(statement__dossier=OuterRef("pk"), statement__withdrawal__isnull=False)
ANSWERED = FamilyAnswer.objects.filter(statement__dossier=OuterRef("pk"), statement__withdrawal__isnull=True)
DISAGREED = Agreement.objects.filter(
    answer__statement__dossier=OuterRef("pk"), agrees=False, answer__statement__withdrawal__isnull=True
)
MET = Meeting.objects.filter(dossier=OuterRef("pk"))
DECIDED = Decision.objects.filter(dossier=OuterRef("pk"))


def _answers() -> dict[str, Any]:
    signed, before = SIGNED.order_by("-at"), SIGNED_BEFORE.order_by("-at")
    answered, decided = ANSWERED.order_by("-at"), DECIDED.order_by("-at")
    return {
        "opinions_at": Subquery(STANDING.filter(phase=Phase.PROVISIONAL).values("published_at")[:1], DateTimeField()),
        "acknowledged_by": Subquery(signed.values("author_name")[:1]),
        "acknowledged_at": Subquery(signed.values("at")[:1]),
        "acknowledged_before_by": Subquery(before.values("author_name")[:1]),
        "acknowledged_before_at": Subquery(before.values("at")[:1]),
        "proposals_at": Subquery(STANDING.filter(phase=Phase.DEFINITIVE).values("published_at")[:1], DateTimeField()),
        "answer_kind": Subquery(answered.values("kind")[:1]),
        "answered_by": Subquery(answered.values("author_name")[:1]),
        "answered_at": Subquery(answered.values("at")[:1]),
        "decision_origin": Subquery(decided.values("origin")[:1]),
        "decision_at": Subquery(decided.values("at")[:1]),
    }


def _nothing_entered(phase: str) -> Q:
    return ~Exists(_online(phase)) & ~Exists(_typed(phase))


# OPI-04: the opinions acknowledged are no longer those that stand; policy « again » ends it with a new acknowledgement
CHANGED_SINCE = ~Exists(SIGNED) & Exists(SIGNED_BEFORE)
TOLD_ONLY = Q(campaign__opinion_change=OpinionChange.TELL) & Exists(SIGNED_BEFORE)
# « entretien »: refused, or accepted by one and not by another
TO_MEET = Exists(ANSWERED.filter(kind=AnswerKind.REFUSED)) | Exists(DISAGREED)


class Waiting(admin.SimpleListFilter):
    """SIE-07: the families from whom something is missing. Existence, never a value: many at once are then found."""

    title = "ce qui manque"
    parameter_name = "manque"
    conditions = {
        "intentions": ("aucune intention validée", _nothing_entered(Phase.PROVISIONAL)),
        "accuse": (
            "avis sans accusé de réception",
            Exists(STANDING.filter(phase=Phase.PROVISIONAL)) & ~Exists(SIGNED) & ~TOLD_ONLY,
        ),
        "avis-modifies": ("avis modifiés après accusé\u00a0: prévenir la famille", CHANGED_SINCE),
        "choix": ("aucun choix validé", _nothing_entered(Phase.DEFINITIVE)),
        "reponse": (
            "propositions sans réponse",
            Exists(STANDING.filter(phase=Phase.DEFINITIVE)) & ~Exists(ANSWERED),
        ),
        "accord": ("accord attendu d’un autre représentant", Exists(ANSWERED) & Q(awaited__isnull=False)),
        "decision": ("aucune décision", ~Exists(DECIDED)),
        "entretien": ("entretien à tenir", ~Exists(DECIDED) & ~Exists(MET) & TO_MEET),
        "desaccord": ("désaccord avec la saisie", Q(provisional_contested=True) | Q(definitive_contested=True)),
        "modifiee": (
            "demande modifiée par l’établissement",
            Q(provisional_changed__gt="") | Q(definitive_changed__gt=""),
        ),
        "non-traitee": ("saisie non traitée", Q(provisional_late=True) | Q(definitive_late=True)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        chosen = self.conditions.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class Unreached(admin.SimpleListFilter):
    """MAI-06: the families whom no letter reaches, all of them or for one reason. Costly: of a few schools at a time,
    and none is listed of more; for an académie, « Familles non joignables, par établissement » counts them.
    """

    title = "familles non joignables"
    parameter_name = "non-joignables"
    ALL = "toutes"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        reasons = [(one.name, str(one.label)) for one in UNREACHED]
        if few_schools(request) is not None:
            return [(self.ALL, "toutes"), *reasons]
        chosen = self.value()
        return [(chosen, "choisissez d’abord un établissement")] if chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        wanted = [one for one in UNREACHED if self.value() in (self.ALL, one.name)]
        if wanted and few_schools(request) is None:
            return queryset.none()
        return unreached(queryset, clock.now(), wanted) if wanted else queryset


class FactsOfThePage(ChangeList):
    """Which dossiers are on the page, first; then what is said of those fifty, and of no other."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        keys = list(self.result_list.values_list("pk", flat=True))
        rows = {one.pk: one for one in self.apply_select_related(self.root_queryset.filter(pk__in=keys))}
        self.result_list = [rows[key] for key in keys]
        found = dict(unreached(Dossier.objects.filter(pk__in=keys), clock.now()).values_list("pk", "category"))
        for one in self.result_list:
            one.trouble = found.get(one.pk)


class DivisionFilter(admin.SimpleListFilter):
    """The divisions of the school chosen; without one, each with its school's name, unless the schools are many."""

    title = "division"
    parameter_name = "division"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        listed = self._divisions(request).filter(Exists(Dossier.objects.filter(student__division=OuterRef("pk"))))
        rows = list(listed.select_related("school").order_by("school__name", "code")[:300])
        several = len({one.school_id for one in rows}) > 1
        return [(str(one.pk), f"{one.code}, {one.school}" if several else one.code) for one in rows]

    def _divisions(self, request: HttpRequest) -> QuerySet[Division]:
        """Of too many schools, only the division chosen: a filter that is not shown would not be applied."""
        schools = few_schools(request)
        if schools is None:
            chosen = Division.objects.filter(school__in=schools_with(request.user, Power.READ))
            return chosen.filter(pk=chosen_in(self.value()))
        return Division.objects.filter(school__in=schools)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dossier]) -> QuerySet[Dossier]:
        chosen = chosen_in(self.value())
        return queryset.filter(student__division=chosen) if chosen else queryset


def few_schools(request: HttpRequest) -> QuerySet[School] | None:
    """The school chosen, else all those of the reader; None when they are too many."""
    schools = schools_with(request.user, Power.READ)
    school = chosen_in(request.GET.get("student__school__id__exact"))
    if school:
        return schools.filter(pk=school)
    return schools if schools.order_by()[: FewRelated.MANY + 1].count() <= FewRelated.MANY else None


def chosen_in(typed: str | None) -> int | None:
    return int(typed) if typed and typed.isdecimal() and len(typed) < 19 else None
