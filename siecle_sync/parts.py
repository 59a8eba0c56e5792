"""One part of a night, played by one worker at a time: what goes out, then what comes in.

Each step that ends is kept: a part stopped anywhere, by whatever, is taken again from the last of them.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import Q
from django.utils import timezone

from ledger import clock
from siecle_sync import inbound, locks, outbound, staging
from siecle_sync.client import Siecle
from siecle_sync.models import PartState, Run, RunPart, RunState
from siecle_sync.partition import range_of, taken_until
from siecle_sync.steps import Step, step_reached

Progress = Callable[[str], None]
# Technical delays are real time: the sandbox's date must not speed up or stop them.
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20)]
HANDED_OUT = timedelta(minutes=5)  # a part given to the workers is given again after this, if nobody took it
TABLES = ("siecle_out", "siecle_report", "siecle_raw", "siecle_in", "siecle_item")
log = logging.getLogger(__name__)


class TakenOver(Exception):
    """Another worker has taken the part since: this one writes nothing more."""


def play_part(pk: int, *, tell: Progress | None = None) -> bool:
    """Play a part, or what remains of it. False when another worker has it, or when it failed (and is tried again)."""
    with locks.alone(locks.PART, pk) as free:
        part = claim(pk) if free else None
        if part is None:
            return free
        reach = partial(advance, part, tell or log.info)
        try:
            exchange(part, reach)
        except TakenOver:
            return False
        except Exception as error:
            log.exception("part %s of %s failed", part.number, part.run)
            give_up(part, error)
        if close(part.run_id):
            announce(part, tell or log.info, Step.CLOSED)
        return part.state == PartState.FINISHED


def claim(pk: int) -> RunPart | None:
    """Take an unfinished part of the last run of its campaign; None when there is nothing left to do."""
    with transaction.atomic():
        Run.objects.select_for_update().get(parts=pk)  # nobody closes it meanwhile
        part = RunPart.objects.select_for_update(of=("self",)).select_related("run__campaign__academy").get(pk=pk)
        later = Run.objects.filter(campaign=part.run.campaign, pk__gt=part.run_id).exclude(state=RunState.DRY)
        if part.state == PartState.FINISHED or later.exists():
            return None
        part.state, part.attempts, part.error = PartState.RUNNING, part.attempts + 1, ""
        part.started_at, part.ended_at = part.started_at or clock.now(), None
        # should its worker die: at once the first time, later and later if it takes each of its workers with it
        part.next_try_at = timezone.now() + (delay_after(part.attempts - 1) if part.attempts > 1 else timedelta(0))
        part.save()
        Run.objects.filter(pk=part.run_id, state=RunState.FAILED).update(state=RunState.RUNNING, error="")
        return part


def advance(part: RunPart, tell: Progress, step: str) -> None:
    """Say that a step is reached. Raises TakenOver."""
    mine = RunPart.objects.filter(pk=part.pk, attempts=part.attempts, run__state=RunState.RUNNING)
    if not mine.update(step=step):
        raise TakenOver
    announce(part, tell, step)


def announce(part: RunPart, tell: Progress, step: str) -> None:
    part.step = step
    tell(f"{part.run.campaign}, {part} : {Step(step).label}")
    step_reached.send(sender=RunPart, step=step, part=part)


def exchange(part: RunPart, reach: Callable[[str], None]) -> None:
    siecle = Siecle(part.run.campaign)
    with connection.cursor() as cursor:
        try:
            if "out" not in part.counters:
                send(cursor, siecle, part, reach)
            receive(cursor, siecle, part, reach)
        finally:
            forget(cursor)


def send(cursor, siecle: Siecle, part: RunPart, reach: Callable[[str], None]) -> None:
    """Send, and record what Siècle answered: all of it, or nothing of it."""
    reach(Step.SELECT)
    counters = outbound.select(cursor, part.run.campaign, range_of(part))
    reach(Step.SELECTED)
    if counters["read"]:
        counters |= outbound.send(cursor, siecle, part, partial(reach, Step.DEPOSITED))
        reach(Step.REPORTED)
    else:
        counters |= {"accepted": 0, "rejected": 0, "not_processed": 0}
    with transaction.atomic():
        if counters["read"]:
            outbound.record(cursor, part)
        part.counters["out"] = counters
        part.save(update_fields=["counters"])
        reach(Step.RECORDING)
    reach(Step.RECORDED)


def receive(cursor, siecle: Siecle, part: RunPart, reach: Callable[[str], None]) -> None:
    """Fetch, merge, record and move the cursor: all of it, or nothing of it."""
    part.cursor_from = taken_until(part.run.campaign, range_of(part))
    last = inbound.fetch(cursor, siecle, part.run.campaign, range_of(part), after=part.cursor_from)
    reach(Step.FETCHED)
    with transaction.atomic():
        part.counters["in"] = inbound.receive(cursor, part, locked=partial(reach, Step.LOCKED))
        part.cursor = max(last, part.cursor_from)
        part.state, part.ended_at = PartState.FINISHED, clock.now()
        part.save(update_fields=["cursor_from", "cursor", "counters", "state", "ended_at"])
        reach(Step.MERGED)
    reach(Step.RECEIVED)


def forget(cursor) -> None:
    try:
        staging.drop(cursor, *TABLES)
    except Error:
        log.warning("the connection was lost: its temporary tables went with it")


def give_up(part: RunPart, error: Exception) -> None:
    """Keep why; what was recorded stays recorded. The part is tried again later."""
    if not connection.is_usable():
        connection.close()
    mine = RunPart.objects.filter(pk=part.pk, attempts=part.attempts).exclude(state=PartState.FINISHED)
    mine.update(
        state=PartState.FAILED, error=f"{type(error).__name__} : {error}"[:2000], ended_at=clock.now(),
        next_try_at=timezone.now() + delay_after(part.attempts),
    )  # fmt: skip
    part.state = PartState.FAILED


def delay_after(attempts: int) -> timedelta:
    return BACKOFF[min(attempts, len(BACKOFF)) - 1]


def close(run_id: int) -> bool:
    """Sum up a run; when no part is waited for any more: finished (True), or failed with its first part's error."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        parts = list(run.parts.all())
        states = {part.state for part in parts}
        said = {way: [part.counters[way] for part in parts if way in part.counters] for way in ("out", "in")}
        run.counters = {way: summed(counters) for way, counters in said.items() if counters}
        if not states & {PartState.WAITING, PartState.RUNNING}:
            run.error = next((part.error for part in parts if part.state == PartState.FAILED), "")
            run.state = RunState.FAILED if run.error else RunState.FINISHED
            run.ended_at = clock.now()
        run.save()
        return run.state == RunState.FINISHED


def summed(counters: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The counters of the parts, one way, added; those of each kind too."""
    ways = list(counters)
    by_kind: Counter[str] = Counter()
    for one in ways:
        by_kind.update(one["by_kind"])
    names = {name for one in ways for name in one} - {"by_kind"}
    return {**{name: sum(one.get(name, 0) for one in ways) for name in sorted(names)}, "by_kind": dict(by_kind)}


def ready(runs: list[Run]) -> list[int]:
    """The parts that a worker may take now, each handed out once in a while: waiting, to try again, or orphaned."""
    now = timezone.now()
    held = locks.held(locks.PART)
    come = Q(next_try_at=None) | Q(next_try_at__lte=now)
    parts = RunPart.objects.filter(come, run__in=runs).exclude(state=PartState.FINISHED).exclude(pk__in=held)
    keys = list(parts.order_by("run", "number").values_list("pk", flat=True))
    RunPart.objects.filter(pk__in=keys).update(next_try_at=now + HANDED_OUT)
    return keys
