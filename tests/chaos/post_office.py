"""Letters that wait, a worker, a mail server, PostgreSQL and Redis: processes of our own, that may be killed (MAI-07).

Everything that was sent is counted at the mail server's end.
"""

import json
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
from postgres_redis import listens
from processes import free_port
from redis import Redis as Client
from redis.exceptions import ConnectionError as Unreached

from tests.chaos.gate import Gate
from tests.chaos.servers import ROOT, Forked, Nursery, Postgres, Program, Redis, environment, wait_until
from tests.chaos.stage import Release, Unfinished

TRIAL = {"world": "trial", "world_siecle": "trial_siecle"}  # built once, copied for each trial
IN_WORKER = ("CLAIMED", "RENDERED", "HANDED", "RECORDED")
IN_SINK = ("ENVELOPE", "STORED", "ANSWERED")
NTH = 8  # in the middle of a batch: what was done before must not be done again
PATIENCE = 180  # seconds for all the letters, whatever happens
PACE = 0.1  # seconds between two looks
LOST = 2.0  # seconds after which a task that nobody has begun is lost
RECEIVED, ENDED = re.compile(r"Task \S+ received"), re.compile(r"Task \S+ (succeeded|raised)")
# The minutes have passed: after which a letter is tried again, or taken back from a worker that died.
LATER = (
    "UPDATE ledger_outgoingemail SET claimed_at = claimed_at - interval '1 day' WHERE state IN ('SENDING', 'FAILED')"
)
TOLD = """
SELECT e.uuid::text, e.state, count(j.id)
FROM ledger_outgoingemail e LEFT JOIN ledger_journalentry j
  ON j.verb = 'letter_sent' AND j.data->>'letter' = e.uuid::text
GROUP BY e.uuid, e.state
"""
NUMBER = re.compile(r"<([0-9a-f-]{36})@")


@dataclass(frozen=True)
class Posted:
    """What the mail server took, and what the database says of it: (state, lines of the history) of each letter."""

    taken: list[dict[str, Any]]
    told: dict[str, tuple[str, int]]
    kills: int

    @property
    def numbers(self) -> Counter[str]:
        """How many times each Message-ID arrived, by the letter's own number."""
        found = [dict(one["headers"])["Message-ID"] for one in self.taken]
        return Counter(match[1] if (match := NUMBER.match(number)) else number for number in found)

    @property
    def duplicated(self) -> int:
        return self.numbers.total() - len(self.numbers)

    def wrong(self) -> list[str]:
        """Nothing lost, nothing invented, no more duplicates than kills, each letter told once."""
        lost = [f"lost {one}" for one in self.told.keys() - self.numbers.keys()]
        strange = [f"unknown number {one}" for one in self.numbers.keys() - self.told.keys()]
        untold = [f"{one} is {told}" for one, told in self.told.items() if told != ("SENT", 1)]
        people = {one["to"][0] for one in self.taken}
        alone = [] if len(people) == len(self.told) else [f"{len(people)} recipients"]
        again = [] if self.duplicated <= self.kills else [f"{self.duplicated} twice for {self.kills} kills"]
        return [*lost, *strange, *untold, *alone, *again]


