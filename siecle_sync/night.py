"""One académie's night: a run a campaign, cut in parts that workers play (`siecle_sync.parts`).

A night that fails changes nothing of what it had not finished, says why, and starts again by itself.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery

from families.models import Academy, Student, StudentScope
from ledger import clock, privileges
from ledger.journal import SYSTEM
from orientation.actions import ask_latecomers, decide_agreed, open_dossiers, place_acts, release_lost_pens
from orientation.models import Campaign, Dossier
from siecle_sync import locks, roster
from siecle_sync.models import PartState, RosterReceipt, Run, RunPart, RunState
from siecle_sync.partition import ranges_of
from siecle_sync.parts import Progress, close, play_part
from siecle_sync.rehearsal import Rehearsal, rehearse

# Local time of the académie. What has begun is tried again until noon: families read from six o'clock on.
BEGINS, ENDS, LAST_TRY = time(1), time(5), time(12)
log = logging.getLogger(__name__)


@dataclass
class Night:
    """What one call did. `busy`: another one was playing it, and had not finished."""

    academy: Academy
    runs: list[Run] = field(default_factory=list)
    busy: bool = False
    rehearsals: list[Rehearsal] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return not self.busy and not any(run.state == RunState.FAILED or run.error for run in self.runs)


def run_night(academy: Academy, *, dry_run: bool = False, progress: Progress | None = None) -> Night:
    """Play the night of an académie now, here. With `dry_run`, say what it would do: nothing is sent or written."""
    tell = progress or log.info
    if dry_run:
        rehearsals = [rehearse(new_run(campaign, RunState.DRY), tell) for campaign in campaigns_of(academy)]
        return Night(academy, [one.run for one in rehearsals], rehearsals=rehearsals)
    runs = prepare(academy)
    if runs is None:
        tell(f"{academy} : une autre nuit est en cours, rien n’est fait.")
        return Night(academy, busy=True)
    waiting = list(RunPart.objects.filter(run__in=runs).exclude(state=PartState.FINISHED).order_by("run", "number"))
    for part in waiting:
        play_part(part.pk, tell=tell)
    played = [Run.objects.select_related("campaign__academy").get(pk=run.pk) for run in runs]
    for run in played:
        tell(f"{run.campaign} : {run.get_state_display()}")
    return Night(academy, played, busy=any(run.state == RunState.RUNNING for run in played))


def rehearse_academy(academy: Academy, *, progress: Progress | None = None) -> list[Run]:
    """« Ce que cette nuit ferait », kept for the admin: one DRY run a campaign, with its schools and its lines."""
    return [one.keep() for one in run_night(academy, dry_run=True, progress=progress).rehearsals]


def prepare(academy: Academy, *, again: bool = True) -> list[Run] | None:
    """Begin tonight's runs, or find those already begun and not finished; None when somebody else is doing it.

    `again` false: a campaign whose night is finished has no other before tomorrow.
    """
    with locks.alone(locks.ACADEMY, locks.number_of(academy)) as free:
        if not free:
            return None
        privileges.warn()
        found = [tonight(one, again=again) for one in campaigns_of(academy)]
        return [run for run in found if run is not None]


def tonight(campaign: Campaign, *, again: bool) -> Run | None:
    """Tonight's run of a campaign, begun already or now; None when it is finished and `again` is false."""
    # one reading decides: a worker may finish the run at any moment
    last = Run.objects.filter(campaign=campaign).exclude(state=RunState.DRY).order_by("-pk").first()
    if last is None or last.night_on != local_date(campaign.academy, clock.now()):
        bury(last)
        return begin(campaign)
    if last.state == RunState.FINISHED:
        return begin(campaign) if again else None
    if not last.parts.exists():
        return set_out(last)
    close(last.pk)
    return last


def bury(run: Run | None) -> None:
    """A night that was never finished: tonight's takes everything it had left."""
    if run is not None:
        Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
            state=RunState.FAILED, error="Interrompue\u00a0: la nuit suivante a commencé.", ended_at=clock.now()
        )


def begin(campaign: Campaign) -> Run:
    run = new_run(campaign, RunState.RUNNING)
    run.save()
    return set_out(run)


