"""How a year ends: answers recorded by the school, meetings, the head's decisions, appeals (SIE-10, ANS-05, ANS-07)."""

from datetime import date, timedelta
from functools import partial
from random import Random

from orientation.actions.disagreement import record_appeal, record_meeting
from orientation.enums import Phase
from orientation.rules import Refusal
from siecle_sync.mock import desk
from siecle_sync.play import acts
from siecle_sync.play.calendar import READING, Place
from siecle_sync.play.councils import pupil_of
from siecle_sync.play.levels import Key
from siecle_sync.play.people import Answered, Home
from siecle_sync.play.stage import SCHOOL, STAFF, Stage
from siecle_sync.play.world import World

D = Phase.DEFINITIVE
APPEAL_DAYS = (READING + 8, READING + 13)  # within the three working days, or after


class Outcomes:
    """What one school does once its proposals are published."""

    def __init__(self, stage: Stage, world: World, place: Place) -> None:
        self.stage, self.world, self.place = stage, world, place

    def write(self) -> None:
        self.at(READING + 3, 17, partial(self.record_answers, only_typed=True))
        self.at(READING + 6, 10, partial(self.record_answers, only_typed=False))
        self.at(READING + 7, 8, self.meet)
        self.at(READING + 7, 10, self.decide)
        self.at(APPEAL_DAYS[0], 16, partial(self.appeal, 0.3))
        self.at(APPEAL_DAYS[1], 16, partial(self.appeal, 0.1))
        self.at(READING + 14, 10, self.decide_appeals)

    def at(self, day: int, hour: int, do: partial[None] | object) -> None:
        self.stage.at(self.place.at(D, day, hour), do, order=SCHOOL)  # type: ignore[arg-type]

    @property
    def homes(self) -> list[Home]:
        return self.world.present(self.place)

    @property
    def today(self) -> date:
        return self.stage.instant.astimezone(self.place.zone).date()

    # --- answers recorded by the school -------------------------------------------------------------------------------
    def record_answers(self, *, only_typed: bool) -> None:
        """For families that do not use the service; an answer already recorded is final."""
        now = self.stage.instant
        for home in self.homes:
            dice = home.dice(f"recorded:{only_typed}")
            offline = not home.entered[D] and D in home.typed
            if home.visible(D, now) is None or home.answered is not None or (only_typed and not offline):
                continue
            if dice.random() < 0.5:
                self.record_answer(home, dice)

    def record_answer(self, home: Home, dice: Random) -> None:
        shown = home.visible(D, self.stage.instant)
        proposed = shown.proposed if shown else ()
        accepts = bool(proposed) and dice.random() < 0.8
        told = {"kind": "ACCEPTED" if accepts else "REFUSED", "accepted": proposed[:1] if accepts else ()}
        record = partial(desk.record_answer, pupil_of(home), by="le secrétariat", **told)
        record()
        home.answered = Answered(None, accepts, self.place.published(D, self.stage.instant))
        home.decided = accepts
        if dice.random() < 0.2:
            self.stage.refuse(home, STAFF, "enregistrer deux réponses", "ALREADY_ANSWERED", record)

    # --- the meeting and the head's decision --------------------------------------------------------------------------
    def meet(self) -> None:
        """After a refusal, a disagreement, or a silence; the head receives most of these families."""
        for home in self.homes:
            dice = home.dice("met")
            if home.visible(D, self.stage.instant) is None:
                continue
            if home.decided and dice.random() < 0.1:
                self.refuse_meeting(home, "tenir un entretien sans désaccord", Refusal.NO_DISAGREEMENT, self.today)
            elif not home.decided and dice.random() < 0.8:
                self.hold(home, dice)

    def hold(self, home: Home, dice: Random) -> None:
        self.meeting(home, self.today)
        home.met = True
        if dice.random() < 0.2:
            said = "noter un entretien à venir"
            self.refuse_meeting(home, said, Refusal.FUTURE_DATE, self.today + timedelta(days=1))

    def meeting(self, home: Home, held_on: date) -> None:
        present = ", ".join(one.row.full_name for one in (*home.legal, home.pupil))
        record_meeting(
            dossier=home.dossier.uuid, held_on=held_on, present=present, user=self.place.head,
            by=acts.head_of(self.place),
        )  # fmt: skip

    def refuse_meeting(self, home: Home, what: str, code: Refusal, held_on: date) -> None:
        self.stage.refuse(home, STAFF, what, code, partial(self.meeting, home, held_on))

    def decide(self) -> None:
        """After the meetings, and for a few who did not come (ANS-05, ANS-07)."""
        for home in self.homes:
            dice = home.dice("decided")
            if not home.decided and dice.random() < (0.9 if home.met else 0.1):
                self.decide_for(home, dice)

    def decide_for(self, home: Home, dice: Random) -> None:
        """Notified the same day; now and then the notification is not known yet: no delay runs, no appeal."""
        notified_on = self.today if dice.random() < 0.9 else None
        decide = partial(
            desk.record_head_decision, pupil_of(home), pathways=[self.pathway(dice)], notified_on=notified_on,
            by="le chef d’établissement",
        )  # fmt: skip
        decide()
        home.decided = True
        home.notified_on = notified_on
        if dice.random() < 0.1:
            self.stage.refuse(home, STAFF, "décider deux fois", "ALREADY_DECIDED", decide)

    def pathway(self, dice: Random) -> Key:
        return dice.choice(self.place.grade.keys)

    # --- the appeal ---------------------------------------------------------------------------------------------------
    def appeal(self, share: float) -> None:
        """On paper: the school writes down the day it received it. There is one, against a decision notified."""
        notified = [home for home in self.homes if home.notified_on and home.appealed_on is None]
        drawn = [home for home in notified if home.dice(f"appeal:{share}").random() < share]
        for home in drawn or notified[:1]:
            self.file(home)
            home.appealed_on = self.today
            other = partial(self.file, home, self.today - timedelta(days=1))
            self.stage.refuse(home, STAFF, "enregistrer un second appel", Refusal.ALREADY_APPEALED, other)
        for home in [one for one in self.homes if one.notified_on is None][:2]:
            said = "enregistrer un appel contre rien"
            self.stage.refuse(home, STAFF, said, Refusal.NOTHING_TO_APPEAL, partial(self.file, home))

    def file(self, home: Home, filed_on: date | None = None) -> None:
        record_appeal(
            dossier=home.dossier.uuid, filed_on=filed_on or self.today, user=self.place.head,
            by=acts.head_of(self.place),
        )  # fmt: skip

    def decide_appeals(self) -> None:
        """What the commission decides takes the place of the head's decision; some appeals still wait at the end."""
        for home in [one for one in self.homes if one.appealed_on]:
            dice = home.dice("commission")
            if dice.random() < 0.8:
                desk.record_head_decision(
                    pupil_of(home), pathways=[self.pathway(dice)], notified_on=self.today, by="la commission d’appel",
                    on_appeal=True,
                )  # fmt: skip
