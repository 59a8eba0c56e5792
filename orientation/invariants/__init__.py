"""What holds in every dossier, whatever happened: one list, checked by sets on the whole database.

The database refuses what it can (constraints, triggers); this list says again, from what is written, that the rules
were followed, whoever wrote. A pupil changes division, a family its representatives: what counts is what the history
kept of them with each act (`then`), not what they are today.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from orientation.invariants import answers, contested, councils, entries, history, letters, subjects
from orientation.invariants.statement import GROUND, Invariant
from orientation.pathways import CATALOGUE, OUTSIDE, SPECIALTY_NAMES, Pathway

INVARIANTS: tuple[Invariant, ...] = (
    *entries.INVARIANTS,
    *subjects.INVARIANTS,
    *councils.INVARIANTS,
    *answers.INVARIANTS,
    *contested.INVARIANTS,
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


def details_of(pathway: Pathway) -> list[str]:
    subjects = [name for code in SPECIALTY_NAMES for name in (code, f"{code}:{OUTSIDE}")]
    return [*(code for code, _ in pathway.kinds), *(subjects if pathway.asks_specialties else [])]


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
                "details": details_of(one),
                "subjects_asked": one.asks_specialties,
            }
            for one in CATALOGUE.values()
        ]
    )
