"""Plays a campaign from its world to its last night."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from orientation.enums import Phase
from orientation.tasks import send_letters, sweep_letters
from siecle_sync import tasks
from siecle_sync.play import councils, entries, readings
from siecle_sync.play.calendar import DAYS, FIRST_DAY, instant
from siecle_sync.play.people import Home
from siecle_sync.play.stage import LETTERS, SCHOOL, Stage
from siecle_sync.play.world import Builder, World

Progress = Callable[[datetime, int], None]  # the instant, and how many events remain


@dataclass(frozen=True, slots=True)
class Played:
    world: World
    stage: Stage
    nights: int
    sent: int


class Director:
    def __init__(self, *, students: int, seed: int, level: str, policies: Mapping[str, Any]) -> None:
        self.stage = Stage()
        self.world = Builder(students=students, seed=seed, level=level, policies=policies).build()
        self.nights = self.sent = 0

    def play(self, progress: Progress) -> Played:
        """Write the agenda, then live it. The families' acts are written phase by phase: all at once."""
        for place in self.world.places:
            self.write_school(place.rank)
        for number, home in enumerate(self.world.homes):
            self.write_home(home, stranger=self.world.homes[number - 1])
        self.write_nights()
        self.stage.run(lambda moment: progress(moment, len(self.stage.agenda)))
        return Played(self.world, self.stage, self.nights, self.sent)

    def write_school(self, rank: int) -> None:
        place = self.world.places[rank]
        homes = [home for home in self.world.homes if home.place is place]
        for phase in Phase:
            councils.write_service(self.stage, place, phase)
            for number, division in enumerate(self.world.divisions[rank]):
                theirs = [home for home in homes if home.division == number]
                councils.Council(self.stage, place, number, division.code, phase, theirs).write()
        councils.write_gates(self.stage, place, homes)

    def write_home(self, home: Home, *, stranger: Home) -> None:
        for phase in Phase:
            entries.write_entry(self.stage, home, phase, stranger)
        readings.write_acknowledgement(self.stage, home)
        readings.write_answer(self.stage, home)

    # --- what happens by itself ---------------------------------------------------------------------------------------
    def write_nights(self) -> None:
        """Each night of the weeks in which something happens, at two o'clock in each académie; the letters each day."""
        for academy in self.world.academies:
            zone = next(one.zone for one in self.world.places if one.campaign.academy_id == academy.pk)
            for first in FIRST_DAY.values():
                for day in range(DAYS):
                    self.stage.at(instant(zone, first, day, 2), partial(self.night, academy.code), order=SCHOOL)
        zone = self.world.places[0].zone
        for first in FIRST_DAY.values():
            for day in range(DAYS):
                self.stage.at(instant(zone, first, day, 12, 10), self.letters, order=LETTERS)
                self.stage.at(instant(zone, first, day, 23, 20), self.sweep, order=LETTERS)

    def night(self, academy: str) -> None:
        if tasks.night.apply(args=[academy], throw=True).get() is False:
            self.stage.failures.append(f"{self.stage.instant:%d/%m} nuit de l’académie {academy} en échec")
        self.nights += 1

    def letters(self) -> None:
        self.sent += send_letters.apply(throw=True).get() or 0

    def sweep(self) -> None:
        """The browsers closed without a sign-out are forgotten: their recaps leave (MAI-01)."""
        self.sent += sweep_letters.apply(throw=True).get() or 0
