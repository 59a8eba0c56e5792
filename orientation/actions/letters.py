"""Letters that did not leave: somebody has mended what stopped them, and they are tried again (MAI-07)."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from ledger import clock, journal, outbox
from ledger.journal import Actor
from ledger.nudge import nudge


def send_again(*, letters: Iterable[UUID], by: Actor) -> int:
    """Let the letters that failed, or were set aside, leave now; return how many. The others stay as they are."""
    with transaction.atomic():
        rows = outbox.again(letters)
        now = clock.now()
        for row in rows:
            journal.write(
                verb="letter_sent_again", by=by, at=now, dossier=row.dossier_uuid, letter=str(row.pk), kind=row.kind,
                state=row.state,
            )  # fmt: skip
        if rows:
            nudge()
    return len(rows)
