"""Sessions in PostgreSQL that say whose they are and when they last did something (MAI-01)."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.dateparse import parse_datetime

from families.models import Session

SID = "sid"
LAST_ACTIVITY = "last_activity"


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

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
