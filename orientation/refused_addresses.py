"""An address that takes no letter: noted on the person, for their own screen and for the school (MAI-06).

The journal keeps whose it was, never the address.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from families.models import Representative, User
from ledger import clock, journal
from ledger.journal import SYSTEM


@transaction.atomic
def note_refusal(sender: Any, *, recipient: UUID, address: str, at: datetime | None = None, **more: Any) -> None:
    """Receive `ledger.mail.letter_refused`: only an address that is still theirs counts, in each of their schools.

    A refusal older than the day the address was confirmed says nothing of it any more.
    """
    rows = _at_this_address(recipient, address).filter(email_refused_at=None)
    if at is not None:
        rows = rows.exclude(email_confirmed_at__gte=at)
    _note(rows, clock.now(), verb="address_refused")
    pupils = _pupils_account(recipient, address).filter(email_refused_at=None)
    if at is not None:
        pupils = pupils.exclude(address_changes__confirmed_at__gte=at)
    _note_pupil(pupils, clock.now(), verb="address_refused")


@transaction.atomic
def note_arrival(sender: Any, *, recipient: UUID, address: str, at: datetime | None = None, **more: Any) -> None:
    """Receive `ledger.mail.letter_arrived`: the mailbox takes letters again, since it was noted that it did not."""
    if at is not None:
        _note(_at_this_address(recipient, address).filter(email_refused_at__lt=at), None, verb="address_works_again")
        _note_pupil(
            _pupils_account(recipient, address).filter(email_refused_at__lt=at), None, verb="address_works_again"
        )


def _at_this_address(recipient: UUID, address: str) -> QuerySet[Representative]:
    theirs = Q(uuid=recipient) | Q(user__isnull=False, user__representatives__uuid=recipient)
    people = Representative.objects.filter(theirs).values("pk")
    return Representative.objects.filter(pk__in=people, email__iexact=address).exclude(email="")


def _pupils_account(recipient: UUID, address: str) -> QuerySet[User]:
    """A pupil's letters go to their account's address, of which there is one."""
    return User.objects.filter(student__uuid=recipient, email__iexact=address).exclude(email="")


def _note(rows: QuerySet[Representative], refused_at: datetime | None, *, verb: str) -> None:
    people = list(rows.select_for_update(of=("self",)).select_related("school").order_by("pk"))
    for person in people:
        journal.write(
            verb=verb, by=SYSTEM, at=clock.now(), representative=str(person.uuid), school=person.school.uai
        )  # fmt: skip
    Representative.objects.filter(pk__in=[person.pk for person in people]).update(email_refused_at=refused_at)


def _note_pupil(rows: QuerySet[User], refused_at: datetime | None, *, verb: str) -> None:
    for account in rows.select_for_update(of=("self",)).select_related("student__school"):
        pupil = account.student
        journal.write(verb=verb, by=SYSTEM, at=clock.now(), pupil=str(pupil.uuid), school=pupil.school.uai)
        User.objects.filter(pk=account.pk).update(email_refused_at=refused_at)
