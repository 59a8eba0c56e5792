"""The time of each dashboard against the floor: one plain SQL count of the same dossiers.

    python -m benchmarks.dashboards --rows 840000

Makes a campaign of that many dossiers of 3e, then reads each page as its reader does, in one process, pages included.
The last line of the output is JSON; `stolen` is the share of the processors that the host took away meanwhile.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.laboratory import create, drop, measured, processors, run, say, settle, stolen

NAME = "bench_dashboards"
LEVEL = "3E"
REPEAT = 3
FLOOR = """
SELECT count(*) FROM orientation_dossier d JOIN families_student s ON s.id = d.student_id
JOIN families_school h ON h.id = s.school_id WHERE {condition}
"""


def measure(rows: int, seed: int, *, keep: bool) -> dict[str, Any]:
    create(NAME)
    say(f"campagne de {rows} dossiers…")
    command = [sys.executable, "-m", "benchmarks.campaign", "--pupils", str(rows), "--seed", str(seed)]
    run(NAME, [*command, "--levels", LEVEL])
    settle(NAME)
    before = processors()
    found = measured(NAME, "dashboards_read", str(REPEAT))
    if not keep:
        drop(NAME)
    return {"rows": rows, **found, "stolen": stolen(before)}


def timed(work: Callable[[], Any], repeat: int) -> float:
    """Milliseconds of the best of several."""
    times = []
    for _ in range(repeat):
        began = time.monotonic()
        work()
        times.append(time.monotonic() - began)
    return round(min(times) * 1000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the database there")
    asked = parser.parse_args()
    found = measure(asked.rows, asked.seed, keep=asked.keep)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
