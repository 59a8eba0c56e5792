"""« Ce que cette nuit ferait »: the whole night played, school by school, and undone. Nothing is sent."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ledger import clock
from siecle_sync import inbound, outbound, roster, schools, staging
from siecle_sync.client import ExchangeFailed, Siecle
from siecle_sync.models import Direction, Run, RunLine, RunSchool
from siecle_sync.partition import Range, ranges_of, taken_until
from siecle_sync.parts import TABLES, Progress, summed


@dataclass
class Rehearsal:
    """What a night would do: a run that is not saved, each school's counts and the lines that would be refused."""

    run: Run
    schools: list[RunSchool] = field(default_factory=list)
    lines: list[RunLine] = field(default_factory=list)

    def keep(self) -> Run:
        """Save it, for people to read in the admin."""
        with transaction.atomic():
            self.run.save()
            RunSchool.objects.bulk_create(added_up(self.schools), batch_size=1000)
            RunLine.objects.bulk_create(self.lines, batch_size=1000)
        return self.run


def added_up(rows: list[RunSchool]) -> list[RunSchool]:
    """One row a school and a way: a line whose UAI is nonsense may be met by two parts."""
    total: dict[tuple[str, str], RunSchool] = {}
    for one in rows:
        known = total.setdefault((one.uai, one.direction), one)
        if known is not one:
            for name in schools.COUNTS:
                setattr(known, name, getattr(known, name) + getattr(one, name))
            known.by_code = dict(Counter(known.by_code) + Counter(one.by_code))
    return list(total.values())


class Rehearsed(Exception):
    """Ends the transaction of a part played for nothing."""


def rehearse(run: Run, tell: Progress) -> Rehearsal:
    """Play each part of the campaign of a DRY run, and undo it; what Siècle says of it is fetched, not kept."""
    told = Rehearsal(run)
    ranges = ranges_of(run.campaign)
    counters: dict[str, list[dict[str, Any]]] = {"out": [], "in": []}
    try:
        for number, where in enumerate(ranges, 1):
            tell(f"{run.campaign} : à blanc, lot {number} sur {len(ranges)}")
            for way, said in _one(told, where).items():
                counters[way].append(said)
    except ExchangeFailed as error:
        run.error = str(error)  # still DRY: nothing is to be tried again
    run.counters = {way: summed(said) for way, said in counters.items() if said}
    run.ended_at = clock.now()
    return told


def _one(told: Rehearsal, where: Range) -> dict[str, dict[str, Any]]:
    counters: dict[str, dict[str, Any]] = {}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            counters = _play(cursor, told, where)
            raise Rehearsed
    except Rehearsed:
        return counters


def _play(cursor: CursorWrapper, told: Rehearsal, where: Range) -> dict[str, dict[str, Any]]:
    campaign = told.run.campaign
    staging.drop(cursor, *TABLES)
    # Siècle first: what follows locks rows, and a night that begins must not wait for its answer
    inbound.fetch(cursor, Siecle(campaign), campaign, where, after=taken_until(campaign, where))
    roster.mark(cursor, campaign, where)
    sent = outbound.select(cursor, campaign, where)
    told.schools += schools.counted(cursor, told.run, schools.TO_SEND, Direction.OUT)
    received = inbound.merge(cursor, campaign, where)
    told.schools += schools.counted(cursor, told.run, schools.IN, Direction.IN)
    told.lines += schools.signalled(cursor, told.run)
    return {"out": sent, "in": received}
