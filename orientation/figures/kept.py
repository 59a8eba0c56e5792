"""The figures of the country, counted by the timetable and kept: a reader would wait ten seconds at 840,000 dossiers.

`counting` counts them, for who keeps them as for who reads: there is no other rule here. What is older than `FRESH`, or
of another date than the service's (a stopped timetable, a sandbox that travels), is not read: all is counted anew.
"""

from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ledger import clock
from orientation.figures import counting
from orientation.figures.counting import Asked, Counts, Detail, Said, Scope, Step, Unit
from orientation.models import Campaign, KeptFigures

EVERY = 10  # minutes (config/celery.py)
FRESH = timedelta(minutes=3 * EVERY)


@dataclass(frozen=True, slots=True)
class Country:
    """`rows`: by académie. `at`: before the count began."""

    at: datetime
    rows: dict[str, Counts]
    detail: Detail


def of_country(scope: Scope) -> Country:
    """Those that are kept, else those of now."""
    now = clock.now()
    kept = KeptFigures.objects.filter(year=scope.year, level=scope.level, at__gt=now - FRESH, at__lte=now).first()
    return from_json(kept.at, kept.figures) if kept else count(scope)


def count(scope: Scope) -> Country:
    at = clock.now()
    return Country(at, counting.progress(scope, Unit.ACADEMY), counting.detail(scope))


def keep() -> int:
    """Count the last year, level by level, and forget the others; return how many levels were counted."""
    last = Campaign.objects.order_by("-year").values_list("year", flat=True).first()
    levels = Campaign.objects.filter(year=last).order_by("level").values_list("level", flat=True).distinct()
    KeptFigures.objects.exclude(year=last).delete()
    for level in levels:
        found = count(Scope(last or 0, level))
        known = {"at": found.at, "figures": to_json(found)}
        KeptFigures.objects.update_or_create(year=last, level=level, defaults=known)
    return len(levels)


def to_json(found: Country) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "asked": [astuple(one) for one in found.detail.asked],
        "said": [astuple(one) for one in found.detail.said],
        "days": {
            phase: {day.isoformat(): number for day, number in days.items()}
            for phase, days in found.detail.days.items()
        },
    }


def from_json(at: datetime, figures: dict[str, Any]) -> Country:
    rows = {key: {Step(name): number for name, number in counts.items()} for key, counts in figures["rows"].items()}
    days = {
        phase: {date.fromisoformat(day): number for day, number in counts.items()}
        for phase, counts in figures["days"].items()
    }
    detail = Detail([Asked(*one) for one in figures["asked"]], [Said(*one) for one in figures["said"]], days)
    return Country(at, rows, detail)
