"""The mornings of reminders, and what was written: what their tests share."""

from datetime import datetime, timedelta
from typing import Any

from ledger.models import OutgoingEmail
from tests.factories import Family


def morning(end: datetime, days: int = 0) -> datetime:
    """8 h 05 in Paris, so many days before the last one; the windows of the tests end at midnight there."""
    last = end - timedelta(minutes=1)
    summer = last.replace(tzinfo=None) > datetime(2026, 3, 29)
    return last.replace(hour=6 if summer else 7, minute=5) - timedelta(days=days)


def keys() -> set[tuple[Any, Any, str, str]]:
    rows = OutgoingEmail.objects.filter(kind="reminder")
    return set(rows.values_list("dossier_uuid", "recipient_uuid", "data__need", "data__when"))


def to(family: Family, *people: Any, need: str, when: str) -> set[tuple[Any, Any, str, str]]:
    return {(family.dossier.uuid, one.uuid, need, when) for one in people}
