"""A new password: chosen by its signed-in owner, or after a code by e-mail typed by hand. No link signs anybody in.

What a lost password asks for is in real time, and is told the same whether the account exists or not. Whatever the way
(`families.renewal` has a third one, by the school), a change ends what it should: the sessions, the codes, the waits.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from families.models import ActivationCode, PasswordResetCode, Representative, User
from families.sessions import close, others
from families.sign_in_throttle import unlock
from families.throttle import spend as spend_a_try
from families.typed_codes import HOUR, MAX_AN_HOUR, OVER, CodeRefused, spend
from ledger import clock, journal, outbox
from ledger.journal import Actor
from ledger.models import ActorKind
from ledger.nudge import nudge

VALIDITY = timedelta(minutes=15)
CHANGED, RESET, RENEWED = "password_changed", "password_reset", "password_renewed"  # verbs of the journal
FROM_ADDRESS, FROM_ADDRESS_MOST = "password_codes_from_address", 100  # an hour: a whole school may stand behind it


@transaction.atomic
def ask(name: str, *, address: str) -> UUID:
    """Note that somebody who types this login or address lost their password; return the request's id.

    A code leaves only if there is exactly one account, with an address, that did not ask three times in an hour, and if
    the network's `address` did not ask for too many.
    """
    now = timezone.now()
    PasswordResetCode.objects.filter(expires_at__lt=now - HOUR).delete()
    heard = spend_a_try(FROM_ADDRESS, address, most=FROM_ADDRESS_MOST, over=HOUR)
    user, email = _account(name.strip()) if heard else (None, "")
    row = PasswordResetCode.objects.create(user=user, email=email, created_at=now, expires_at=now + VALIDITY)
    if user is not None:
        outbox.post(
            kind="password_code", recipient=user.uuid, dossier=None, about=row.uuid, at=clock.now(),
            dedup_key=f"password_code:{row.uuid}",
        )  # fmt: skip
    nudge()
    return row.uuid


def _account(name: str) -> tuple[User | None, str]:
    by_login = User.objects.filter(username__iexact=name, is_active=True).order_by("pk")
    by_address = Q(email__iexact=name) | Q(representatives__email__iexact=name)
    users = by_login[:2] or User.objects.filter(by_address, is_active=True).order_by("pk").distinct()[:2]
    if len(users) != 1:
        return None, ""
    user, email = users[0], address_of(users[0])
    asked = PasswordResetCode.objects.filter(user=user, created_at__gt=timezone.now() - HOUR).count()
    return (user, email) if email and asked < MAX_AN_HOUR else (None, "")


def address_of(user: User) -> str:
    """Where to write to this account: the confirmed address, else one the school knows, else the account's own."""
    known = Representative.objects.filter(user=user).exclude(email="").order_by("email_confirmed_at", "pk")
    return known.values_list("email", flat=True).first() or user.email


def try_code(request_id: UUID, typed: str) -> None:
    """Spend one of five tries; the right code is used up. Raise CodeRefused (CODE_WRONG, CODE_OVER)."""
    refusal = _spend(request_id, typed)
    if refusal:
        raise CodeRefused(refusal)


@transaction.atomic
def _spend(request_id: UUID, typed: str) -> str:
    now = timezone.now()
    row = PasswordResetCode.objects.select_for_update().filter(uuid=request_id, used_at=None).first()
    if row is None:
        return OVER
    refusal = spend(row, typed, now)
    if not refusal:
        row.used_at, row.expires_at = now, now + VALIDITY
    row.save(update_fields=["tries", "used_at", "expires_at"])
    return refusal


def holder(request_id: UUID) -> User:
    """The account whose code was typed, for 15 minutes. Raise CodeRefused (CODE_OVER)."""
    row = PasswordResetCode.objects.filter(uuid=request_id, used_at__isnull=False, expires_at__gt=timezone.now())
    found = row.select_related("user").first()
    if found is None or found.user is None:
        raise CodeRefused(OVER)
    return found.user


@transaction.atomic
def choose(request_id: UUID, password: str) -> User:
    """Set the password of the account whose code was typed, once. Raise CodeRefused (CODE_OVER)."""
    user = User.objects.select_for_update().get(pk=holder(request_id).pk)  # the account first, as a new address does
    holder(request_id)
    settle(user, password, verb=RESET)
    return user


def settle(user: User, password: str, *, verb: str, keep: str | None = None, school: str = "") -> None:
    """Set the password of an account that the caller locked. Its sessions end, its codes open nothing any more, nobody
    waits for it any more, the journal says so, and so does a letter to each address known.

    `keep`: the key of the one session that goes on; `school`: the UAI of the one whose code it was.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    PasswordResetCode.objects.filter(user=user).delete()
    mine = Q(representative__user=user) | Q(student__user=user)
    ActivationCode.objects.filter(mine, renews=True, used_at=None).delete()
    unlock(user.username)
    more, by = {"school": school} if school else {}, as_holder(user)
    journal.write(verb=verb, by=by, at=clock.now(), account=str(user.uuid), **more)
    close(others(user, but=keep), user=user, by=by)
    tell(user, "password_changed", how=verb, **more)


def tell(user: User, kind: str, **data: str) -> None:
    """A letter at each address known of this account: whoever changed it may read one of them."""
    known = [user.email, *user.representatives.order_by("pk").values_list("email", flat=True)]
    about = uuid4()
    for number, to in enumerate({one.casefold(): one for one in known if one}.values()):
        outbox.post(
            kind=kind, recipient=user.uuid, dossier=None, about=about, at=clock.now(),
            dedup_key=f"{kind}:{about}:{number}", data={"to": to, **data},
        )  # fmt: skip
    nudge()


def as_holder(user: User) -> Actor:
    """The account's holder in the journal: a representative, a pupil, or a member of staff."""
    person = user.representatives.order_by("pk").first()
    if person is not None:
        return Actor(ActorKind.REPRESENTATIVE, person.uuid, person.full_name)
    if hasattr(user, "student"):
        return Actor(ActorKind.STUDENT, user.student.uuid, user.student.full_name)
    return Actor(ActorKind.SCHOOL, user.uuid, user.get_full_name() or user.get_username())
