"""« Confirmez que c’est vous »: before what cannot be undone, somebody who proved it long ago proves it again.

The final answer (REAUTHENTICATE_MINUTES, 0: never), and what would let a stolen session keep the account: its address,
a first password (ASVS 7.5.1, 7.5.3). What was being sent waits meanwhile, and comes back in its form (ENT-07).
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from families.dsfr import DsfrForm
from families.forms import password_field
from families.keeping import PROOF_WHY, keep
from families.oidc.parties import Party, parties
from families.sessions import PROVED, moment

ACCOUNT_MINUTES = 30.0  # as long as an idle session: who has just signed in is never asked

View = Callable[..., HttpResponse]


class ProofForm(DsfrForm):
    password = password_field("Votre mot de passe", autocomplete="current-password")


def is_fresh(request: HttpRequest, minutes: float) -> bool:
    """Was the last proof given less than so many minutes ago? 0: nobody is asked."""
    proved = moment(request.session, PROVED)
    return not minutes or (proved is not None and timezone.now() - proved < timedelta(minutes=minutes))


def proved(request: HttpRequest) -> None:
    """A session that could be somebody else's is its owner's again: under another key."""
    request.session.cycle_key()
    request.session[PROVED] = timezone.now().isoformat()


def is_own_password(request: HttpRequest, typed: str) -> bool:
    """Wrong ones are counted with those of the sign-in page, which then shuts this one too."""
    user = request.user
    return authenticate(request, username=user.get_username(), password=typed) == user


def own_parties(request: HttpRequest) -> list[Party]:
    """The providers that can vouch for this account."""
    linked = set(request.user.identities.values_list("provider", flat=True))
    return [one for one in parties() if one.slug in linked]


def answer_minutes() -> float:
    return settings.REAUTHENTICATE_MINUTES


def account_minutes() -> float:
    return ACCOUNT_MINUTES


def proof_asked(minutes: Callable[[], float], *, reading: bool = False) -> Callable[[View], View]:
    """Ask who sends this form for a recent proof; `reading`: before the page is shown, too."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            sends = request.method == "POST"
            if is_fresh(request, minutes()) or not (sends or reading):
                return view(request, *args, **kwargs)
            return ask_for_proof(request)

        return guarded

    return decorate


def ask_for_proof(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        keep(request, user=request.user.pk, why=PROOF_WHY)
    return redirect(reverse("families:reauthenticate", query={REDIRECT_FIELD_NAME: request.get_full_path()}))
