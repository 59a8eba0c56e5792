"""When things happen in the simulated campaign: a compact year, in each school's own time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from families.models import School, User
from orientation.enums import Phase, WindowKind
from orientation.models import Campaign
from orientation.rules import Refusal
from siecle_sync.play.levels import GRADES, Grade, Menu

YEAR = 2025
UTC = ZoneInfo("UTC")

# Days counted from the first day of a phase's entry.
LAST, EXTENDED, READING = 6, 7, 9
DAYS = {Phase.PROVISIONAL: 17, Phase.DEFINITIVE: 25}  # nights are played for that long, then nothing happens
FIRST_DAY = {Phase.PROVISIONAL: (1, 14), Phase.DEFINITIVE: (5, 6)}  # two Wednesdays of 2026
READING_ENDS = {Phase.PROVISIONAL: (5, 9), Phase.DEFINITIVE: (5, 21)}  # at midnight; the first one overlaps (CAL-02)


class Trait(StrEnum):
    """How a school's entry of a phase ends (CAL-09)."""

    SWITCH = "SWITCH"  # the service switched off the evening before its councils
    EARLY = "EARLY"  # one council in two opens while the académie's window is still open
    CLOSING = "CLOSING"  # the school's own closing
    EXTENSION = "EXTENSION"  # one more day, given by the académie


TRAITS = tuple(Trait)


@dataclass(frozen=True, slots=True)
class Place:
    """A school in its campaign. `rank` is its place in the world: it gives the school's habits."""

    rank: int
    school: School
    campaign: Campaign
    head: User
    saio: User
    offer: tuple[str, ...] = ()  # the specialties that it says it offers (2de GT); empty: it does not say

    @property
    def grade(self) -> Grade:
        return GRADES[self.campaign.level]

    def menu(self, phase: str) -> Menu:
        """What its families may ask for."""
        return Menu(self.campaign, phase, self.offers(phase))

    def offers(self, phase: str) -> tuple[str, ...]:
        """A subject is no longer offered when the choices come (P2G-02)."""
        return self.offer[1:] if phase == Phase.DEFINITIVE else self.offer

    @property
    def zone(self) -> ZoneInfo:
        return self.school.timezone

    def trait(self, phase: str) -> Trait:
        return TRAITS[(self.rank + (phase == Phase.DEFINITIVE)) % len(TRAITS)]

    def at(self, phase: str, day: int, hour: int = 0, minute: int = 0) -> datetime:
        """The instant, in UTC, of an hour of the school on the n-th day of a phase (0 = the first of its entry)."""
        return instant(self.zone, FIRST_DAY[Phase(phase)], day, hour, minute)

    def opens(self, phase: str) -> datetime:
        return self.at(phase, 0, 8)

    def is_early(self, phase: str, division: int) -> bool:
        return self.trait(phase) is Trait.EARLY and division % 2 == 0

    def council(self, phase: str, division: int) -> datetime:
        """When the council of the n-th division opens."""
        if self.is_early(phase, division):
            return self.at(phase, LAST, 17)
        late = self.trait(phase) is Trait.EXTENSION or division % 2
        return self.at(phase, EXTENDED + (1 if late else 0), 17)

    def ends(self, phase: str, division: int) -> tuple[datetime, Refusal]:
        """When the entry ends for a division, and what a late family is told."""
        if self.is_early(phase, division):
            return self.council(phase, division), Refusal.COUNCIL_OPEN
        return {
            Trait.SWITCH: (self.at(phase, LAST, 19), Refusal.SERVICE_OFF),
            Trait.CLOSING: (self.at(phase, LAST - 1, 18), Refusal.ENTRY_CLOSED),
            Trait.EXTENSION: (self.at(phase, EXTENDED + 1), Refusal.ENTRY_CLOSED),
            Trait.EARLY: (self.at(phase, LAST + 1), Refusal.ENTRY_CLOSED),
        }[self.trait(phase)]

    def reading(self, phase: str) -> datetime:
        return self.at(phase, READING, 8)

    def reading_ends(self, phase: str, division: int) -> datetime:
        """The académie gives one more day to answer to the first division of each school (CAL-03)."""
        more = phase == Phase.DEFINITIVE and division == 0
        return instant(self.zone, READING_ENDS[Phase(phase)], 1 if more else 0)

    def published(self, phase: str, typed_at: datetime) -> datetime:
        """From when a family reads what was typed then: the next morning, once the consultation has begun (OPI-01)."""
        morning = typed_at.astimezone(self.zone).replace(hour=6, minute=0, second=0) + timedelta(days=1)
        return max(morning.astimezone(UTC), self.reading(phase))


def instant(zone: ZoneInfo, first: tuple[int, int], day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A local hour, in UTC (the zones of the play change no offset inside a phase)."""
    month, date = first
    local = datetime(YEAR + 1, month, date, hour, minute, tzinfo=zone) + timedelta(days=day)
    return local.astimezone(UTC)


def windows(zone: ZoneInfo) -> list[tuple[str, str, datetime, datetime]]:
    """The académie's calendar: phase, kind, opening, end."""
    found = []
    for phase, first in FIRST_DAY.items():
        entry_ends = instant(zone, first, LAST + 1)
        reading = instant(zone, first, READING, 8)
        found.append((phase, WindowKind.ENTRY, instant(zone, first, 0, 8), entry_ends))
        found.append((phase, WindowKind.CONSULTATION, reading, instant(zone, READING_ENDS[phase], 0)))
    return found
