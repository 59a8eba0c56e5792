"""One worker process that plays the whole night of an académie; its last line says how long it took, in JSON.

The time spent waiting for the simulated Siècle (from the request to the last byte of its reply) is told apart:
`seconds` is ours alone, `cpu` what our process and our
PostgreSQL backend spent of the processor. `peak_mb` is the most memory that this process ever held (VmHWM).
With `--wait`, it says that it is ready, then waits for a line: a worker of Celery is loaded long before the night, and
leaves the processor to the pages first.
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 (after the set-up)

from benchmarks.spent import Spent  # noqa: E402
from config.celery import after_the_pages  # noqa: E402
from families.models import Academy  # noqa: E402
from siecle_sync.night import run_night  # noqa: E402
from siecle_sync.steps import Step, step_reached  # noqa: E402
from siecle_sync.wire import Wire  # noqa: E402


class Watch:
    """Our own time: it stops while Siècle works."""

    def __init__(self) -> None:
        self.waited = 0.0
        self.began = time.monotonic()
        self.last, self.steps = 0.0, dict.fromkeys(Step.values, 0.0)

    def now(self) -> float:
        return time.monotonic() - self.began - self.waited

    def reached(self, step: str, **more: Any) -> None:
        """Count the time since the last step for the one just reached."""
        now = self.now()
        self.steps[step] += now - self.last
        self.last = now

    def waiting(self, ask: Any) -> Any:
        def timed(wire: Wire, *arguments: Any, **named: Any) -> Any:
            began = time.monotonic()
            try:
                return ask(wire, *arguments, **named)
            finally:
                self.waited += time.monotonic() - began

        return timed


def peak_mb() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return round(int(found[1]) / 1024, 1) if found else 0.0


def main(code: str) -> None:
    academy = Academy.objects.get(pk=code)
    watch = Watch()
    step_reached.connect(watch.reached)
    Wire.request = watch.waiting(Wire.request)  # type: ignore[method-assign]
    spent = Spent(connection.cursor())
    night = run_night(academy)
    ours, cpu = watch.now(), spent.so_far()["cpu"]
    if not night.finished:
        raise SystemExit(f"la nuit a échoué : {[run.error for run in night.runs]}")
    said = {"seconds": ours, "cpu": cpu, "waited": watch.waited, "peak_mb": peak_mb(), "steps": watch.steps}
    print(json.dumps({**said, "counters": [run.counters for run in night.runs]}))


if __name__ == "__main__":
    if "--wait" in sys.argv:
        after_the_pages()
        print("ready", flush=True)
        sys.stdin.readline()
    main(sys.argv[1])
