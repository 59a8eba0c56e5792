"""The school's acts on its own service, what it takes away, and the sign-out that releases the recaps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from families.models import School, User
from ledger import clock, journal, outbox
from ledger.journal import Actor
from ledger.nudge import nudge
from orientation.actions.act import hold_calendar
from orientation.models import Campaign, SchoolClosing, ServiceSwitch


def switch_service(*, campaign: Campaign, school: School, enabled: bool, user: User, by: Actor) -> ServiceSwitch:
    """Switch the service off or on: a tile disappears and every write is refused, whatever page is open (CAL-05)."""
    with transaction.atomic():
        hold_calendar(school.pk)
        now = clock.now()
        row = ServiceSwitch.objects.create(campaign=campaign, school=school, enabled=enabled, at=now, by=user)
        journal.write(
            verb="service_switched_on" if enabled else "service_switched_off", by=by, at=now, school=school.uai
        )
        return row


def set_closing(
    *, campaign: Campaign, school: School, phase: str, closes_at: datetime | None, user: User, by: Actor
) -> SchoolClosing:
    """Set, change or (None) lift the school's own end of an entry (CAL-09). The form checks it is inside the window."""
    with transaction.atomic():
        hold_calendar(school.pk)
        now = clock.now()
        row = SchoolClosing.objects.create(
            campaign=campaign, school=school, phase=phase, closes_at=closes_at, at=now, by=user
        )
        journal.write(
            verb="closing_set", by=by, at=now, school=school.uai, phase=phase,
            closes_at=closes_at.isoformat() if closes_at else None,
        )  # fmt: skip
        return row


def note_export(*, phase: str, format: str, rows: int, by: Actor, **where: Any) -> None:
    """The requests and answers of `where` (a school and a division, or an académie and a level) leave (SIE-08)."""
    journal.write(verb="exported", by=by, at=clock.now(), phase=phase, format=format, rows=rows, **where)


def sign_out(*, sid: UUID) -> int:
    """A browser session ends: its recaps may leave (MAI-01). Return how many letters were waiting."""
    with transaction.atomic():
        released = outbox.release(sid=sid)
        if released:
            nudge()
        return released
