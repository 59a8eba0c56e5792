"""Two counts of the same thing, by two roads: in the service, and in Siècle or in the play's own memory."""

from collections.abc import Iterator
from typing import Any

from django.core import mail
from django.db.models import F, Sum

from ledger.models import LetterState, OutgoingEmail
from orientation.enums import AuthorKind, ReceiptKind, ReceiptOutcome
from orientation.models import (
    Acknowledgement,
    Appeal,
    Decision,
    EntryObjection,
    FamilyAnswer,
    Meeting,
    SiecleReceipt,
    Submission,
)
from siecle_sync.mock.models import MockEntry, MockFact, Source
from siecle_sync.models import Run, RunLine, RunPart, RunState
from siecle_sync.play.director import Played

ENDED = (LetterState.SENT, LetterState.NO_ADDRESS, LetterState.POINTLESS)


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
    school = Submission.objects.filter(author_kind=AuthorKind.SCHOOL).exclude(asked_by="")
    yield "saisies modifiées par l’établissement", school.count(), sum(
        len(phase) for home in homes for phase in home.changed.values()
    )  # fmt: skip
    yield "objections", EntryObjection.objects.count(), sum(home.objections for home in homes)
    yield "entretiens", Meeting.objects.count(), sum(home.met for home in homes)
    yield "appels", Appeal.objects.count(), sum(home.appealed_on is not None for home in homes)
    decided = Decision.objects.values("dossier").distinct().count()
    yield "dossiers décidés", decided, sum(home.decided for home in homes)
    reminders = OutgoingEmail.objects.filter(kind="reminder").count()
    yield "rappels et personnes qui avaient quelque chose à faire", reminders, played.mornings.counted
    yield "courriels partis", OutgoingEmail.objects.filter(state=LetterState.SENT).count(), len(mail.outbox)
    yield "courriels restés en route", OutgoingEmail.objects.exclude(state__in=ENDED).count(), 0
    tries = RunPart.objects.aggregate(failed=Sum(F("attempts") - 1))["failed"] or 0
    yield "nuits en échec", tries + Run.objects.exclude(state=RunState.FINISHED).count(), played.nights.failed
    yield "lignes rejetées", RunLine.objects.filter(outcome="REJECTED").count(), 0
