"""A lost password, without e-mail: the school hands a code to who it knows, and they choose the password (ACC-01).

The school never sees a password nor chooses one. A code lives 14 days, serves once, and its owner is told by a letter
at each address known, when it is handed out and when it is used. The account of somebody who works here too is for
their colleagues to open: a school would otherwise hold the key of another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from families.activation import ActivationRefused, digest, fresh_code
from families.attachments import Person
from families.models import ActivationCode, Attachment, Guardianship, Representative, Student, User
from families.passwords import RENEWED, settle, tell
from families.sign_in_throttle import HOUR, unlock
from families.throttle import is_spent, spend
from ledger import clock, journal
from ledger.journal import Actor

VALIDITY = timedelta(days=14)
ISSUED, CANCELLED, UNLOCKED = "renewal_code", "renewal_cancelled", "account_unlocked"  # verbs of the journal
GUESSES, GUESSES_MOST = "renewal_codes_from_address", 100  # wrong ones, an hour: a school may stand behind an address

REFUSALS = {
    "NO_ACCOUNT": "Cette personne n’a pas encore de compte\u00a0: remettez-lui une lettre d’activation.",
    "NO_PASSWORD": "Ce compte n’a pas de mot de passe\u00a0: la personne se connecte par un autre service.",
    "WORKS_HERE": "Cette personne travaille aussi avec ce site\u00a0: son mot de passe ne se renouvelle pas ici.",
    "NOT_LEGAL": "Cette personne n’est plus représentant légal d’un élève de l’établissement.",
}


class RenewalRefused(Exception):
    """`code` is a key of REFUSALS; `sentence` is French."""

    def __init__(self, code: str) -> None:
        self.code, self.sentence = code, REFUSALS[code]
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What is printed for one person; the code cannot be read again afterwards."""

    person: Person
    login: str
    code: str
    expires_at: datetime


def codes_of(people: Iterable[Person]) -> QuerySet[ActivationCode]:
    """The codes that these people may still type."""
    pupils = [one for one in people if isinstance(one, Student)]
    adults = [one for one in people if isinstance(one, Representative)]
    theirs = Q(student__in=pupils) | Q(representative__in=adults)
    return ActivationCode.objects.filter(theirs, renews=True, used_at=None, expires_at__gt=clock.now())


def why_no_code(user: User | None) -> str:
    """Why no code is handed out for this account, a key of REFUSALS; "" when one may be."""
    if user is None or not user.is_active:
        return "NO_ACCOUNT"
    if user.is_staff or user.is_superuser:
        return "WORKS_HERE"
    return "" if user.has_usable_password() else "NO_PASSWORD"


def why_not(person: Person) -> str:
    """The same for a person, who must be a legal representative of today, or the pupil."""
    if isinstance(person, Representative) and not Guardianship.objects.legal().filter(representative=person).exists():
        return "NOT_LEGAL"
    return why_no_code(person.user)


@transaction.atomic
def issue(person: Person, *, by: Actor) -> Renewal:
    """A code that lets this person choose a new password; the one before stops working. Raise RenewalRefused."""
    person = type(person).objects.select_for_update(of=("self",)).select_related("user", "school").get(pk=person.pk)
    refusal = why_not(person)
    if refusal:
        raise RenewalRefused(refusal)
    now, user, own = clock.now(), person.user, "student" if isinstance(person, Student) else "representative"
    code = fresh_code(now, renews=True, validity=VALIDITY, **{own: person})
    _write(ISSUED, person, by)
    tell(user, "password_renewal", school=person.school.uai)
    return Renewal(person, user.get_username(), code, now + VALIDITY)


@transaction.atomic
def cancel(person: Person, *, by: Actor) -> None:
    """The code handed to this person opens nothing any more."""
    if codes_of([person]).delete()[0]:
        _write(CANCELLED, person, by)


def unlock_account(person: Person, *, by: Actor) -> None:
    """Let this person try their password again at once. Raise RenewalRefused (NO_ACCOUNT)."""
    if person.user is None:
        raise RenewalRefused("NO_ACCOUNT")
    with transaction.atomic():
        unlock(person.user.get_username())
        _write(UNLOCKED, person, by)


def _write(verb: str, person: Person, by: Actor) -> None:
    journal.write(
        verb=verb, by=by, at=clock.now(), school=person.school.uai, name=person.full_name,
        account=str(person.user.uuid) if person.user else "",
    )  # fmt: skip


# --- by the person ----------------------------------------------------------------------------------------------------
def account_of(code: str, *, address: str) -> User:
    """Whose password this code renews. Raise ActivationRefused (CODE_…, TOO_MANY_GUESSES).

    A wrong code counts against the network's `address`, and nobody is let guess for long.
    """
    if is_spent(GUESSES, address, most=GUESSES_MOST, over=HOUR):
        raise ActivationRefused("TOO_MANY_GUESSES")
    try:
        return _owner(ActivationCode.objects.filter(digest=digest(code), renews=True).first())
    except ActivationRefused:
        spend(GUESSES, address, most=GUESSES_MOST, over=HOUR)
        raise


def _owner(found: ActivationCode | None) -> User:
    """A code is for the account that its person had when it was handed out, and for no other since."""
    if found is None:
        raise ActivationRefused("CODE_UNKNOWN")
    if found.used_at is not None:
        raise ActivationRefused("CODE_USED")
    if found.expires_at <= clock.now():
        raise ActivationRefused("CODE_EXPIRED")
    person = found.student or found.representative
    own = {"student": person} if found.student else {"representative": person}
    if why_not(person) or Attachment.objects.filter(**own, at__gt=found.created_at).exists():
        raise ActivationRefused("CODE_UNKNOWN")
    return person.user


@transaction.atomic
def renew(user: User, code: str, password: str) -> User:
    """Set the password of the account that this code is for, once. Raise ActivationRefused (CODE_…)."""
    user = User.objects.select_for_update().get(pk=user.pk)  # first, as every change of password does
    found = ActivationCode.objects.select_for_update(of=("self",)).filter(digest=digest(code), renews=True).first()
    if found is None or _owner(found) != user:
        raise ActivationRefused("CODE_UNKNOWN")
    found.used_at = clock.now()
    found.save(update_fields=["used_at"])
    settle(user, password, verb=RENEWED, school=(found.student or found.representative).school.uai)
    return user
