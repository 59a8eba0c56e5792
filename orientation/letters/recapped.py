"""Which entries a reader was already sent the recap of: the next one says what has changed since (MAI-01)."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from ledger.models import Delivery, LetterState, OutgoingEmail

KINDS = ("recap_author", "recap_other")
NEVER_CAME = (Delivery.BOUNCED, Delivery.REJECTED)
Reader = tuple[UUID | None, UUID]


def recapped_to(rows: Iterable[OutgoingEmail]) -> defaultdict[Reader, tuple[UUID, ...]]:
    """By dossier and reader, the entries whose recap left, in the order in which they did; one query, or none."""
    readers = {(row.dossier_uuid, row.recipient_uuid) for row in rows if row.kind in KINDS}
    found: defaultdict[Reader, tuple[UUID, ...]] = defaultdict(tuple)
    if readers:
        sent = OutgoingEmail.objects.filter(
            dossier_uuid__in={dossier for dossier, _ in readers}, kind__in=KINDS, state=LetterState.SENT
        ).exclude(delivery__in=NEVER_CAME)
        for dossier, reader, about in sent.order_by("sent_at").values_list("dossier_uuid", "recipient_uuid", "about"):
            if about:
                found[dossier, reader] += (about,)
    return found
