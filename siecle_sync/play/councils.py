"""What the schools do: their service, their councils in Siècle Orientation, what heads of school decide."""

from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from orientation.actions import set_closing, set_specialty_offer, switch_service
from orientation.enums import Phase
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision, MockEntry, MockPupil
from siecle_sync.play import acts
from siecle_sync.play.calendar import LAST, READING, YEAR, Place, Trait
from siecle_sync.play.levels import Key
from siecle_sync.play.people import Home, Said
from siecle_sync.play.stage import SCHOOL, STAFF, Stage
from siecle_sync.play.world import World

P, D = Phase.PROVISIONAL, Phase.DEFINITIVE


def write_service(stage: Stage, place: Place, phase: str) -> None:
    """CAL-03, CAL-05, CAL-09: one more day, the school's own closing, or the service off until the consultation."""
    told = {"campaign": place.campaign, "school": place.school, "user": place.head, "by": acts.head_of(place)}
    if place.offer:
        say = partial(set_specialty_offer, specialties=place.offers(phase), **told)
        stage.at(place.at(phase, -1, 9), say, order=SCHOOL)
    if place.trait(phase) is Trait.CLOSING:
        close = partial(set_closing, phase=phase, closes_at=place.at(phase, LAST - 1, 18), **told)
        stage.at(place.at(phase, 1, 9), close, order=SCHOOL)
    if place.trait(phase) is Trait.SWITCH:
        stage.at(place.at(phase, LAST, 19), partial(switch_service, enabled=False, **told), order=SCHOOL)
        stage.at(place.at(phase, READING, 7), partial(switch_service, enabled=True, **told), order=SCHOOL)
    if place.trait(phase) is Trait.EXTENSION:
        stage.at(place.at(phase, LAST - 2, 8), partial(acts.extend, place, phase), order=SCHOOL)


