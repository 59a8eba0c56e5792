"""Sessions in PostgreSQL that say whose they are, since when, and when they last did something (MAI-01).

Two limits, in real time. Idle: SESSION_COOKIE_AGE after the last request. Absolute: SESSION_HOURS_FAMILIES or
SESSION_HOURS_STAFF after signing in, whatever is done. The row of the database holds the earlier of the two: past it,
nothing opens the session again.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import SESSION_KEY, user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from families.devices import device_words
from families.models import Session, SignIn, User
from ledger import clock, journal
from ledger.journal import Actor

NOBODY_S = 3600  # seconds: what nobody's session keeps waits for a sign-in (families.keeping)
SID = "sid"
LAST_ACTIVITY = "last_activity"
BEGAN, LIMIT, PROVED, WAY, DEVICE = "began_at", "ends_by", "proved_at", "way", "device"


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def get_session_cookie_age(self) -> int:
        """Seconds until this session ends if nothing more is done: it is saved at each use, to the minute."""
        if SESSION_KEY not in self:
            return NOBODY_S
        left = moment(self, LIMIT)
        idle = settings.SESSION_COOKIE_AGE
        return idle if left is None else min(idle, ceil((left - timezone.now()).total_seconds()))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        row.sid = UUID(data[SID]) if SID in data else None
        row.user_id = data.get(SESSION_KEY)
        row.last_activity_at, row.began_at = moment(data, LAST_ACTIVITY), moment(data, BEGAN)
        row.way, row.device = data.get(WAY, ""), data.get(DEVICE, "")
        return row


def moment(session: Any, name: str) -> datetime | None:
    said = session.get(name)
    return parse_datetime(said) if said else None


def ensure_sid(session: Any) -> UUID:
    """Give the session an id that survives key rotation and never leaves the server; return it."""
    if SID not in session:
        session[SID] = str(uuid4())
    return UUID(session[SID])


@receiver(user_logged_in, dispatch_uid="families.sessions.begun")
def begun(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whatever the way in: the limits run from now, and the account's owner finds this sign-in in « Mon compte »."""
    now = timezone.now()
    hours = settings.SESSION_HOURS_STAFF if user.is_staff else settings.SESSION_HOURS_FAMILIES
    way, device = getattr(request, "way", ""), device_words(request.META.get("HTTP_USER_AGENT", ""))
    ensure_sid(request.session)
    request.session[BEGAN] = request.session[PROVED] = request.session[LAST_ACTIVITY] = now.isoformat()
    request.session[LIMIT] = (now + timedelta(hours=hours)).isoformat()
    request.session[WAY], request.session[DEVICE] = way, device
    SignIn.objects.create(user=user, at=now, way=way, device=device)


# --- sessions elsewhere -----------------------------------------------------------------------------------------------
def open_sessions(user: User) -> QuerySet[Session]:
    """The sessions of this account that are open now, the last used first."""
    return Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-last_activity_at", "pk")


def others(user: User, *, but: str | None) -> QuerySet[Session]:
    """The same without the session of this key (`request.session.session_key`)."""
    return open_sessions(user).exclude(session_key=but)


@transaction.atomic
def close(sessions: QuerySet[Session], *, user: User, by: Actor) -> int:
    """End these sessions of this account at once, whoever uses them; return how many there were.

    What was being typed there stays a draft; the recap of what was validated there leaves within a minute (MAI-01).
    """
    closed, _ = sessions.filter(user=user).delete()
    if closed:
        journal.write(verb="sessions_closed", by=by, at=clock.now(), account=str(user.uuid), count=closed)
    return closed
