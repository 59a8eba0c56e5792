"""Letters let go again: what stopped them was mended (MAI-07), or their reader has given another address (MAI-06)."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from ledger import clock, journal, outbox
from ledger.journal import Actor
from ledger.models import OutgoingEmail
from ledger.nudge import nudge

STILL_NEWS = timedelta(days=60)  # what came back before that is old; it can be read in the service


@transaction.atomic
def send_again(letters: Iterable[UUID], *, by: Actor) -> int:
    """Let the letters that failed, or were set aside, leave now; return how many. The others stay as they are."""
    return _noted(outbox.again(letters), by)


@transaction.atomic
def send_again_to(people: Iterable[UUID], *, by: Actor) -> int:
    """Let what came back from an address that these people have just changed leave now; return how many letters."""
    return _noted(outbox.again_to(people, since=clock.now() - STILL_NEWS), by)


def _noted(rows: list[OutgoingEmail], by: Actor) -> int:
    now = clock.now()
    for row in rows:
        journal.write(
            verb="letter_sent_again", by=by, at=now, dossier=row.dossier_uuid, letter=str(row.pk), kind=row.kind,
            state=row.state,
        )  # fmt: skip
    if rows:
        nudge()
    return len(rows)
