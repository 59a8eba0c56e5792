"""Every night, what signing in leaves behind is erased, once of no more use. Real time, but for the school’s codes."""

from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.utils import timezone

from families import throttle
from families.models import ActivationCode, AddressChange, PasswordResetCode, Session, SignIn
from ledger import clock

ADDRESSES = timedelta(days=30)  # of the network: where an account is usually used from, and what was attempted
SIGN_INS = timedelta(days=365)  # « Mon compte » shows them
A_DAY = timedelta(days=1)
CODES = timedelta(days=90)  # until then, who types one that is over is told so


def forget_sign_ins() -> int:
    """Return how many rows. A session that has ended has let its recap go long before (MAI-01)."""
    now = timezone.now()
    old = [
        *(one.objects.filter(attempt_time__lt=now - ADDRESSES) for one in (AccessAttempt, AccessLog, AccessFailureLog)),
        SignIn.objects.filter(at__lt=now - SIGN_INS),
        Session.objects.filter(expire_date__lt=now - A_DAY),
        PasswordResetCode.objects.filter(expires_at__lt=now - A_DAY),
        AddressChange.objects.filter(expires_at__lt=now - A_DAY),
        ActivationCode.objects.filter(expires_at__lt=clock.now() - CODES),
    ]
    return sum(rows.delete()[0] for rows in old) + throttle.forget_old()
