"""When the session ends if nothing more is done: every page says it, and warns five minutes before (MAI-01, ENT-07)."""

from dataclasses import dataclass
from datetime import timedelta
from math import floor
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from families.keeping import KEPT
from families.sessions import LAST_ACTIVITY, LIMIT, moment


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """`final`: the absolute limit comes first, and nothing that is done puts it off."""

    seconds: int
    final: bool

    @property
    def minutes(self) -> int:
        return max(1, self.seconds // 60)


def session_end(request: HttpRequest) -> SessionEnd | None:
    """None for who is not signed in."""
    used, limit = moment(request.session, LAST_ACTIVITY), moment(request.session, LIMIT)
    if used is None:
        return None
    idle = used + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    ends = min(idle, limit) if limit else idle
    left = floor((ends - timezone.now()).total_seconds())
    return SessionEnd(max(0, left), limit is not None and limit <= idle)


def session_end_context(request: HttpRequest) -> dict[str, Any]:
    """For every template: `session_end`; `typed_is_kept`: something typed waits for a sign-in."""
    return {"session_end": session_end(request), "typed_is_kept": KEPT in request.session}


def leave_nothing(response: HttpResponse) -> HttpResponse:
    """At sign-out, the browser forgets the pages it read. Not its cookies: the next page says what was sent."""
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
