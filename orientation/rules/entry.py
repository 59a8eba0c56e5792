"""Entering intentions and choices (ENT)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from orientation.enums import Phase
from orientation.facts import Facts
from orientation.pathways import (
    CATALOGUE,
    FREE_TEXT_MAX,
    SPECIALTIES_OF_THE_CHOICE,
    SPECIALTY_NAMES,
    Choice,
    Pathway,
)
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


def check_choices(facts: Facts, phase: str, choices: Sequence[Choice]) -> list[RuleBroken]:
    """Everything wrong with a list of ranked choices, choice by choice (ENT-01…04). An empty list: all is well."""
    if not choices:
        return [RuleBroken(Refusal.NO_CHOICE)]
    found = [RuleBroken(Refusal.TOO_MANY_CHOICES)] if len(choices) > facts.policies.max_choices else []
    seen: set[tuple[str, str]] = set()
    for rank, choice in enumerate(choices, start=1):
        code = check_choice(facts, phase, choice)
        if code is None and choice.key in seen:
            code = Refusal.PATHWAY_TWICE
        if code is not None:
            found.append(RuleBroken(code, rank=rank))
        seen.add(choice.key)
    return found


def check_choice(facts: Facts, phase: str, choice: Choice) -> Refusal | None:
    """ENT-02, ENT-04, P2G-01…03: a pathway of this level, with the details that it asks and no other."""
    pathway = CATALOGUE.get(choice.pathway)
    if pathway is None or pathway.level != facts.level:
        return Refusal.PATHWAY_UNKNOWN
    return (
        _check_series(pathway, choice)
        or _check_free_text(pathway, choice, facts)
        or _check_statuses(pathway, choice)
        or _check_details(pathway, choice)
        or (check_specialties(facts, phase, choice) if pathway.asks_specialties else None)
    )


def _check_series(pathway: Pathway, choice: Choice) -> Refusal | None:
    """P2G-03: 1re technologique needs one of its series; no other pathway has any."""
    if pathway.series and not choice.series:
        return Refusal.SERIES_MISSING
    return Refusal.PATHWAY_UNKNOWN if choice.series and choice.series not in dict(pathway.series) else None


def _check_free_text(pathway: Pathway, choice: Choice, facts: Facts) -> Refusal | None:
    if choice.free_text and not (pathway.free_text_label and facts.policies.free_text):
        return Refusal.DETAIL_NOT_ASKED
    return Refusal.FREE_TEXT_TOO_LONG if len(choice.free_text) > FREE_TEXT_MAX else None


def _check_statuses(pathway: Pathway, choice: Choice) -> Refusal | None:
    asked = choice.school_status or choice.apprentice_status
    return Refusal.DETAIL_NOT_ASKED if asked and not pathway.asks_status else None


def _check_details(pathway: Pathway, choice: Choice) -> Refusal | None:
    """P2G-03: access to the vocational pathway needs one of its kinds; beside it only the specialties are details."""
    if pathway.kinds:
        one_kind = len(choice.details) == 1 and choice.details[0] in dict(pathway.kinds)
        return None if one_kind else Refusal.KIND_MISSING
    return Refusal.DETAIL_NOT_ASKED if choice.details and not pathway.asks_specialties else None


def check_specialties(facts: Facts, phase: str, choice: Choice) -> Refusal | None:
    """P2G-02: known subjects, all different, each where the school's offer of today says it is, and as many as asked.

    A school that has not said its offer offers them all.
    """
    asked = choice.specialties
    codes = [one.code for one in asked]
    if not set(codes) <= set(SPECIALTY_NAMES):
        return Refusal.SPECIALTY_UNKNOWN
    if len(set(codes)) < len(codes):
        return Refusal.SPECIALTY_TWICE
    if any(one.outside == is_offered(facts, one.code) for one in asked):
        return Refusal.SPECIALTY_NOT_OFFERED
    outside = any(one.outside for one in asked)
    return Refusal.SPECIALTIES_COUNT if len(asked) != specialties_wanted(facts, phase, outside=outside) else None


def is_offered(facts: Facts, specialty: str) -> bool:
    return not facts.specialties_offered or specialty in facts.specialties_offered


def specialties_wanted(facts: Facts, phase: str, *, outside: bool) -> int:
    """How many subjects a choice of 1re générale holds; for the intention, more when one is outside (P2G-02)."""
    if phase == Phase.DEFINITIVE:
        return SPECIALTIES_OF_THE_CHOICE
    return facts.policies.specialties_if_outside if outside else facts.policies.specialties
