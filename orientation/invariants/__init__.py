"""What holds in every dossier, whatever happened: one list, checked by sets on the whole database.

The database refuses what it can (constraints, triggers); this list says again, from what is written, that the rules
were followed, whoever wrote. What is not kept cannot be checked: a pupil counts in the division of today, a link of a
family since always, the policies of a campaign as they are now.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from orientation.invariants import answers, councils, entries, history, letters
from orientation.invariants.statement import GROUND, Invariant
from orientation.pathways import CATALOGUE

INVARIANTS: tuple[Invariant, ...] = (
    *entries.INVARIANTS,
    *councils.INVARIANTS,
    *answers.INVARIANTS,
    *letters.INVARIANTS,
    *history.INVARIANTS,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of one invariant found: how many offences, and the first ones as (dossier, detail)."""

    invariant: Invariant
    violations: int
    examples: tuple[tuple[str, str], ...] = ()


def check(*, examples: int = 20) -> Iterator[Finding]:
    """Check every invariant, one query each, in the order of the list."""
    for invariant in INVARIANTS:
        yield check_one(invariant, examples=examples)


def check_one(invariant: Invariant, *, examples: int = 20) -> Finding:
    query = f"{GROUND} SELECT *, count(*) OVER () FROM ({invariant.sql}) AS offence(dossier, detail) LIMIT {examples:d}"
    with connection.cursor() as cursor:
        cursor.execute(query, {"catalogue": catalogue()})
        rows = cursor.fetchall()
    found = tuple((str(dossier), str(detail)) for dossier, detail, _ in rows)
    return Finding(invariant, rows[0][2] if rows else 0, found)


def catalogue() -> str:
    """The pathways as the queries read them."""
    return json.dumps(
        [
            {
                "code": one.code,
                "level": one.level,
                "series": [code for code, _ in one.series],
                "text_asked": bool(one.free_text_label),
                "status_asked": one.asks_status,
                "details_asked": one.asks_specialties or bool(one.kinds),
            }
            for one in CATALOGUE.values()
        ]
    )
