"""Letters of an act: rows of the same transaction, one a person (MAI-07); the worker is told after the commit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ledger import outbox
from ledger.nudge import nudge
from orientation.actions.act import Act
from orientation.enums import RecapTo, RecapWhen
from orientation.letters.priority import priority_of


def post(
    act: Act, kind: str, recipient: UUID, *, about: UUID, held_for: UUID | None = None,
    key: str = "", not_before: datetime | None = None, **data: Any,
) -> None:  # fmt: skip
    """Write one letter about `about`; a second one for the same act and person is never written."""
    outbox.post(
        kind=kind, recipient=recipient, dossier=act.dossier.uuid, about=about, at=act.now, held_for=held_for,
        dedup_key=key or f"{kind}:{about}:{recipient}", not_before=not_before, priority=priority_of(kind), data=data,
    )  # fmt: skip
    if held_for is None:
        nudge()


def post_to_family(act: Act, kind: str, *, about: UUID, **data: Any) -> None:
    """The same kind of letter to the author of the act (`…_author`) and to every other representative (`…_other`)."""
    post(act, f"{kind}_author", act.author, about=about, **data)
    for person in act.facts.representatives:
        if person.uuid != act.author:
            post(act, f"{kind}_other", person.uuid, about=about, **data)


def post_recap(act: Act, *, phase: str, submission: UUID) -> None:
    """MAI-01…03: one recap a session and person, whatever the number of changes; it waits for the sign-out (policy)."""
    policies = act.facts.policies
    sid = act.by.sid if policies.recap_when == RecapWhen.SIGN_OUT else None
    others = [one.uuid for one in act.facts.representatives if one.uuid != act.author]
    readers = [act.author, *(others if policies.recap_to == RecapTo.ALL else [])]
    for reader in readers:
        kind = "recap_author" if reader == act.author else "recap_other"
        key = f"recap:{sid or submission}:{act.dossier.uuid}:{phase}:{reader}"
        post(act, kind, reader, about=submission, held_for=sid, key=key, phase=phase)
