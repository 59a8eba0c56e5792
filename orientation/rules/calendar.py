"""When an entry is open, and until when (CAL)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orientation.enums import WindowKind
from orientation.facts import Facts
from orientation.rules.refusal import Refusal


class EntryState(StrEnum):
    NOT_PLANNED = "NOT_PLANNED"
    NOT_OPEN = "NOT_OPEN"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class ClosedBy(StrEnum):
    ACADEMY = "ACADEMY"
    SCHOOL = "SCHOOL"
    SWITCH = "SWITCH"
    COUNCIL = "COUNCIL"


@dataclass(frozen=True, slots=True)
class EntryStatus:
    """`at` is when it opens (NOT_OPEN), must be done by (OPEN), or has been closed since (CLOSED)."""

    state: EntryState
    at: datetime | None = None
    closed_by: ClosedBy | None = None


def campaign_is_on(facts: Facts, now: datetime) -> bool:
    """From the opening of the first window to the end of the last (CAL-04)."""
    windows = [window for _, window in facts.windows]
    return any(one.opens_at <= now for one in windows) and any(now < one.closes_at for one in windows)


def deadline(facts: Facts, phase: str) -> datetime | None:
    """The earliest end of an entry known in advance, shown everywhere (CAL-09)."""
    window = facts.window(phase, WindowKind.ENTRY)
    closing = facts.closing(phase)
    if window is None:
        return None
    return min(window.closes_at, closing) if closing else window.closes_at


def entry_status(facts: Facts, phase: str, now: datetime) -> EntryStatus:
    """CAL-02, CAL-05, CAL-06, CAL-09: an entry ends at the earliest of its four ends."""
    window = facts.window(phase, WindowKind.ENTRY)
    if window is None:
        return EntryStatus(EntryState.NOT_PLANNED)
    if now < window.opens_at:
        return EntryStatus(EntryState.NOT_OPEN, window.opens_at)
    ended = [(at, by) for at, by in _ends(facts, phase) if at is not None and at <= now]
    if ended:
        at, by = min(ended)
        return EntryStatus(EntryState.CLOSED, at, by)
    return EntryStatus(EntryState.OPEN, deadline(facts, phase))


def _ends(facts: Facts, phase: str) -> list[tuple[datetime | None, ClosedBy]]:
    window = facts.window(phase, WindowKind.ENTRY)
    council = facts.council(phase)
    return [
        (window.closes_at if window else None, ClosedBy.ACADEMY),
        (facts.closing(phase), ClosedBy.SCHOOL),
        (facts.switched_off_at, ClosedBy.SWITCH),
        (council.opened_at if council else None, ClosedBy.COUNCIL),
    ]


def council_is_open(facts: Facts, phase: str) -> bool:
    council = facts.council(phase)
    return council is not None and council.opened_at is not None


def service_off(facts: Facts, now: datetime) -> Refusal | None:
    """A switched off service refuses every write (CAL-05)."""
    off = facts.switched_off_at
    return Refusal.SERVICE_OFF if off is not None and off <= now else None


def consultation_is_closed(facts: Facts, phase: str, now: datetime) -> bool:
    window = facts.window(phase, WindowKind.CONSULTATION)
    return window is None or not window.opens_at <= now < window.closes_at
