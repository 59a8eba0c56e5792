"""Two people at the same instant, on two connections. Who is first is decided beforehand, the rest is real."""

import time
from collections.abc import Callable
from threading import Event, Thread

from django.db import connection, connections, transaction

PATIENCE = 20.0  # seconds
BLOCKED = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class RaceStuck(RuntimeError):
    """A thread of a race did not end."""


def race(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Run both at once: the second meets the locks of the first, waits, and finds what the first committed.

    An exception of either is raised again by whoever calls `first` or `second`: both must catch their own.
    """
    inside, go = Event(), Event()

    def lead() -> None:
        with transaction.atomic():
            first()
            inside.set()
            go.wait(PATIENCE)

    def follow() -> None:
        inside.wait(PATIENCE)
        second()

    threads = [Thread(target=alone, args=[one]) for one in (lead, follow)]
    for thread in threads:
        thread.start()
    inside.wait(PATIENCE)
    wait_for_the_second(threads[1])
    go.set()
    for thread in threads:
        thread.join(PATIENCE)
        if thread.is_alive():
            raise RaceStuck


def alone(run: Callable[[], None]) -> None:
    """A thread has its own connections, and closes them."""
    try:
        run()
    finally:
        connections.close_all()


def wait_for_the_second(thread: Thread) -> None:
    """Until it waits for a lock of the first (or, were there no lock, until it has ended)."""
    until = time.monotonic() + PATIENCE
    while thread.is_alive() and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(BLOCKED)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.002)
