"""What the school or the council changed after the family, on the screens of a phase (SIE-03…05, OPI-04)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import template

from orientation import news
from orientation.facts import Facts, SubmissionFact
from orientation.rules import EntryState, entry_status, entry_to_show
from orientation.school_changes import examined_instead, family_entry_before, withdrawn_last

register = template.Library()


@register.inclusion_tag("orientation/parts/changed_by_school.html")
def changed_by_school(facts: Facts, phase: str, person: UUID, now: datetime) -> dict[str, Any]:
    """SIE-04: nothing when the entry shown is not a change."""
    entry = entry_to_show(facts, phase, now)
    if entry is None or not entry.asked_by:
        return {"change": None}
    first = family_entry_before(facts, entry)
    return {
        "change": entry,
        "text": news.change_words(facts, entry),
        "next": news.change_next(facts, phase, now),
        "first": first,
        "mine": first is not None and first.author == person,
        "zone": facts.timezone,
        "phase": phase,
    }


@register.inclusion_tag("orientation/parts/answers_withdrawn.html")
def answers_withdrawn(facts: Facts, phase: str, now: datetime) -> dict[str, Any]:
    """SIE-05, OPI-04: what was read and is withdrawn, as long as nothing stands in its place."""
    statement = withdrawn_last(facts, phase, now)
    if statement is None:
        return {"statement": None}
    return {
        "statement": statement,
        "title": news.RETIRED[phase],
        "text": news.withdrawal(facts, statement),
        "next": news.after_withdrawal(facts, phase, now),
        "zone": facts.timezone,
    }


@register.inclusion_tag("orientation/parts/late_next.html")
def late_next(facts: Facts, late: SubmissionFact, now: datetime) -> dict[str, Any]:
    """SIE-03: what stands instead of an entry that came too late, and what to do."""
    status = entry_status(facts, late.phase, now)
    return {
        "instead": examined_instead(facts, late, now),
        "open": status.state is EntryState.OPEN,
        "status_now": status,
        "zone": facts.timezone,
    }
