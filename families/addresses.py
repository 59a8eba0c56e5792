"""The e-mail address of a representative, or of a pupil of age: theirs to correct, once they confirm it (ACC-09).

The life of a code is real time. The codes themselves are written nowhere.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from families.models import AddressChange, PasswordResetCode, Representative, Student, User
from families.passwords import as_holder
from families.typed_codes import HOUR, MAX_AN_HOUR, OVER, TOO_MANY, CodeRefused, is_right, lives, spend
from ledger import clock, journal, outbox
from ledger.again import send_again_to
from ledger.journal import Actor
from ledger.models import ActorKind
from ledger.nudge import nudge

VALIDITY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Address:
    """The address an account's letters go to.

    `state`: NONE, REFUSED (our letters come back), FROM_SCHOOL (nobody confirmed it) or CONFIRMED.
    """

    email: str
    state: str


def address_state(people: list[Representative]) -> Address:
    """Tell the address of an account's representatives (one a school): a missing one matters most (MAI-06)."""
    if not people or any(not person.email for person in people):
        return Address("", "NONE")
    refused = next((person for person in people if person.email_refused_at), None)
    if refused is not None:
        return Address(refused.email, "REFUSED")
    if all(person.email_confirmed_at for person in people):
        return Address(people[0].email, "CONFIRMED")
    return Address(people[0].email, "FROM_SCHOOL")


def own_address(user: User) -> Address | None:
    """Where we write to an account's owner; None for who has no address here: the staff, and a pupil under 18."""
    people = list(user.representatives.order_by("pk"))
    if people:
        return address_state(people)
    pupil = Student.objects.filter(user=user).select_related("school__academy").first()
    if pupil is None or not pupil.is_of_age(clock.now().astimezone(pupil.school.timezone).date()):
        return None
    if user.email and user.email_refused_at:
        return Address(user.email, "REFUSED")
    return Address(user.email, "CONFIRMED" if user.email else "NONE")


def waiting(user: User) -> AddressChange | None:
    """The change whose code can still be typed: at most one, the last asked for."""
    now = timezone.now()
    row = user.address_changes.filter(confirmed_at=None, expires_at__gt=now).first()
    return row if row and lives(row, now) else None


@transaction.atomic
def ask(user: User, email: str) -> None:
    """Send a code to this new address; an earlier code ends. Raise CodeRefused (CODES_TOO_MANY).

    Until the code is typed, the address in use stays the one in use (ACC-09).
    """
    user, now = _locked(user), timezone.now()
    AddressChange.objects.filter(expires_at__lt=now - HOUR).delete()
    if user.address_changes.filter(created_at__gt=now - HOUR).count() >= MAX_AN_HOUR:
        raise CodeRefused(TOO_MANY)
    user.address_changes.filter(expires_at__gt=now).update(expires_at=now)
    row = AddressChange.objects.create(user=user, email=email, created_at=now, expires_at=now + VALIDITY)
    _post(user, "address_code", row.uuid, key=f"address_code:{row.uuid}")
    journal.write(verb="address_asked", by=as_holder(user), at=clock.now(), account=str(user.uuid))


def confirm(user: User, typed: str) -> None:
    """Spend one of five tries; with the right code the address is used. Raise CodeRefused (CODE_WRONG, CODE_OVER).

    The right code sent twice, as by a double click, is not refused.
    """
    refusal = _confirm(user, typed)
    if refusal:
        raise CodeRefused(refusal)


@transaction.atomic
def _confirm(user: User, typed: str) -> str:
    user, now = _locked(user), timezone.now()
    row = user.address_changes.filter(expires_at__gt=now).first()
    if row is None:
        return OVER
    if row.confirmed_at:
        return "" if is_right(row, typed) else OVER
    refusal = spend(row, typed, now)
    if not refusal:
        row.confirmed_at = now
        correct_address(user, row.email, change=row.uuid)
    row.save(update_fields=["tries", "confirmed_at"])
    return refusal


def correct_address(user: User, email: str, *, change: UUID) -> None:
    """The owner shows where to write: true for all their schools, and no import overwrites it any more (ACC-09).

    The addresses left are told, and the letters that came back from them leave again. The journal keeps who and when,
    never an address. In the caller's transaction.
    """
    now = clock.now()
    people = list(
        Representative.objects.select_for_update(of=("self",)).select_related("school").filter(user=user).order_by("pk")
    )
    _tell_addresses_left(user, [one.email for one in people] if people else [user.email], email, change)
    for person in people:
        person.email, person.email_confirmed_at, person.email_refused_at = email, now, None
        by = Actor(ActorKind.REPRESENTATIVE, person.uuid, person.full_name)
        journal.write(verb="address_corrected", by=by, at=now, school=person.school.uai)
    if not people:
        journal.write(verb="address_corrected", by=as_holder(user), at=now, account=str(user.uuid))
    Representative.objects.bulk_update(people, ["email", "email_confirmed_at", "email_refused_at"])
    User.objects.filter(pk=user.pk).update(email=email, email_refused_at=None)
    send_again_to([one.uuid for one in [*people, *Student.objects.filter(user=user)]], by=as_holder(user))
    # a code for a new password that the address left has received opens nothing any more
    PasswordResetCode.objects.filter(user=user).update(expires_at=timezone.now())


def _tell_addresses_left(user: User, used: list[str], email: str, change: UUID) -> None:
    left = {one.casefold(): one for one in used if one and one.casefold() != email.casefold()}
    for number, old in enumerate(left.values()):
        _post(user, "address_changed", change, key=f"address_changed:{change}:{number}", to=old)


def _post(user: User, kind: str, about: UUID, *, key: str, **data: str) -> None:
    """A letter to the account, not to a person of one school: what becomes of it says nothing of their address."""
    outbox.post(
        kind=kind, recipient=user.uuid, dossier=None, about=about, at=clock.now(), dedup_key=key, data=data
    )  # fmt: skip
    nudge()


def _locked(user: User) -> User:
    """One request at a time for an account: three codes an hour, one confirmation."""
    return User.objects.select_for_update().get(pk=user.pk)
