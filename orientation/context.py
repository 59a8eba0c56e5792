"""What every page of the service shows: help, assistance, the pretended date, whether the staff is visiting."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from ledger import clock
from orientation.dates import zone_words


def page(request: HttpRequest) -> dict[str, Any]:
    now = getattr(request, "now", None) or clock.now()
    return {
        "now": now,
        "sandbox_now": now if settings.SANDBOX else None,
        "assistance_url": settings.ASSISTANCE_URL,
        "help_url": settings.HELP_URL,
        "onisep_url": settings.ONISEP_URL,
        "official_theme": settings.OFFICIAL_THEME,
        "zone_words": zone_words(timezone.get_current_timezone()),
        "visit": getattr(request, "visit", None),  # orientation.middleware
    }
