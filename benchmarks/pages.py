"""The pages of families while a night runs, against the same pages without one: p99, and their ratio.

    make bench-pages ROWS=200000

gunicorn serves the pages; several parents, each signed in, read theirs one after the other, with a pause as people
make. The night is played beside them, by a worker already loaded, on the same server. The last line of the output is
JSON; `stolen` is the share of the processors that the host took away meanwhile. A night of which it took more than 0.02
says nothing of us: it is set aside, whatever its figures, and played again (`set_aside` says how often).
"""

import argparse
import json
import sys
import threading
import time
from http.client import HTTPConnection
from itertools import cycle
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

from benchmarks.elsewhere import elsewhere
from benchmarks.laboratory import RESULTS, copy, drop, measured, processors, say, siecle, stolen, waiting, web
from benchmarks.night import BASE, LARGEST, OURS, make_base

PAGES = (
    "/mes-services/",
    "/dossiers/{}/",
    "/dossiers/{}/intentions/",
    "/dossiers/{}/avis/",
    "/dossiers/{}/historique/",
    "/mon-compte/",
)
PARENTS, VISITORS, WORKERS = 4, 400, 2
PAUSE = 1.0  # seconds between two pages of a parent, half of it more or less: the four read some 12,000 pages an hour
DISTURBED = 0.02  # the share of the processors above which the host, not the night, makes the figures
QUIET = 30  # seconds of pages without a night, before and after

Night = tuple[list[float], list[float], float]


class Parents:
    """They read until told to stop; `times` = seconds of each page."""

    def __init__(self, address: str, visitors: list[dict[str, str]], pause: float) -> None:
        self.address, self.pause = urlsplit(address), pause
        self.stopped = threading.Event()
        self.times: list[float] = []
        self.refused: list[str] = []
        shares = [visitors[rank::PARENTS] for rank in range(PARENTS)]
        self.threads = [threading.Thread(target=self.read, args=[*one]) for one in enumerate(shares)]

    def read(self, rank: int, visitors: list[dict[str, str]]) -> None:
        # never all at the same instant, as machines would: their first pages would wait for each other
        hurry = Random(rank)
        connection = HTTPConnection(self.address.hostname or "", self.address.port)
        for visitor, page in zip(cycle(visitors), cycle(PAGES), strict=False):
            if self.stopped.wait(self.pause * hurry.uniform(0.5, 1.5)):
                return
            began = time.monotonic()
            connection.request("GET", page.format(visitor["dossier"]), headers={"Cookie": visitor["cookie"]})
            answer = connection.getresponse()
            answer.read()
            self.times.append(time.monotonic() - began)
            if answer.status != 200:
                self.refused.append(f"{page} : {answer.status}")

    def __enter__(self) -> "Parents":
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopped.set()
        for one in self.threads:
            one.join()
        if self.refused:
            raise SystemExit(f"{len(self.refused)} pages refusées, dont {self.refused[0]}")


def percentile(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def quiet(address: str, visitors: list[dict[str, str]], pause: float) -> list[float]:
    with Parents(address, visitors, pause) as parents:
        time.sleep(QUIET)
    return parents.times


def during(address: str, visitors: list[dict[str, str]], pause: float) -> tuple[list[float], dict[str, Any]]:
    """The pages read from the beginning of a night to its end."""
    with (
        siecle(OURS) as far,
        elsewhere(OURS),
        waiting(OURS, "worker", LARGEST, "--wait", SIECLE_BASE_URL=far) as play,
        Parents(address, visitors, pause) as parents,
    ):
        night = play()
    return parents.times, night


def measure(rows: int, seed: int, repeat: int, pause: float) -> dict[str, Any]:
    make_base(rows, seed)
    nights, aside = undisturbed(repeat, pause)
    for name in (OURS, BASE):
        drop(name)
    found = said(
        [one for without, _, _ in nights for one in without], [one for _, beside, _ in nights for one in beside]
    )
    each = [{**said(without, beside), "stolen": share} for without, beside, share in nights]
    return {"rows": rows, "pause_s": pause, **found, "set_aside": aside, "nights": each}


def undisturbed(repeat: int, pause: float) -> tuple[list[Night], int]:
    """`repeat` nights of which the host took almost nothing, and how many others were set aside: as many at most."""
    kept: list[Night] = []
    for tried in tqdm(range(1, 2 * repeat + 1), unit=" nuit", file=sys.stderr):
        night = one_night(pause)
        kept += [night] if night[2] <= DISTURBED else []
        if len(kept) == repeat:
            return kept, tried - repeat
    raise SystemExit(f"L’hôte a pris trop de temps des processeurs : {len(kept)} nuits mesurées sur {2 * repeat}.")


def one_night(pause: float) -> Night:
    """Seconds of each page without the night, then during it; the share of the processors stolen in between."""
    copy(BASE, OURS)
    visitors = measured(OURS, "signed_in", str(VISITORS))["visitors"]
    with web(OURS, WORKERS) as address:
        quiet(address, visitors[:PARENTS], pause)  # the first pages load the program
        before = processors()
        without = quiet(address, visitors, pause)
        beside, night = during(address, visitors, pause)
    share = stolen(before)
    say(f"nuit de {night['seconds'] + night['waited']:.1f} s, hôte {share}, {said(without, beside)}")
    return without, beside, share


def said(without: list[float], beside: list[float]) -> dict[str, Any]:
    """Milliseconds."""
    found: dict[str, Any] = {"pages_without": len(without), "pages_during": len(beside)}
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        found |= {f"{name}_without_ms": round(percentile(without, share) * 1000, 1)}
        found |= {f"{name}_during_ms": round(percentile(beside, share) * 1000, 1)}
    return {**found, "p99_ratio": round(found["p99_during_ms"] / found["p99_without_ms"], 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=2, help="nights")
    parser.add_argument("--pause", type=float, default=PAUSE, help="seconds between two pages of a parent")
    asked = parser.parse_args()
    found = measure(asked.rows, asked.seed, asked.repeat, asked.pause)
    (RESULTS / f"pages-{asked.rows}.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
