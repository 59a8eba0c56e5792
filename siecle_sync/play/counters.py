"""What the campaign came to, and whether it adds up: counted in the databases, compared with the play's memory."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core import mail
from django.db.models import Count, QuerySet

from ledger.models import LetterState, OutgoingEmail
from orientation.enums import AuthorKind, Phase, ReceiptKind, ReceiptOutcome
from orientation.invariants import Finding
from orientation.models import (
    Acknowledgement,
    Agreement,
    Decision,
    Dossier,
    FamilyAnswer,
    GateLift,
    SiecleReceipt,
    Submission,
)
from siecle_sync.mock.models import MockEntry, MockFact, Source
from siecle_sync.models import Run, RunLine, RunState
from siecle_sync.play.director import Played

ENDED = (LetterState.SENT, LetterState.NO_ADDRESS)


def counters(played: Played, findings: list[Finding]) -> dict[str, Any]:
    """One flat object: each counter is explained in docs/jeu-de-campagne.md."""
    families = Submission.objects.exclude(author_kind=AuthorKind.SCHOOL)
    entries = SiecleReceipt.objects.filter(kind=ReceiptKind.SUBMISSION)
    letters = OutgoingEmail.objects.filter(state=LetterState.SENT)
    faults = [*played.stage.failures, *mismatches(played)]
    broken = {one.invariant.id: one.violations for one in findings if one.violations}
    return {
        "students": Dossier.objects.count(),
        "entered": families.values("dossier").distinct().count(),
        "entered_by_phase": {
            phase.value: families.filter(phase=phase).values("dossier").distinct().count() for phase in Phase
        },
        "versions": by(families, "phase"),
        "typed_by_school": by(Submission.objects.filter(author_kind=AuthorKind.SCHOOL), "phase"),
        "transferred": entries.filter(outcome=ReceiptOutcome.ACCEPTED).count(),
        "not_processed": entries.filter(outcome=ReceiptOutcome.NOT_PROCESSED).count(),
        "acknowledged": Acknowledgement.objects.count(),
        "gates_lifted": GateLift.objects.count(),
        "answered": FamilyAnswer.objects.count(),
        "answers": by(FamilyAnswer.objects.all(), "author_kind"),
        "agreements": Agreement.objects.count(),
        "decided": Decision.objects.count(),
        "decisions": by(Decision.objects.all(), "origin"),
        "refused": len(played.stage.refused),
        "refused_by_code": dict(sorted(Counter(one.code for one in played.stage.refused).items())),
        "races": played.stage.races,
        "nights": played.nights,
        "emails": letters.count(),
        "emails_by_kind": by(letters, "kind"),
        "emails_without_address": OutgoingEmail.objects.filter(state=LetterState.NO_ADDRESS).count(),
        "invariants": len(findings),
        "violations": sum(broken.values()) + len(faults),
        "broken": broken,
        "faults": faults,
    }


def by(rows: QuerySet[Any], column: str) -> dict[str, int]:
    return dict(sorted(rows.order_by().values_list(column).annotate(Count("pk"))))


def mismatches(played: Played) -> Iterator[str]:
    """What two counts of the same thing would have said differently."""
    for what, one, other in pairs(played):
        if one != other:
            yield f"{what} : {one} d’un côté, {other} de l’autre"


def pairs(played: Played) -> Iterator[tuple[str, Any, Any]]:
    homes = played.world.homes
    memory = [entered for home in homes for phase in home.entered.values() for entered in phase]
    receipts = SiecleReceipt.objects.all()
    families = Submission.objects.exclude(author_kind=AuthorKind.SCHOOL)
    yield "saisies validées et retenues par le jeu", families.count(), len(memory)
    yield "saisies validées et reçus de Siècle", families.count(), receipts.filter(kind=ReceiptKind.SUBMISSION).count()
    late = receipts.filter(outcome=ReceiptOutcome.NOT_PROCESSED).count()
    yield "saisies non traitées", late, sum(not one.taken for one in memory)
    for processed, outcome in ((True, ReceiptOutcome.ACCEPTED), (False, ReceiptOutcome.NOT_PROCESSED)):
        taken = MockEntry.objects.filter(source=Source.FAMILY, processed=processed).count()
        yield f"saisies {outcome} dans Siècle", taken, receipts.filter(kind="SUBMISSION", outcome=outcome).count()
    for kind in (ReceiptKind.ACKNOWLEDGEMENT, ReceiptKind.ANSWER, ReceiptKind.AGREEMENT, ReceiptKind.DECISION):
        here = receipts.filter(kind=kind).count()
        yield f"{kind} dans Siècle", MockFact.objects.filter(kind=kind, source=Source.FAMILY).count(), here
    yield "accusés de réception", Acknowledgement.objects.count(), sum(len(home.acknowledged) for home in homes)
    yield "réponses", FamilyAnswer.objects.count(), sum(home.answered is not None for home in homes)
    yield "dossiers décidés", Decision.objects.count(), sum(home.decided for home in homes)
    yield "courriels partis", OutgoingEmail.objects.filter(state=LetterState.SENT).count(), len(mail.outbox)
    yield "courriels restés en route", OutgoingEmail.objects.exclude(state__in=ENDED).count(), 0
    yield "nuits inachevées", Run.objects.exclude(state=RunState.FINISHED).count(), 0
    yield "lignes rejetées", RunLine.objects.filter(outcome="REJECTED").count(), 0
