"""The journal: append-only, one line an act."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ledger.models import ActorKind, JournalEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `uuid` is a Representative's, a Student's or a User's (staff), None for Siècle and the service itself.

    `sid` is the browser session's id when there is one: recaps wait for its end (MAI-01).
    """

    kind: ActorKind
    uuid: UUID | None = None
    name: str = ""
    sid: UUID | None = None


SIECLE = Actor(ActorKind.SIECLE, None, "Siècle Orientation")
SYSTEM = Actor(ActorKind.SYSTEM, None, "Service Orientation")


def write(*, verb: str, by: Actor, at: datetime, dossier: UUID | None = None, **data: Any) -> JournalEntry:
    """Write one line; must be called in the transaction of the act it reports."""
    return JournalEntry.objects.create(
        verb=verb,
        at=at,
        actor_kind=by.kind,
        actor_uuid=by.uuid,
        actor_name=by.name,
        dossier_uuid=dossier,
        data=data,
    )
