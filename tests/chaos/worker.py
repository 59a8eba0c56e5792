"""python -m tests.chaos.worker: a Celery worker as in production, but for the step at which it lets itself be killed.

CHAOS_STEP names the step, CHAOS_GATE the socket where it waits. Without them, a worker like any other.
"""

import os
import sys
from typing import Any

from config.celery import app
from siecle_sync.steps import step_reached
from tests.chaos.gate import wait_at

STEP = os.environ.get("CHAOS_STEP", "")


def stop(step: str, **kwargs: Any) -> None:
    if step == STEP:
        wait_at(os.environ["CHAOS_GATE"])


if __name__ == "__main__":
    step_reached.connect(stop)
    app.worker_main(["worker", "--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle",
                     "-n", f"{os.environ['PGAPPNAME']}@chaos", *sys.argv[1:]])  # fmt: skip
