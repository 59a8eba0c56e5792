"""The seals of the journal: each night, a digest of the lines since the last seal and of that seal (ANS-09).

A line has a canonical text, a JSON array, hence a digest. Lines go by bundles of a thousand numbers (`id // 1000`): the
digest of a bundle is that of its lines' digests, in order of number; what a seal holds is the digest of its bundles';
the seal's own digest adds the previous seal's. Whoever holds one line and the digests of its neighbours can thus check
the seal, without reading anybody else's line. All of it is SHA-256, computed by PostgreSQL, a bundle at a time.

What the bundles were is kept by a line of the journal itself (`journal_sealed`), sealed the night after. Lawful erasure
takes sealed lines away: it leaves the digests of what stays (`journal_resealed`).
"""

import hashlib
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from ledger import clock, journal
from ledger.journal import SYSTEM, Actor
from ledger.models import JournalEntry, JournalSeal

log = logging.getLogger(__name__)
SEALED, RESEALED = "journal_sealed", "journal_resealed"
BUNDLE = 1000  # numbers of lines; written in every seal: never change it
TRIES, STEP = 300, 0.2  # looks at who is still writing, and seconds between two

# jsonb has one way to write a value, the same for every version of PostgreSQL so far; Python reads it as JSON.
FIELDS = ("id", "at", "verb", "actor_kind", "actor_uuid", "actor_name", "dossier_uuid", "data")
TEXT = """jsonb_build_array(
    id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), verb, actor_kind, actor_uuid, actor_name,
    dossier_uuid, data)::text"""
LEAF = f"sha256(convert_to({TEXT}, 'UTF8'))"
# One bundle after the other, each read in order from the primary key: the memory is that of one bundle.
BUNDLES = f"""
SELECT bundle, lines, encode(digest, 'hex')
FROM generate_series((%(after)s::bigint + 1) / {BUNDLE}, %(up_to)s::bigint / {BUNDLE}) AS bundle,
LATERAL (
    SELECT count(*) AS lines, sha256(string_agg({LEAF}, ''::bytea ORDER BY id)) AS digest
    FROM ledger_journalentry
    WHERE id >= bundle * {BUNDLE} AND id < (bundle + 1) * {BUNDLE} AND id > %(after)s AND id <= %(up_to)s
) one WHERE lines > 0 ORDER BY bundle
"""  # noqa: S608 (made of our own constants)
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'ledger_journalentry'::regclass AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
"""


class StillWriting(Exception):
    """A transaction that writes lines has been open for longer than we wait: the seal is for the next try."""


@dataclass(frozen=True, slots=True)
class Content:
    """Some lines, by bundles: what the digests are made of. `bundles` gives a hexadecimal digest by number."""

    count: int
    bundles: dict[int, str]

    @property
    def digest(self) -> str:
        return digest_of(self.bundles[one] for one in sorted(self.bundles))

    @property
    def said(self) -> dict[str, Any]:
        """As a line of the journal keeps it."""
        return {"count": self.count, "bundles": {str(one): digest for one, digest in self.bundles.items()}}


@dataclass(frozen=True, slots=True)
class Span:
    """A seal, and the number after which its lines begin."""

    seal: JournalSeal
    after: int

    def read(self) -> Content:
        return content(self.after, self.seal.up_to)


def digest_of(digests: Iterable[str]) -> str:
    """SHA-256 of digests put end to end; all in hexadecimal."""
    whole = hashlib.sha256()
    for one in digests:
        whole.update(bytes.fromhex(one))
    return whole.hexdigest()


def seal_digest(held: str, *, previous: str, day: str, up_to: int, count: int) -> str:
    """The digest of a seal whose content has the digest `held`: nothing that it says can be changed alone."""
    said = f"{day} {up_to} {count}".encode()
    return hashlib.sha256(bytes.fromhex(held) + bytes.fromhex(previous) + said).hexdigest()


def content(after: int, up_to: int) -> Content:
    """Read the lines after `after`, up to `up_to` included: one statement, whose memory does not grow with them."""
    with connection.cursor() as cursor:
        cursor.execute(BUNDLES, {"after": after, "up_to": up_to})
        rows = cursor.fetchall()
    return Content(sum(lines for _, lines, _ in rows), {bundle: digest for bundle, _, digest in rows})


def kept(said: dict[str, Any]) -> Content:
    """What a line of the journal says of a seal's content."""
    return Content(said["count"], {int(one): digest for one, digest in said["bundles"].items()})


def spans() -> Iterator[Span]:
    """Every seal, in the order they were made."""
    after = 0
    for seal in JournalSeal.objects.order_by("pk"):
        yield Span(seal, after)
        after = seal.up_to


def seal_journal() -> JournalSeal | None:
    """Seal every line not sealed yet, in the name of the day before. None when that day is sealed already.

    Raises StillWriting. Run twice at once, one of the two seals and the other does nothing.
    """
    now = clock.now()
    day = now.date() - timedelta(days=1)
    if JournalSeal.objects.filter(day=day).exists():
        return None
    up_to = settled()
    try:
        with transaction.atomic():
            return _seal(day, up_to, now)
    except IntegrityError:  # the day, or what follows the last seal, is another's already
        return None


def _seal(day: date, newest: int, now: datetime) -> JournalSeal:
    last = JournalSeal.objects.order_by("-pk").first()
    after, previous = (last.up_to, last.digest) if last else (0, "")
    up_to = max(after, newest)
    held = content(after, up_to)
    digest = seal_digest(held.digest, previous=previous, day=str(day), up_to=up_to, count=held.count)
    seal = JournalSeal.objects.create(
        day=day, up_to=up_to, count=held.count, digest=digest, previous=previous, sealed_at=now
    )
    journal.write(verb=SEALED, by=SYSTEM, at=now, day=str(day), **held.said)
    log.info("journal sealed: %s, %s lines, up to %s, digest %s", day, held.count, up_to, digest)
    return seal


def settled() -> int:
    """Return a number up to which no line can appear any more. Raises StillWriting.

    A line has its number before it is committed: the newest line that is seen may hide older ones, in transactions
    still open. Each of those holds the lock that any writing takes on the table before it is given a number, and keeps
    it until it ends. So: first look at the newest line, then at who holds that lock; once those have ended, every
    number up to that line is either seen or lost. Nobody waits for us: taking a lock ourselves (SHARE) would stop
    every family behind the longest transaction of the night.
    """
    newest = JournalEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0
    writing = _writers()
    for _ in range(TRIES):
        if not writing:
            return newest
        time.sleep(STEP)
        writing &= _writers()
    raise StillWriting(f"{len(writing)} transactions")


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {transaction_id for (transaction_id,) in cursor.fetchall()}


def reseal(*, by: Actor) -> int:
    """Leave the digests of what stays after a lawful erasure, in its transaction; return how many seals it touched."""
    known, touched = resealed(), {}
    for span in spans():
        day, held = str(span.seal.day), span.read()
        if held.count != (known[day].count if day in known else span.seal.count):
            touched[day] = held.said
    if touched:
        journal.write(verb=RESEALED, by=by, at=clock.now(), seals=touched)
    return len(touched)


def resealed() -> dict[str, Content]:
    """Day → what lawful erasure left of the seal's lines, the last time."""
    rows = JournalEntry.objects.filter(dossier_uuid=None, verb=RESEALED).order_by("pk")
    return {day: kept(said) for row in rows for day, said in row.data["seals"].items()}
