"""The one way into a session, whoever vouched for the person."""

from django.contrib.auth import login
from django.http import HttpRequest

from families.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"
WAY, ID_TOKEN = "way", "id_token"  # session keys


def begin(request: HttpRequest, user: User, *, way: str = "", id_token: str = "") -> None:
    """Sign an account in; the session's key changes. `way`: "" by a password or a code, else the provider's slug."""
    login(request, user, backend=BACKEND)
    request.session[WAY] = way
    if id_token:
        request.session[ID_TOKEN] = id_token  # on the server: the provider asks for it when the person signs out
