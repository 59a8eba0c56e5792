"""An address that takes no letter: noted on the representative, for their own screen and for the school (MAI-06)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from families.models import Representative
from ledger import clock, journal
from ledger.journal import SYSTEM


@transaction.atomic
def note_refusal(sender: Any, *, recipient: UUID, address: str, at: datetime | None = None, **more: Any) -> None:
    """Receive `ledger.mail.letter_refused`: only an address that is still theirs counts, in each of their schools.

    A refusal older than the day the address was confirmed says nothing of it any more.

    The journal keeps whose it was, never the address.
    """
    now = clock.now()
    theirs = Q(uuid=recipient) | Q(user__isnull=False, user__representatives__uuid=recipient)
    rows = Representative.objects.filter(
        pk__in=Representative.objects.filter(theirs).values("pk"), email__iexact=address, email_refused_at__isnull=True
    )
    if at is not None:
        rows = rows.exclude(email_confirmed_at__gte=at)
    people = list(rows.select_for_update(of=("self",)).select_related("school").order_by("pk") if address else [])
    for person in people:
        journal.write(
            verb="address_refused", by=SYSTEM, at=now, representative=str(person.uuid), school=person.school.uai
        )
    Representative.objects.filter(pk__in=[person.pk for person in people]).update(email_refused_at=now)
