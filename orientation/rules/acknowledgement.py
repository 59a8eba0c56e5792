"""Acknowledging the opinions, and the gate it opens (OPI-03…05)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from orientation.enums import AcknowledgementBy, OpinionChange, Phase, WindowKind
from orientation.facts import Facts, StatementFact
from orientation.rules.calendar import council_is_open, deadline, service_off
from orientation.rules.council import visible_statement
from orientation.rules.refusal import Refusal
from orientation.rules.who import lacks_authority, may_act


def may_acknowledge(facts: Facts, actor: UUID, now: datetime) -> Refusal | None:
    """OPI-03, OPI-05: once a version, by any representative (policy), until the definitive entry closes."""
    refusal = may_act(facts, actor, now) or service_off(facts, now)
    if refusal is not None:
        return refusal
    statement = visible_statement(facts, Phase.PROVISIONAL, now)
    if statement is None:
        return Refusal.NOTHING_PUBLISHED
    if not acknowledgement_is_due(facts, now):
        return Refusal.ALREADY_ACKNOWLEDGED
    if acknowledgement_ends(facts, now):
        return Refusal.TOO_LATE_TO_ACKNOWLEDGE
    return _author_acknowledges(facts, statement, actor, now)


def acknowledgement_is_due(facts: Facts, now: datetime) -> bool:
    """Is an acknowledgement still wanted? With policy « tell » the first one is enough for ever (OPI-04)."""
    statement = visible_statement(facts, Phase.PROVISIONAL, now)
    if statement is None or statement.acknowledgement is not None:
        return False
    return facts.policies.opinion_change == OpinionChange.AGAIN or not _acknowledged_once(facts)


def _acknowledged_once(facts: Facts) -> bool:
    return any(one.acknowledgement for one in facts.statements if one.phase == Phase.PROVISIONAL)


def acknowledgement_deadline(facts: Facts) -> datetime | None:
    """Until the definitive entry closes; without one, until the provisional consultation does (OPI-05)."""
    end = deadline(facts, Phase.DEFINITIVE)
    window = facts.window(Phase.PROVISIONAL, WindowKind.CONSULTATION)
    return end or (window.closes_at if window else None)


def acknowledgement_ends(facts: Facts, now: datetime) -> bool:
    end = acknowledgement_deadline(facts)
    return council_is_open(facts, Phase.DEFINITIVE) or (end is not None and end <= now)


def _author_acknowledges(facts: Facts, statement: StatementFact, actor: UUID, now: datetime) -> Refusal | None:
    """Policy « author only » binds until the definitive entry opens; a request typed by the school has no author."""
    entry = facts.submission(statement.submission)
    if facts.policies.acknowledgement_by == AcknowledgementBy.ANY or entry is None or entry.author is None:
        return None
    window = facts.window(Phase.DEFINITIVE, WindowKind.ENTRY)
    if window is not None and window.opens_at <= now:
        return None
    if lacks_authority(facts, entry.author, now) is not None:
        return None
    return None if entry.author == actor else Refusal.AUTHOR_ACKNOWLEDGES


class Gate(StrEnum):
    """Why definitive choices can or cannot be entered (OPI-05)."""

    OPEN = "OPEN"
    LIFTED = "LIFTED"
    ACKNOWLEDGE_FIRST = "ACKNOWLEDGE_FIRST"
    NOTHING_TO_ACKNOWLEDGE = "NOTHING_TO_ACKNOWLEDGE"


def gate(facts: Facts, now: datetime) -> Gate:
    """OPI-05: the opinions published are acknowledged first; where there are none, the head may lift the wait."""
    if facts.gate_lifted:
        return Gate.LIFTED
    statement = visible_statement(facts, Phase.PROVISIONAL, now)
    if acknowledgement_is_due(facts, now):
        return Gate.ACKNOWLEDGE_FIRST
    if statement is not None or (facts.policies.opinion_change == OpinionChange.TELL and _acknowledged_once(facts)):
        return Gate.OPEN
    return Gate.NOTHING_TO_ACKNOWLEDGE


def gate_is_open(facts: Facts, now: datetime) -> bool:
    return gate(facts, now) in (Gate.OPEN, Gate.LIFTED)


def may_lift_gate(facts: Facts, now: datetime) -> Refusal | None:
    """OPI-05: the head lifts the wait only where nothing can be acknowledged."""
    return None if gate(facts, now) is Gate.NOTHING_TO_ACKNOWLEDGE else Refusal.NOTHING_TO_LIFT
