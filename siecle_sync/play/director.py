"""Plays a campaign from its world to its last night."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from orientation.enums import Phase
from orientation.tasks import send_letters, sweep_letters
from siecle_sync.play import acts, councils, entries, readings
from siecle_sync.play.calendar import DAYS, FIRST_DAY, Place, instant
from siecle_sync.play.changes import write_changes
from siecle_sync.play.imports import Arrivals, Imports
from siecle_sync.play.mornings import Mornings
from siecle_sync.play.nights import Nights
from siecle_sync.play.outcomes import Outcomes
from siecle_sync.play.people import Home
from siecle_sync.play.stage import LETTERS, SCHOOL, Stage
from siecle_sync.play.world import Builder, World

Progress = Callable[[datetime, int], None]  # the instant, and how many events remain


@dataclass(frozen=True, slots=True)
class Played:
    world: World
    stage: Stage
    nights: Nights
    mornings: Mornings


class Director:
    def __init__(self, *, students: int, seed: int, level: str, policies: Mapping[str, Any]) -> None:
        self.stage = Stage()
        self.world = Builder(students=students, seed=seed, level=level, policies=policies).build()
        self.nights = Nights(self.stage, self.world)
        self.mornings = Mornings(self.stage, self.world)
        self.imports: dict[int, Imports] = {}
        self.arrivals = Arrivals(self.stage, self.world, self.imports)

    def play(self, progress: Progress) -> Played:
        """Write the agenda, then live it. The families' acts are written phase by phase: all at once."""
        for place in self.world.places:
            self.write_school(place)
        for number, home in enumerate(self.world.homes):
            self.write_home(home, stranger=self.world.homes[number - 1])
        self.nights.write()
        self.mornings.write()
        self.write_letters()
        self.stage.run(lambda moment: progress(moment, len(self.stage.agenda)))
        return Played(self.world, self.stage, self.nights, self.mornings)

    def write_school(self, place: Place) -> None:
        for phase in Phase:
            councils.write_service(self.stage, place, phase)
            for rank in range(len(self.world.divisions[place.rank])):
                council = councils.Council(self.stage, self.world, place, rank, phase)
                council.write()
                write_changes(council)
        councils.write_gates(self.stage, self.world, place)
        councils.write_extensions(self.stage, self.world, place)
        Outcomes(self.stage, self.world, place).write()
        self.imports[place.rank] = Imports(self.stage, self.world, place, self.welcome)
        self.imports[place.rank].write()

    def write_home(self, home: Home, *, stranger: Home) -> None:
        for phase in Phase:
            entries.write_entry(self.stage, home, phase, stranger)
        readings.write_acknowledgement(self.stage, home)
        readings.write_answer(self.stage, home)

    # --- a pupil who arrives in mid-campaign --------------------------------------------------------------------------
    def welcome(self, home: Home) -> None:
        self.arrivals.write(home, self.write_newcomer)

    def write_newcomer(self, home: Home) -> None:
        """Nothing to acknowledge there: the head lets them in (OPI-05), and they enter their choices the same day."""
        soon = self.stage.instant + timedelta(hours=1)
        self.stage.at(soon, partial(self.let_in, home), order=SCHOOL)
        entry = entries.Script(self.stage, home, Phase.DEFINITIVE, self.world.homes[0])
        self.stage.at(soon + timedelta(hours=2), partial(entry.play, "once"))
        readings.write_answer(self.stage, home)

    def let_in(self, home: Home) -> None:
        acts.lift(home)
        home.lifted = True

    # --- what happens by itself ---------------------------------------------------------------------------------------
    def write_letters(self) -> None:
        zone = self.world.places[0].zone
        for phase, first in FIRST_DAY.items():
            for day in range(DAYS[phase]):
                self.stage.at(instant(zone, first, day, 12, 10), self.letters, order=LETTERS)
                self.stage.at(instant(zone, first, day, 23, 20), self.sweep, order=LETTERS)

    def letters(self) -> None:
        send_letters.apply(throw=True).get()

    def sweep(self) -> None:
        """The browsers closed without a sign-out are forgotten: their recaps leave (MAI-01)."""
        sweep_letters.apply(throw=True).get()
