"""How fast letters leave: claimed, written from the facts, handed to a mail server, recorded. Against bare smtplib.

    make bench-mail MESSAGES=100000

A campaign with so many letters that wait, then one worker process, two, four, and one that is killed five times
(SIGKILL) and started again; the mail server, a process of its own, keeps the number of each letter: that is what is
counted. The floor is smtplib with one letter already made, over one connection, against the same server. Everything
again against a server that does next to nothing (`bare`). The last line of the output is one JSON object.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tqdm import tqdm

from benchmarks import picture_mail
from benchmarks.laboratory import (
    RESULTS,
    ROOT,
    connected,
    copy,
    create,
    drop,
    environment,
    measured,
    processors,
    run,
    say,
    settle,
    stolen,
)
from benchmarks.mail_rows import write_letters
from tools.processes import free_port

BASE, OURS = "bench_mail_base", "bench_mail"
SHORT = 20_000  # messages of every run but the first
KILLS = 5
TRIED = (2, 4)
LOOK = 0.005  # seconds between two looks at what the server has received
# as if outbox.STUCK_AFTER had passed: the letters in the hands of the workers killed are for anybody
LATER = "UPDATE ledger_outgoingemail SET claimed_at = claimed_at - interval '1 hour' WHERE state = 'SENDING'"
# the others do not wait: a run is of so many letters
FEWER = """
UPDATE ledger_outgoingemail SET state = 'NO_ADDRESS' WHERE uuid IN (
  SELECT uuid FROM ledger_outgoingemail WHERE state = 'READY' ORDER BY hashtext(dedup_key), uuid OFFSET %s)
