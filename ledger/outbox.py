"""Letters waiting to leave. A row is written in the transaction of the act it reports (MAI-07)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ledger.models import LetterState, OutgoingEmail

# Technical times below are real time: the sandbox's date must not speed up or stop retries.
STUCK_AFTER = timedelta(minutes=10)
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
MAX_ATTEMPTS = 20


def post(
    *,
    kind: str,
    recipient: UUID,
    dossier: UUID,
    about: UUID | None,
    dedup_key: str,
    at: datetime,
    not_before: datetime | None = None,
    held_for: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write a letter once for `dedup_key`. A letter still held is updated: one recap a session (MAI-01).

    One that was let go at the very instant of this act cannot be: this act then has a letter of its own (MAI-07).
    """
    row = OutgoingEmail(
        kind=kind, recipient_uuid=recipient, dossier_uuid=dossier, about=about, dedup_key=dedup_key,
        data=data or {}, created_at=at, not_before=not_before or at, held_for=held_for,
        state=LetterState.HELD if held_for else LetterState.READY,
    )  # fmt: skip
    OutgoingEmail.objects.bulk_create([row], ignore_conflicts=True)
    held = OutgoingEmail.objects.filter(dedup_key=dedup_key, state=LetterState.HELD)
    if held_for and not held.update(about=about, data=row.data):
        row.uuid, row.dedup_key = uuid4(), f"{dedup_key}:{about}"
        OutgoingEmail.objects.bulk_create([row], ignore_conflicts=True)


def release(*, sid: UUID) -> int:
    """Let go what waited for the end of this session; return how many letters."""
    return OutgoingEmail.objects.filter(state=LetterState.HELD, held_for=sid).update(state=LetterState.READY)


def release_all_but(live_sids: Iterable[UUID] | Any) -> int:
    """Let go what waited for sessions that no longer live (closed browser, expiry)."""
    held = OutgoingEmail.objects.filter(state=LetterState.HELD)
    return held.exclude(held_for__in=live_sids).update(state=LetterState.READY)


def claim(*, now: datetime, limit: int = 50) -> list[OutgoingEmail]:
    """Take up to `limit` letters for this worker; the lock is gone before any provider is spoken to.

    Those to try again come first: there are few. Each half follows its partial index, whatever has been sent already.
    """
    with transaction.atomic():
        keys = _first(_to_retry(), order="claimed_at", limit=limit)
        ready = Q(state=LetterState.READY, not_before__lte=now)
        keys += _first(ready, order="not_before", limit=limit - len(keys))
        OutgoingEmail.objects.filter(pk__in=keys).update(
            state=LetterState.SENDING,
            claimed_at=timezone.now(),
            attempts=F("attempts") + 1,
        )
    return list(OutgoingEmail.objects.filter(pk__in=keys).order_by("created_at", "uuid"))


def _to_retry() -> Q:
    now = timezone.now()
    stuck = Q(state=LetterState.SENDING, claimed_at__lt=now - STUCK_AFTER)
    failed = Q(state=LetterState.FAILED, claimed_at__lt=now, attempts__lt=MAX_ATTEMPTS)
    return stuck | failed


def _first(which: Q, *, order: str, limit: int) -> list[UUID]:
    rows = OutgoingEmail.objects.filter(which).select_for_update(skip_locked=True).order_by(order)
    return list(rows.values_list("pk", flat=True)[:limit])


def mark_sent(row: OutgoingEmail, *, at: datetime, message_id: str = "") -> None:
    _end(
        row,
        state=LetterState.SENT,
        sent_at=at,
        message_id=message_id[:200],
        last_error="",
    )


def mark_without_address(row: OutgoingEmail, *, reason: str = "") -> None:
    """No valid address (MAI-06): nothing was sent, and the row says so."""
    _end(row, state=LetterState.NO_ADDRESS, last_error=reason[:300])


def mark_failed(row: OutgoingEmail, *, error: str) -> None:
    """Keep the letter for later: `claimed_at` becomes the instant of the next try."""
    delay = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    _end(
        row,
        state=LetterState.FAILED,
        last_error=error[:300],
        claimed_at=timezone.now() + delay,
    )


def _end(row: OutgoingEmail, **values: Any) -> None:
    OutgoingEmail.objects.filter(pk=row.pk, state=LetterState.SENDING).update(**values)
