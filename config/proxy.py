from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that knocks, for the sign-in throttle: what our own proxy saw, never what the browser claims.

    A proxy adds the address it saw at the end of X-Forwarded-For; everything before comes from outside.
    """
    if settings.BEHIND_TLS_PROXY and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
        return str(forwarded).rsplit(",", maxsplit=1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
