"""The memory and the time of an export of many rows, in each format, against one of a hundred.

    python -m benchmarks.exports --rows 100000

Makes a campaign with enough dossiers, then writes each file in a process of its own, by the code of the page. Goal: the
peak of memory within 64 MB of its peak at 100 rows. The last line of the output is JSON.
"""

import argparse
import json
import sys
from typing import Any

from benchmarks.laboratory import RESULTS, create, drop, measured, processors, run, say, settle, stolen

NAME = "bench_exports"
KINDS = ("xlsx", "ods", "csv")
FEW = 100
GOAL_MB = 64


def measure(rows: int, seed: int, *, keep: bool) -> dict[str, Any]:
    create(NAME)
    pupils = max(rows * 2 // 3, FEW)  # two pathways a pupil and more: enough rows
    say(f"campagne de {pupils} dossiers…")
    run(NAME, [sys.executable, "-m", "benchmarks.campaign", "--pupils", str(pupils), "--seed", str(seed)])
    settle(NAME)
    before = processors()
    found = {kind: compared(NAME, kind, rows) for kind in KINDS}
    if not keep:
        drop(NAME)
    return {"rows": rows, "formats": found, "stolen": stolen(before)}


def compared(name: str, kind: str, rows: int) -> dict[str, Any]:
    say(f"{kind}…")
    few, many = (measured(name, "exports_write", kind, str(number)) for number in (FEW, rows))
    more = round(many["peak_mb"] - few["peak_mb"], 1)
    return {f"at_{FEW}": few, f"at_{rows}": many, "more_mb": more, "within_goal": more <= GOAL_MB}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the database there")
    asked = parser.parse_args()
    found = measure(asked.rows, asked.seed, keep=asked.keep)
    (RESULTS / f"exports-{asked.rows}.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
