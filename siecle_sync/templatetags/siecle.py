"""What the staff’s page of a dossier says of its nights: the page is of `orientation`, which knows nothing of them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from orientation.dates import instant
from orientation.models import Dossier
from siecle_sync import exchanges

register = template.Library()


@register.inclusion_tag("admin/siecle_sync/exchanges.html")
def exchanges_with_siecle(dossier: Dossier) -> dict[str, Any]:
    return {
        "sent": exchanges.sent(dossier),
        "received": exchanges.received(dossier),
        "zone": dossier.student.school.timezone,
    }


@register.filter
def local(value: datetime | None, zone: ZoneInfo) -> str:
    """« mardi 20 janvier 2026 à 19 h 05 »."""
    return instant(value, zone) if value else "–"
