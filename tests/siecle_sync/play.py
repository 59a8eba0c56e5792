"""Runs play_campaign as people do, in a process of its own, and reads its dump."""

import atexit
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings

from siecle_sync.play.databases import pair

PLAY = [sys.executable, "manage.py", "play_campaign"]
ENVIRONMENT = {**os.environ, "ORIENTATION_DEV": "1", "SANDBOX": "1", "EMAIL_HOST": "nowhere.invalid"}


@dataclass(frozen=True)
class Done:
    pid: int
    code: int
    out: str
    err: str

    @property
    def counters(self) -> dict[str, Any]:
        return json.loads(self.out.splitlines()[-1])


def play(*arguments: str, command: list[str] = PLAY, **environment: str) -> Done:
    """On databases copied from ones migrated once; `PLAY_MODEL=""`: migrated by the play itself, as anywhere else."""
    told = {**ENVIRONMENT, "PLAY_MODEL": model() if "PLAY_MODEL" not in environment else "", **environment}
    with subprocess.Popen(
        [*command, *arguments], cwd=settings.BASE_DIR, env=told, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        out, err = process.communicate(timeout=900)
    return Done(process.pid, process.returncode, out, err)


@cache
def model() -> str:
    """The name of a migrated, empty pair of databases; dropped at the end of the tests."""
    name = f"play_model_{os.getpid()}"
    atexit.register(on_the_server, "DROP DATABASE IF EXISTS", name)
    on_the_server("CREATE DATABASE", name)
    server = urlsplit(os.environ["DATABASE_URL"])
    urls = {alias: urlunsplit(server._replace(path=f"/{one}")) for alias, one in pair(name).items()}
    there = {**ENVIRONMENT, "DATABASE_URL": urls["default"], "SIECLE_MOCK_DATABASE_URL": urls["siecle_mock"]}
    for what in ([], ["siecle_mock", "--database", "siecle_mock"]):
        migrate = [sys.executable, "manage.py", "migrate", "-v0", *what]
        subprocess.run(migrate, cwd=settings.BASE_DIR, env=there, check=True)
    return name


def on_the_server(statement: str, name: str) -> None:
    connection = psycopg2.connect(os.environ["DATABASE_URL"], dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for one in pair(name).values():
            cursor.execute(f'{statement} "{one}"')
    connection.close()


def lines(dump: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in dump.read_text(encoding="utf-8").splitlines()]
