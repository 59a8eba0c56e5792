"""Advisory locks: whoever dies, or loses their connection, lets go at once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection

from families.models import Academy

ACADEMY, PART, IMPORT, DESK = 0x5EC1, 0x5EC2, 0x5EC3, 0x5EC4  # first keys
TRY = "SELECT pg_try_advisory_lock(%s, %s)"
FREE = "SELECT pg_advisory_unlock(%s, %s)"
WAIT = "SELECT pg_advisory_xact_lock(%s, %s)"
HELD = """
SELECT objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@contextmanager
def alone(kind: int, number: int) -> Iterator[bool]:
    """Hold a lock for this session of the database; yield false when another session holds it."""
    with connection.cursor() as cursor:
        cursor.execute(TRY, [kind, number])
        free = cursor.fetchone()[0]
    try:
        yield free
    finally:
        if free:
            release(kind, number)


def wait_for(kind: int, number: int) -> None:
    """Hold a lock until this transaction ends; wait for whoever holds it."""
    with connection.cursor() as cursor:
        cursor.execute(WAIT, [kind, number])


def release(kind: int, number: int) -> None:
    # a session that was cut holds nothing any more, and what cut it is being told by whoever played
    with suppress(Error), connection.cursor() as cursor:
        cursor.execute(FREE, [kind, number])


def number_of(academy: Academy) -> int:
    return int.from_bytes(academy.code.encode(), "big")


def held(kind: int) -> set[int]:
    """The second keys of the locks of this kind that somebody holds now."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [kind])
        return {number for (number,) in cursor.fetchall()}
