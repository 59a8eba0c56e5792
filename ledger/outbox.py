"""Letters waiting to leave. A row is written in the transaction of the act it reports (MAI-07)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from ledger.models import Delivery, LetterEvent, LetterState, OutgoingEmail, Priority
from ledger.prepared import Prepared

# Technical times below are real time: the sandbox's date must not speed up or stop retries.
STUCK_AFTER = timedelta(minutes=10)
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
MAX_ATTEMPTS = 20
CAME_BACK = (Delivery.BOUNCED, Delivery.REJECTED)
ENDED = (LetterState.SENT, LetterState.NO_ADDRESS, LetterState.POINTLESS, LetterState.ASIDE)


def post(
    *,
    kind: str,
    recipient: UUID,
    dossier: UUID | None,
    about: UUID | None,
    dedup_key: str,
    at: datetime,
    not_before: datetime | None = None,
    held_for: UUID | None = None,
    priority: int = Priority.RECEIPT,
    data: dict[str, Any] | None = None,
) -> None:
    """Write a letter once for `dedup_key`. A letter still held is updated: one recap a session (MAI-01).

    One that was let go at the very instant of this act cannot be: this act then has a letter of its own (MAI-07).
    """
    row = OutgoingEmail(
        kind=kind, recipient_uuid=recipient, dossier_uuid=dossier, about=about, dedup_key=dedup_key,
        data=data or {}, created_at=at, not_before=not_before or at, held_for=held_for,
        state=LetterState.HELD if held_for else LetterState.READY, priority=priority,
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

    Those to try again come first: there are few. Then what families have just done, what they can read, what remains
    to do. Each part follows its partial index, whatever waits for later or has been sent already.
    """
    with transaction.atomic():
        worn = _stuck() & Q(attempts__gte=MAX_ATTEMPTS)  # the letter that kills its worker, or nobody knows why
        OutgoingEmail.objects.filter(worn).update(state=LetterState.ASIDE, last_error="essais épuisés")
        keys = _first(_to_retry(), order="claimed_at", limit=limit)
        for priority in Priority.values:
            ready = Q(state=LetterState.READY, priority=priority, not_before__lte=now)
            keys += _first(ready, order="not_before", limit=limit - len(keys))
        OutgoingEmail.objects.filter(pk__in=keys).update(
            state=LetterState.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1
        )
    rows = OutgoingEmail.objects.in_bulk(keys)
    return [rows[key] for key in keys]


def give_back(rows: Iterable[OutgoingEmail]) -> None:
    """Letters claimed and not tried, for anybody: the provider is away, or this worker too slow."""
    claims = {row.pk: row.claimed_at for row in rows}
    mine = Q(pk__in=claims, state=LetterState.SENDING, claimed_at__in=set(claims.values()))  # and nobody else's since
    OutgoingEmail.objects.filter(mine).update(state=LetterState.READY, attempts=F("attempts") - 1)


def _to_retry() -> Q:
    return _stuck() | Q(state=LetterState.FAILED, claimed_at__lt=timezone.now())


def _stuck() -> Q:
    return Q(state=LetterState.SENDING, claimed_at__lt=timezone.now() - STUCK_AFTER)


def _first(which: Q, *, order: str, limit: int) -> list[UUID]:
    if not limit:
        return []
    rows = OutgoingEmail.objects.filter(which).select_for_update(skip_locked=True).order_by(order)
    return list(rows.values_list("pk", flat=True)[:limit])


# In one statement, hence one commit: the letter is sent, and the history says so for ever (the row is emptied one day).
LETTER_SENT = Prepared(
    "letter_sent",
    "timestamptz, varchar, uuid",
    """
WITH sent AS (
    UPDATE ledger_outgoingemail SET state = 'SENT', sent_at = $1, message_id = $2, last_error = ''
    WHERE uuid = $3 AND state <> 'SENT'
    RETURNING uuid, kind, recipient_uuid, dossier_uuid
)
INSERT INTO ledger_journalentry (at, verb, actor_kind, actor_uuid, actor_name, dossier_uuid, data)
SELECT $1, 'letter_sent', 'SYSTEM', NULL, '', dossier_uuid,
       jsonb_build_object('letter', uuid, 'kind', kind, 'recipient', recipient_uuid)
FROM sent
""",
)


