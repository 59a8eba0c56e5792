"""The list of runs says more than a list: the last weeks as a picture, and how far tonight's runs are."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BigIntegerField, Count, DurationField, ExpressionWrapper, F, Max, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from siecle_sync.charts import NIGHTS, PastNight
from siecle_sync.models import PartState, Run, RunPart, RunState
from siecle_sync.steps import Step

MOST_STEPS = 6


def nights_of(runs: QuerySet[Run], *, until: date) -> list[PastNight]:
    """One row a date, all the runs seen together; the last five weeks, rehearsals left out. One query."""
    rows = runs.filter(night_on__gt=until - timedelta(days=NIGHTS), night_on__lte=until).exclude(state=RunState.DRY)
    lasted = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    counted = rows.order_by("night_on").values("night_on").annotate(
        longest=Max(lasted), out=_lines("out", "read"), into=_lines("in", "read"),
        refused=_lines("out", "rejected") + _lines("in", "rejected"),
        failed=Count("pk", filter=Q(state=RunState.FAILED)),
    )  # fmt: skip
    return [PastNight(**{**row, "longest": row["longest"] or timedelta(0)}) for row in counted]


def _lines(way: str, name: str) -> Coalesce:
    return Coalesce(Sum(Cast(KT(f"counters__{way}__{name}"), BigIntegerField())), 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """A run that goes on: its parts, and what those that a worker plays are doing."""

    run: Run
    parts: int
    finished: int
    steps: list[str]
    more: int


def going_on(runs: QuerySet[Run]) -> list[Progress]:
    """Two queries, whatever the number of runs."""
    rows = list(
        runs.filter(state=RunState.RUNNING)
        .select_related("campaign__academy")
        .order_by("campaign__academy__name", "campaign__level")
        .annotate(all_parts=Count("parts"), finished_parts=Count("parts", filter=Q(parts__state=PartState.FINISHED)))
    )
    playing = RunPart.objects.filter(run__in=rows, state=PartState.RUNNING).order_by("run", "number")
    steps: dict[int, list[str]] = {run.pk: [] for run in rows}
    for part in playing:
        steps[part.run_id].append(f"{part}\u00a0: {Step(part.step).label if part.step else 'commence'}")
    return [
        Progress(run, run.all_parts, run.finished_parts, said[:MOST_STEPS], max(len(said) - MOST_STEPS, 0))
        for run, said in ((run, steps[run.pk]) for run in rows)
    ]
