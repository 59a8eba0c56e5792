"""The e-mail address of a representative: theirs to correct (ACC-09)."""

from dataclasses import dataclass

from django.db import transaction

from families.models import Representative, User
from ledger import clock, journal
from ledger.journal import Actor
from ledger.models import ActorKind


@dataclass(frozen=True, slots=True)
class Address:
    """The address an account's letters go to. `state`: NONE, FROM_SCHOOL (nobody confirmed it) or CONFIRMED."""

    email: str
    state: str


def address_state(people: list[Representative]) -> Address:
    """Tell the address of an account's representatives (one a school): a missing one matters most (MAI-06)."""
    if not people or any(not person.email for person in people):
        return Address("", "NONE")
    if all(person.email_confirmed_at for person in people):
        return Address(people[0].email, "CONFIRMED")
    return Address(people[0].email, "FROM_SCHOOL")


@transaction.atomic
def correct_address(user: User, email: str) -> None:
    """The owner says where to write: true for all their schools, and no import overwrites it any more (ACC-09).

    The journal keeps who and when, never the address.
    """
    now = clock.now()
    people = list(
        Representative.objects.select_for_update(of=("self",)).select_related("school").filter(user=user).order_by("pk")
    )
    for person in people:
        person.email, person.email_confirmed_at = email, now
        by = Actor(ActorKind.REPRESENTATIVE, person.uuid, person.full_name)
        journal.write(verb="address_corrected", by=by, at=now, school=person.school.uai)
    Representative.objects.bulk_update(people, ["email", "email_confirmed_at"])
    User.objects.filter(pk=user.pk).update(email=email)
