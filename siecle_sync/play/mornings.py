"""Every morning the service reminds; the play counts again, from its own memory, who has something to do (MAI-08).

A duty is judged at the school's 8 h 05: whatever the schools typed in Siècle the day before, the night has brought.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from ledger.models import OutgoingEmail
from orientation.enums import AnsweredBy, Phase
from orientation.tasks import remind
from siecle_sync.play.calendar import DAYS, EXTENDED, FIRST_DAY, LAST, READING, Place, Trait, instant
from siecle_sync.play.people import Home, Person
from siecle_sync.play.stage import LETTERS, Stage
from siecle_sync.play.world import World

P, D = Phase.PROVISIONAL, Phase.DEFINITIVE
DAYS_LEFT = {7: "J7", 2: "J2", 0: "J0"}
MORNING = range(8, 12)  # hours of the school in which a reminder may be written
USEFUL = time(9)  # what ends by then ends the day before
ONCE_EVERY = timedelta(hours=4)  # another académie's morning does not remind a family twice
Reminded = tuple[UUID, UUID, str, str]  # dossier, person, what, which reminder


@dataclass(frozen=True, slots=True)
class Owed:
    """What these persons have to do: since when, until when as the family was told (exclusive)."""

    need: str
    people: list[Person]
    since: datetime
    until: datetime


class Mornings:
    def __init__(self, stage: Stage, world: World) -> None:
        self.stage, self.world = stage, world
        self.told: dict[UUID, datetime] = {}
        self.counted = 0

    def write(self) -> None:
        for zone in {place.zone.key: place.zone for place in self.world.places}.values():
            for phase, first in FIRST_DAY.items():
                for day in range(DAYS[phase]):
                    self.stage.at(instant(zone, first, day, 8, 5), self.play, order=LETTERS)
                    self.stage.at(instant(zone, first, day, 8, 25), self.play_again, order=LETTERS)

    def play(self) -> None:
        now = self.stage.instant
        expected = {one for home in self.world.homes for one in self.reminded(home)}
        before = set(OutgoingEmail.objects.filter(kind="reminder").values_list("pk", flat=True))
        remind.apply(throw=True).get()
        rows = OutgoingEmail.objects.filter(kind="reminder").exclude(pk__in=before)
        found = [(one.dossier_uuid, one.recipient_uuid, one.data["need"], one.data["when"]) for one in rows]
        self.counted += len(expected)
        self.told |= {dossier: now for dossier, *_ in expected}
        self.compare(expected, found)

    def compare(self, expected: set[Reminded], found: list[Reminded]) -> None:
        said = f"{self.stage.instant:%d/%m %H:%M} rappels"
        homes = {home.dossier.uuid: home for home in self.world.homes}
        for why, some in (("oublié", expected - {*found}), ("de trop", {*found} - expected)):
            for dossier, person, need, when in some:
                home = homes[dossier]
                who = next((one.name for one in (*home.legal, home.pupil) if one.row.uuid == person), "?")
                place = f"{home.place.school.uai}/{home.student.siecle_id}"
                self.stage.failures.append(f"{said} {place} {who} : {need} {when} {why}")
        if len(found) != len({*found}):
            self.stage.failures.append(f"{said} : deux fois la même personne")

    def play_again(self) -> None:
        """The next run of the same morning has nothing to add."""
        more = remind.apply(throw=True).get()
        if more:
            self.stage.failures.append(f"{self.stage.instant:%d/%m %H:%M} rappels : {more} de plus au second passage")

    def reminded(self, home: Home) -> Iterator[Reminded]:
        now = self.stage.instant
        last = self.told.get(home.dossier.uuid)
        if now.astimezone(home.place.zone).hour in MORNING and (last is None or now - last >= ONCE_EVERY):
            owed = duty(home, now)
            when = DAYS_LEFT.get(days_left(owed, home.place, now)) if owed else None
            for person in owed.people if owed and when else ():
                yield home.dossier.uuid, person.row.uuid, owed.need, when


def days_left(owed: Owed, place: Place, now: datetime) -> int:
    """Until the last day of which the morning is of some use; -1 on the day when the duty began."""
    today = now.astimezone(place.zone).date()
    ends = owed.until.astimezone(place.zone)
    last: date = ends.date() if ends.time() > USEFUL else ends.date() - timedelta(days=1)
    return -1 if owed.since.astimezone(place.zone).date() == today else (last - today).days


def duty(home: Home, now: datetime) -> Owed | None:
    """What this family has to do first, and who of it may; None when nobody has anything to do."""
    if home.left or home.decided or not is_on(home.place, now):
        return None
    if home.visible(D, now):
        return to_answer(home, now)
    if now < home.place.opens(D):
        return to_read(home, now) or to_enter(home, P, now)
    if not is_open(home, D, now):
        return None
    if home.lifted or not home.acknowledgement_due(now):
        return to_enter(home, D, now) if home.gate_is_open(now) else None
    return to_read(home, now)


def to_enter(home: Home, phase: str, now: datetime) -> Owed | None:
    if home.examined(phase) or not is_open(home, phase, now):
        return None
    holder = home.holder(phase, now)
    people = [holder] if holder else home.voices(now)
    return Owed("ENTER", people, home.place.opens(phase), announced(home.place, phase, now))


def to_read(home: Home, now: datetime) -> Owed | None:
    """The opinions: until the definitive entry closes (OPI-05)."""
    said = home.visible(P, now)
    if said is None or not home.acknowledgement_due(now):
        return None
    return Owed("ACKNOWLEDGE", home.may_acknowledge(now), said.visible_at, announced(home.place, D, now))


def to_answer(home: Home, now: datetime) -> Owed | None:
    said, given, end = home.visible(D, now), home.answered, told_reading_ends(home, now)
    if said is None or now >= end:
        return None
    if given is None:
        return Owed("ANSWER", home.may_answer(now), said.visible_at, end)
    if home.place.campaign.answered_by == AnsweredBy.AUTHOR or given.by in (None, home.pupil):
        return None
    spoke = given.said_yes | given.said_no | {given.by.name if given.by else ""}
    return Owed("AGREE", [one for one in home.voices(now) if one.name not in spoke], given.known_at, end)


# --- the dates that a family was told ---------------------------------------------------------------------------------
def is_on(place: Place, now: datetime) -> bool:
    """CAL-05."""
    off = [phase for phase in Phase if place.trait(phase) is Trait.SWITCH]
    return not any(place.at(phase, LAST, 19) <= now < place.at(phase, READING, 7) for phase in off)


def is_open(home: Home, phase: str, now: datetime) -> bool:
    return home.place.opens(phase) <= now < home.place.ends(phase, home.division)[0]


def announced(place: Place, phase: str, now: datetime) -> datetime:
    """CAL-03, CAL-09: the académie's end, with the day more and the closing of the school that were said by then."""
    if place.trait(phase) is Trait.EXTENSION and now >= place.at(phase, LAST - 2, 8):
        return place.at(phase, EXTENDED + 1)
    if place.trait(phase) is Trait.CLOSING and now >= place.at(phase, 1, 9):
        return place.at(phase, LAST - 1, 18)
    return place.at(phase, LAST + 1)


def told_reading_ends(home: Home, now: datetime) -> datetime:
    said = now >= home.place.at(D, READING + 2, 8)
    return home.place.reading_ends(D, home.division if said else -1)
