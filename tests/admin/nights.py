"""Nights written by hand: what the exchange leaves in its tables, without playing it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from families.models import School
from orientation.models import Campaign
from siecle_sync.models import Direction, PartState, Run, RunLine, RunPart, RunSchool, RunState

NIGHT = date(2026, 1, 21)
TWO_O_CLOCK = datetime(2026, 1, 21, 1, tzinfo=UTC)  # in Paris
MORNING = datetime(2026, 1, 21, 8, tzinfo=UTC)
OUT = {"read": 10, "accepted": 6, "created": 4, "changed": 2, "rejected": 1, "not_processed": 1, "unchanged": 2}
IN = {"read": 5, "accepted": 3, "created": 3, "changed": 0, "rejected": 2, "not_processed": 0, "unchanged": 0}


def a_run(campaign: Campaign, *, state: str = RunState.FINISHED, minutes: float = 20, **values: Any) -> Run:
    """A night at two o'clock, in one part; `minutes` counts for nothing while it runs."""
    start = values.pop("started_at", TWO_O_CLOCK)
    ended = None if state == RunState.RUNNING else start + timedelta(minutes=minutes)
    made = {
        "night_on": NIGHT, "started_at": start, "ended_at": ended, "counters": {"out": OUT, "in": IN}, **values,
    }  # fmt: skip
    return Run.objects.create(academy=campaign.academy, campaign=campaign, state=state, **made)


def a_part(run: Run, number: int = 1, *, state: str = PartState.FINISHED, **values: Any) -> RunPart:
    return RunPart.objects.create(run=run, number=number, state=state, **values)


def of_school(run: Run, school: School | str, direction: str = Direction.IN, **counted: Any) -> RunSchool:
    uai = school.uai if isinstance(school, School) else school
    figures = {**(IN if direction == Direction.IN else OUT), "by_code": {"MALFORMED": 2}, **counted}
    return RunSchool.objects.create(run=run, uai=uai, direction=direction, **figures)


def a_line(run: Run, school: School, **values: Any) -> RunLine:
    told = {
        "direction": "IN", "seq": RunLine.objects.count() + 1, "kind": "STATEMENT", "ref": "x", "outcome": "REJECTED",
        "code": "UNKNOWN_PUPIL", "sentence": "Cet élève n’est pas connu dans cet établissement.", **values,
    }  # fmt: skip
    return RunLine.objects.create(run=run, uai=school.uai, **told)
