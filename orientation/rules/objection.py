"""Another representative disagrees with a validated entry: recorded, shown, never blocking (policy « objection »)."""

from datetime import datetime
from uuid import UUID

from orientation.enums import Objection
from orientation.facts import Facts
from orientation.rules.calendar import EntryState, entry_status
from orientation.rules.council import last_entry
from orientation.rules.entry import ENTRY_REFUSALS
from orientation.rules.refusal import Refusal
from orientation.rules.who import may_act

REASON_MAX = 300


def check_reason(reason: str) -> Refusal | None:
    return Refusal.REASON_TOO_LONG if len(reason) > REASON_MAX else None


def may_object(facts: Facts, phase: str, actor: UUID, now: datetime) -> Refusal | None:
    """S004: until the entry closes, who did not author its last version may object to it, once a version."""
    refusal = may_act(facts, actor, now)
    if refusal is not None:
        return refusal
    if facts.policies.objection == Objection.NONE:
        return Refusal.NO_OBJECTION_ASKED
    status = entry_status(facts, phase, now)
    if status.closed_by is not None:
        return ENTRY_REFUSALS[status.closed_by]
    if status.state is not EntryState.OPEN:
        return Refusal.ENTRY_NOT_OPEN
    entry = last_entry(facts, phase)
    if entry is None:
        return Refusal.NOTHING_VALIDATED
    if entry.author == actor:
        return Refusal.OWN_ENTRY
    return Refusal.ALREADY_OBJECTED if actor in {one.author for one in entry.objections} else None
