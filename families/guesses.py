"""Activation codes typed wrong: few from one browser or for one account, many more from an address (ACC-01).

A whole school stands behind one address: it is counted apart, and only what is wrong is counted. Real time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from axes.helpers import get_client_ip_address
from django.http import HttpRequest

from families.activation import ActivationRefused
from families.throttle import is_spent, spend

HOUR = timedelta(hours=1)
SOMEBODY, PLACE = "activation_code", "activation_code_address"
MOST = {SOMEBODY: 10, PLACE: 100}
WRONG = {"CODE_UNKNOWN", "CODE_USED", "CODE_EXPIRED"}


@contextmanager
def counted(request: HttpRequest) -> Iterator[None]:
    """Around whatever reads a code that was typed. Raise ActivationRefused (TOO_MANY_GUESSES) before it is read."""
    keys = _keys(request)
    if any(is_spent(use, key, most=MOST[use], over=HOUR) for use, key in keys.items()):
        raise ActivationRefused("TOO_MANY_GUESSES")
    try:
        yield
    except ActivationRefused as refused:
        if refused.code in WRONG:
            for use, key in keys.items():
                spend(use, key, most=MOST[use], over=HOUR)
        raise


def _keys(request: HttpRequest) -> dict[str, str]:
    """The account, or this browser; and the address, which a browser that forgets its cookies keeps."""
    if request.user.is_authenticated:
        who = str(request.user.uuid)
    else:
        if request.session.session_key is None:
            request.session.create()
        who = request.session.session_key
    return {SOMEBODY: who, PLACE: get_client_ip_address(request) or ""}
