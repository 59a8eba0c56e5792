"""The servers, the world built once, and one night played over it as often as wanted, disturbed or not."""

import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis as Client
from redis.exceptions import ConnectionError as Unreached

from orientation.invariants import GROUND, INVARIANTS, catalogue
from tests.chaos.dump import dump
from tests.chaos.gate import Gate
from tests.chaos.proxy import Proxy
from tests.chaos.servers import (
    ROOT,
    Forked,
    Nursery,
    Postgres,
    Program,
    Redis,
    Simulator,
    environment,
    wait_until,
)

TRIAL = {"world": "trial", "world_siecle": "trial_siecle"}  # built once, copied for each trial
Release = Callable[[], None]
Worker = Program | Forked
Disturb = Callable[["Stage", Release], None]
RUNS = 2  # one a campaign
PATIENCE = 90  # seconds for a night, whatever happens in it
ENDED = re.compile(r"Task siecle_sync.tasks.part\[.*\] (succeeded|raised)")
BUSY = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'worker%' AND state <> 'idle'"
PILE = 9  # messages
PACE = 0.25  # seconds between two looks
FINISHED = """
SELECT (SELECT count(*) FROM siecle_sync_run WHERE state = 'FINISHED' AND night_on = '2026-04-29') = %s
   AND NOT EXISTS (SELECT 1 FROM siecle_sync_runpart p JOIN siecle_sync_run r ON r.id = p.run_id
                   WHERE p.state <> 'FINISHED' AND r.night_on = '2026-04-29')
"""
# the minutes between two tries have passed
LATER = """
UPDATE siecle_sync_runpart SET next_try_at = NULL
WHERE id IN (SELECT id FROM siecle_sync_runpart WHERE next_try_at IS NOT NULL FOR UPDATE SKIP LOCKED)
"""
EACH = " UNION ALL ".join(
    f"SELECT '{one.id}', x.dossier::text, x.detail::text FROM ({one.sql}) AS x(dossier, detail)" for one in INVARIANTS
)


class Unfinished(Exception):
    """The night did not end in time; says where it stood."""


