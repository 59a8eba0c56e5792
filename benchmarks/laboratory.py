"""Databases and processes of a measure, all on the server of DATABASE_URL: created, copied, dropped."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from tools.processes import end_with_parent, free_port, listens, stop

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
MOCK = "_siecle_mock"
PATIENCE = 60  # seconds for a server to listen
COLLECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def url_of(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@contextmanager
def connected(name: str, *, autocommit: bool = True) -> Iterator[Any]:
    """A cursor on a database; committed at the end."""
    connection = psycopg2.connect(url_of(name))
    connection.autocommit = autocommit
    try:
        with connection.cursor() as cursor:
            yield cursor
        if not autocommit:
            connection.commit()
    finally:
        connection.close()


def drop(name: str) -> None:
    with connected("postgres") as cursor:
        for one in (name, name + MOCK):
            cursor.execute(f'DROP DATABASE IF EXISTS "{one}" WITH (FORCE)')


def copy(source: str, name: str) -> None:
    """Make `name` (and its simulated Siècle) a copy of `source`, file by file, and all of it on disk."""
    drop(name)
    with connected("postgres") as cursor:
        for ending in ("", MOCK):
            cursor.execute(COLLECT, [source + ending])
            cursor.execute(f'CREATE DATABASE "{name}{ending}" TEMPLATE "{source}{ending}" STRATEGY FILE_COPY')
        cursor.execute("CHECKPOINT")
    os.sync()  # or what the copy left to write would slow down what is measured


def create(name: str) -> None:
    """Two empty migrated databases."""
    drop(name)
    with connected("postgres") as cursor:
        for ending in ("", MOCK):
            cursor.execute(f'CREATE DATABASE "{name}{ending}"')
    for options in ([], ["--database", "siecle_mock"]):
        run(name, [sys.executable, "manage.py", "migrate", "-v", "0", *options])


def settle(name: str) -> None:
    """Nothing left for autovacuum, nor for the first reader."""
    for one in (name, name + MOCK):
        with connected(one) as cursor:
            cursor.execute("VACUUM (ANALYZE)")
    with connected("postgres") as cursor:
        cursor.execute("CHECKPOINT")


def environment(name: str, **more: str) -> dict[str, str]:
    return {
        **os.environ, "DATABASE_URL": url_of(name), "SIECLE_MOCK_DATABASE_URL": url_of(name + MOCK),
        "DJANGO_SETTINGS_MODULE": "config.settings", "ORIENTATION_DEV": "1", "SANDBOX": "1", "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT), **more,
    }  # fmt: skip


def run(name: str, command: list[str], **more: str) -> str:
    """Run a command on a database; return what it printed. Its errors are shown, and stop everything."""
    done = subprocess.run(command, cwd=ROOT, env=environment(name, **more), stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"échec de {' '.join(command)}")
    return done.stdout


def measured(name: str, module: str, *arguments: str, **more: str) -> dict[str, Any]:
    """Run one of our modules on a database, as a process of its own; return the JSON of its last line."""
    printed = run(name, [sys.executable, "-m", f"benchmarks.{module}", *arguments], **more)
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


@contextmanager
def waiting(name: str, module: str, *arguments: str, **more: str) -> Iterator[Callable[[], dict[str, Any]]]:
    """One of our modules, loaded, that waits as a Celery worker does; what is yielded lets it work, for its JSON.

    The module says when it is ready by a line of its own, and begins at the line it reads.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(name, **more), stdin=pipe, stdout=pipe, text=True
    ) as process:
        if process.stdout is None or not process.stdout.readline():
            raise SystemExit(f"échec de {' '.join(command)}")

        def work() -> dict[str, Any]:
            printed, _ = process.communicate("\n")
            if process.returncode:
                raise SystemExit(f"échec de {' '.join(command)}")
            found: dict[str, Any] = json.loads(printed.splitlines()[-1])
            return found

        yield work


@contextmanager
def siecle(name: str, workers: int = 1) -> Iterator[str]:
    """The simulated Siècle, in a process of its own; yields its address. The true one is elsewhere."""
    with web(name, workers, nice=10, SIECLE_BASE_URL="") as address:
        yield address


@contextmanager
def web(name: str, workers: int, *, nice: int = 0, **more: str) -> Iterator[str]:
    """gunicorn over a database, listening on 127.0.0.1 only; yields its address."""
    port = free_port()
    command = [
        "nice", "-n", str(nice), sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--timeout", "900", "--log-level", "error",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(name, **more), start_new_session=True, preexec_fn=end_with_parent
    )
    try:
        limit = time.monotonic() + PATIENCE
        while not listens(port):
            if process.poll() is not None or time.monotonic() > limit:
                raise SystemExit("gunicorn ne démarre pas")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


def processors() -> list[int]:
    """What the processors of this machine have done since it started, in ticks: user, nice, system, idle, …, stolen."""
    return [int(one) for one in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


def stolen(before: list[int]) -> float:
    """The share of their time that the host has given to others since `before`: it says what a measure is worth."""
    spent = [now - then for now, then in zip(processors(), before, strict=True)]
    return round(spent[7] / (sum(spent) or 1), 3)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