def mark_sent(row: OutgoingEmail, *, at: datetime, message_id: str = "") -> None:
    with connection.cursor() as cursor:
        LETTER_SENT.execute(cursor, [at, message_id[:200], row.pk])


def mark_without_address(row: OutgoingEmail, *, reason: str = "") -> None:
    """No valid address (MAI-06): nothing was sent, and the row says so."""
    _end(row, state=LetterState.NO_ADDRESS, last_error=reason[:300])


def mark_pointless(row: OutgoingEmail, *, reason: str) -> None:
    """What the letter was about is over: it would say nothing true, or nothing useful (MAI-08)."""
    _end(row, state=LetterState.POINTLESS, last_error=reason[:300])


def mark_failed(row: OutgoingEmail, *, error: str, most: int = MAX_ATTEMPTS) -> None:
    """Keep the letter for later: `claimed_at` becomes the instant of the next try. After `most` tries, set it aside."""
    if row.attempts >= most:
        set_aside(row, error=error)
        return
    delay = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    _end(row, state=LetterState.FAILED, last_error=error[:300], claimed_at=timezone.now() + delay)


def set_aside(row: OutgoingEmail, *, error: str, delivery: str = "") -> None:
    """No more tries by itself: somebody must look. `delivery`: what the provider said of it at once."""
    told = {"delivery": delivery, "delivery_at": timezone.now()} if delivery else {}
    _end(row, state=LetterState.ASIDE, last_error=error[:300], **told)


def again(keys: Iterable[UUID]) -> list[OutgoingEmail]:
    """Let letters that failed, or were set aside, leave now, as if never tried; return them as they were.

    Of several people who ask at once, one does it. Must be called in a transaction.
    """
    return _again(Q(pk__in=keys, state__in=[LetterState.FAILED, LetterState.ASIDE]))


def again_to(people: Iterable[UUID], *, since: datetime) -> list[OutgoingEmail]:
    """Let the letters created since then, that came back from the addresses of these people, leave now (MAI-06).

    They have another address. Return the letters as they were. Must be called in a transaction.
    """
    came_back = Q(state__in=[LetterState.ASIDE, LetterState.SENT], delivery__in=CAME_BACK)
    return _again(came_back & Q(recipient_uuid__in=people, created_at__gte=since))


def _again(which: Q) -> list[OutgoingEmail]:
    rows = OutgoingEmail.objects.filter(which).select_for_update(skip_locked=True).order_by("created_at", "pk")
    found = list(rows)
    OutgoingEmail.objects.filter(pk__in=[row.pk for row in found]).update(
        state=LetterState.READY, attempts=0, last_error="", delivery="", delivery_at=None
    )
    return found


def forget(*, before: datetime, limit: int = 10_000) -> int:
    """Empty the letters created before `before` of what could say anything; the history keeps that they were sent.

    Return how many: `limit` means that there may be more.
    """
    ended = Q(state__in=ENDED, created_at__lt=before)
    told = ~Q(data={}) | ~Q(last_error="") | ~Q(message_id="")
    keys = list(OutgoingEmail.objects.filter(ended & told).order_by().values_list("pk", flat=True)[:limit])
    with transaction.atomic():
        LetterEvent.objects.filter(letter__in=keys).exclude(detail="").update(detail="")
        return OutgoingEmail.objects.filter(pk__in=keys).update(data={}, last_error="", message_id="")


def _end(row: OutgoingEmail, **values: Any) -> None:
    """Unless another worker took the letter back from us meanwhile: it is theirs to conclude."""
    mine = OutgoingEmail.objects.filter(pk=row.pk, state=LetterState.SENDING, claimed_at=row.claimed_at)
    mine.update(**values)
