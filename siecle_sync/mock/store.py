"""One writer at a time in the simulated Siècle: a council opens before or after a deposit, never during it.

It also makes the feed's numbers visible in their order: a reader who has seen line 12 has seen every line before.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

ALIAS = "siecle_mock"
WRITER = 0x51EC


@contextmanager
def exclusive() -> Iterator[CursorWrapper]:
    """Open a transaction of the simulated Siècle, alone; yield a cursor."""
    with transaction.atomic(using=ALIAS), cursor() as one:
        one.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER])
        yield one


def cursor() -> CursorWrapper:
    return connections[ALIAS].cursor()
