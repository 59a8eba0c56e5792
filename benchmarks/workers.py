"""The same night shared by 1, 2, then 4 worker processes: how much sooner it ends, and where that stops.

    make bench-workers ROWS=160000

Each worker takes whatever part nobody has; the time runs from the first that begins to the last that ends, Siècle's
included. The last line of the output is JSON.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from tqdm import tqdm

from benchmarks.laboratory import RESULTS, ROOT, copy, drop, environment, measured, say, siecle
from benchmarks.night import BASE, LARGEST, OURS, make_base

TRIED = (1, 2, 4)
PARTS = 8  # of the night, whatever its size: enough to be shared


def start(address: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.sharing", LARGEST]
    variables = environment(OURS, SIECLE_BASE_URL=address)
    return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True)


def share(count: int, rows: int) -> dict[str, Any]:
    """A night by `count` workers: seconds, and how many parts each played."""
    copy(BASE, OURS)
    measured(OURS, "sharing", LARGEST, "--prepare", NIGHT_PART_PUPILS=str(rows // PARTS))
    with siecle(OURS, workers=count) as address:
        started = [start(address) for _ in range(count)]
        said = [json.loads(one.communicate()[0].splitlines()[-1]) for one in started]
    seconds = max(one["ended"] for one in said) - min(one["began"] for one in said)
    return {"workers": count, "seconds": round(seconds, 2), "parts": [one["parts"] for one in said]}


def measure(rows: int, seed: int, repeat: int) -> dict[str, Any]:
    make_base(rows, seed)
    found = []
    for count in tqdm(TRIED, unit=" essai", file=sys.stderr):
        one = min((share(count, rows) for _ in range(repeat)), key=lambda tried: tried["seconds"])
        say(f"{count} ouvriers : {one['seconds']} s, lots {one['parts']}")
        found.append(one)
    for name in (OURS, BASE):
        drop(name)
    speedup = {str(one["workers"]): round(found[0]["seconds"] / one["seconds"], 2) for one in found}
    return {"rows": rows, "cores": os.cpu_count(), "speedup": speedup, "tried": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=160_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many is kept")
    asked = parser.parse_args()
    found = measure(asked.rows, asked.seed, asked.repeat)
    (RESULTS / f"workers-{asked.rows}.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
