"""One académie's night: for each of its campaigns, what goes out, then what comes in.

A night that fails changes nothing of what it had not finished, says why in its run, and starts again at the next call.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery

from families.models import Academy, Student, StudentScope
from ledger import clock, privileges
from ledger.journal import SYSTEM
from orientation.actions import decide_agreed, open_dossiers, release_lost_pens
from orientation.models import Campaign, Dossier
from siecle_sync import inbound, outbound, staging
from siecle_sync.client import ExchangeFailed, Siecle
from siecle_sync.models import Run, RunState

BEGINS, ENDS = time(1), time(5)  # local time of the académie
LOCK = 0x5EC1
TRY = "SELECT pg_try_advisory_lock(%s, %s)"
FREE = "SELECT pg_advisory_unlock(%s, %s)"
TABLES = ("siecle_out", "siecle_report", "siecle_in", "siecle_item")
Progress = Callable[[str], None]
log = logging.getLogger(__name__)


@dataclass
class Night:
    """What one call did. `busy`: another night of this académie was running, and nothing was done."""

    academy: Academy
    runs: list[Run] = field(default_factory=list)
    busy: bool = False

    @property
    def finished(self) -> bool:
        return not self.busy and all(run.state != RunState.FAILED for run in self.runs)


def run_night(academy: Academy, *, dry_run: bool = False, progress: Progress | None = None) -> Night:
    """Run the night of an académie now. With `dry_run`, say what it would do: nothing is sent, nothing is written."""
    tell = progress or log.info
    with alone(academy) as free:
        if not free:
            tell(f"{academy} : une autre nuit est en cours, rien n’est fait.")
            return Night(academy, busy=True)
        privileges.warn()
        if not dry_run:
            open_dossiers(by=SYSTEM, academy=academy.code)  # the pupils imported, or the campaign created, since
            release_lost_pens(by=SYSTEM, academy=academy.code)  # the birthdays of the day, an import cut short
        one = rehearse if dry_run else play
        return Night(academy, [one(campaign, tell) for campaign in campaigns_of(academy)])


def campaigns_of(academy: Academy) -> QuerySet[Campaign]:
    """The campaigns that have pupils, the last year of each level."""
    living = peopled(Campaign.objects.filter(academy=academy))
    last = living.filter(level=OuterRef("level")).order_by().values("level").annotate(last=Max("year")).values("last")
    return living.filter(year=Subquery(last)).order_by("level")


def peopled(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Those that have dossiers, or pupils to open one for."""
    pupils = Student.objects.filter(
        school__academy=OuterRef("academy"), year=OuterRef("year"), level=OuterRef("level"), scope=StudentScope.IN_SCOPE
    )
    return campaigns.filter(Exists(Dossier.objects.filter(campaign=OuterRef("pk"))) | Exists(pupils))


def academies() -> QuerySet[Academy]:
    """Those that have nights."""
    return Academy.objects.filter(pk__in=peopled(Campaign.objects.all()).values("academy")).order_by("pk")


@contextmanager
def alone(academy: Academy) -> Iterator[bool]:
    """Hold the académie's night, for this session of the database: a second night at once is told no."""
    keys = [LOCK, int.from_bytes(academy.code.encode(), "big")]
    with connection.cursor() as cursor:
        cursor.execute(TRY, keys)
        free = cursor.fetchone()[0]
        try:
            yield free
        finally:
            if free:
                staging.drop(cursor, *TABLES)
                cursor.execute(FREE, keys)


def new_run(campaign: Campaign, state: str) -> Run:
    now = clock.now()
    night_on = local_date(campaign.academy, now)
    return Run(academy=campaign.academy, campaign=campaign, night_on=night_on, started_at=now, state=state)


def local_date(academy: Academy, at: datetime) -> date:
    return at.astimezone(ZoneInfo(academy.timezone)).date()


def play(campaign: Campaign, tell: Progress) -> Run:
    """Send, then receive. The run says how it ended."""
    bury(campaign)
    run = new_run(campaign, RunState.RUNNING)
    run.cursor = inbound.start_after(campaign)
    run.deposit = uuid4()
    run.save()
    try:
        with connection.cursor() as cursor:
            exchange(cursor, run, tell)
    except Exception as error:
        log.exception("night of %s failed", campaign)
        fail(run, error)
    tell(f"{campaign} : {run.get_state_display()}")
    return run


def bury(campaign: Campaign) -> None:
    """We are alone: a night of this campaign still said to be running died with its server."""
    dead = Run.objects.filter(campaign=campaign, state=RunState.RUNNING)
    dead.update(state=RunState.FAILED, error="Interrompue\u00a0: le serveur s’est arrêté.", ended_at=clock.now())


def exchange(cursor: CursorWrapper, run: Run, tell: Progress) -> None:
    siecle = Siecle(run.campaign)
    decide_agreed(campaign=run.campaign, by=SYSTEM)
    tell(f"{run.campaign} : choix des lignes à envoyer")
    counters = outbound.select(cursor, run.campaign)
    tell(f"{run.campaign} : dépôt de {counters['read']} lignes")
    run.counters = {"out": {**counters, **outbound.send(cursor, siecle, run.deposit)}}
    outbound.record(cursor, run)
    tell(f"{run.campaign} : lecture des réponses des établissements")
    last = inbound.fetch(cursor, siecle, after=run.cursor)
    tell(f"{run.campaign} : intégration")
    inbound.receive(cursor, run, last=max(last, run.cursor))


def fail(run: Run, error: Exception) -> None:
    """Keep what happened; the counters of what was sent stay, since it was."""
    run.state = RunState.FAILED
    run.counters.pop("in", None)
    run.error = f"{type(error).__name__} : {error}"[:2000]
    run.ended_at = clock.now()
    run.save()


class Rehearsed(Exception):
    """Ends the transaction of a night played for nothing."""


def rehearse(campaign: Campaign, tell: Progress) -> Run:
    """Count what the night would send, fetch what it would receive, merge it, and undo everything."""
    run = new_run(campaign, RunState.DRY)
    tell(f"{campaign} : à blanc")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            run.counters["out"] = outbound.select(cursor, campaign)
            run.cursor = inbound.fetch(cursor, Siecle(campaign), after=inbound.start_after(campaign))
            with transaction.atomic():
                run.counters["in"] = inbound.merge(cursor, campaign)
            raise Rehearsed
    except Rehearsed:
        pass
    except ExchangeFailed as error:
        run.state, run.error = RunState.FAILED, str(error)
    run.ended_at = clock.now()
    return run


def due_academies() -> list[Academy]:
    """The académies whose night has come, and has not been finished (local time in [01:00, 05:00))."""
    now = clock.now()
    return [academy for academy in academies() if is_due(academy, now)]


def is_due(academy: Academy, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(academy.timezone))
    if not BEGINS <= local.time() < ENDS:
        return False
    done = Run.objects.filter(academy=academy, night_on=local.date(), state=RunState.FINISHED)
    return bool(
        set(campaigns_of(academy).values_list("pk", flat=True)) - set(done.values_list("campaign_id", flat=True))
    )


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
