"""Days and hours as people say them, in the time zone in force (CAL-02)."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format

register = template.Library()

HOUR = "G\u00a0\\h\u00a0i"


@register.filter
def day(at: datetime) -> str:
    """« 2 novembre 2025 », « 1er novembre 2025 »."""
    local = timezone.localtime(at)
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number} {date_format(local, 'F Y')}"


@register.filter
def moment(at: datetime) -> str:
    """« 2 novembre 2025 à 19 h 05 »."""
    return f"{day(at)} à {date_format(timezone.localtime(at), HOUR)}"
