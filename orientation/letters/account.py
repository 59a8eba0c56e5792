"""The letters about an account, which no dossier is about: a code to type, a password or an address changed (ACC-09).

A code goes to an address that is nobody's yet: it names no one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from families.models import AddressChange, PasswordResetCode, School, User
from families.passwords import CHANGED, RENEWED, RESET
from families.typed_codes import TypedCode, lives
from ledger.models import OutgoingEmail
from orientation import dates
from orientation.letters.envelope import NoAddress, NothingToSay, Wording


@dataclass(frozen=True, slots=True)
class AccountEnvelope:
    """Whom a letter is for: an account, or a person who may have none, at an address that may not be theirs any more.

    `schools`: those that have them in their Siècle base, with their académie.
    """

    reader: str
    address: str
    schools: tuple[School, ...]

    @property
    def sender(self) -> str:
        """The generic address of the account's académie, or the service's own."""
        if not self.schools:
            return settings.DEFAULT_FROM_EMAIL
        return formataddr(("Service Orientation", self.schools[0].academy.sender_email))

    @property
    def common(self) -> dict[str, Any]:
        return {"reader": self.reader, "academy": str(self.schools[0].academy) if self.schools else ""}

    def moment(self, at: datetime) -> str:
        return dates.moment(at, self.schools[0].timezone if self.schools else ZoneInfo(settings.TIME_ZONE))


def for_a_password(code: str, login: str) -> Wording:
    return Wording("Votre code pour changer de mot de passe", "password_code", {"code": code, "login": login})


def for_an_address(code: str) -> Wording:
    return Wording("Votre code pour confirmer cette adresse", "address_code", {"code": code})


def for_the_address_left(envelope: AccountEnvelope, at: datetime) -> Wording:
    values = {"at": envelope.moment(at), "schools": envelope.schools}
    return Wording("L’adresse de votre compte a été changée", "address_changed", values)


HOW = {
    CHANGED: "dans « Mon compte »",
    RESET: "avec un code reçu par courriel",
    RENEWED: "avec un code remis par l’établissement",
}


def for_a_password_changed(envelope: AccountEnvelope, at: datetime, *, how: str) -> Wording:
    values = {"at": envelope.moment(at), "schools": envelope.schools, "how": HOW[how]}
    return Wording("Votre mot de passe a été changé", "password_changed", values)


def for_a_renewal(envelope: AccountEnvelope, at: datetime, *, school: str) -> Wording:
    values = {"at": envelope.moment(at), "schools": envelope.schools, "school": school}
    return Wording("Un code pour changer votre mot de passe a été remis", "password_renewal", values)


def password_code(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """A code to choose a new password, to the account's own address."""
    asked = PasswordResetCode.objects.select_related("user").filter(uuid=str(row.about), used_at=None).first()
    envelope = _awaited(asked)
    return envelope, for_a_password(spaced(asked), asked.user.get_username() if asked and asked.user else "")


def address_code(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """A code to the new address, whose reader shows by typing it that they receive our letters."""
    asked = AddressChange.objects.select_related("user").filter(uuid=str(row.about), confirmed_at=None).first()
    return _awaited(asked), for_an_address(spaced(asked))


def address_changed(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """To the address left (`data`), without the new one: it may be somebody else who changed it."""
    envelope = _known_then(row)
    return envelope, for_the_address_left(envelope, row.created_at)


def password_changed(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """To each address that was known then (`data`): it may be somebody else who changed it."""
    envelope = _known_then(row)
    return envelope, for_a_password_changed(envelope, row.created_at, how=row.data["how"])


def password_renewal(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """To each address known: a school handed out a code, perhaps to somebody else."""
    envelope = _known_then(row)
    school = School.objects.get(uai=row.data["school"])
    return envelope, for_a_renewal(envelope, row.created_at, school=school.name)


KINDS: Mapping[str, Callable[[OutgoingEmail], tuple[AccountEnvelope, Wording]]] = {
    "password_code": password_code,
    "address_code": address_code,
    "address_changed": address_changed,
    "password_changed": password_changed,
    "password_renewal": password_renewal,
}


def spaced(code: TypedCode | None) -> str:
    digits = code.digits() if code else ""
    return f"{digits[:4]} {digits[4:]}"


def _awaited(code: TypedCode | None) -> AccountEnvelope:
    """A code that nobody can type any more does not leave, however late the provider is back."""
    if code is None or code.user is None or not lives(code, timezone.now()):
        raise NothingToSay("ce code n’est plus attendu")
    return envelope_of(code.user, code.email)


def _known_then(row: OutgoingEmail) -> AccountEnvelope:
    user = User.objects.filter(uuid=row.recipient_uuid).first()
    if user is None or "to" not in row.data:
        raise NoAddress("ce compte ou cette adresse n’existe plus")
    return envelope_of(user, row.data["to"])


def envelope_of(user: User, address: str) -> AccountEnvelope:
    mine = Q(representatives__user=user) | Q(students__user=user)
    schools = School.objects.filter(mine).select_related("academy").distinct().order_by("name", "pk")
    return AccountEnvelope(user.get_full_name(), address, tuple(schools))
