"""The one way into a session, whoever vouched for the person. What a session then keeps: families.sessions.begun."""

from django.contrib.auth import login
from django.http import HttpRequest

from families.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"
ID_TOKEN = "id_token"  # noqa: S105  session key


def begin(request: HttpRequest, user: User, *, way: str = "", id_token: str = "") -> None:
    """Sign an account in; the session's key changes. `way`: "" by a password or a code, else the provider's slug."""
    request.way = way  # type: ignore[attr-defined]
    login(request, user, backend=BACKEND)
    if id_token:
        request.session[ID_TOKEN] = id_token  # on the server: the provider asks for it when the person signs out
