"""Openings, moves and resets of class councils: each applied once, at once through the callback or by the night."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from ledger import clock
from ledger.journal import SIECLE
from orientation.actions import council
from siecle_sync import contract
from siecle_sync.models import CouncilEvent

REF_MAX = 64
CENTURY = range(2000, 2100)  # as the lines of the night
VERBS = {
    contract.OPENED: council.open_council,
    contract.MOVED: council.move_council,
    contract.RESET: council.reset_council,
}


@dataclass(frozen=True, slots=True)
class Event:
    ref: str
    event: str
    uai: str
    year: int
    level: str
    division: str
    phase: str
    held_on: date | None
    at: datetime

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Event":
        """Raises KeyError, TypeError or ValueError when the event is not readable."""
        held_on = data["held_on"]
        read = cls(
            ref=str(data["ref"]),
            event=str(data["event"]),
            uai=str(data["uai"]),
            year=int(data["year"]),
            level=str(data["level"]),
            division=str(data["division"]),
            phase=str(data["phase"]),
            held_on=date.fromisoformat(held_on) if held_on else None,
            at=datetime.fromisoformat(data["at"]),
        )
        if read.event not in VERBS or read.phase not in {"PROVISIONAL", "DEFINITIVE"} or read.at.tzinfo is None:
            raise ValueError(read.event)
        if len(read.ref) > REF_MAX or "\0" in read.ref + read.uai + read.level + read.division:
            raise ValueError(read.ref)
        if read.at.year not in CENTURY:
            raise ValueError(read.at)
        return read


def apply(event: Event) -> bool:
    """Apply an event unless it was already; say whether it was new. Raises council.UnknownCouncil (CAL-06, SIE-05)."""
    with transaction.atomic():
        # the same event arriving twice at the same instant: the second waits on the unique reference, then is known
        _, new = CouncilEvent.objects.get_or_create(ref=event.ref, defaults={"at": event.at, "applied_at": clock.now()})
        if new:
            VERBS[event.event](
                uai=event.uai, year=event.year, level=event.level, division=event.division, phase=event.phase,
                held_on=event.held_on, by=SIECLE,
            )  # fmt: skip
        return new
