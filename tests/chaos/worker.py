"""python -m tests.chaos.worker [SOCKET]: a Celery worker as in production, but for the step at which it may be killed.

CHAOS_STEP names the step of a night, CHAOS_LETTER that of a letter (« STEP:n », the n-th time), CHAOS_GATE the socket
where it waits. Without them, a worker like any other. With a socket,
loads the program once, then forks such a worker for each visitor, who sends its environment and reads its pid.
"""

import json
import os
import signal
import socket
import sys
from typing import Any

import django
from processes import end_with_parent

from config.celery import app
from ledger.mail_steps import letter_step
from siecle_sync.steps import step_reached
from tests.chaos.gate import Turnstile, wait_at

turnstile = Turnstile("CHAOS_LETTER")


def stop(step: str, **kwargs: Any) -> None:
    if step == os.environ.get("CHAOS_STEP"):
        wait_at(os.environ["CHAOS_GATE"])


def stop_letter(step: str, **kwargs: Any) -> None:
    turnstile.passes(step)


def work() -> None:
    step_reached.connect(stop)
    letter_step.connect(stop_letter)
    app.worker_main(["worker", "--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle",
                     "-n", f"{os.environ['PGAPPNAME']}@chaos"])  # fmt: skip


def breed(path: str) -> None:
    """Fork workers on demand, for ever; who dies is forgotten at once."""
    django.setup()
    app.loader.import_default_modules()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            visitor, _ = listener.accept()
            with visitor:
                asked = json.loads(visitor.makefile().readline())
                pid = os.fork()
                if not pid:
                    break
                visitor.sendall(str(pid).encode())
    be_born(asked)


def be_born(asked: dict[str, Any]) -> None:
    end_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(asked["environment"])
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    work()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        breed(sys.argv[1])
    else:
        work()
