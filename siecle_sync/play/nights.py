"""The nights of the simulated campaign. Some break down in the middle, and are played again a little later (SIE-01)."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from django.db import connection
from django.test.utils import override_settings

from families.models import Academy
from orientation.enums import AnsweredBy, Phase
from siecle_sync.night import run_night
from siecle_sync.play.calendar import DAYS, EXTENDED, FIRST_DAY, READING, instant
from siecle_sync.play.stage import SCHOOL, Stage
from siecle_sync.play.world import World

P, D = Phase.PROVISIONAL, Phase.DEFINITIVE
NOBODY_ANSWERS = "http://127.0.0.1:9"  # the port that discards: Siècle cannot be reached
# The nights that break down: the phase, the day, and the statement before which the database is lost.
BREAKDOWNS = {
    (P, 2): "INSERT INTO orientation_sieclereceipt",  # Siècle has taken the deposit, we have not recorded it
    (P, EXTENDED + 2): "INSERT INTO orientation_councilanswer",
    (D, 4): NOBODY_ANSWERS,
    (D, EXTENDED + 1): "INSERT INTO ledger_outgoingemail",
    (D, READING + 8): "INSERT INTO siecle_sync_runline",
    (D, READING + 7): "INSERT INTO orientation_decision",
}


class Breakdown(ConnectionError):
    """The night was cut on purpose."""


class Nights:
    """Each night of the weeks in which something happens, at two o'clock in each académie."""

    def __init__(self, stage: Stage, world: World) -> None:
        self.stage, self.world = stage, world
        self.played = self.failed = 0

    def write(self) -> None:
        for academy in self.world.academies:
            zone = next(one.zone for one in self.world.places if one.campaign.academy_id == academy.pk)
            for phase, first in FIRST_DAY.items():
                for day in range(DAYS[phase]):
                    do = partial(self.play, academy, BREAKDOWNS.get((phase, day), ""))
                    self.stage.at(instant(zone, first, day, 2), do, order=SCHOOL)

    def play(self, academy: Academy, breakdown: str) -> None:
        """A night that fails changes nothing of what it had not finished: the next call finishes it."""
        if breakdown and not self.run(academy, breakdown):
            self.failed += 1
        if not self.run(academy, ""):
            self.stage.failures.append(f"{self.stage.instant:%d/%m} nuit de l’académie {academy.code} en échec")
        self.settle(academy)

    def run(self, academy: Academy, breakdown: str) -> bool:
        self.played += 1
        with broken_by(breakdown):
            return run_night(academy).finished

    def settle(self, academy: Academy) -> None:
        """The night makes the decision of who is waited for by nobody any more (ANS-06)."""
        for home in self.world.homes:
            campaign = home.place.campaign
            if campaign.academy_id == academy.pk and campaign.answered_by == AnsweredBy.ALL:
                home.decided = home.decided or home.agreed(self.stage.instant)


@contextmanager
def broken_by(breakdown: str) -> Iterator[None]:
    with ExitStack() as stack:
        if breakdown:
            logging.disable(logging.CRITICAL)  # the failure is on purpose, and kept in the run
            stack.callback(logging.disable, logging.INFO)
        if breakdown == NOBODY_ANSWERS:
            stack.enter_context(override_settings(SIECLE_BASE_URL=NOBODY_ANSWERS))
        elif breakdown:
            stack.enter_context(connection.execute_wrapper(partial(cut, breakdown)))
        yield


def cut(fragment: str, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Lose the database just before the statement that holds `fragment`."""
    if fragment in str(sql):
        raise Breakdown(fragment)
    return execute(sql, params, many, context)
