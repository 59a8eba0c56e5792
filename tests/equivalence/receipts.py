"""What goes to Siècle, and what its answer writes, one line at a time (SIE-01, SIE-03)."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger import journal
from ledger.journal import SIECLE
from ledger.models import JournalEntry
from orientation.enums import AuthorKind
from orientation.models import (
    Acknowledgement,
    Agreement,
    Campaign,
    Decision,
    Dossier,
    FamilyAnswer,
    SiecleReceipt,
    Submission,
)
from siecle_sync import contract
from tests.equivalence.acts import note, tell
from tests.equivalence.siecle import Row, Verdict

PERSON = {True: "STUDENT", False: "REPRESENTATIVE"}


@dataclass
class Sent:
    """A line that goes out, told as `identity` tells one that went."""

    kind: str
    row: Any
    dossier: Dossier
    phase: str
    author_kind: str
    author_name: str
    version: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        student = self.dossier.student
        place = (student.school.uai, student.division.code if student.division else "", str(student.siecle_id))
        return (self.kind, *place, self.phase, self.version, self.author_kind, self.author_name)


def identity(line: Row) -> tuple[str, ...]:
    names = ("kind", "uai", "division", "eleve_id", "phase", "version", "author_kind", "author_name")
    return tuple(str(line[name]) for name in names)


def of_families(lines: list[Row]) -> Counter[tuple[str, ...]]:
    return Counter(identity(line) for line in lines if line["kind"] not in contract.ROSTER)


def to_send(campaign: Campaign) -> list[Sent]:
    """Every act of a family that Siècle has not answered for once and for all."""
    return [one for one in every_act(campaign) if not SiecleReceipt.objects.filter(ref=one.row.uuid).exists()]


def every_act(campaign: Campaign) -> Iterator[Sent]:
    for entry in Submission.objects.filter(dossier__campaign=campaign).exclude(author_kind=AuthorKind.SCHOOL):
        said = (entry.phase, entry.author_kind, entry.author_name, str(entry.version))
        yield Sent("ENTRY", entry, entry.dossier, *said)
    for signed in Acknowledgement.objects.filter(statement__dossier__campaign=campaign):
        said = (signed.statement.phase, PERSON[signed.student is not None], signed.author_name)
        yield Sent("ACKNOWLEDGEMENT", signed, signed.statement.dossier, *said)
    own = FamilyAnswer.objects.filter(statement__dossier__campaign=campaign).exclude(author_kind=AuthorKind.SCHOOL)
    for answer in own:
        said = (answer.statement.phase, answer.author_kind, answer.author_name)
        yield Sent("ANSWER", answer, answer.statement.dossier, *said)
    for agreed in Agreement.objects.filter(answer__statement__dossier__campaign=campaign):
        statement = agreed.answer.statement
        said = (statement.phase, PERSON[agreed.student is not None], agreed.author_name)
        yield Sent("AGREEMENT", agreed, statement.dossier, *said)
    for decision in Decision.objects.filter(answer__in=own):
        said = ("DEFINITIVE", decision.answer.author_kind, decision.answer.author_name)
        yield Sent("DECISION", decision, decision.dossier, *said)


def record(one: Sent, verdict: Verdict, now: datetime) -> None:
    """SIE-03: kept once and for all, unless it was rejected: it goes again. Too late, and the family is told."""
    outcome, code = verdict
    kind, ref = "SUBMISSION" if one.kind == "ENTRY" else one.kind, str(one.row.uuid)
    if outcome == contract.REJECTED:
        reject(one, now, kind=kind, ref=ref, code=code)
        return
    SiecleReceipt.objects.create(dossier=one.dossier, kind=kind, ref=one.row.uuid, outcome=outcome, at=now)
    verb = ("entry_" if kind == "SUBMISSION" else "line_") + outcome.lower()
    if outcome == contract.ACCEPTED:
        journal.write(verb=verb, by=SIECLE, at=now, dossier=one.dossier.uuid, kind=kind, ref=ref)
        return
    note(verb, one.dossier, now, kind=kind, ref=ref)
    if kind == "SUBMISSION":
        tell("entry_not_processed", one.dossier, now, about=one.row.uuid, phase=one.phase)


def reject(one: Sent, now: datetime, **said: str) -> None:
    """In the history once for a line and a reason, however many nights it goes again."""
    same = JournalEntry.objects.filter(verb="line_rejected", data__ref=said["ref"], data__code=said["code"])
    if not same.exists():
        journal.write(verb="line_rejected", by=SIECLE, at=now, dossier=one.dossier.uuid, **said)


def exchange(campaign: Campaign, judge: Callable[[tuple[str, ...]], Verdict], now: datetime) -> list[Sent]:
    """Send everything, and take the answers in."""
    sent = to_send(campaign)
    for one in sent:
        record(one, judge(one.identity), now)
    return sent
