"""What a line that is taken writes in its dossier: rows by the ORM, history and letters by the ledger."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from families.models import Division
from ledger import journal, outbox
from ledger.journal import SIECLE
from orientation.enums import AnswerKind, AuthorKind, DecisionOrigin, WindowKind
from orientation.facts import Facts
from orientation.letters.priority import priority_of
from orientation.models import (
    AcceptedPathway,
    CouncilAnswer,
    CouncilStatement,
    DecidedPathway,
    Decision,
    Dossier,
    FamilyAnswer,
    RankedChoice,
    StatementWithdrawal,
    Submission,
)
from orientation.readers import readers_of
from orientation.reading import load_facts
from orientation.school_changes import was_read
from siecle_sync import contract
from tests.equivalence.reading import Key, Line, as_day, text
from tests.equivalence.refusals import answered_statement, examined, requested

MORNING = time(6)


def at_of(line: Line) -> datetime:
    assert line.at is not None
    return line.at


def dossier_of(line: Line) -> Dossier:
    assert line.dossier is not None
    return line.dossier


def note(verb: str, dossier: Dossier, now: datetime, **data: Any) -> None:
    """The line of history, with whose division and whose representatives, then."""
    facts = load_facts(dossier.uuid)
    then = {"division": dossier.student.division_id, "legal": [str(one.uuid) for one in facts.representatives]}
    journal.write(verb=verb, by=SIECLE, at=now, dossier=dossier.uuid, then=then, **data)


def tell(kind: str, dossier: Dossier, now: datetime, *, about: UUID, not_before: datetime | None = None, **data: Any):
    """One letter to each reader of the dossier."""
    for reader in readers_of(load_facts(dossier.uuid), now):
        outbox.post(
            kind=kind, recipient=reader, dossier=dossier.uuid, about=about, at=now, not_before=not_before, data=data,
            dedup_key=f"{kind}:{about}:{reader}", priority=priority_of(kind),
        )  # fmt: skip


def next_version(versions: Any, phase: str) -> int:
    return max(versions.filter(phase=phase).values_list("version", flat=True), default=0) + 1


def _entry(line: Line, **asked: Any) -> Submission:
    dossier = dossier_of(line)
    entry = Submission.objects.create(
        dossier=dossier, phase=line.phase, version=next_version(dossier.submissions, line.phase),
        author_kind=AuthorKind.SCHOOL, author_name=line.author_name, choice_count=len(line.items),
        submitted_at=line.at, siecle_ref=line.ref, **asked,
    )  # fmt: skip
    for rank, choice in enumerate(line.choices, start=1):
        RankedChoice.objects.create(submission=entry, rank=rank, **choice.as_json())
    line.settle(contract.ACCEPTED)
    return entry


def type_entry(line: Line, now: datetime) -> None:
    entry = _entry(line)
    note(
        "school_entry_received", entry.dossier, now,
        submission=str(entry.uuid), phase=entry.phase, version=entry.version,
    )  # fmt: skip


def change_entry(line: Line, now: datetime) -> Submission:
    """SIE-04: a new version; what the council had said of the former one is withdrawn."""
    entry = _entry(line, asked_by=line.body["asked_by"].strip(" "), asked_on=as_day(line.body["asked_on"]))
    note(
        "entry_changed_by_school", entry.dossier, now,
        submission=str(entry.uuid), phase=entry.phase, version=entry.version,
        asked_by=entry.asked_by, asked_on=str(entry.asked_on),
    )  # fmt: skip
    withdraw_standing(entry.dossier, entry.phase, "ENTRY_CHANGED", now)
    return entry


def withdraw_standing(dossier: Dossier, phase: str, reason: str, now: datetime) -> None:
    for one in dossier.statements.filter(phase=phase, withdrawal__isnull=True).order_by("version"):
        withdraw(one, reason, now)


def withdraw(said: CouncilStatement, reason: str, now: datetime) -> None:
    StatementWithdrawal.objects.create(statement=said, at=now, reason=reason)
    journal.write(
        verb="statement_withdrawn", by=SIECLE, at=now, dossier=said.dossier.uuid, statement=str(said.uuid),
        phase=said.phase, version=said.version, reason=reason,
    )  # fmt: skip


def tell_of_changes(made: Iterable[Submission], now: datetime) -> None:
    """MAI-05: of several changes in one night, the last."""
    for entry in made:
        if not entry.dossier.submissions.filter(phase=entry.phase, version__gt=entry.version).exists():
            tell("entry_changed_by_school", entry.dossier, now, about=entry.uuid, phase=entry.phase)


def publish(line: Line, now: datetime) -> CouncilStatement:
    """OPI-01, OPI-04: a new version; the former one is withdrawn."""
    dossier, entry = dossier_of(line), examined(line)
    facts = load_facts(dossier.uuid)
    withdraw_standing(dossier, line.phase, "CHANGED", now)
    said = CouncilStatement.objects.create(
        dossier=dossier, phase=line.phase, version=next_version(dossier.statements, line.phase),
        submission=Submission.objects.get(uuid=entry.uuid) if entry else None,
        division=Division.objects.get(school__uai=line.uai, year=2025, code=line.division),
        entered_at=line.at, received_at=now, published_at=morning(facts, at_of(line), now), siecle_ref=line.ref,
    )  # fmt: skip
    asked = requested(line)
    for position, item in enumerate(line.items, start=1):
        pathway, series = item["pathway"], text(item.get("series"))
        CouncilAnswer.objects.create(
            statement=said, position=position, pathway=pathway, series=series, value=item["value"],
            requested=(pathway, series) in asked if entry else item.get("requested") is True,
            comment=text(item.get("comment")),
        )  # fmt: skip
    note("statement_published", dossier, now, statement=str(said.uuid), phase=said.phase, version=said.version)
    line.settle(contract.ACCEPTED)
    return said


def morning(facts: Facts, given: datetime, now: datetime) -> datetime:
    """OPI-01: the day after it was given, at six in the morning at the school, and not before it is received."""
    zone = facts.timezone
    day = max(now.astimezone(zone).date(), given.astimezone(zone).date() + timedelta(days=1))
    return max(now, datetime.combine(day, MORNING, zone))


def tell_of_statements(made: Iterable[CouncilStatement], now: datetime) -> None:
    """MAI-09, OPI-04: told of what stands, when it can be read; « changed » where another version could be read."""
    for said in made:
        if StatementWithdrawal.objects.filter(statement=said).exists():
            continue
        facts = load_facts(said.dossier.uuid)
        window = facts.window(said.phase, WindowKind.CONSULTATION)
        readable = max(said.published_at, window.opens_at) if window else said.published_at
        kind = "opinions_available" if said.phase == "PROVISIONAL" else "proposals_available"
        kind = "opinions_changed" if _one_was_read(facts, said, now) else kind
        tell(kind, said.dossier, now, about=said.uuid, not_before=readable, phase=said.phase)


def _one_was_read(facts: Facts, said: CouncilStatement, now: datetime) -> bool:
    """A former version, not of this very night, that the family could read."""
    came_before = said.dossier.statements.filter(phase=said.phase, received_at__lt=now).values_list("uuid", flat=True)
    return any(was_read(facts, one, now) for one in facts.statements if one.uuid in set(came_before))


def record_answer(line: Line, now: datetime) -> UUID:
    """SIE-10, ANS-05: the answer that the school recorded, and the decision it makes."""
    said = answered_statement(line)
    answer = FamilyAnswer.objects.create(
        statement=said, kind=line.body["kind"], author_kind=AuthorKind.SCHOOL, author_name=line.author_name,
        at=line.at, siecle_ref=line.ref,
    )  # fmt: skip
    for pathway, series in line.keys:
        one = CouncilAnswer.objects.get(statement=said, pathway=pathway, series=series)
        AcceptedPathway.objects.create(answer=answer, council_answer=one)
    dossier, decided = dossier_of(line), answer.kind == AnswerKind.ACCEPTED
    note("answer_recorded_by_school", dossier, now, answer=str(answer.uuid), kind=answer.kind)
    if decided:
        _decision(dossier, line.keys, now, origin=DecisionOrigin.ACCEPTANCE, answer=answer, at=line.at)
    kind = "answer_accepted_other" if decided else "answer_refused_other"
    tell(kind, dossier, now, about=answer.uuid, decided=decided, awaited=[])
    line.settle(contract.ACCEPTED)
    return answer.uuid


def _decision(dossier: Dossier, keys: list[Key], now: datetime, **said: Any) -> Decision:
    made = Decision.objects.create(dossier=dossier, **said)
    for pathway, series in keys:
        DecidedPathway.objects.create(decision=made, pathway=pathway, series=series)
    note("decision_made", dossier, now, decision=str(made.uuid), origin=made.origin)
    return made


def decide(line: Line, now: datetime) -> None:
    """ANS-05, ANS-07: the head's decision after a meeting, or the appeal commission's."""
    dossier, notified = dossier_of(line), as_day(line.body.get("notified_on"))
    said = {"origin": line.origin, "at": line.at, "notified_on": notified, "siecle_ref": line.ref}
    made = _decision(dossier, line.keys, now, **said)
    tell("decision_recorded", dossier, now, about=made.uuid, origin=made.origin)
    line.settle(contract.ACCEPTED)
