"""PostgreSQL and Redis for a machine that has neither, from the binaries inside two wheels.

`servers()`, `sole_servers()` and `throwaway_servers()` are the whole interface. A server whose URL is in the
environment (DATABASE_URL, REDIS_URL) is never started: the environment wins.
"""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from postgres_redis import PATIENCE, Unavailable, connects, start_postgres, start_redis

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".data"
__all__ = ["DATA", "ROOT", "Unavailable", "demo_settings", "reset", "servers", "sole_servers", "throwaway_servers"]


def demo_settings() -> dict[str, str]:
    """The environment of the demo: a sandbox on this machine, whose letters are files in .data/mail."""
    return {
        "ORIENTATION_DEV": "1",
        "SANDBOX": "1",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(DATA / "mail"),
    }


def named_by_environment() -> bool:
    return {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys()


def lock(data: Path) -> IO[str] | None:
    """The open lock file, or None when another process already runs the servers of this folder."""
    data.mkdir(parents=True, exist_ok=True)
    held = (data / "lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        return None
    return held


def shared_urls(data: Path) -> dict[str, str]:
    """The URLs the owner of the folder wrote, once its servers answer. Raises Unavailable after a minute."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        try:
            urls: dict[str, str] = json.loads((data / "servers.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            urls = {}
        if urls and ("DATABASE_URL" not in urls or connects(urls["DATABASE_URL"])):
            return urls
        time.sleep(0.1)
    raise Unavailable(f"Un autre processus tient {data} sans que ses serveurs répondent. Arrêtez-le d’abord.")


def start_missing(data: Path, *, durable: bool, stack: ExitStack) -> dict[str, str]:
    urls = {}
    (data / "servers.json").unlink(missing_ok=True)  # left by an owner that was killed
    if "DATABASE_URL" not in os.environ:
        urls["DATABASE_URL"] = start_postgres(data, durable=durable, stack=stack)
    if "REDIS_URL" not in os.environ:
        urls["REDIS_URL"] = start_redis(data, stack=stack)
    written = data / "servers.json"
    written.touch(mode=0o600)
    written.write_text(json.dumps(urls))
    stack.callback(written.unlink, missing_ok=True)
    return urls


def reset(data: Path) -> None:
    """Forget what the demo made; `mail` and the logs go too."""
    for path in data.iterdir():
        if path.is_dir() and not path.name.startswith("throwaway-"):
            shutil.rmtree(path)
        elif path.is_file() and path.name != "lock":
            path.unlink()


@contextmanager
def sole_servers(*, prepare: Callable[[], None]) -> Iterator[dict[str, str]]:
    """The servers of .data for the one demo that may run: calls `prepare` before they start. Raises Unavailable."""
    with ExitStack() as stack:
        held = lock(DATA)
        if held is None:
            raise Unavailable(f"Une démonstration ou « make manage » tient déjà {DATA}. Arrêtez-la d’abord.")
        stack.enter_context(held)
        prepare()
        yield start_missing(DATA, durable=True, stack=stack)


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """The servers of .data, kept from one run to the next. Raises Unavailable.

    Yields the variables to export. When another process already runs them, yields its own, and leaves them running.
    """
    if named_by_environment():
        yield {}
        return
    with ExitStack() as stack:
        held = lock(DATA)
        if held is None:
            yield shared_urls(DATA)
            return
        stack.enter_context(held)
        yield start_missing(DATA, durable=True, stack=stack)


def sweep_abandoned() -> None:
    """Remove the throwaway folders of runs that were killed: nobody holds their lock any more."""
    for folder in DATA.glob("throwaway-*"):
        held = lock(folder)
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            held.close()


@contextmanager
def throwaway_servers() -> Iterator[dict[str, str]]:
    """The same, for tests: quick, in a folder of its own that is removed afterwards."""
    if named_by_environment():
        yield {}
        return
    sweep_abandoned()
    data = DATA / f"throwaway-{os.getpid()}-{secrets.token_hex(3)}"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        held = lock(data)
        assert held is not None
        stack.enter_context(held)
        yield start_missing(data, durable=False, stack=stack)
