"""A campaign of any size, written by COPY into an empty, migrated database: schools, families, entries, opinions.

    python -m benchmarks.campaign --pupils 1400000 --seed 1

The database is DATABASE_URL. The same numbers and the same seed give the same rows, and the same digest.
"""

import argparse
import json
import os
import sys
import time
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
from tqdm import tqdm

from benchmarks import dates
from benchmarks.day import change_entries
from benchmarks.geography import LEVELS, SECOND_GT, SHARES, THIRD, Place, places
from benchmarks.loading import Rows
from benchmarks.people import OPINIONS, Desk, Shares, write_school
from siecle_sync.bee.academies import ACADEMIES

# choices, acknowledgement, change of opinions, objection, answer, acceptances, recap to, recap when, free text
POLICIES = {
    THIRD: (3, "ANY", "TELL", "NONE", "AUTHOR", "SEVERAL", "ALL", "SIGN_OUT", "t"),
    SECOND_GT: (11, "ANY", "TELL", "NONE", "ALL", "SEVERAL", "ALL", "SIGN_OUT", "t"),
}
TOGETHER = 5_000  # pupils written at once
OCCUPIED = "SELECT EXISTS (SELECT 1 FROM families_school)"
UNCHECKED = "SET session_replication_role = replica"  # no trigger, no foreign key: the rows are right by construction
CHECKED = "SET session_replication_role = DEFAULT"


def generate(
    cursor: Any, pupils: int, *, seed: int, academies: int = len(SHARES), levels: tuple[str, ...] = tuple(LEVELS),
    shares: Shares | None = None, checked: bool = False, quiet: bool = False,
) -> Rows:  # fmt: skip
    """Write a campaign of `pupils` pupils; return what was written. `checked` lets triggers and foreign keys look."""
    cursor.execute(OCCUPIED)
    if cursor.fetchone()[0]:
        raise SystemExit("La base n’est pas vide : la campagne s’écrit dans une base neuve.")
    rows, known = Rows(cursor), list(places(pupils, academies=academies, levels=levels))
    if not checked:
        cursor.execute(UNCHECKED)
    campaigns = write_campaigns(rows, list(dict.fromkeys(place.academy for place in known)), levels)
    bar = tqdm(total=pupils, unit=" élèves", unit_scale=True, file=sys.stderr, disable=quiet, leave=False)
    waiting = 0
    for place in known:
        write_school(desk_of(rows, place, campaigns[place.academy, place.level], seed, shares or Shares()))
        waiting += place.pupils
        if waiting > TOGETHER:
            rows.flush()
            bar.update(waiting)
            waiting = 0
    rows.flush()
    bar.close()
    rows.end()
    if not checked:
        cursor.execute(CHECKED)
    return rows


def write_campaigns(rows: Rows, codes: list[str], levels: tuple[str, ...]) -> dict[tuple[str, str], int]:
    """The académies, a campaign a level, and its calendar; return the campaigns' ids."""
    campaigns = {}
    for code in codes:
        facts = ACADEMIES[code]
        rows.add("families_academy", code, facts.name, facts.timezone, "ne-pas-repondre@exemple.invalid")
        for level in levels:
            opinions = json.dumps(OPINIONS, ensure_ascii=False)
            key = rows.add_new("orientation_campaign", code, dates.YEAR, level, *POLICIES[level], opinions, 4, 5)
            for window in dates.WINDOWS:
                rows.add_new("orientation_phasewindow", key, *window)
            campaigns[code, level] = key
    return campaigns


def desk_of(rows: Rows, place: Place, campaign: int, seed: int, shares: Shares) -> Desk:
    kind = "Collège" if place.level == THIRD else "Lycée"
    name = f"{kind} {place.uai}"
    email = f"{place.uai.lower()}@exemple.invalid"
    school = rows.add_new("families_school", place.uai, place.academy, name, "", email, "", "TERMS", "")
    chance = Random(f"{seed}/{place.uai}/{place.level}")
    return Desk(rows, place, school, campaign, shares, six_oclock(ACADEMIES[place.academy].timezone), chance)


def six_oclock(timezone: str) -> str:
    """When opinions given on the day of `dates.GIVEN` are published (OPI-01): as PostgreSQL reads it."""
    given = datetime.fromisoformat(dates.GIVEN).astimezone(ZoneInfo(timezone))
    received = datetime.fromisoformat(dates.RECEIVED).astimezone(ZoneInfo(timezone))
    morning = (given + timedelta(days=1)).replace(hour=6, minute=0, second=0)
    return max(morning, received).isoformat()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pupils", type=int, required=True, help="840 000 + 560 000 = 1400000 for the whole country")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--academies", type=int, default=len(SHARES), help="the largest ones only")
    parser.add_argument("--levels", nargs="+", choices=list(LEVELS), default=list(LEVELS))
    parser.add_argument("--published", type=float, default=0.1, help="share of dossiers with opinions already")
    parser.add_argument("--changed", type=float, default=0.05, help="share with an entry that Siècle does not have yet")
    parser.add_argument("--checked", action="store_true", help="let triggers and foreign keys look at every row (slow)")
    return parser.parse_args()


def main() -> None:
    asked, began = options(), time.monotonic()
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        rows = generate(
            cursor, asked.pupils, seed=asked.seed, academies=asked.academies, levels=tuple(asked.levels),
            shares=Shares(published=asked.published), checked=asked.checked,
        )  # fmt: skip
        changed = change_entries(cursor, share=asked.changed, seed=asked.seed)
    connection.close()
    said = {"digest": rows.digest.hexdigest(), "changed": changed, "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps({**said, "rows": sum(rows.written.values()), "tables": rows.written}))


if __name__ == "__main__":
    main()