@dataclass
class Stage:
    """`play` makes the databases anew, plays the night, and says what it left."""

    folder: Path
    postgres: Postgres
    redis: Redis
    proxy: Proxy
    simulator: Simulator = field(init=False)
    nursery: Nursery = field(init=False)
    workers: list[Worker] = field(default_factory=list)
    wake_up: Release | None = None  # of a worker left asleep until the others have finished

    def play(
        self, disturb: Disturb | None = None, *, step: str = "", workers: int = 1, root: Path = ROOT
    ) -> Counter[str]:
        """One night. `disturb` is called when a worker is at `step`; without one, at each look. Raises Unfinished."""
        self.reset()
        gate = Gate(self.folder / "gate") if step else None
        self.workers = [self.worker(number, step if number == 0 else "", root) for number in range(workers)]
        try:
            for worker in self.workers:
                worker.start()
            self.until_finished(gate, disturb)
            self.until_awake()
            self.until_quiet()
        finally:
            for worker in self.workers:
                worker.kill()
            if gate is not None:
                gate.close()
                gate.release()
        return dump(*(self.postgres.url(name) for name in TRIAL.values()))

    def reset(self) -> None:
        self.proxy.mend()
        self.postgres.copy(TRIAL)
        Client.from_url(self.redis.url).flushall()

    def worker(self, number: int, step: str, root: Path = ROOT) -> Worker:
        """Forked from the program in memory; from another `root`, started from its files."""
        # Django looks at the whole program at each start of a worker: once is enough here
        values = {"CHAOS_STEP": step, "CHAOS_GATE": str(self.folder / "gate"), "CELERY_SKIP_CHECKS": "true"}
        name, log = f"worker{number}", self.folder / f"worker{number}.log"
        if root == ROOT:
            return Forked(name, self.nursery, values, log)
        return Program(name, ["-m", "tests.chaos.worker"], environment(**self.variables(), **values), log, root)

    def variables(self, suffix: str = "trial") -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url(suffix),
            "SIECLE_MOCK_DATABASE_URL": self.postgres.url(f"{suffix}_siecle"),
            "REDIS_URL": self.redis.url,
            "SIECLE_BASE_URL": f"http://127.0.0.1:{self.proxy.port}" if suffix == "trial" else "",
            "SIECLE_TOKEN": "chaos",
            "SIECLE_CALLBACK_TOKEN": "chaos",
            "NIGHT_PART_PUPILS": "10",
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(self.folder / "mail"),
        }

    def until_finished(self, gate: Gate | None, disturb: Disturb | None) -> None:
        """The beat, and whoever restarts what died: until every run is finished."""
        limit = time.monotonic() + PATIENCE
        pending = gate is not None
        while pending or not self.finished():
            if time.monotonic() > limit:
                raise Unfinished("the step was never reached" if pending else self.where())
            if gate is None and disturb is not None:
                disturb(self, lambda: None)
            elif pending and gate is not None and disturb is not None and gate.reached():
                pending = False
                disturb(self, gate.release)
            self.look_after()
            time.sleep(PACE)

    def start_another(self) -> None:
        self.workers.append(self.worker(len(self.workers), ""))
        self.workers[-1].start()

    def until_awake(self) -> None:
        """Let the worker that slept go on, and see the end of what it was doing."""
        if self.wake_up is not None:
            log = self.workers[0].log
            before = len(ENDED.findall(log.read_text()))
            self.wake_up()
            self.wake_up = None
            wait_until(lambda: len(ENDED.findall(log.read_text())) > before, "the worker that slept")

    def until_quiet(self) -> None:
        """What waited behind the night is taken too, and a last beat: nothing must begin again. Raises Unfinished."""
        self.start_nights()
        for _ in range(2):  # a task may hand out others
            wait_until(self.quiet, "the end of the queue")
            time.sleep(PACE)
        if not self.finished():
            raise Unfinished(self.where())

    def quiet(self) -> bool:
        self.revive()
        return not self.waiting() and not self.ask(BUSY)

    def waiting(self) -> int:
        with Client.from_url(self.redis.url) as client:
            return client.llen("celery") + client.llen("nuits")

    def revive(self) -> None:
        for worker in self.workers:
            if worker.dead:
                worker.start()

    def look_after(self) -> None:
        self.revive()
        self.later()
        self.start_nights()

    def finished(self) -> bool:
        with suppress(psycopg2.Error):
            return bool(self.ask(FINISHED, [RUNS])[0][0])
        return False

    def begun(self) -> bool:
        with suppress(psycopg2.Error):
            return bool(self.ask("SELECT 1 FROM siecle_sync_runpart WHERE state = 'RUNNING'"))
        return False

    def later(self) -> None:
        with suppress(psycopg2.Error):
            self.postgres.run(LATER, database="trial")

    def where(self) -> str:
        runs = self.ask("SELECT r.id, r.state, p.number, p.state, p.step, p.attempts, p.error FROM siecle_sync_run r "
                        "LEFT JOIN siecle_sync_runpart p ON p.run_id = r.id WHERE night_on = '2026-04-29'")  # fmt: skip
        return "\n".join(map(str, runs))

    def ask(self, query: str, values: Any = ()) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.postgres.url("trial"), connect_timeout=5)
        with connection.cursor() as cursor:
            cursor.execute(query, values or None)
            rows = cursor.fetchall()
        connection.close()
        return rows

    def start_nights(self) -> None:
        """As the beat does; it does not pile up what nobody takes."""
        with suppress(OperationalError, Unreached):
            if self.waiting() < PILE:
                with Celery("chaos", broker=self.redis.url, set_as_current=False) as app:
                    app.send_task("siecle_sync.tasks.start_nights", retry=False, ignore_result=True)

    def broken(self) -> list[tuple[Any, ...]]:
        """The invariants that what was left breaks: (invariant, dossier, detail)."""
        return self.ask(f"{GROUND} {EACH}", {"catalogue": catalogue()})


@contextmanager
def stage() -> Iterator[Stage]:
    """Everything up, the world built; everything down afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="orientation-chaos-"))
    folder.chmod(0o711)  # PostgreSQL is « nobody » when we are root
    with ExitStack() as down:
        down.callback(shutil.rmtree, folder, ignore_errors=True)
        made = Stage(folder, Postgres(folder), Redis(folder), Proxy(0))
        down.callback(made.proxy.close)
        made.simulator = Simulator(environment(**made.variables()), folder / "simulator.log")
        made.nursery = Nursery(environment(**made.variables()), folder)
        made.proxy.target = made.simulator.port
        for server in (made.postgres, made.redis, made.nursery):
            down.callback(server.kill)
            server.start()
        build(made)
        down.callback(made.simulator.kill)
        made.simulator.start()
        yield made


def build(made: Stage) -> None:
    """The world, once: each trial copies its databases."""
    for name in (*TRIAL, *TRIAL.values()):
        made.postgres.run(f'CREATE DATABASE "{name}"')
    log = made.folder / "build.log"
    builder = Program("builder", ["-m", "tests.chaos.build"], environment(**made.variables("world")), log)
    builder.start()
    if builder.wait():
        raise RuntimeError(log.read_text()[-3000:])
