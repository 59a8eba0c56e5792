"""Three guards of every request: a GET writes nothing, a session remembers when it was last used, and no computer
that several people share keeps what one of them read.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from families.sessions import LAST_ACTIVITY, ensure_sid

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "TRUNCATE", "MERGE")
ACTIVITY_GRAIN = timedelta(minutes=1)

Handler = Callable[[HttpRequest], HttpResponse]


class WriteOnGet(RuntimeError):
    """A page that is only read tried to write: a bug, stopped before it reaches the database."""


View = TypeVar("View", bound=Callable[..., HttpResponse])


def writes_on_get(view: View) -> View:
    """Let this view write by GET. For the return from an identity provider only: a redirection, hence a GET."""
    view.writes_on_get = True  # type: ignore[attr-defined]
    return view


def refuse_writes(
    request: HttpRequest,
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,
    context: dict[str, Any],
) -> Any:
    if str(sql).lstrip().upper().startswith(WRITES) and not getattr(request, "writes_on_get", False):
        raise WriteOnGet(sql)
    return execute(sql, params, many, context)


class ReadOnlyGet:
    """GET never writes. The session's own bookkeeping, done outside this guard, is one exception; `writes_on_get`
    is the other.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def process_view(self, request: HttpRequest, view: Handler, args: Any, kwargs: Any) -> None:
        request.writes_on_get = getattr(view, "writes_on_get", False)  # type: ignore[attr-defined]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE:
            return self.get_response(request)
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(partial(refuse_writes, request)))
            return self.get_response(request)


class NothingKept:
    """What a signed-in person reads stays in no cache: « Précédent » after signing out shows nothing of it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if signed_in:
            add_never_cache_headers(response)
        return response


class SessionActivity:
    """Keep the session's last activity, to the minute, in real time (its saving slides the expiry)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._note(request)
        return self.get_response(request)

    def _note(self, request: HttpRequest) -> None:
        ensure_sid(request.session)
        now = timezone.now()
        last = request.session.get(LAST_ACTIVITY)
        if last is None or now - datetime.fromisoformat(last) >= ACTIVITY_GRAIN:
            request.session[LAST_ACTIVITY] = now.isoformat()
