"""The school imports Siècle's exports again in mid-campaign: who has come, gone, changed class, lost or won authority.

The files are real ones, read by the real import; what they say is drawn here.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from random import Random

from families.models import Representative, Student
from ledger.journal import SYSTEM
from orientation.actions import submit_choices
from orientation.enums import Phase
from orientation.models import Dossier
from orientation.rules import Refusal
from siecle_sync.bee.load import import_files
from siecle_sync.play import acts, exports
from siecle_sync.play.calendar import READING, YEAR, Place
from siecle_sync.play.people import Home, News, Person
from siecle_sync.play.stage import NOT_FOUND, SCHOOL, Stage
from siecle_sync.play.world import World

P, D = Phase.PROVISIONAL, Phase.DEFINITIVE
# In the middle of each entry, then of the answers; each time, what happens to a few families.
MORNINGS = (
    (P, 3, ("lost", "demoted", "added", "moved", "left")),
    (D, 4, ("lost", "restored", "added", "moved", "gone")),
    (D, READING + 4, ("demoted", "added")),
)
ONE_IN = 60  # pupils, for each thing that happens


class Imports:
    """The imports of one school. `welcome` tells another school, the day after, that a pupil arrives there."""

    def __init__(self, stage: Stage, world: World, place: Place, welcome: Callable[[Home], None]) -> None:
        self.stage, self.world, self.place, self.welcome = stage, world, place, welcome
        self.new: list[tuple[Home, Representative]] = []

    def write(self) -> None:
        for number, (phase, day, kinds) in enumerate(MORNINGS):
            self.stage.at(self.place.at(phase, day, 7, 30), partial(self.play, number, kinds), order=SCHOOL)

    def play(self, number: int, kinds: tuple[str, ...]) -> None:
        random = Random(f"{self.world.seed}:import:{self.place.rank}:{number}")  # noqa: S311 (invented events)
        waiting = [home for home in self.homes() if not home.left and not home.news]
        random.shuffle(waiting)
        for kind in kinds:
            for _ in range(1 if kind == "gone" else max(1, len(waiting) // ONE_IN)):
                home = next((one for one in self.candidates(kind, waiting) if not one.has_twin), None)
                if home is not None:
                    waiting = [one for one in waiting if one is not home]
                    getattr(self, kind)(home, random)
        self.read()

    def homes(self) -> list[Home]:
        return [home for home in self.world.homes if home.place is self.place]

    def candidates(self, kind: str, waiting: list[Home]) -> Iterator[Home]:
        """Those to whom it can happen, the most telling first."""
        if kind == "restored":
            since = self.stage.instant
            yield from (home for home in self.homes() if home.former and not home.left and home.news[-1].at < since)
        elif kind in {"lost", "demoted"}:
            several = [home for home in waiting if len(home.legal) > 1]
            yield from sorted(several, key=self.weight)
        elif kind == "moved":
            yield from waiting if len(self.world.divisions[self.place.rank]) > 1 else ()
        else:
            yield from waiting

    def weight(self, home: Home) -> tuple[bool, bool]:
        """An answer that waits for somebody, then a pen, first."""
        waits = home.answered is not None and home.answered.accepts and not home.decided
        return not waits, not any(home.pen.get(phase) in home.legal for phase in Phase)

    # --- what happens -------------------------------------------------------------------------------------------------
    def lost(self, home: Home, random: Random) -> None:
        self.lose(home, "lost")

    def demoted(self, home: Home, random: Random) -> None:
        who = self.lose(home, "demoted")
        home.others.append(replace(who, level=2))

    def lose(self, home: Home, what: str) -> Person:
        """The holder of a pen rather than another: it is released (ACC-08)."""
        who = next((one for one in home.legal if one in home.pen.values()), home.legal[-1])
        home.legal.remove(who)
        home.former.append(who)
        for phase in [phase for phase, holder in home.pen.items() if holder == who]:
            home.pen[phase] = None
        self.tell(home, what, who.name)
        return who

    def restored(self, home: Home, random: Random) -> None:
        """Authority is given back; the pen is not."""
        who = home.former.pop()
        home.others = [one for one in home.others if one.row != who.row]
        home.legal.append(who)
        self.tell(home, "restored", who.name)

    def added(self, home: Home, random: Random) -> None:
        number = next(self.world.ids)
        person = Representative(
            siecle_id=number, civility="MME", family_name="Nouvelle", first_name=f"Personne {number}",
            email=f"parent{number}@exemple.invalid",
        )  # fmt: skip
        self.new.append((home, person))
        self.tell(home, "added", f"P{number}")

    def moved(self, home: Home, random: Random) -> None:
        codes = [one.code for one in self.world.divisions[self.place.rank]]
        self.tell(home, "moved", codes[home.division])
        home.division = (home.division + 1) % len(codes)

    def left(self, home: Home, random: Random) -> None:
        home.left = True
        self.tell(home, "left", "E")

    def gone(self, home: Home, random: Random) -> None:
        """Left for another school of the play, if there is one."""
        self.left(home, random)
        self.welcome(home)

    def tell(self, home: Home, what: str, who: str) -> None:
        home.news.append(News(self.stage.instant, what, who))

    # --- the import ---------------------------------------------------------------------------------------------------
    def read(self) -> None:
        """Write the files of the day, import them, then let those who have lost their place try."""
        today = self.stage.instant.astimezone(self.place.zone).date()
        codes = [one.code for one in self.world.divisions[self.place.rank]]
        homes = self.homes()
        students = [(home.student, codes[home.division]) for home in homes]
        gone = {home.student.siecle_id for home in homes if home.left}
        files = [
            exports.pupils_file(self.place, students, left=gone, today=today),
            exports.persons_file(self.place, [*self.links(homes)], today=today),
        ]
        import_files(files, uai=self.place.school.uai, year=YEAR, by=SYSTEM)
        self.meet_the_new()
        self.turn_away(homes)

    def links(self, homes: list[Home]) -> Iterator[tuple[Student, Representative, int]]:
        for home in homes:
            for one in (*home.legal, *home.others):
                yield home.student, one.row, one.level
        for home, person in self.new:
            yield home.student, person, 1

    def meet_the_new(self) -> None:
        """Most of them open their account."""
        for home, made in self.new:
            row = Representative.objects.get(school=self.place.school, siecle_id=made.siecle_id)
            if home.dice(f"account:{row.siecle_id}").random() < 0.9:
                row.user = acts.new_account(f"parent-{row.siecle_id}")
                row.save(update_fields=["user"])
            home.legal.append(Person(f"P{row.siecle_id}", row, row.user, 1))
        self.new = []

    def turn_away(self, homes: list[Home]) -> None:
        """Who is no longer a legal representative has no door (ACC-02); of a pupil who has left, nothing is entered."""
        for home in [one for one in homes if one.news and one.news[-1].at == self.stage.instant]:
            if home.news[-1].what in {"lost", "demoted"}:
                self.try_without_authority(home, home.former[-1])
            if home.left and not home.of_age(self.stage.instant):
                for who in [one for one in home.legal if one.user][:1]:
                    self.refuse(home, who, "saisir pour un élève parti", Refusal.NOT_ENROLLED)

    def try_without_authority(self, home: Home, who: Person) -> None:
        if who.user:
            said = "ouvrir le dossier sans en avoir encore le droit"
            self.stage.refuse(home, who.name, said, NOT_FOUND, partial(acts.door, home, who))
        self.refuse(home, who, "saisir sans en avoir encore le droit", Refusal.NOT_LEGAL)

    def refuse(self, home: Home, who: Person, what: str, code: Refusal) -> None:
        entered = home.entered[P]
        other = home.place.menu(P).draw(home.dice(what), other_than=entered[-1].choices if entered else ())
        direct = partial(
            submit_choices, dossier=home.dossier.uuid, phase=P, choices=other, base_version=0, by=who.actor()
        )
        self.stage.refuse(home, who.name, what, code, direct)


class Arrivals:
    """A pupil comes from another school: the same child and the same persons, under the numbers of the new one."""

    def __init__(self, stage: Stage, world: World, imports: dict[int, Imports]) -> None:
        self.stage, self.world, self.imports = stage, world, imports

    def write(self, home: Home, then: Callable[[Home], None]) -> None:
        """The day after, in the next school; `then` writes what the home does there."""
        others = [one for one in self.world.places if one is not home.place]
        if others:
            place = others[home.student.siecle_id % len(others)]
            self.stage.at(place.at(D, 5, 7, 30), partial(self.play, home, place, then), order=SCHOOL)

    def play(self, former: Home, place: Place, then: Callable[[Home], None]) -> None:
        student = former.student
        made = Student(
            siecle_id=next(self.world.ids), ine=student.ine, family_name=student.family_name,
            first_name=student.first_name, birth_date=student.birth_date, mef=student.mef,
        )  # fmt: skip
        home = Home(former.seed, place, 0, Dossier(student=made), Person("E", made, None, 0), [], [])
        home.legal = [self.renumbered(one) for one in former.legal]
        self.world.homes.append(home)
        self.imports[place.rank].read()
        self.settle(home)
        home.news.append(News(self.stage.instant, "arrived", "E"))
        then(home)

    def renumbered(self, one: Person) -> Person:
        number = next(self.world.ids)
        row = Representative(
            siecle_id=number, civility="MME", family_name=one.row.family_name, first_name=one.row.first_name,
            email=one.row.email if isinstance(one.row, Representative) else "",
        )  # fmt: skip
        return Person(f"P{number}", row, one.user, 1)

    def settle(self, home: Home) -> None:
        """The dossier that the import opened; the account each person had takes in their new number (ACC-07)."""
        home.dossier = Dossier.objects.select_related("student").get(
            student__school=home.place.school, student__siecle_id=home.student.siecle_id
        )
        home.pupil = Person("E", home.student, None, 0)
        for rank, one in enumerate(home.legal):
            row = Representative.objects.get(school=home.place.school, siecle_id=one.row.siecle_id)
            row.user = one.user
            row.save(update_fields=["user"])
            home.legal[rank] = replace(one, row=row)