class Council:
    """One division's council in one phase, and what the school types for its pupils."""

    def __init__(self, stage: Stage, world: World, place: Place, rank: int, phase: str) -> None:
        self.stage, self.world, self.place, self.rank, self.phase = stage, world, place, rank, phase
        self.code = world.divisions[place.rank][rank].code

    @property
    def homes(self) -> list[Home]:
        """The families of the division that day."""
        return [one for one in self.world.present(self.place) if one.division == self.rank]

    @property
    def opens(self) -> datetime:
        return self.place.council(self.phase, self.rank)

    def write(self) -> None:
        place, phase = self.place, self.phase
        opens = self.opens
        if self.rank == 1:
            self.at(place.at(phase, 2, 11), partial(self.move, (opens + timedelta(days=1)).date()))
            self.at(place.at(phase, 3, 11), partial(self.move, opens.date()))
        self.at(opens - timedelta(hours=3), self.type_entries)
        self.at(opens, self.open)
        self.at(opens + timedelta(minutes=5), self.type_late_entries)
        self.at(opens + timedelta(minutes=30), self.type_statements)
        if self.is_reset():
            self.at(place.at(phase, READING + 3, 10), self.reset)
            self.at(place.at(phase, READING + 3, 16), self.open)
            self.at(place.at(phase, READING + 3, 16, 30), self.type_statements)
        again = READING + 4 if phase == P else READING + 1
        self.at(place.at(phase, again, 17, 30), self.change_statements)

    def at(self, moment: object, do: object) -> None:
        self.stage.at(moment, do, order=SCHOOL)  # type: ignore[arg-type]

    def is_reset(self) -> bool:
        """One council of intentions in a school of each four is reset after its publication (SIE-05)."""
        return self.phase == P and self.rank == 0 and self.place.trait(P) is Trait.EARLY

    # --- the council --------------------------------------------------------------------------------------------------
    @property
    def division(self) -> MockDivision:
        grade = self.place.grade
        return desk.find_division(uai=self.place.school.uai, year=YEAR, code=self.code, level=grade.level)

    def move(self, held_on: date) -> None:
        desk.move_council(self.division, phase=self.phase, held_on=held_on)

    def open(self) -> None:
        """The service is told at once and must confirm (CAL-06)."""
        if not self.homes:
            return
        home = self.homes[0]
        before = partial(desk.type_statement, pupil_of(home), phase=self.phase, answers=[])
        self.stage.refuse(home, STAFF, "se prononcer avant l’ouverture du conseil", "COUNCIL_NOT_OPEN", before)
        line = desk.open_council(self.division, phase=self.phase, held_on=self.stage.instant.date())
        if line is None or line.confirmed_at is None:
            self.stage.fail(home, STAFF, "ouvrir le conseil", "non confirmé par le service")

    def reset(self) -> None:
        desk.reset_council(self.division, phase=self.phase)
        for home in self.homes:
            for one in home.said[self.phase]:
                one.withdrawn = True

    # --- entries typed by the school (SIE-02, SIE-10) -----------------------------------------------------------------
    def type_entries(self) -> None:
        """For some families without an entry, and now and then for one that has its own: that one is replaced."""
        for home in self.homes:
            dice = home.dice(f"typed:{self.phase}")
            entered = bool(home.entered[self.phase])
            if dice.random() < (0.08 if entered else 0.4):
                self.type_entry(home, dice)

    def type_late_entries(self) -> None:
        """During the council: refused where the family's own entry is in force (SIE-04)."""
        for home in self.homes:
            dice = home.dice(f"typed late:{self.phase}")
            if home.examined(self.phase) is not None:
                if dice.random() < 0.05:
                    easy = home.place.menu(self.phase).plain(home.place.grade.keys[0])
                    do = partial(desk.type_entry, pupil_of(home), phase=self.phase, choices=[easy.as_json()])
                    self.stage.refuse(home, STAFF, "saisir à la place de la famille", "ENTERED_BY_FAMILY", do)
            elif dice.random() < 0.2:
                self.type_entry(home, dice)

    def type_entry(self, home: Home, dice: Random) -> None:
        choices = [one.as_json() for one in home.place.menu(self.phase).draw(dice)]
        desk.type_entry(pupil_of(home), phase=self.phase, choices=choices, by="le secrétariat")
        home.typed.add(self.phase)

    # --- opinions and proposals (OPI-01, ANS-01) ----------------------------------------------------------------------
    def type_statements(self) -> None:
        by_number = {home.student.siecle_id: home for home in self.homes}
        for row in desk.pupils_of(self.division, phase=self.phase):
            home = by_number[row.pupil.eleve_id]
            self.check(home, row.entry)
            dice = home.dice(f"statement:{self.phase}:{len(home.said[self.phase])}")
            if dice.random() < (0.97 if row.entry else 0.4):
                self.type_statement(home, row.pupil, row.entry, dice)

    def type_missing_statements(self, *, share: float = 1.0) -> None:
        """A request that was changed is examined again (SIE-04)."""
        rows = {row.pupil.eleve_id: row for row in desk.pupils_of(self.division, phase=self.phase)}
        for home in [one for one in self.homes if one.changed[self.phase]]:
            row, dice = rows[home.student.siecle_id], home.dice(f"again:{self.phase}:{len(home.said[self.phase])}")
            if row.statement is None and home.answered is None and dice.random() < share:
                self.check(home, row.entry)
                self.type_statement(home, row.pupil, row.entry, dice)

    def check(self, home: Home, entry: MockEntry | None) -> None:
        """Siècle examines what the family entered in time (SIE-02, SIE-03), and nothing else."""
        expected = home.examined(self.phase)
        asked = [one.key for one in expected.choices] if expected else []
        theirs = entry is not None and (entry.source == "FAMILY" or bool(home.changed[self.phase]))
        found = keys_of(entry) if entry is not None and theirs else []
        if asked != found:
            self.stage.fail(home, STAFF, "examiner la demande", f"{found} au lieu de {asked}")

    def change_statements(self) -> None:
        """OPI-04: now and then the school changes what was published."""
        now = self.stage.instant
        rows = {row.pupil.eleve_id: row for row in desk.pupils_of(self.division, phase=self.phase)}
        for home in self.homes:
            row, dice = rows[home.student.siecle_id], home.dice(f"changed:{self.phase}")
            if dice.random() < 0.06 and home.visible(self.phase, now) and home.answered is None:
                self.type_statement(home, row.pupil, row.entry, dice)

    def type_statement(self, home: Home, pupil: MockPupil, entry: MockEntry | None, dice: Random) -> None:
        asked = keys_of(entry) if entry else []
        standing = desk.statement_in_force(pupil, self.phase)
        answers = self.answers(pupil, asked, dice)
        if standing is not None and [one["value"] for one in standing.answers] == [one["value"] for one in answers]:
            return
        desk.type_statement(pupil, phase=self.phase, answers=answers)
        proposed = tuple((one["pathway"], one["series"]) for one in answers if one["value"] == "OUI")
        for one in home.said[self.phase]:
            one.withdrawn = True
        home.said[self.phase].append(Said(self.place.published(self.phase, self.stage.instant), proposed))

    def answers(self, pupil: MockPupil, asked: list[Key], dice: Random) -> list[dict[str, str]]:
        """A word on each pathway asked for, now and then on another one."""
        values = desk.values_of(pupil, self.phase)
        weights = [70, 20, *[10] * len(values)][: len(values)]
        found = [said(key, dice.choices(values, weights)[0]) for key in asked]
        beside = [key for key in self.place.grade.keys if key not in asked]
        refused = all(one["value"] == "NON" for one in found)
        if beside and dice.random() < (0.7 if refused else 0.1):
            found.append(said(dice.choice(beside), values[0], comment="Proposée par le conseil."))
        return found or [said(self.place.grade.keys[1], values[0])]


def pupil_of(home: Home) -> MockPupil:
    """The pupil in the simulated Siècle."""
    place, number = home.place, home.student.siecle_id
    return desk.find_pupil(uai=place.school.uai, year=YEAR, eleve_id=number, level=place.grade.level)


def keys_of(entry: MockEntry) -> list[Key]:
    return [(one["pathway"], one["series"]) for one in entry.choices]


def said(key: Key, value: str, comment: str = "") -> dict[str, str]:
    return {"pathway": key[0], "series": key[1], "value": value, "comment": comment}


def write_extensions(stage: Stage, world: World, place: Place) -> None:
    """CAL-03: for one division of each school; for a whole académie, said once, by its first school."""
    division = world.divisions[place.rank][0]
    stage.at(place.at(D, READING + 2, 8), partial(acts.extend_division, place, division), order=SCHOOL)
    if place is next(one for one in world.places if one.campaign == place.campaign):
        stage.at(place.at(D, 1, 8), partial(acts.extend_academy, place), order=SCHOOL)


def write_gates(stage: Stage, world: World, place: Place) -> None:
    """OPI-05: on the second day the head lets in families who had nothing to acknowledge."""
    stage.at(place.at(D, 1, 9), partial(lift_gates, stage, world, place), order=SCHOOL)


def lift_gates(stage: Stage, world: World, place: Place) -> None:
    for home in world.present(place):
        if home.visible(P, stage.instant) is None and home.dice("gate").random() < 0.6:
            acts.lift(home)
            home.lifted = True
