"""A home's entry of one phase: when, by whom, with what changes of mind; and what it tries without the right to."""

from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from orientation.actions import add_choice, submit_choices
from orientation.enums import Objection, Phase
from orientation.pathways import Choice
from orientation.rules import Refusal, last_entry
from siecle_sync.play import acts
from siecle_sync.play.calendar import LAST
from siecle_sync.play.people import Entered, Home, Person
from siecle_sync.play.races import race
from siecle_sync.play.stage import NOT_FOUND, Stage
from siecle_sync.play.wrong import wrong_lists

HABITS = {
    "silent": 10, "draft": 5, "once": 40, "session": 14, "later": 12, "race": 7, "last_second": 5, "last_day": 7,
}  # fmt: skip


def write_entry(stage: Stage, home: Home, phase: str, stranger: Home) -> None:
    """Put a home's acts of one phase's entry in the agenda."""
    Script(stage, home, phase, stranger).write()


class Script:
    def __init__(self, stage: Stage, home: Home, phase: str, stranger: Home) -> None:
        self.stage, self.home, self.phase, self.stranger = stage, home, phase, stranger
        self.random: Random = home.dice(f"entry:{phase}")
        self.menu = home.place.menu(phase)

    @property
    def ends(self) -> datetime:
        """The end of the entry for the pupil's division of the day."""
        return self.home.place.ends(self.phase, self.home.division)[0]

    @property
    def too_late(self) -> Refusal:
        return self.home.place.ends(self.phase, self.home.division)[1]

    def write(self) -> None:
        place, random = self.home.place, self.random
        habit = random.choices(list(HABITS), list(HABITS.values()))[0]
        day = random.randint(0, 3) if self.phase == Phase.PROVISIONAL else random.randint(2, 3)
        moment = place.at(self.phase, day, random.randint(9, 18), random.randint(0, 59))
        if habit == "last_day" and place.is_early(self.phase, self.home.division):
            moment = place.at(self.phase, LAST, random.randint(9, 15), random.randint(0, 59))
        if habit == "last_second":
            moment = self.ends - timedelta(seconds=1)
        if random.random() < 0.06:
            self.stage.at(place.opens(self.phase) - timedelta(minutes=30), self.too_early)
        if habit != "silent":
            self.stage.at(moment, partial(self.play, habit))
        if habit == "later":
            self.stage.at(place.at(self.phase, 4, random.randint(9, 21)), self.change)
        if habit in {"once", "session"} and random.random() < 0.05:
            self.stage.at(place.at(self.phase, 4, 10, 30), self.release)
        if random.random() < 0.12:
            self.stage.at(self.ends, self.late)

    # --- what is allowed ----------------------------------------------------------------------------------------------
    def play(self, habit: str) -> None:
        who = self.writer()
        if who is None or self.stage.instant >= self.ends or not self.pass_the_gate(who):
            return
        if habit == "draft":
            self.leave_a_draft(who)
        elif habit == "race" and len(self.home.writers(self.stage.instant)) > 1 and self.free():
            self.both_at_once()
        else:
            self.session(who, changes=self.random.randint(1, 2) if habit == "session" else 0)
        self.trespass()

    def writer(self) -> Person | None:
        """The holder of the pen, else anyone who may write."""
        now = self.stage.instant
        writers = self.home.writers(now)
        holder = self.home.holder(self.phase, now)
        return holder or (self.random.choice(writers) if writers else None)

    def free(self) -> bool:
        return self.home.holder(self.phase, self.stage.instant) is None

    def pass_the_gate(self, who: Person) -> bool:
        """OPI-05: definitive choices wait for the acknowledgement; some try before, then give it there."""
        home, now = self.home, self.stage.instant
        if self.phase == Phase.PROVISIONAL or home.gate_is_open(now):
            return True
        if self.random.random() < 0.5:
            self.refuse(who, "saisir sans accusé de réception", Refusal.GATE_SHUT)
        said = home.visible(Phase.PROVISIONAL, now)
        if said is None or not home.acknowledgement_due(now) or self.random.random() < 0.1:
            return False
        if self.stage.succeed(home, who, "accuser réception", acts.sign(home, who)):
            home.acknowledged.append(said)
        return home.gate_is_open(now)

    def session(self, who: Person, *, changes: int) -> None:
        """One session of the browser: an entry, perhaps changed a few minutes later; one recap (MAI-01)."""
        sid = self.stage.sign_in(self.home, who, self.phase)
        if self.random.random() < 0.15:
            what, choices, code = self.random.choice(wrong_lists(self.menu))
            self.refuse(who, what, code, choices=choices)
        self.validate(who, sid)
        self.go_on(who, sid, changes)

    def go_on(self, who: Person, sid: UUID, changes: int) -> None:
        soon = self.stage.instant + timedelta(minutes=4)
        if changes and soon < self.ends:
            self.stage.at(soon, partial(self.again, who, sid, changes))
        else:
            self.stage.leave(sid, politely=self.random.random() < 0.75)

    def again(self, who: Person, sid: UUID, changes: int) -> None:
        if self.home.holder(self.phase, self.stage.instant) == who:
            self.validate(who, sid)
        self.go_on(who, sid, changes - 1)

    def validate(self, who: Person, sid: UUID) -> None:
        way = acts.type_in if self.random.random() < 0.3 else acts.enter
        choices = self.draw()
        if self.stage.succeed(self.home, who, f"valider ({self.phase})", way(self.home, who, self.phase, choices, sid)):
            self.remember(who, choices)

    def draw(self) -> tuple[Choice, ...]:
        return self.menu.draw(self.random, other_than=self.last_choices())

    def last_choices(self) -> tuple[Choice, ...]:
        entered = self.home.entered[self.phase]
        return entered[-1].choices if entered else ()

    def remember(self, who: Person, choices: tuple[Choice, ...]) -> None:
        """What came the day of an early council comes too late for Siècle (SIE-03)."""
        now, place = self.stage.instant, self.home.place
        early = place.is_early(self.phase, self.home.division)
        taken = not (early and now >= place.at(self.phase, LAST, 2))
        self.home.entered[self.phase].append(Entered(who, now, choices, taken))
        self.home.pen[self.phase] = who

    def change(self) -> None:
        """Another day, another session: « Modifier les intentions »."""
        who = self.writer()
        if who is None or not self.pass_the_gate(who):
            return
        sid = self.stage.sign_in(self.home, who, f"{self.phase}:later")
        self.validate(who, sid)
        self.stage.leave(sid, politely=True)

    def leave_a_draft(self, who: Person) -> None:
        """Typed, never validated: nothing counts (ENT-07)."""
        page = acts.door(self.home, who)
        told = {"dossier": self.home.dossier.uuid, "phase": self.phase, "user": who.user, "by": page.actor}
        self.stage.succeed(
            self.home, who, "laisser un brouillon", partial(add_choice, choice=self.draft_choice(), **told)
        )

    def draft_choice(self) -> Choice:
        """A pathway that is not in the last entry, on which a draft builds."""
        asked = {one.key for one in self.last_choices()}
        keys = self.menu.grade.keys
        return self.menu.plain(next((key for key in keys if key not in asked), keys[0]))

    def both_at_once(self) -> None:
        """ENT-11: two representatives validate at the same instant; exactly one wins."""
        winner, loser = self.random.sample(self.home.writers(self.stage.instant), k=2)
        lists = [self.draw(), self.menu.draw(self.random)]
        first = acts.enter(self.home, winner, self.phase, lists[0], None)
        second = acts.enter(self.home, loser, self.phase, lists[1], None)
        self.stage.races += 1
        race(
            lambda: self.stage.succeed(self.home, winner, "valider en même temps", first),
            lambda: self.stage.refuse(self.home, loser.name, "valider en même temps", Refusal.PEN_HELD, second),
        )
        self.remember(winner, lists[0])

    def release(self) -> None:
        """The head releases the pen; the other representative takes it (ACC-08)."""
        home, now = self.home, self.stage.instant
        former = home.pen.get(self.phase)
        others = [one for one in home.writers(now) if one != former]
        if former is None or not others or now >= self.ends:
            return
        acts.release(home, self.phase)
        home.pen[self.phase] = None
        who, choices = self.random.choice(others), self.draw()
        if self.stage.succeed(
            home, who, "valider après la libération", acts.enter(home, who, self.phase, choices, None)
        ):
            self.remember(who, choices)

    # --- what is not --------------------------------------------------------------------------------------------------
    def refuse(self, who: Person, what: str, code: Refusal, *, choices: tuple[Choice, ...] | None = None) -> None:
        listed = self.draw() if choices is None else choices
        self.stage.refuse(self.home, who.name, what, code, acts.enter(self.home, who, self.phase, listed, None))

    def too_early(self) -> None:
        writers = self.home.writers(self.stage.instant)
        if writers:
            self.refuse(writers[0], "saisir avant l’ouverture", Refusal.ENTRY_NOT_OPEN)

    def late(self) -> None:
        writers = self.home.writers(self.stage.instant)
        if writers and self.stage.instant >= self.ends:
            self.refuse(self.random.choice(writers), "saisir après la fermeture", self.too_late)

    def trespass(self) -> None:
        """After an entry, others try: the other representative, the pupil, a person of level 2 or 3, a stranger."""
        home, now, random = self.home, self.stage.instant, self.random
        if not home.entered[self.phase]:
            return
        for other in [one for one in home.legal if one.user and random.random() < 0.3]:
            if home.of_age(now):
                self.refuse(other, "saisir à la place de l’élève majeur", Refusal.STUDENT_OF_AGE)
            elif other != home.pen[self.phase]:
                self.refuse(other, "modifier la saisie de l’autre", Refusal.PEN_HELD)
        if home.pupil.user and not home.of_age(now) and random.random() < 0.12:
            self.refuse(home.pupil, "saisir avec le compte de l’élève", Refusal.READ_ONLY_STUDENT)
        self.object()
        self.outsiders()
        holder = home.holder(self.phase, now)
        if holder and random.random() < 0.08:
            self.stage.refuse(home, holder.name, "valider une page périmée", Refusal.STALE, partial(self.stale, holder))

    def object(self) -> None:
        """The other representative disagrees with the entry; the service asks for it or does not (S004)."""
        home, now, phase = self.home, self.stage.instant, self.phase
        asked = home.place.campaign.objection == Objection.RECORDED
        last = home.entered[phase][-1]
        for who in [one for one in home.writers(now) if one != last.by][:1]:
            reason = self.random.choice(("", "Nous n’en avons pas parlé."))
            do = acts.object_to(home, who, phase, reason)
            if not asked and self.random.random() < 0.1:
                self.stage.refuse(home, who.name, "s’opposer à la saisie", Refusal.NO_OBJECTION_ASKED, do)
            elif asked and self.random.random() < 0.4 and self.stage.succeed(home, who, "s’opposer à la saisie", do):
                home.objections += 1
                self.stage.refuse(home, who.name, "s’opposer deux fois", Refusal.ALREADY_OBJECTED, do)
        if asked and last.by in home.writers(now) and self.random.random() < 0.1:
            do = acts.object_to(home, last.by, phase, "")
            self.stage.refuse(home, last.by.name, "s’opposer à sa propre saisie", Refusal.OWN_ENTRY, do)

    def outsiders(self) -> None:
        home, phase, easy = self.home, self.phase, self.menu.plain(self.menu.grade.keys[0])
        for other in home.others if self.random.random() < 0.5 else []:
            if other.user:
                self.refuse_door(other, "ouvrir le dossier sans être représentant légal")
            direct = partial(
                submit_choices, dossier=home.dossier.uuid, phase=phase, choices=[easy], base_version=0, by=other.actor()
            )
            self.stage.refuse(home, other.name, "saisir sans être représentant légal", Refusal.NOT_LEGAL, direct)
        if self.random.random() < 0.05:
            for one in self.stranger.legal[:1]:
                if one.user:
                    self.refuse_door(one, "ouvrir le dossier d’une autre famille")

    def refuse_door(self, who: Person, what: str) -> None:
        self.stage.refuse(self.home, who.name, what, NOT_FOUND, lambda: acts.door(self.home, who))

    def stale(self, who: Person) -> None:
        """A page opened before the last validation, validated now (ENT-10)."""
        page = acts.door(self.home, who)
        last = last_entry(page.facts, self.phase)
        submit_choices(
            dossier=self.home.dossier.uuid, phase=self.phase, choices=self.draw(),
            base_version=(last.version if last else 0) + 7, by=page.actor,
        )  # fmt: skip