@dataclass
class PostOffice:
    """`play` makes the databases anew and sends every letter, disturbed or not."""

    folder: Path
    postgres: Postgres
    redis: Redis
    port: int = field(default_factory=free_port)
    nursery: Nursery = field(init=False)
    sink: Program = field(init=False)
    workers: list[Forked | Program] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    kills: int = 0
    heard: int = 0  # tasks begun when the last one was given
    given: float = 0.0  # and when

    def play(
        self, disturb: Callable[["PostOffice", Release], None] | None = None, *, step: str = "", workers: int = 1,
        root: Path = ROOT,
    ) -> Posted:  # fmt: skip
        """Send everything. `disturb` is called when `step` is reached; without one, at each look. Raises Unfinished."""
        self.reset()
        gate = Gate(self.folder / "gate") if step else None
        try:
            self.open(step, workers, root)
            self.until_sent(gate, disturb, root)
        finally:
            for process in (*self.workers, self.sink):
                process.kill()
            if gate is not None:
                gate.close()
                gate.release()
        told = {one: (state, lines) for one, state, lines in self.ask(TOLD)}
        return Posted([json.loads(line) for line in self.kept.read_text().splitlines()], told, self.kills)

    @property
    def kept(self) -> Path:
        return self.folder / "taken.jsonl"

    def reset(self) -> None:
        self.postgres.copy(TRIAL)
        Client.from_url(self.redis.url).flushall()
        self.kept.unlink(missing_ok=True)
        self.workers, self.kills, self.heard, self.given = [], 0, 0, 0.0

    def open(self, step: str, workers: int, root: Path) -> None:
        stops = {"CHAOS_GATE": str(self.folder / "gate")}
        values = {**stops, "CHAOS_SINK": f"{step}:{NTH}" if step in IN_SINK else ""}
        command = ["-m", "tests.chaos.sink", str(self.port), str(self.kept)]
        self.sink = Program("sink", command, environment(**values), self.folder / "sink.log")
        self.open_sink()
        self.logs = [self.folder / f"worker{number}-{time.monotonic_ns()}.log" for number in range(workers)]
        for number in range(workers):
            self.workers.append(self.worker(number, step if step in IN_WORKER and not number else "", root))
            self.workers[number].start()

    def open_sink(self) -> None:
        self.sink.start()
        wait_until(lambda: self.sink.dead or listens(self.port), "the mail server")

    def worker(self, number: int, step: str, root: Path) -> Forked | Program:
        """Forked from the program in memory; from another `root`, started from its files. Each life has its log."""
        values = {"CHAOS_LETTER": f"{step}:{NTH}", "CHAOS_GATE": str(self.folder / "gate"),
                  "CELERY_SKIP_CHECKS": "true"}  # fmt: skip
        name, log = f"worker{number}", self.logs[number]
        if root == ROOT:
            return Forked(name, self.nursery, values, log)
        return Program(name, ["-m", "tests.chaos.worker"], environment(**self.variables(), **values), log, root)

    def variables(self, suffix: str = "trial") -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url(suffix),
            "SIECLE_MOCK_DATABASE_URL": self.postgres.url(f"{suffix}_siecle"),
            "REDIS_URL": self.redis.url,
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.port),
        }

    # --- while letters leave ------------------------------------------------------------------------------------------
    def until_sent(
        self, gate: Gate | None, disturb: Callable[["PostOffice", Release], None] | None, root: Path
    ) -> None:
        """The beat, and whoever restarts what died: until every letter is told as sent, and nobody works any more."""
        limit = time.monotonic() + PATIENCE
        pending = gate is not None
        while pending or not self.finished():
            if time.monotonic() > limit:
                raise Unfinished("the step was never reached" if pending else self.where())
            if gate is None and disturb is not None:
                disturb(self, lambda: None)
            elif pending and gate is not None and disturb is not None and gate.reached():
                pending = False
                self.kills += 1
                disturb(self, gate.release)
            self.revive(root)
            if self.idle():
                self.pass_time()
            time.sleep(PACE)

    def revive(self, root: Path) -> None:
        """As systemd would have it."""
        if self.sink.dead:
            self.open_sink()
        for number, worker in enumerate(self.workers):
            if worker.dead:
                self.logs[number] = self.folder / f"worker{number}-{time.monotonic_ns()}.log"
                self.workers[number] = self.worker(number, "", root)
                self.workers[number].start()

    def finished(self) -> bool:
        with suppress(psycopg2.Error):
            return self.idle() and not self.ask("SELECT 1 FROM ledger_outgoingemail WHERE state <> 'SENT'")
        return False

    def idle(self) -> bool:
        """Does nobody hold a letter? Only then may time be made to pass."""
        with suppress(Unreached):
            texts = [log.read_text() if log.exists() else "" for log in self.logs]
            begun = sum(len(RECEIVED.findall(text)) for text in texts)
            busy = begun != sum(len(ENDED.findall(text)) for text in texts)
            lost = time.monotonic() > self.given + LOST
            return not busy and not self.waiting() and (begun > self.heard or lost)
        return False

    def waiting(self) -> int:
        with Client.from_url(self.redis.url) as client:
            return client.llen("celery")

    def pass_time(self) -> None:
        """Ten minutes and more, and the sweep that comes every minute."""
        with suppress(psycopg2.Error, OperationalError, Unreached):
            self.postgres.run(LATER, database="trial")
            self.heard = sum(len(RECEIVED.findall(log.read_text())) for log in self.logs if log.exists())
            self.given = time.monotonic()
            with Celery("chaos", broker=self.redis.url, set_as_current=False) as app:
                app.send_task("orientation.tasks.sweep_letters", retry=False, ignore_result=True)

    def where(self) -> str:
        return str(self.ask("SELECT state, count(*), max(last_error) FROM ledger_outgoingemail GROUP BY state"))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.postgres.url("trial"), connect_timeout=5)
        with connection.cursor() as cursor:
            cursor.execute(query)
            rows = cursor.fetchall()
        connection.close()
        return rows


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Everything up, the letters written; everything down afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="orientation-letters-"))
    folder.chmod(0o711)  # PostgreSQL is « nobody » when we are root
    with ExitStack() as down:
        down.callback(shutil.rmtree, folder, ignore_errors=True)
        made = PostOffice(folder, Postgres(folder), Redis(folder))
        made.nursery = Nursery(environment(**made.variables()), folder)
        for server in (made.postgres, made.redis, made.nursery):
            down.callback(server.kill)
            server.start()
        build(made)
        yield made


def build(made: PostOffice) -> None:
    for name in (*TRIAL, *TRIAL.values()):
        made.postgres.run(f'CREATE DATABASE "{name}"')
    log = made.folder / "build.log"
    variables = environment(**made.variables("world"))
    builder = Program("builder", ["-m", "tests.chaos.build", "letters"], variables, log)
    builder.start()
    if builder.wait():
        raise RuntimeError(log.read_text()[-3000:])
