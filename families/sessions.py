"""Sessions in PostgreSQL that say whose they are and when they last did something (MAI-01)."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from families.models import Session

SID = "sid"
LAST_ACTIVITY = "last_activity"


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def save(self, must_create: bool = False) -> None:
        """Nearly every page notes when its session was last used; it does not wait for the disk, busy during a night.

        A crash of PostgreSQL loses at most the last second of it. Signing in and out wait, as every other write does.
        """
        if must_create:
            super().save(must_create=True)
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")
            super().save()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        row.sid = UUID(data[SID]) if SID in data else None
        row.user_id = data.get(SESSION_KEY)
        row.last_activity_at = parse_datetime(data[LAST_ACTIVITY]) if LAST_ACTIVITY in data else None
        return row


def ensure_sid(session: Any) -> UUID:
    """Give the session an id that survives key rotation and never leaves the server; return it."""
    if SID not in session:
        session[SID] = str(uuid4())
    return UUID(session[SID])
