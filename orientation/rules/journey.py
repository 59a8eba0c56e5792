"""Where the family stands and what remains to be done, by whom, until when (CAL-07, ANS-03)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from orientation.enums import Phase, WindowKind
from orientation.facts import Facts, StatementFact
from orientation.rules.acknowledgement import (
    Gate,
    acknowledgement_deadline,
    acknowledgement_is_due,
    gate,
    may_acknowledge,
)
from orientation.rules.answer import agreements_awaited, calls_for_a_meeting, may_agree, may_answer
from orientation.rules.calendar import EntryState, consultation_is_closed, entry_status
from orientation.rules.council import last_entry, not_processed, visible_statement
from orientation.rules.entry import may_enter


class Step(StrEnum):
    """The four steps of the home page (CAL-07), then the decision."""

    INTENTIONS = "INTENTIONS"
    OPINIONS = "OPINIONS"
    CHOICES = "CHOICES"
    PROPOSALS = "PROPOSALS"
    DECISION = "DECISION"


class Need(StrEnum):
    """What the dossier needs now."""

    ENTER = "ENTER"
    MAY_CHANGE = "MAY_CHANGE"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    CONTACT_SCHOOL = "CONTACT_SCHOOL"
    ANSWER = "ANSWER"
    AGREE = "AGREE"
    MEET_HEAD = "MEET_HEAD"
    WAIT = "WAIT"
    NOTHING = "NOTHING"
    NOT_ENROLLED = "NOT_ENROLLED"


@dataclass(frozen=True, slots=True)
class Standing:
    """`mine` says whether this person may do it; `by` is its deadline, or when the next step opens (WAIT)."""

    step: Step
    need: Need
    mine: bool = False
    by: datetime | None = None


def standing(facts: Facts, actor: UUID, now: datetime) -> Standing:
    """The one thing to show first, for this person (or, for who only reads, what the family has to do)."""
    where = _standing(facts, actor, now)
    return where if facts.enrolled else Standing(where.step, Need.NOT_ENROLLED)


def _standing(facts: Facts, actor: UUID, now: datetime) -> Standing:
    if facts.decisions:
        return Standing(Step.DECISION, Need.NOTHING)
    proposals = visible_statement(facts, Phase.DEFINITIVE, now)
    if proposals is not None:
        return _after_proposals(facts, proposals, actor, now)
    return _choices(facts, actor, now) or _before_choices(facts, actor, now)


def _after_proposals(facts: Facts, statement: StatementFact, actor: UUID, now: datetime) -> Standing:
    window = facts.window(Phase.DEFINITIVE, WindowKind.CONSULTATION)
    end = window.closes_at if window else None
    answer = statement.family_answer
    if answer is None:
        if consultation_is_closed(facts, Phase.DEFINITIVE, now):
            return Standing(Step.PROPOSALS, Need.CONTACT_SCHOOL)
        return Standing(Step.PROPOSALS, Need.ANSWER, may_answer(facts, actor, now) is None, end)
    awaited = agreements_awaited(facts, answer, now)
    if may_agree(facts, actor, now) is None:
        return Standing(Step.PROPOSALS, Need.AGREE, True, end)
    if calls_for_a_meeting(answer) or (awaited and consultation_is_closed(facts, Phase.DEFINITIVE, now)):
        return Standing(Step.DECISION, Need.MEET_HEAD)
    # somebody is awaited; or nobody any more, and the night decides (ANS-06)
    return Standing(Step.PROPOSALS, Need.AGREE, by=end)


def _choices(facts: Facts, actor: UUID, now: datetime) -> Standing | None:
    """The definitive entry, once it has opened; None before."""
    status = entry_status(facts, Phase.DEFINITIVE, now)
    if status.state is EntryState.OPEN:
        return _open_choices(facts, actor, now, status.at)
    if status.state is EntryState.CLOSED:
        return Standing(Step.PROPOSALS, Need.WAIT, by=_opens(facts, Phase.DEFINITIVE, WindowKind.CONSULTATION))
    return None


def _open_choices(facts: Facts, actor: UUID, now: datetime, end: datetime | None) -> Standing:
    gate_now = gate(facts, now)
    if gate_now is Gate.ACKNOWLEDGE_FIRST:
        return Standing(Step.OPINIONS, Need.ACKNOWLEDGE, may_acknowledge(facts, actor, now) is None, end)
    if gate_now is Gate.NOTHING_TO_ACKNOWLEDGE:
        return Standing(Step.CHOICES, Need.CONTACT_SCHOOL, by=end)
    return _entry(facts, Phase.DEFINITIVE, Step.CHOICES, actor, now, end)


def _before_choices(facts: Facts, actor: UUID, now: datetime) -> Standing:
    if acknowledgement_is_due(facts, now):
        mine = may_acknowledge(facts, actor, now) is None
        return Standing(Step.OPINIONS, Need.ACKNOWLEDGE, mine, acknowledgement_deadline(facts))
    status = entry_status(facts, Phase.PROVISIONAL, now)
    if status.state is EntryState.OPEN:
        return _entry(facts, Phase.PROVISIONAL, Step.INTENTIONS, actor, now, status.at)
    if status.state is not EntryState.CLOSED:
        return Standing(Step.INTENTIONS, Need.WAIT, by=status.at)
    if visible_statement(facts, Phase.PROVISIONAL, now) is None:
        return Standing(Step.OPINIONS, Need.WAIT, by=_opens(facts, Phase.PROVISIONAL, WindowKind.CONSULTATION))
    return Standing(Step.CHOICES, Need.WAIT, by=_opens(facts, Phase.DEFINITIVE, WindowKind.ENTRY))


def _entry(facts: Facts, phase: str, step: Step, actor: UUID, now: datetime, end: datetime | None) -> Standing:
    need = Need.MAY_CHANGE if last_entry(facts, phase) and not not_processed(facts, phase) else Need.ENTER
    refusal = may_enter(facts, phase, actor, now)
    return Standing(step, need, refusal is None, end)


def _opens(facts: Facts, phase: str, kind: str) -> datetime | None:
    window = facts.window(phase, kind)
    return window.opens_at if window else None
