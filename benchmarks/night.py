"""One run of the night against its floor: the same rows, the same server, several ways of doing it.

    make bench-night ROWS=100000

Makes its databases, plays the night that tells Siècle who is where, lets a day pass (5 % of the dossiers with a changed
entry, 5 % with new opinions), then measures: the floor, our night, a night with nothing changed, what a Django
developer would write. Sentences go to the standard error; the last line of the output is one JSON object.
"""

import argparse
import json
import sys
from typing import Any

from tqdm import tqdm

from benchmarks import compare, dates, picture
from benchmarks.campaign import generate
from benchmarks.day import change_entries, give_opinions, open_councils
from benchmarks.floor_sql import SIECLE_FEED
from benchmarks.geography import SHARES, THIRD
from benchmarks.laboratory import (
    MOCK,
    RESULTS,
    connected,
    copy,
    create,
    drop,
    measured,
    say,
    settle,
    siecle,
)

BASE, OURS, OTHER = "bench_base", "bench_ours", "bench_other"
CHANGED = 0.05
CLOCK = """
INSERT INTO ledger_sandboxclock (id, "offset", frozen_at) VALUES (1, %s::timestamptz - now(), NULL)
ON CONFLICT (id) DO UPDATE SET "offset" = EXCLUDED."offset"
"""
LARGEST = next(iter(SHARES))  # the académie of the run
SMALL = 8_000  # what the memory of a large night is compared with


def pretend(name: str, at: Any) -> None:
    """Set the date of the sandbox."""
    with connected(name) as cursor:
        cursor.execute(CLOCK, [at])


def play(name: str, **more: str) -> dict[str, Any]:
    """Our night, by a worker process, against a simulated Siècle that is another process."""
    with siecle(name) as address:
        return measured(name, "worker", LARGEST, SIECLE_BASE_URL=address, **more)


def make_base(rows: int, seed: int) -> None:
    """A campaign that Siècle knows, the day before the night: what every measure is a copy of."""
    create(BASE)
    with connected(BASE, autocommit=False) as cursor:
        generate(cursor, rows, seed=seed, academies=1, levels=(THIRD,))
    settle(BASE)
    pretend(BASE, dates.FIRST_NIGHT)
    first = play(BASE)
    say(f"première nuit : {first['seconds']:.1f} s à nous, {first['waited']:.1f} s à Siècle")
    with connected(BASE, autocommit=False) as cursor, connected(BASE + MOCK, autocommit=False) as mock:
        open_councils(cursor, mock)
        given = give_opinions(cursor, mock, share=CHANGED, seed=seed)
        changed = change_entries(cursor, share=CHANGED, seed=seed)
    say(f"le jour : {changed} saisies modifiées, {given} avis nouveaux")
    pretend(BASE, dates.NIGHT)
    settle(BASE)


def measure_ours() -> dict[str, Any]:
    copy(BASE, OURS)
    return play(OURS)


def measure_floor() -> dict[str, Any]:
    copy(BASE, OTHER)
    return measured(OTHER, "floor", "night")


def check_same() -> None:
    """The floor wrote what we wrote. Anything else is no measure."""
    with connected(OURS) as ours, connected(OTHER) as other:
        found = compare.differences(ours, other)
    if found:
        raise SystemExit("Le plancher n’a pas écrit les mêmes lignes :\n" + "\n".join(found))


def measure_nothing() -> tuple[dict[str, Any], dict[str, Any]]:
    """The night after, with nothing changed since, and its floor, on the same rows."""
    settle(OURS)
    pretend(OURS, dates.NIGHT_AFTER)
    floor = measured(OURS, "floor", "nothing")
    return play(OURS), floor


def measure_bulk() -> dict[str, Any]:
    copy(BASE, OTHER)
    path = RESULTS / "feed.csv"
    with connected(OTHER + MOCK) as mock, path.open("wb") as body:
        mock.copy_expert(f"COPY ({SIECLE_FEED}) TO STDOUT WITH (FORMAT csv, HEADER)", body)
    try:
        return measured(OTHER, "bulk", str(path))
    finally:
        path.unlink()


def inbound(steps: dict[str, float]) -> float:
    """Our time from the first line of Siècle read to the commit of the last."""
    return sum(steps[name] for name in ("FETCHED", "LOCKED", "MERGED", "RECEIVED"))


def best(measures: list[dict[str, Any]]) -> dict[str, Any]:
    return min(measures, key=lambda one: one["seconds"])


def measure(rows: int, *, seed: int, repeat: int) -> dict[str, Any]:
    steps = tqdm(total=3 + 2 * repeat, unit=" mesure", file=sys.stderr)
    make_base(rows, seed)
    steps.update()
    floors, ours = [], []
    for _ in range(repeat):
        ours.append(measure_ours())
        steps.update()
        floors.append(measure_floor())
        check_same()
        steps.update()
    nothing, nothing_floor = measure_nothing()
    steps.update()
    bulk = measure_bulk()
    steps.update()
    steps.close()
    for name in (OURS, OTHER, BASE):
        drop(name)
    return said(rows, best(ours), best(floors), nothing, nothing_floor, bulk)


def said(
    rows: int, ours: dict[str, Any], floor: dict[str, Any], nothing: dict[str, Any], still: dict[str, Any],
    bulk: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The one JSON line. Seconds, and megabytes."""
    brought = inbound(ours["steps"])
    numbers = {
        "floor_s": floor["seconds"], "ours_s": ours["seconds"], "ratio_to_floor": ours["seconds"] / floor["seconds"],
        "inbound_s": brought, "bulk_create_s": bulk["seconds"], "bulk_to_inbound": bulk["seconds"] / brought,
        "update_or_create_s": bulk["update_or_create"], "unchanged_s": nothing["seconds"],
        "unchanged_floor_s": still["seconds"], "unchanged_ratio": nothing["seconds"] / still["seconds"],
        "peak_rss_mb": ours["peak_mb"], "siecle_s": ours["waited"], "ours_cpu_s": ours["cpu"],
        "floor_cpu_s": floor["cpu"], "bulk_create_cpu_s": bulk["cpu"], "unchanged_cpu_s": nothing["cpu"],
        "unchanged_floor_cpu_s": still["cpu"],
    }  # fmt: skip
    rounded = {name: round(value, 3) for name, value in numbers.items()}
    steps = {"ours": ours["steps"], "floor": floor["steps"]}
    return {"rows": rows, **rounded, "counters": ours["counters"], "steps": steps}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="dossiers of the campaign")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many is kept")
    asked = parser.parse_args()
    found = measure(asked.rows, seed=asked.seed, repeat=asked.repeat)
    (RESULTS / f"night-{asked.rows}.json").write_text(json.dumps(found, indent=1) + "\n")
    picture.draw()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
