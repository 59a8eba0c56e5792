"""Entering intentions and choices (ENT)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from orientation.enums import Phase
from orientation.facts import Facts
from orientation.pathways import CATALOGUE, FREE_TEXT_MAX, Choice
from orientation.rules.acknowledgement import gate_is_open
from orientation.rules.calendar import ClosedBy, EntryState, entry_status
from orientation.rules.refusal import Refusal, RuleBroken
from orientation.rules.who import may_act, pen_holder

ENTRY_REFUSALS = {
    ClosedBy.ACADEMY: Refusal.ENTRY_CLOSED,
    ClosedBy.SCHOOL: Refusal.ENTRY_CLOSED,
    ClosedBy.SWITCH: Refusal.SERVICE_OFF,
    ClosedBy.COUNCIL: Refusal.COUNCIL_OPEN,
}


def may_enter(facts: Facts, phase: str, actor: UUID, now: datetime) -> Refusal | None:
    """Who may enter or change a phase's entry now (ACC-02…05, CAL-06, CAL-09, OPI-05)."""
    refusal = may_act(facts, actor, now)
    if refusal is not None:
        return refusal
    status = entry_status(facts, phase, now)
    if status.closed_by is not None:
        return ENTRY_REFUSALS[status.closed_by]
    if status.state is not EntryState.OPEN:
        return Refusal.ENTRY_NOT_OPEN
    if phase == Phase.DEFINITIVE and not gate_is_open(facts, now):
        return Refusal.GATE_SHUT
    holder = pen_holder(facts, phase, now)
    return Refusal.PEN_HELD if holder not in (None, actor) else None


def check_choices(level: str, choices: Sequence[Choice], *, most: int, free_text: bool) -> list[RuleBroken]:
    """Everything wrong with a list of ranked choices, choice by choice (ENT-01…04). An empty list: all is well."""
    if not choices:
        return [RuleBroken(Refusal.NO_CHOICE)]
    found = [RuleBroken(Refusal.TOO_MANY_CHOICES)] if len(choices) > most else []
    seen: set[tuple[str, str]] = set()
    for rank, choice in enumerate(choices, start=1):
        code = check_choice(level, choice, free_text=free_text)
        if code is None and choice.key in seen:
            code = Refusal.PATHWAY_TWICE
        if code is not None:
            found.append(RuleBroken(code, rank=rank))
        seen.add(choice.key)
    return found


def check_choice(level: str, choice: Choice, *, free_text: bool) -> Refusal | None:
    """ENT-02, ENT-04: a pathway of this level, with no other detail than those it asks."""
    pathway = CATALOGUE.get(choice.pathway)
    if pathway is None or pathway.level != level:
        return Refusal.PATHWAY_UNKNOWN
    if choice.series not in {code for code, _ in pathway.series} | ({""} if not pathway.series else set()):
        return Refusal.PATHWAY_UNKNOWN
    if choice.free_text and not (free_text and pathway.free_text_label):
        return Refusal.DETAIL_NOT_ASKED
    if len(choice.free_text) > FREE_TEXT_MAX:
        return Refusal.FREE_TEXT_TOO_LONG
    if (choice.school_status or choice.apprentice_status) and not pathway.asks_status:
        return Refusal.DETAIL_NOT_ASKED
    if choice.details and not (pathway.kinds or pathway.asks_specialties):
        return Refusal.DETAIL_NOT_ASKED
    return None
