"""What the simulated Siècle asks of PostgreSQL comes after the pages: the true one has servers of its own."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.laboratory import MOCK, connected

LAST, EVERY = 10, 0.05  # of nice, as its other process; seconds
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = %s"


@contextmanager
def elsewhere(name: str) -> Iterator[None]:
    """Watch the connections of the Siècle of `name`, and let each of them come last."""
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=[name + MOCK, ended])
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(database: str, ended: threading.Event) -> None:
    known: set[int] = set()
    with connected("postgres") as cursor:
        while not ended.wait(EVERY):
            cursor.execute(BACKENDS, [database])
            new = {pid for (pid,) in cursor} - known
            for pid in new:
                with suppress(ProcessLookupError):  # it has just ended
                    os.setpriority(os.PRIO_PROCESS, pid, LAST)
            known |= new
