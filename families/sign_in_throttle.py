"""How many wrong passwords, from where and for whom: django-axes counts by account and address, this adds the rest.

Three counters, in real time (security notes: docs/securite-connexion.md):

- an account from one address: 5, then 15 minutes (settings AXES_*);
- an account from everywhere: ACCOUNT_MOST an hour. More than one address alone can spend (20), so that a neighbour
  shuts nobody out elsewhere; and who comes from an address where this account has signed in still enters;
- an address on many accounts: ADDRESS_MOST an hour. A whole school may stand behind it, so nobody is shut out: from
  there each account has one wrong try instead of five, but those that have signed in from there before.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_ip_address, get_client_username
from axes.models import AccessAttempt, AccessLog
from axes.utils import reset
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from families.throttle import forget, is_spent, spend, spent_among

HOUR = timedelta(hours=1)
PAIR_MOST, PAIR_MOST_IN_A_SPRAY = 5, 1
ACCOUNT, ACCOUNT_MOST = "password_of_account", 30
ADDRESS, ADDRESS_MOST = "password_from_address", 200

Credentials = dict[str, Any] | None

log = logging.getLogger(__name__)


class Handler(AxesDatabaseHandler):
    """What django-axes asks at each password typed, and tells after each wrong one."""

    def is_locked(self, request: HttpRequest, credentials: Credentials = None) -> bool:
        return super().is_locked(request, credentials) or self._is_attacked(request, credentials)

    def _is_attacked(self, request: HttpRequest, credentials: Credentials) -> bool:
        name = get_client_username(request, credentials) or ""
        return is_spent(ACCOUNT, name, most=ACCOUNT_MOST, over=HOUR) and not is_usual(request, name)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """A try that was refused unread counts for nothing: the wait ends when it was said to."""
        if request is not None and not request.axes_locked_out:
            spend(ACCOUNT, get_client_username(request, credentials) or "", most=ACCOUNT_MOST, over=HOUR)
            if not spend(ADDRESS, from_where(request), most=ADDRESS_MOST, over=HOUR):
                log.warning("more than %s wrong passwords in an hour from one address", ADDRESS_MOST)
        super().user_login_failed(sender, credentials, request, **kwargs)


def from_where(request: HttpRequest) -> str:
    """The network's address, as our own proxy saw it."""
    return get_client_ip_address(request) or ""


def failure_limit(request: HttpRequest, credentials: Credentials) -> int:
    """After how many wrong passwords an account waits, from this address (AXES_FAILURE_LIMIT)."""
    if not is_spent(ADDRESS, from_where(request), most=ADDRESS_MOST, over=HOUR):
        return PAIR_MOST
    return PAIR_MOST if is_usual(request, get_client_username(request, credentials) or "") else PAIR_MOST_IN_A_SPRAY


def is_usual(request: HttpRequest, name: str) -> bool:
    """Has this account signed in from this address lately? (AccessLog, emptied after 30 days.)"""
    return AccessLog.objects.filter(username=name, ip_address=from_where(request)).exists()


def unlock(name: str) -> None:
    """Nobody waits any more for this account, from any address: its owner has shown who they are."""
    reset(username=name)
    forget(ACCOUNT, name)


def waiting_among(names: Collection[str]) -> set[str]:
    """Which of these accounts are shut, from some address at least."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    lately = AccessAttempt.objects.filter(username__in=names, attempt_time__gt=since)
    by_address = lately.values("username", "ip_address").annotate(wrong=Sum("failures_since_start"))
    here = set(by_address.filter(wrong__gte=PAIR_MOST).values_list("username", flat=True))
    return here | spent_among(ACCOUNT, names, most=ACCOUNT_MOST, over=HOUR)
