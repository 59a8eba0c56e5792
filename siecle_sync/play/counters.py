"""What the campaign came to, and whether it adds up: counted in the databases, compared with the play's memory."""

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet

from ledger.models import JournalEntry, LetterState, OutgoingEmail
from orientation.enums import AuthorKind, Phase, ReceiptKind, ReceiptOutcome
from orientation.invariants import Finding
from orientation.models import (
    Acknowledgement,
    Agreement,
    Appeal,
    Decision,
    Dossier,
    EntryObjection,
    Extension,
    FamilyAnswer,
    GateLift,
    Meeting,
    Pen,
    RankedChoice,
    SchoolClosing,
    ServiceSwitch,
    SiecleReceipt,
    SpecialtyOffer,
    StatementWithdrawal,
    Submission,
)
from siecle_sync.play.crosschecks import mismatches
from siecle_sync.play.director import Played

COUNCIL_VERBS = ("council_opened", "council_moved", "council_reset")


def counters(played: Played, findings: list[Finding]) -> dict[str, Any]:
    """One flat object: each counter is explained in docs/jeu-de-campagne.md."""
    faults = [*played.stage.failures, *mismatches(played)]
    broken = {one.invariant.id: one.violations for one in findings if one.violations}
    return {
        **entries(),
        **answers(),
        **acts_of_schools(),
        **people(played),
        "refused": len(played.stage.refused),
        "refused_by_code": dict(sorted(Counter(one.code for one in played.stage.refused).items())),
        "races": played.stage.races,
        "nights": played.nights.played,
        "nights_failed": played.nights.failed,
        **letters(),
        "invariants": len(findings),
        "violations": sum(broken.values()) + len(faults),
        "broken": broken,
        "faults": faults,
    }


def entries() -> dict[str, Any]:
    families = Submission.objects.exclude(author_kind=AuthorKind.SCHOOL)
    school = Submission.objects.filter(author_kind=AuthorKind.SCHOOL)
    receipts = SiecleReceipt.objects.filter(kind=ReceiptKind.SUBMISSION)
    return {
        "students": Dossier.objects.count(),
        "entered": families.values("dossier").distinct().count(),
        "entered_by_phase": {
            phase.value: families.filter(phase=phase).values("dossier").distinct().count() for phase in Phase
        },
        "versions": by(families, "phase"),
        "versions_by_author": by(families, "author_kind"),
        "choices": by(RankedChoice.objects.filter(submission__in=families), "pathway"),
        "typed_by_school": by(school.filter(asked_by=""), "phase"),
        "changed_by_school": by(school.exclude(asked_by=""), "phase"),
        "objections": EntryObjection.objects.count(),
        "transferred": receipts.filter(outcome=ReceiptOutcome.ACCEPTED).count(),
        "not_processed": receipts.filter(outcome=ReceiptOutcome.NOT_PROCESSED).count(),
    }


def answers() -> dict[str, Any]:
    return {
        "acknowledged": Acknowledgement.objects.count(),
        "gates_lifted": GateLift.objects.count(),
        "withdrawn": by(StatementWithdrawal.objects.all(), "reason"),
        "answered": FamilyAnswer.objects.count(),
        "answers": by(FamilyAnswer.objects.all(), "author_kind"),
        "agreements": Agreement.objects.count(),
        "disagreements": Agreement.objects.filter(agrees=False).count(),
        "meetings": Meeting.objects.count(),
        "decided": Decision.objects.count(),
        "dossiers_decided": Decision.objects.values("dossier").distinct().count(),
        "decisions": by(Decision.objects.all(), "origin"),
        "appeals": Appeal.objects.count(),
    }


def acts_of_schools() -> dict[str, Any]:
    """Of the schools and académies themselves: they concern several dossiers."""
    return {
        "councils": by(JournalEntry.objects.filter(verb__in=COUNCIL_VERBS), "verb"),
        "extensions": Extension.objects.count(),
        "closings": SchoolClosing.objects.count(),
        "switches": ServiceSwitch.objects.count(),
        "offers": SpecialtyOffer.objects.count(),
    }


def people(played: Played) -> dict[str, Any]:
    homes = played.world.homes
    return {
        "pens": Pen.objects.count(),
        "pens_released": Pen.objects.filter(released_at__isnull=False).count(),
        "imports": dict(sorted(Counter(one.what for home in homes for one in home.news).items())),
        "twins": sum(home.has_twin for home in homes),
    }


def letters() -> dict[str, Any]:
    sent = OutgoingEmail.objects.filter(state=LetterState.SENT)
    return {
        "emails": sent.count(),
        "emails_by_kind": by(sent, "kind"),
        "emails_without_address": OutgoingEmail.objects.filter(state=LetterState.NO_ADDRESS).count(),
    }


def by(rows: QuerySet[Any], column: str) -> dict[str, int]:
    return dict(sorted(rows.order_by().values_list(column).annotate(Count("pk"))))
