"""What every page of the service shows: help, assistance, the pretended date, whether the staff is visiting."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from ledger import clock


def page(request: HttpRequest) -> dict[str, Any]:
    now = getattr(request, "now", None) or clock.now()
    return {
        "now": now,
        "sandbox_now": now if settings.SANDBOX else None,
        "assistance_url": settings.ASSISTANCE_URL,
        "help_url": settings.HELP_URL,
        "onisep_url": settings.ONISEP_URL,
        "official_theme": settings.OFFICIAL_THEME,
        "visit": getattr(request, "visit", None),  # orientation.middleware
    }
