"""The floor: the same night by hand-written SQL. COPY out, COPY in, INSERT … SELECT; no check, no lock, no retry.

It finds what has to go out as ours does, since nobody says it; everything else is taken as right.
"""

import csv
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2

from benchmarks import dates
from benchmarks import floor_sql as sql
from benchmarks.spent import Spent

Files = dict[str, Path]
NOW = {"now": dates.NIGHT}


def out(cursor: Any, files: Files) -> None:
    """What has to go out, to a file."""
    with files["out"].open("wb") as body:
        cursor.copy_expert(f"COPY ({sql.OUT}) TO STDOUT WITH (FORMAT csv, HEADER)", body)


def back(cursor: Any, files: Files) -> None:
    """What Siècle answered, from a file; then receipts, history and counts."""
    cursor.execute(sql.REPORT)
    with files["report"].open("rb") as body:
        cursor.copy_expert("COPY report FROM STDIN WITH (FORMAT csv, HEADER)", body)
    for statement in sql.BACK:
        cursor.execute(statement, NOW)


def take(cursor: Any, files: Files) -> None:
    """What the councils said, from a file; then opinions, withdrawals, history, letters and counts."""
    cursor.execute(sql.FEED)
    with files["feed"].open("rb") as body:
        cursor.copy_expert("COPY feed FROM STDIN WITH (FORMAT csv, HEADER)", body)
    for statement in sql.TAKE:
        cursor.execute(statement, NOW)


def answer(files: Files) -> None:
    """Siècle's part, not timed: it accepts every line."""
    with files["out"].open(newline="") as sent, files["report"].open("w", newline="") as report:
        lines = csv.writer(report)
        lines.writerow(("seq", "kind", "ref", "outcome", "code", "sentence"))
        lines.writerows((line["seq"], line["kind"], line["ref"], "ACCEPTED", "", "") for line in csv.DictReader(sent))


def feed(siecle: Any, files: Files) -> None:
    """Siècle's part, not timed: what its feed holds."""
    with files["feed"].open("wb") as body:
        siecle.copy_expert(f"COPY ({sql.SIECLE_FEED}) TO STDOUT WITH (FORMAT csv, HEADER)", body)


def nothing(cursor: Any) -> None:
    """Find out that nothing has changed: the same questions as our night asks."""
    for question in sql.NOTHING:
        cursor.execute(f"SELECT count(*) FROM ({question}) found", NOW)
        assert cursor.fetchone()[0] == 0, "something has changed"


def timed(work: Any, *arguments: Any) -> float:
    began = time.monotonic()
    work(*arguments)
    return time.monotonic() - began


def play(cursor: Any, files: Files, commit: Callable[[], None]) -> tuple[dict[str, float], float]:
    """The night, in two transactions as ours; return its steps, and the processor that Siècle's part took."""
    steps = {"out": timed(out, cursor, files)}
    began = time.process_time()
    answer(files)
    aside = time.process_time() - began
    steps["back"] = timed(back, cursor, files) + timed(commit)
    steps["take"] = timed(take, cursor, files) + timed(commit)
    return steps, aside


def main(what: str) -> None:
    connection = psycopg2.connect(os.environ["DATABASE_URL"], options=sql.OPTIONS)
    with TemporaryDirectory() as folder, connection.cursor() as cursor:
        files = {name: Path(folder) / name for name in ("out", "report", "feed")}
        with closing(psycopg2.connect(os.environ["SIECLE_MOCK_DATABASE_URL"])) as mock, mock.cursor() as siecle:
            feed(siecle, files)
        spent, aside = Spent(cursor), 0.0
        if what == "nothing":
            steps = {"out": timed(nothing, cursor)}
        else:
            steps, aside = play(cursor, files, connection.commit)
        cpu = spent.so_far()["cpu"] - aside
    connection.close()
    print(json.dumps({"seconds": sum(steps.values()), "cpu": cpu, "steps": steps}))


if __name__ == "__main__":
    main(sys.argv[1])
