"""The second factor of the staff: after the password, six digits of a phone, or a recovery code (ACC-06).

Families are never asked. Secrets and codes are real time, and no journal holds them; a recovery code is kept as a
digest, and goes when it is used.
"""

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from families.models import School, StaffMembership, User
from families.powers import Power, memberships_of, schools_with, staff_actor
from ledger import clock, journal

CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # what no reader takes for something else
LENGTH = 8  # 40 bits, and each wrong try doubles the wait

WRONG, WAIT, NOT_YOURS = "CODE_WRONG", "CODE_WAIT", "DEVICE_NOT_YOURS"
REFUSALS = {
    WRONG: "Ce code n’est pas le bon, ou il a déjà servi. Attendez que le téléphone en affiche un autre.",
    WAIT: "Trop d’essais à la suite. Attendez {seconds} secondes, puis tapez le code affiché à ce moment-là.",
    NOT_YOURS: "Seul l’administrateur du service peut retirer le téléphone de cette personne.",
}


class FactorRefused(Exception):
    """`code` is a key of REFUSALS; `sentence` is French."""

    def __init__(self, code: str, *, seconds: int = 0) -> None:
        self.code, self.sentence = code, REFUSALS[code].format(seconds=seconds)
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Installed:
    """`since`: when the phone was set up (real time); `codes`: recovery codes that were not used."""

    since: datetime
    codes: int


def is_owed(user: User) -> bool:
    """Is this person of the staff, and has typed a password only? No page of the staff opens then."""
    return settings.STAFF_SECOND_FACTOR and user.is_staff and getattr(user, "otp_device", None) is None


def phone_of(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def installed(user: User) -> Installed | None:
    phone = phone_of(user)
    if phone is None:
        return None
    return Installed(phone.created_at, sum(one.token_set.count() for one in StaticDevice.objects.filter(user=user)))


def may_install(user: User) -> bool:
    """The first time, or once the phone in use has vouched: a password alone never replaces a phone."""
    return phone_of(user) is None or getattr(user, "otp_device", None) is not None


def awaited(user: User, drawn: int | None) -> TOTPDevice | None:
    """The phone being set up: its first six digits were not typed yet.

    `drawn`: what `begin` gave to this browser. Who knows the password too reads no secret drawn for another browser:
    they would keep showing the same digits as the phone, and nobody would notice.
    """
    return TOTPDevice.objects.filter(user=user, confirmed=False, pk=drawn).first()


def secret(device: TOTPDevice) -> str:
    """The secret in the letters that every phone understands (base 32)."""
    return b32encode(device.bin_key).decode().rstrip("=")


@transaction.atomic
def begin(user: User) -> TOTPDevice:
    """Draw a secret for a phone; an earlier one that was not confirmed ends, the phone in use stays in use."""
    _lock(user)
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="téléphone", confirmed=False)


def verify(user: User, typed: str) -> Device:
    """Return the phone that shows these digits, which are then used up. Raise FactorRefused (CODE_WRONG, CODE_WAIT)."""
    return _or_refusal(_try(user, phone_of(user), typed))


def recover(user: User, typed: str) -> Device:
    """Use up one recovery code, as a phone's digits. Raise FactorRefused (CODE_WRONG, CODE_WAIT)."""
    with transaction.atomic():
        found = _try(user, StaticDevice.objects.filter(user=user).first(), digest(user, typed))
        if isinstance(found, Device):
            _note("recovery_code_used", by=user, of=user)
    return _or_refusal(found)


def install(user: User, typed: str, *, drawn: TOTPDevice) -> tuple[Device, list[str]]:
    """Confirm the phone being set up by its first digits: the one before stops, and there are ten new recovery codes.

    Return the phone and the codes, which are shown once. Raise FactorRefused (CODE_WRONG, CODE_WAIT).
    """
    with transaction.atomic():
        _lock(user)
        found = _try(user, awaited(user, drawn.pk), typed)
        codes = _installed(user, found) if isinstance(found, Device) else []
    return _or_refusal(found), codes


def _installed(user: User, phone: Device) -> list[str]:
    TOTPDevice.objects.filter(user=user).exclude(pk=phone.pk).delete()
    phone.confirmed = True
    phone.save(update_fields=["confirmed"])
    _note("second_factor_set", by=user, of=user)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    drawn = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(CODES)]
    kept = StaticDevice.objects.create(user=user, name="codes de secours")
    kept.token_set.bulk_create(kept.token_set.model(device=kept, token=digest(user, code)) for code in drawn)
    return [f"{code[:4]}-{code[4:]}" for code in drawn]


def digest(user: User, code: str) -> str:
    """What is kept of a recovery code, whatever stands between its letters: 64 bits, no use without the secret key."""
    letters = "".join(one for one in code.lower() if one.isalnum())
    return salted_hmac("families.recovery_code", f"{user.uuid}:{letters}", algorithm="sha256").hexdigest()[:16]


def _try(user: User, device: Device | None, typed: str) -> Device | FactorRefused:
    """A wrong try is counted, so nothing is raised here: the caller's transaction would undo the count."""
    if device is None:
        return FactorRefused(WRONG)
    allowed, why = device.verify_is_allowed()
    if not allowed:
        return FactorRefused(WAIT, seconds=_seconds_until(why["locked_until"]))
    # locks the device: the same digits never count twice
    return verify_token(user, device.persistent_id, typed) or FactorRefused(WRONG)


def _or_refusal(found: Device | FactorRefused) -> Device:
    if isinstance(found, FactorRefused):
        raise found
    return found


def _seconds_until(moment: datetime) -> int:
    return max(1, round((moment - timezone.now()).total_seconds()))


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _note(verb: str, *, by: User, of: User, **data: str) -> None:
    """In the journal of the person's school too, so that its académie reads it."""
    schools = [one.school.uai for one in memberships_of(of) if one.school][:1]
    about = {"account": str(of.uuid), "person": of.get_full_name() or of.get_username(), **data}
    journal.write(verb=verb, by=staff_actor(by), at=clock.now(), **about, **({"school": schools[0]} if schools else {}))


# --- a colleague lost theirs ------------------------------------------------------------------------------------------
def may_remove(by: User) -> QuerySet[User]:
    """Whose phone this person may remove: anybody's for a superuser; for an académie, people of its schools alone.

    Nobody else's: who also works elsewhere, governs or administers is for a superuser.
    """
    staff = User.objects.filter(is_staff=True)
    if by.is_superuser:
        return staff
    here = School.objects.filter(pk__in=schools_with(by, Power.GOVERN))
    elsewhere = StaffMembership.objects.exclude(school__in=here)
    return staff.filter(
        is_superuser=False, pk__in=StaffMembership.objects.filter(school__in=here).values("user")
    ).exclude(pk__in=elsewhere.values("user"))


@transaction.atomic
def remove(user: User, *, by: User, reason: str) -> None:
    """A lost phone opens nothing any more, nor its recovery codes; the person sets up another one at next sign-in.

    Their open sessions of the staff close at once. Raise FactorRefused (DEVICE_NOT_YOURS).
    """
    if not may_remove(by).filter(pk=user.pk).exists():
        raise FactorRefused(NOT_YOURS)
    _lock(user)
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    _note("second_factor_removed", by=by, of=user, reason=reason)