"""
Said = dict[str, Any]


class Sink:
    """The mail server of a run."""

    def __init__(self, kind: str) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "benchmarks.mail_sink", str(self.port), kind]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        self._read()

    def _read(self) -> str:
        said = self.process.stdout.readline() if self.process.stdout else ""
        if not said:
            raise SystemExit("le serveur de courriel est mort")
        return said.strip()

    def count(self, file: str = "") -> int:
        """How many letters it has received; their numbers are written in a file, if named, and forgotten."""
        if self.process.stdin:
            self.process.stdin.write(f"{file}\n")
            self.process.stdin.flush()
        return int(self._read())

    def numbers(self) -> list[str]:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "numbers"
            self.count(str(file))
            self._read()
            return file.read_text().splitlines()


@contextmanager
def sink(kind: str) -> Iterator[Sink]:
    opened = Sink(kind)
    try:
        yield opened
    finally:
        opened.process.terminate()
        opened.process.wait()


class Worker:
    """A worker process, loaded and told to begin."""

    def __init__(self, port: int) -> None:
        variables = environment(OURS, SANDBOX="0", EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(port))
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "benchmarks.mail_worker"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=variables, stdin=pipe, stdout=pipe, text=True)
        if self.process.stdout is None or not self.process.stdout.readline():
            raise SystemExit("l’ouvrier ne démarre pas")

    def begin(self) -> None:
        if self.process.stdin:
            self.process.stdin.write("\n")
            self.process.stdin.flush()

    def end(self) -> Said:
        printed, _ = self.process.communicate()
        if self.process.returncode:
            raise SystemExit("l’ouvrier a échoué")
        said: Said = json.loads(printed.splitlines()[-1])
        return said

    def kill(self) -> bool:
        """SIGKILL; was there still somebody to kill?"""
        alive = self.process.poll() is None
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        return alive


def prepare(messages: int) -> None:
    copy(BASE, OURS)
    with connected(OURS) as cursor:
        cursor.execute(FEWER, [messages])
    settle(OURS)


def counted(server: Sink) -> Said:
    """What arrived against what had to: letters never received, and letters received once too often."""
    received = [one.strip("<>").partition("@")[0] for one in server.numbers()]
    with connected(OURS) as cursor:
        cursor.execute("SELECT uuid::text, state FROM ledger_outgoingemail WHERE state <> 'NO_ADDRESS'")
        wanted = dict(cursor.fetchall())
    if any(state != "SENT" for state in wanted.values()) or set(received) - set(wanted):
        raise SystemExit("des lettres reçues que personne n’attendait, ou des lettres qui attendent encore")
    return {"lost": len(set(wanted) - set(received)), "duplicated": len(received) - len(set(received))}


def send(server: Sink, messages: int, processes: int) -> Said:
    """So many worker processes share the letters; the time runs from the first that begins to the last that ends."""
    prepare(messages)
    workers = [Worker(server.port) for _ in range(processes)]
    for one in workers:
        one.begin()
    said = [one.end() for one in workers]
    seconds = max(one["ended"] for one in said) - min(one["began"] for one in said)
    return {
        "processes": processes, "messages": messages, "sent_per_s": round(messages / seconds, 1),
        "cpu_ms": round(sum(one["cpu"] for one in said) / messages * 1000, 3), **counted(server),
    }  # fmt: skip


def send_through_kills(server: Sink, messages: int, seed: int) -> Said:
    """One worker at a time, killed where it stands KILLS times; then those it held are taken again."""
    prepare(messages)
    chance, kills, worker = random.Random(seed), 0, Worker(server.port)
    worker.begin()
    for rank in range(KILLS):
        target = messages * (rank + chance.random()) / (KILLS + 1)
        while server.count() < target and worker.process.poll() is None:
            time.sleep(LOOK * chance.random())
        kills += worker.kill()
        worker = Worker(server.port)
        worker.begin()
    worker.end()
    with connected(OURS) as cursor:
        cursor.execute(LATER)
    last = Worker(server.port)
    last.begin()
    last.end()
    return {"messages": messages, "kills": kills, **counted(server)}


def floor(server: Sink, messages: int, sample: Path) -> float:
    found = measured(OURS, "mail_floor", str(server.port), str(messages), str(sample))
    if len(server.numbers()) != messages:
        raise SystemExit("le plancher a perdu des lettres")
    return float(found["per_s"])


def against(kind: str, messages: int, sample: Path) -> Said:
    """One worker process and the floor, before and after it: the better of the two counts."""
    with sink(kind) as server:
        before = floor(server, min(messages, SHORT), sample)
        ours = send(server, messages, 1)
        per_s = max(before, floor(server, min(messages, SHORT), sample))
    say(f"{kind} : {ours['sent_per_s']} par seconde, plancher {per_s:.0f}")
    return {**ours, "floor_per_s": round(per_s, 1), "ratio_to_floor": round(ours["sent_per_s"] / per_s, 3)}


def measure(messages: int, *, seed: int) -> Said:
    before, few = processors(), min(messages, SHORT)
    create(BASE)
    with connected(BASE, autocommit=False) as cursor:
        write_letters(cursor, messages, seed=seed)
    settle(BASE)
    with TemporaryDirectory() as folder, tqdm(total=3 + len(TRIED), unit=" essai", file=sys.stderr) as bar:
        sample = Path(folder) / "letter"
        run(BASE, [sys.executable, "-m", "benchmarks.mail_worker", "--sample", str(sample)], SANDBOX="0")
        copy(BASE, OURS)
        size = sample.stat().st_size
        one = against("aiosmtpd", messages, sample)
        bar.update()
        bare = against("bare", few, sample)
        bar.update()
        with sink("aiosmtpd") as server:
            several = []
            for processes in TRIED:
                several.append(send(server, few, processes))
                say(f"{processes} ouvriers : {several[-1]['sent_per_s']} par seconde")
                bar.update()
            killed = send_through_kills(server, few, seed)
            say(f"{killed['kills']} SIGKILL : {killed['lost']} perdue, {killed['duplicated']} en double")
            bar.update()
    for name in (OURS, BASE):
        drop(name)
    return said(messages, one, bare, several, killed) | {
        "letter_bytes": size, "cores": os.cpu_count(), "stolen": stolen(before),
    }  # fmt: skip


def said(messages: int, one: Said, bare: Said, several: list[Said], killed: Said) -> Said:
    """The one JSON line; lost and duplicated are of all the runs together, and so are the kills."""
    runs = [one, bare, *several, killed]
    return {
        "messages": messages,
        **{key: one[key] for key in ("sent_per_s", "floor_per_s", "ratio_to_floor")},
        **{key: sum(found[key] for found in runs) for key in ("lost", "duplicated")},
        "kills": killed["kills"], "cpu_ms": one["cpu_ms"], "several": several, "killed": killed, "bare": bare,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found = measure(asked.messages, seed=asked.seed)
    (RESULTS / f"mail-{asked.messages}.json").write_text(json.dumps(found, indent=1) + "\n")
    picture_mail.draw()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