def set_out(run: Run) -> Run:
    """What comes before any exchange, for the whole campaign; then the parts. A failure is the run's."""
    where = run.academy.code
    or_tomorrow(partial(release_lost_pens, by=SYSTEM, academy=where))  # the birthdays of the day, an import cut short
    or_tomorrow(partial(decide_agreed, campaign=run.campaign, by=SYSTEM))
    or_tomorrow(partial(ask_latecomers, campaign=run.campaign, by=SYSTEM))
    try:
        open_dossiers(by=SYSTEM, academy=where)  # the pupils imported, or the campaign created, since
        place_acts(run.campaign)
        with connection.cursor() as cursor:
            roster.mark(cursor, run.campaign)
        cut(run)
    except Exception as error:
        log.exception("night of %s failed before its first part", run.campaign)
        run.state, run.error, run.ended_at = RunState.FAILED, f"{type(error).__name__} : {error}"[:2000], clock.now()
        run.save()
    return run


def or_tomorrow(act: Callable[[], int]) -> None:
    """Dossiers settled one by one: what one of them refuses tonight does not keep a whole académie waiting."""
    try:
        act()
    except Exception:
        log.exception("left for the next night")


def cut(run: Run) -> None:
    """Cut a run in parts, all at once."""
    ranges = enumerate(ranges_of(run.campaign), 1)
    with transaction.atomic():
        run.state, run.error, run.ended_at = RunState.RUNNING, "", None
        run.save()
        RunPart.objects.bulk_create(
            RunPart(run=run, number=number, uai_from=where.first, uai_before=where.before) for number, where in ranges
        )


def forget_exchanged(academy: Academy) -> None:
    """Have the next night tell every list again and read every answer again: Siècle was restored from a copy.

    What was taken is known by its reference and stays as it is.
    """
    with transaction.atomic():
        RosterReceipt.objects.filter(campaign__academy=academy).delete()
        RunPart.objects.filter(run__academy=academy, state=PartState.FINISHED).update(cursor=0)


def campaigns_of(academy: Academy) -> QuerySet[Campaign]:
    """The campaigns that have pupils, the last year of each level."""
    living = peopled(Campaign.objects.filter(academy=academy))
    last = living.filter(level=OuterRef("level")).order_by().values("level").annotate(last=Max("year")).values("last")
    return living.filter(year=Subquery(last)).order_by("level").select_related("academy")


def peopled(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Those that have dossiers, or pupils to open one for."""
    pupils = Student.objects.filter(
        school__academy=OuterRef("academy"), year=OuterRef("year"), level=OuterRef("level"), scope=StudentScope.IN_SCOPE
    )
    return campaigns.filter(Exists(Dossier.objects.filter(campaign=OuterRef("pk"))) | Exists(pupils))


def academies() -> QuerySet[Academy]:
    """Those that have nights."""
    return Academy.objects.filter(pk__in=peopled(Campaign.objects.all()).values("academy")).order_by("pk")


def new_run(campaign: Campaign, state: str) -> Run:
    now = clock.now()
    night_on = local_date(campaign.academy, now)
    return Run(academy=campaign.academy, campaign=campaign, night_on=night_on, started_at=now, state=state)


def local_date(academy: Academy, at: datetime) -> date:
    return at.astimezone(ZoneInfo(academy.timezone)).date()


def due_academies() -> list[Academy]:
    """The académies whose night has come and is not finished: to begin in [01:00, 05:00), to end before noon, there."""
    now = clock.now()
    return [academy for academy in academies() if is_due(academy, now)]


def is_due(academy: Academy, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(academy.timezone))
    if not BEGINS <= local.time() < LAST_TRY:
        return False
    runs = Run.objects.filter(academy=academy, night_on=local.date()).exclude(state=RunState.DRY)
    done = set(runs.filter(state=RunState.FINISHED).values_list("campaign_id", flat=True))
    begun = set(runs.values_list("campaign_id", flat=True)) - done
    return bool(begun) or (local.time() < ENDS and bool(set(campaigns_of(academy).values_list("pk", flat=True)) - done))


def instants(academy: Academy, *, after: datetime, until: datetime, at: time = time(2)) -> Iterator[datetime]:
    """The nights of an académie in `(after, until]`: two o'clock of each local day, in UTC."""
    zone = ZoneInfo(academy.timezone)
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))
        if moment > until:
            return
        if moment > after:
            yield moment
        day += timedelta(days=1)
