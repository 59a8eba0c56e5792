"""The night, one line and one dossier at a time: the actions, the pure rules and the ORM, in the order docs/ promises.

Councils, then what was reset, then requests, changes, answers of the councils, answers of families, decisions; of each
kind in Siècle's order. What the families are told is what stands once all the lines of a kind are in.
"""

from datetime import datetime
from typing import Any

from ledger.clock import now as instant
from orientation.models import Campaign, CouncilStatement, Decision, FamilyAnswer, Submission
from siecle_sync import contract, councils
from siecle_sync.models import CouncilEvent
from tests.equivalence import acts, refusals
from tests.equivalence.reading import Line, as_day, fault, read
from tests.equivalence.siecle import Row

KNOWN: dict[str, Any] = {
    "COUNCIL": CouncilEvent, "SCHOOL_ENTRY": Submission, "SCHOOL_CHANGE": Submission, "STATEMENT": CouncilStatement,
    "SCHOOL_ANSWER": FamilyAnswer, "HEAD_DECISION": Decision,
}  # fmt: skip


def merge(rows: list[Row], campaign: Campaign) -> list[Line]:
    """Take the lines in; each says what became of it."""
    lines = [read(row, campaign) for row in sorted(rows, key=lambda row: int(str(row["seq"])))]
    for number, line in enumerate(lines):
        sift(line, lines[:number], campaign)
    for line in of_kind(lines, contract.COUNCIL):
        council(line)
    withdraw_reset(lines, campaign)
    withdraw_waiting(lines)
    for step in (entries, changes, statements, answers_and_decisions, appeals):
        step(lines, instant())
    assert not any(line.open for line in lines)
    return lines


def of_kind(lines: list[Line], *kinds: str) -> list[Line]:
    return [line for line in lines if line.open and line.kind in kinds]


def sift(line: Line, before: list[Line], campaign: Campaign) -> None:
    """What is known already, what is wrong in itself, what is of tomorrow."""
    if is_known(line):
        line.settle(contract.UNCHANGED)
        return
    code = fault(line, before, campaign) or refusals.of_the_future(line, instant())
    if code:
        line.settle(contract.REJECTED, code)


def is_known(line: Line) -> bool:
    if line.kind not in KNOWN or line.ref is None:
        return False
    column = "ref" if line.kind == contract.COUNCIL else "siecle_ref"
    return KNOWN[line.kind].objects.filter(**{column: line.ref}).exists()


def council(line: Line) -> None:
    """The very act of the callback (CAL-06)."""
    event = councils.Event(
        ref=str(line.ref), event=line.body["event"], uai=line.uai, year=int(str(line.year)), level=str(line.level),
        division=line.division, phase=line.phase, held_on=as_day(line.body.get("held_on")), at=acts.at_of(line),
    )  # fmt: skip
    line.settle(contract.ACCEPTED if councils.apply(event) else contract.UNCHANGED)


def withdraw_reset(lines: list[Line], campaign: Campaign) -> None:
    """SIE-05: what a council said before it was reset, even when it came after the reset did."""
    for line in refusals.resets(lines):
        said = CouncilStatement.objects.filter(
            dossier__campaign=campaign, division__code=line.division, division__school__uai=line.uai, phase=line.phase,
            entered_at__lt=line.at, withdrawal__isnull=True,
        )  # fmt: skip
        for one in said.order_by("pk"):
            acts.withdraw(one, "RESET", instant())


def withdraw_waiting(lines: list[Line]) -> None:
    """What a council said before this reset waits no more: it would come back after the next council."""
    for line in lines:
        waits = line.kind == contract.STATEMENT and line.outcome == contract.REJECTED
        if waits and refusals.reset_since(line, lines):
            line.settle(contract.UNCHANGED, "WITHDRAWN")


def entries(lines: list[Line], now: datetime) -> None:
    for line in of_kind(lines, contract.SCHOOL_ENTRY):
        code = refusals.entry_superseded(line)
        if code:
            line.settle(contract.UNCHANGED, code)
        else:
            acts.type_entry(line, now)


def changes(lines: list[Line], now: datetime) -> None:
    """A change judged sound stands before those of an earlier date told after it, even when it changes nothing."""
    made, heard = [], []
    for line in of_kind(lines, contract.SCHOOL_CHANGE):
        tonight = [one.uuid for one in made]
        aside = refusals.change_superseded(line, but=tonight)
        refused = "" if aside else refusals.change_refused(line, lines)
        if not set_aside(line, refused, aside):
            heard.append(line)
            aside = refusals.told_too_late(line, heard) or refusals.same_list(line)
            if not set_aside(line, "", aside):
                made.append(acts.change_entry(line, now))
    acts.tell_of_changes(made, now)


def statements(lines: list[Line], now: datetime) -> None:
    made: list[CouncilStatement] = []
    for line in of_kind(lines, contract.STATEMENT):
        tonight = [one.uuid for one in made]
        aside = refusals.statement_superseded(line, but=tonight) or refusals.statement_aside(line, lines)
        refused = "" if aside else refusals.statement_refused(line)
        aside = aside or ("" if refused else refusals.statement_superseded(line))
        if not set_aside(line, refused, aside):
            made.append(acts.publish(line, now))
    acts.tell_of_statements(made, now)


def set_aside(line: Line, refused: str, aside: str) -> bool:
    """A line that is refused tonight because of itself is not compared with the others of the night."""
    if refused or aside:
        line.settle(contract.REJECTED if refused else contract.UNCHANGED, refused or aside)
    return not line.open


def answers_and_decisions(lines: list[Line], now: datetime) -> None:
    """The first that Siècle tells decides: the head, or the family's acceptance that the school records."""
    made, heads = [], []
    for line in of_kind(lines, contract.SCHOOL_ANSWER, contract.HEAD_DECISION):
        if line.kind == contract.SCHOOL_ANSWER:
            told = any(one.dossier == line.dossier for one in heads)
            if not set_aside(line, refusals.answer_refused(line, but=made, decided=told), ""):
                made.append(acts.record_answer(line, now))
        elif line.origin == "HEAD":
            heads.append(line)
            if not set_aside(line, refusals.decision_refused(line), ""):
                acts.decide(line, now)


def appeals(lines: list[Line], now: datetime) -> None:
    """ANS-07: the commission decides after the head, whichever is told first."""
    for line in of_kind(lines, contract.HEAD_DECISION):
        if not set_aside(line, refusals.appeal_refused(line), ""):
            acts.decide(line, now)
