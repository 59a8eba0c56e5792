"""PostgreSQL, Redis, the simulated Siècle and the workers: processes of our own, on loopback, that may be killed.

Each keeps its port and its data from one life to the next, as a machine that restarts.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from postgres_redis import (
    USER,
    connects,
    create_cluster,
    listens,
    own_folder,
    password,
    postgres_binaries,
    redis_binary,
    spawn,
    wait_for,
)
from processes import end_with_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds
# no fsync: processes die here, not the machine. A commit that was confirmed must have left the process all the same.
POSTGRES = ["fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1", "unix_socket_directories=",
            "max_connections=60", "autovacuum=off"]  # fmt: skip


def children(pid: int) -> set[int]:
    """Every process that descends from `pid` (Linux)."""
    try:
        found = {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except FileNotFoundError:
        return set()
    return found.union(*(children(child) for child in found))


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL, to the process and to all its descendants: the parent first, so that it repairs nothing."""
    family = [process.pid, *children(process.pid)]
    for pid in family:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait(PATIENCE)


def wait_until(answers: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + PATIENCE
    while not answers():
        if time.monotonic() > limit:
            raise TimeoutError(what)
        time.sleep(0.02)


class Postgres:
    """One server for the service and for the simulated Siècle, each its own database."""

    def __init__(self, data: Path) -> None:
        self.data, self.port, self.binaries = data, free_port(), postgres_binaries()
        create_cluster(data, self.binaries)
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"postgres://{USER}:{password(self.data)}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = [word for setting in POSTGRES for word in ("-c", setting)]
        command = [str(self.binaries / "postgres"), "-D", str(self.data / "pg"), "-p", str(self.port), *options]
        self.process = spawn(command, self.data / "postgres.log")
        wait_for(self.process, lambda: connects(self.url("postgres")), self.data / "postgres.log")

    def kill(self) -> None:
        assert self.process is not None
        kill(self.process)

    def run(self, *statements: str, database: str = "postgres") -> None:
        connection = psycopg2.connect(self.url(database))
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.close()

    def copy(self, names: dict[str, str]) -> None:
        """Make the databases of a trial anew, from those built once."""
        for source, target in names.items():
            drop = f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)'
            self.run(drop, f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY file_copy')


class Redis:
    """Nothing is kept on disk: what was waiting in it is lost with it."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.url = f"redis://:{password(data)}@127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        folder = own_folder(self.data / "redis")
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {password(self.data)}",
            f"dir {folder}",
            'save ""',
        ]
        self.process = spawn([redis_binary(), "-"], self.data / "redis.log", stdin=subprocess.PIPE)
        assert self.process.stdin is not None
        self.process.stdin.write("\n".join(lines).encode())
        self.process.stdin.close()
        wait_for(self.process, lambda: listens(self.port), self.data / "redis.log")

    def kill(self) -> None:
        assert self.process is not None
        kill(self.process)


class Program:
    """A Python program of ours, with an environment of its own; its log stays in the folder of the trial."""

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], log: Path, root: Path = ROOT
    ) -> None:
        self.name, self.command, self.log, self.root = name, command, log, root
        self.environment = {**environment, "PGAPPNAME": name}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command], cwd=self.root, env=self.environment, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip

    def kill(self) -> None:
        if self.process is not None:
            kill(self.process)

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait()

    @property
    def dead(self) -> bool:
        return self.process is None or self.process.poll() is not None


class Nursery(Program):
    """Has the program in memory already, and forks workers from it: what they do from there is theirs alone."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.socket = folder / "nursery"
        super().__init__("nursery", ["-m", "tests.chaos.worker", str(self.socket)], environment, folder / "nursery.log")

    def bear(self, environment: dict[str, str], log: Path) -> int:
        """Fork a worker and return its pid."""
        wait_until(lambda: self.dead or self.socket.exists(), "the nursery")
        if self.dead:
            raise RuntimeError(self.log.read_text()[-2000:])
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.socket))
            line.sendall(json.dumps({"environment": environment, "log": str(log)}).encode() + b"\n")
            return int(line.recv(32))


class Forked:
    """A worker of the nursery."""

    def __init__(self, name: str, nursery: Nursery, environment: dict[str, str], log: Path) -> None:
        self.nursery, self.environment, self.log = nursery, {**environment, "PGAPPNAME": name}, log
        self.pid = 0

    def start(self) -> None:
        self.pid = self.nursery.bear(self.environment, self.log)

    def kill(self) -> None:
        if not self.dead:
            os.kill(self.pid, signal.SIGKILL)
            wait_until(lambda: self.dead, "the end of a worker")

    @property
    def dead(self) -> bool:
        return not self.pid or not Path(f"/proc/{self.pid}").exists()


class Simulator(Program):
    """The simulated Siècle behind gunicorn, as another institution would run it."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        gunicorn = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}", "--threads", "4"]
        super().__init__("simulator", gunicorn, environment, log)

    def start(self) -> None:
        super().start()
        wait_until(lambda: self.dead or listens(self.port), "the simulator")
        if self.dead:
            raise RuntimeError(self.log.read_text()[-2000:])


def environment(**values: Any) -> dict[str, str]:
    """What our programs see of ours, with no server of the tests in it."""
    unwanted = {"DATABASE_URL", "REDIS_URL", "SIECLE_MOCK_DATABASE_URL", "SIECLE_BASE_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "ORIENTATION_DEV": "1", "SANDBOX": "1", "LOG_LEVEL": "WARNING", **values}
