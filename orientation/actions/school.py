"""The school's acts on its own service, and the sign-out that releases the recaps."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from families.models import School, User
from ledger import clock, journal, outbox
from ledger.journal import Actor
from orientation.actions.act import drop_pen, hold_calendar, opened
from orientation.actions.post import nudge, post
from orientation.models import Campaign, SchoolClosing, ServiceSwitch
from orientation.readers import readers_of


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


def release_pen(*, dossier: UUID, phase: str, reason: str, by: Actor) -> bool:
    """The head releases a pen, with a reason; the representatives, and the pupil who acts, are told (ACC-08).

    False if nobody held it.
    """
    with opened(dossier, by=by) as act:
        released = drop_pen(act, phase, reason=reason)
        if released:
            for reader in readers_of(act.facts, act.now):
                key = f"pen_released:{act.dossier.uuid}:{phase}:{act.now.isoformat()}:{reader}"
                post(act, "pen_released", reader, about=act.dossier.uuid, key=key, phase=phase, reason=reason)
        return released


def sign_out(*, sid: UUID) -> int:
    """A browser session ends: its recaps may leave (MAI-01). Return how many letters were waiting."""
    with transaction.atomic():
        released = outbox.release(sid=sid)
        if released:
            nudge()
        return released
