"""Runs play_campaign as people do, in a process of its own, and reads its dump."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

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
    with subprocess.Popen(
        [*command, *arguments], cwd=settings.BASE_DIR, env={**ENVIRONMENT, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        out, err = process.communicate(timeout=900)
    return Done(process.pid, process.returncode, out, err)


def lines(dump: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in dump.read_text(encoding="utf-8").splitlines()]
