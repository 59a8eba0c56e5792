"""Nothing typed is lost when a session ends (ENT-07): what was sent too late waits, and comes back in its form.

A page knows whose it is by its CSRF token: the session keeps a digest of the secret that its pages carry. What an ended
session's page sends is kept on the server, in the new session of the same browser; after signing in with the same
account, the page shows it again and the person sends it. Another account: it is dropped. No password, no code, no file.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_TOKEN_LENGTH, InvalidTokenFormat, _check_token_format, _unmask_cipher_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from families.models import Session
from families.refill import Refilled, refill
from families.sessions import SessionStore

PAGES, ENDED, KEPT = "pages", "ended", "kept"  # session keys
ENDED_WHY, PROOF_WHY = "ended", "proof"  # why it was not received
LASTS = timedelta(hours=1)
MOST = 64 * 1024  # characters
MOST_PAGES = 3  # earlier sign-ins of one browser whose pages may still be open
SECRET = re.compile(r"csrfmiddlewaretoken|(^|[_-])(\w*password\d*|code|otp\w*|token|secret)($|[_-])", re.IGNORECASE)
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}

Handler = Callable[[HttpRequest], HttpResponse]


class LoginRequired(LoginRequiredMiddleware):
    """Who must sign in again finds what they were sending."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponse:
        keep_of_ended(request)
        return super().handle_no_permission(request, view_func)


class NothingLost:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            note_ended(request)
        waiting = waiting_for(request)
        response = self.get_response(request)
        note_whose_pages(request.session, request.META.get("CSRF_COOKIE"))
        if waiting is None or KEPT not in request.session or getattr(request, "kept_again", False):
            return response
        if request.method == "POST" and request.path == waiting["path"]:
            del request.session[KEPT]  # sent at last
        elif request.method == "GET":
            give_back(request, response, waiting)
        return response


# --- whose page -------------------------------------------------------------------------------------------------------
def digest(secret: str) -> str:
    return salted_hmac("families.keeping", secret, algorithm="sha256").hexdigest()


def page_of(request: HttpRequest) -> str:
    """The digest that the page which sent this form carried; "" when it carried none."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    try:
        _check_token_format(token)
    except InvalidTokenFormat:
        return ""
    return digest(_unmask_cipher_token(token) if len(token) == CSRF_TOKEN_LENGTH else token)


def note_whose_pages(session: SessionBase, secret: str | None) -> None:
    """Signed in, a session knows the pages of its account: those it has just shown, those of the session before it."""
    if SESSION_KEY not in session or secret is None:
        return
    ended = session.pop(ENDED) if ENDED in session else None
    own = ended is not None and str(ended["user"]) == session[SESSION_KEY]
    pages = session.get(PAGES, ended["pages"] if ended and own else [])
    now = digest(secret)
    if now not in pages or own:
        session[PAGES] = [*(one for one in pages if one != now), now][-MOST_PAGES:]


def note_ended(request: HttpRequest) -> None:
    """What follows an ended session knows whose its pages were. One that was closed on purpose leaves nothing."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or request.session.session_key is not None:
        return
    row = Session.objects.filter(session_key=key, expire_date__lte=timezone.now(), user__isnull=False).first()
    pages = SessionStore().decode(row.session_data).get(PAGES) if row else None
    if row and pages:
        request.session[ENDED] = {"user": row.user_id, "pages": pages}


# --- keep -------------------------------------------------------------------------------------------------------------
def keep_of_ended(request: HttpRequest) -> None:
    """From a page of a session that has ended; nobody is signed in."""
    ended = request.session.get(ENDED)
    if request.method == "POST" and ended and page_of(request) in ended["pages"]:
        keep(request, user=ended["user"])


def keep_of_older_page(request: HttpRequest) -> bool:
    """From a page read before this account signed in again in another tab. Return whether it was."""
    own = request.user.is_authenticated and page_of(request) in request.session.get(PAGES, ())
    return own and keep(request, user=request.user.pk)


def keep(request: HttpRequest, *, user: int, why: str = ENDED_WHY) -> bool:
    """Keep what was sent until it is sent again, one hour at most. A program's request keeps its own: False."""
    if request.headers.get("X-Requested-With") == "fetch" or request.content_type not in FORMS:
        return False
    fields = {name: said for name, said in request.POST.lists() if not is_secret(name)}
    if sum(len(name) + sum(map(len, said)) for name, said in fields.items()) > MOST:
        fields = {}
    request.kept_again = True  # type: ignore[attr-defined]
    request.session[KEPT] = {
        "path": request.path,
        "landing": request.path,
        "fields": fields,
        "files": bool(request.FILES),
        "user": user,
        "at": timezone.now().isoformat(),
        "why": why,
    }
    return True


def is_secret(name: str) -> bool:
    return SECRET.search(name) is not None


# --- give back --------------------------------------------------------------------------------------------------------
def waiting_for(request: HttpRequest) -> dict[str, Any] | None:
    """What waits for who is signed in. Somebody else's, or too old: gone."""
    kept = request.session.get(KEPT) if request.user.is_authenticated else None
    if kept is None:
        return None
    if kept["user"] != request.user.pk or timezone.now() - datetime.fromisoformat(kept["at"]) > LASTS:
        del request.session[KEPT]
        return None
    return dict(kept)


def give_back(request: HttpRequest, response: HttpResponse, kept: dict[str, Any]) -> None:
    """Fill the form of the page, and say so; on a page without that form, say what was not received."""
    landing = request.path in {kept["path"], kept["landing"]}
    if landing and response.status_code in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER):
        leads = urlsplit(response["Location"]).path
        if not leads.startswith((settings.LOGIN_URL, reverse("admin:login"))):  # the way in is not over
            request.session[KEPT] = {**kept, "landing": leads}
        return
    if response.status_code != HTTPStatus.OK or response.streaming or not _is_page(response):
        return
    html = response.content.decode()
    done = refill(html, here=request.path, path=kept["path"], values=kept["fields"], landing=landing)
    if done.found or landing:
        response.content = done.with_note(note(done, kept)).encode()
        if not (done.same and done.seen):
            del request.session[KEPT]  # said once: nothing of it is in a form


def _is_page(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("text/html")


def note(done: Refilled, kept: dict[str, Any]) -> str:
    """What is said at the top of the page. Sentences that could not be put back are shown, to be copied."""
    filled = done.same and done.seen
    said = [one for values in kept["fields"].values() for one in values if len(one.split()) > 1]
    context = {"filled": filled, "files": kept["files"], "why": kept["why"], "said": [] if filled else said}
    return render_to_string("components/kept.html", context)
