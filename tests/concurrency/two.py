"""Two real connections, stopped at chosen statements: what a race needs to be a test.

`Stop` halts one thread just before a statement, until told to go on. `without_locks` is the negative control: the
same code with its locks taken out of the SQL, so that a test which passes without them is seen to prove nothing.
"""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, connections

PATIENCE = 10  # seconds
LOCKS = [
    (re.compile(r' FOR (NO KEY )?(UPDATE|SHARE)( OF [\w".]+)?( SKIP LOCKED)?'), ""),
    (re.compile(r"pg_advisory_xact_lock(_shared)?\(%s, %s\)"), "%s, %s"),
]


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Stop:
    """Halt before the first statement that holds `fragment`."""

    def __init__(self, fragment: str) -> None:
        self.fragment = fragment
        self.reached = threading.Event()
        self.go = threading.Event()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.fragment in sql and not self.reached.is_set():
            self.reached.set()
            self.go.wait(PATIENCE)
        return execute(sql, params, many, context)


def without_locks(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    for pattern, replacement in LOCKS:
        sql = pattern.sub(replacement, sql)
    return execute(sql, params, many, context)


class Two:
    """Starts calls in threads of their own, each on its own connection."""

    def __init__(self, *, locks: bool) -> None:
        self.locks = locks
        self.pool = ThreadPoolExecutor(4)

    def start(self, call: Callable[[], Any], stop: Stop | None = None) -> Future[Any]:
        return self.pool.submit(self._run, call, stop)

    def _run(self, call: Callable[[], Any], stop: Stop | None) -> Any:
        try:
            with ExitStack() as stack:
                if stop is not None:
                    stack.enter_context(connection.execute_wrapper(stop))
                if not self.locks:
                    stack.enter_context(connection.execute_wrapper(without_locks))
                return call()
        finally:
            connections.close_all()


@contextmanager
def two(*, locks: bool = True):
    """`locks=False` is the negative control."""
    runner = Two(locks=locks)
    try:
        yield runner
    finally:
        runner.pool.shutdown(wait=True)


def outcome(future: Future[Any]) -> Any:
    """The result, or the exception itself."""
    error = future.exception(PATIENCE * 2)
    return error if error is not None else future.result()


def waits(future: Future[Any], *, alias: str = "default") -> bool:
    """Wait until the call meets a lock of this database; False when it ended without meeting any."""
    for _ in range(PATIENCE * 100):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction keeps seeing its first look
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return True
        if future.done():
            return False
        time.sleep(0.01)
    return False
