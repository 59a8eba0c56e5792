"""What a home does of what the councils said: acknowledgement, answer, agreement; and what it tries besides."""

from datetime import timedelta
from random import Random

from orientation.enums import Acceptances, AnsweredBy, Phase
from orientation.rules import Refusal
from siecle_sync.play import acts
from siecle_sync.play.calendar import READING, Trait
from siecle_sync.play.levels import Key
from siecle_sync.play.people import Answered, Home, Person
from siecle_sync.play.races import race
from siecle_sync.play.stage import Stage

P, D = Phase.PROVISIONAL, Phase.DEFINITIVE


def write_acknowledgement(stage: Stage, home: Home) -> None:
    """OPI-03…05: soon, only at the definitive entry, or never."""
    Opinions(stage, home).write()


def write_answer(stage: Stage, home: Home) -> None:
    """ANS: an answer, perhaps late, perhaps none."""
    Proposals(stage, home).write()


class Opinions:
    def __init__(self, stage: Stage, home: Home) -> None:
        self.stage, self.home = stage, home
        self.random: Random = home.dice("acknowledgement")

    def write(self) -> None:
        place, random = self.home.place, self.random
        if random.random() < 0.08:
            self.stage.at(place.at(P, READING - 1, 20), self.too_early)
        if random.random() < 0.65:
            self.stage.at(place.at(P, READING + random.randint(0, 2), random.randint(9, 21)), self.sign)
        if random.random() < 0.7:
            self.stage.at(place.at(P, READING + 6, random.randint(9, 21)), self.sign_again)

    def too_early(self) -> None:
        """The evening of the councils nothing is published yet, or the service is still off."""
        writers = self.home.writers(self.stage.instant)
        code = Refusal.SERVICE_OFF if self.home.place.trait(P) is Trait.SWITCH else Refusal.NOTHING_PUBLISHED
        if writers:
            self.refuse(writers[0], "accuser réception avant la publication", code)

    def sign(self) -> None:
        """A first reading: who may not is refused, who may signs, and signing twice is refused."""
        home, now = self.home, self.stage.instant
        said, allowed = home.visible(P, now), home.acknowledgers(now)
        if said is None or not allowed:
            return
        for other in home.writers(now):
            if other not in allowed and self.random.random() < 0.5:
                self.refuse(other, "accuser réception à la place de l’auteur", Refusal.AUTHOR_ACKNOWLEDGES)
        if home.pupil.user and not home.of_age(now) and self.random.random() < 0.06:
            self.refuse(home.pupil, "accuser réception avec le compte de l’élève", Refusal.READ_ONLY_STUDENT)
        if len(allowed) > 1 and self.random.random() < 0.06:
            self.both_at_once(allowed)
        else:
            who = self.random.choice(allowed)
            self.stage.succeed(home, who, "accuser réception", acts.sign(home, who))
        home.acknowledged.append(said)
        if self.random.random() < 0.1:
            self.refuse(
                self.random.choice(home.writers(now)), "accuser réception deux fois", Refusal.ALREADY_ACKNOWLEDGED
            )

    def both_at_once(self, allowed: list[Person]) -> None:
        first, second = self.random.sample(allowed, k=2)
        self.stage.races += 1
        race(
            lambda: self.stage.succeed(
                self.home, first, "accuser réception en même temps", acts.sign(self.home, first)
            ),
            lambda: self.refuse(second, "accuser réception en même temps", Refusal.ALREADY_ACKNOWLEDGED),
        )

    def sign_again(self) -> None:
        """A second reading: useful when a version was published since and the campaign asks again (OPI-04)."""
        home, now = self.home, self.stage.instant
        said, allowed = home.visible(P, now), home.acknowledgers(now)
        if said is None or not allowed or not home.acknowledged:
            return
        who = self.random.choice(allowed)
        if home.acknowledgement_due(now):
            self.stage.succeed(home, who, "accuser réception de nouveau", acts.sign(home, who))
            home.acknowledged.append(said)
        elif len(home.said[P]) > 1:
            self.refuse(who, "accuser réception d’avis modifiés", Refusal.ALREADY_ACKNOWLEDGED)

    def refuse(self, who: Person, what: str, code: Refusal) -> None:
        self.stage.refuse(self.home, who.name, what, code, acts.sign(self.home, who))


class Proposals:
    def __init__(self, stage: Stage, home: Home) -> None:
        self.stage, self.home = stage, home
        self.random: Random = home.dice("answer")
        campaign = home.place.campaign
        self.one = campaign.acceptances == Acceptances.ONE
        self.all = campaign.answered_by == AnsweredBy.ALL

    def write(self) -> None:
        place, random = self.home.place, self.random
        if random.random() < 0.06:
            self.stage.at(place.at(D, READING - 1, 20, 30), self.too_early)
        if random.random() < 0.8:
            self.stage.at(place.at(D, READING + random.randint(0, 5), random.randint(9, 20)), self.answer)
        ends = place.reading_ends(D, self.home.division)
        self.stage.at(ends - timedelta(hours=3), self.say_late)
        if random.random() < 0.5:
            self.stage.at(ends, self.late)

    def too_early(self) -> None:
        writers = self.home.writers(self.stage.instant)
        code = Refusal.SERVICE_OFF if self.home.place.trait(D) is Trait.SWITCH else Refusal.NOTHING_PUBLISHED
        if writers:
            self.refuse(writers[0], "répondre avant la publication", code, "REFUSED")

    def answer(self) -> None:
        home, now = self.home, self.stage.instant
        said, allowed = home.visible(D, now), home.answerers(now)
        if said is None or not allowed:
            return
        if home.answered is not None and now < home.answered.known_at:
            return  # the school has just recorded an answer that only the night will bring
        if home.answered is not None:
            self.refuse(
                self.random.choice(allowed), "répondre après l’établissement", Refusal.ALREADY_ANSWERED, "REFUSED"
            )
            return
        who = self.random.choice(allowed)
        self.wrong_ways(who, said.proposed)
        kind, accepted = self.decide(said.proposed)
        self.give(allowed, who, kind, accepted)
        if self.random.random() < 0.15:
            self.refuse(who, "répondre deux fois", Refusal.ALREADY_ANSWERED, "REFUSED")
        self.others_say(who)

    def decide(self, proposed: tuple[Key, ...]) -> tuple[str, tuple[Key, ...]]:
        if not proposed or self.random.random() < 0.15:
            return "REFUSED", ()
        most = 1 if self.one else min(2, len(proposed))
        return "ACCEPTED", tuple(sorted(self.random.sample(proposed, k=self.random.randint(1, most))))

    def give(self, allowed: list[Person], who: Person, kind: str, accepted: tuple[Key, ...]) -> None:
        do = acts.answer(self.home, who, kind, accepted)
        rivals = [one for one in allowed if one != who]
        if rivals and self.random.random() < 0.3:
            self.stage.races += 1
            race(
                lambda: self.stage.succeed(self.home, who, "répondre en même temps", do),
                lambda: self.refuse(rivals[0], "répondre en même temps", Refusal.ALREADY_ANSWERED, "REFUSED"),
            )
        else:
            self.stage.succeed(self.home, who, "répondre", do)
        if self.home.holder(D, self.stage.instant) is None:
            self.home.pen[D] = who  # who answers when nobody holds the pen takes it (ACC-08)
        self.home.answered = Answered(who, kind == "ACCEPTED", self.stage.instant)
        self.home.decided = self.home.agreed(self.stage.instant)

    # --- the others ---------------------------------------------------------------------------------------------------
    def others_say(self, author: Person) -> None:
        home, now = self.home, self.stage.instant
        others = [one for one in home.writers(now) if one != author]
        if not self.all:
            if others and self.random.random() < 0.1:
                self.refuse_say(others[0], Refusal.NO_AGREEMENT_ASKED)
            return
        if author != home.pupil and self.random.random() < 0.1:
            self.refuse_say(author, Refusal.AUTHOR_AGREED_ALREADY)
        for other in others:
            if self.random.random() < 0.8:
                self.say(other)

    def say(self, who: Person) -> None:
        agrees = self.random.random() < 0.85
        given = self.home.answered
        if given is None or not self.stage.succeed(
            self.home, who, "dire son accord", acts.say(self.home, who, agrees=agrees)
        ):
            return
        (given.said_yes if agrees else given.said_no).add(who.name)
        self.home.decided = self.home.agreed(self.stage.instant)
        if self.random.random() < 0.1:
            self.refuse_say(who, Refusal.ALREADY_AGREED)

    def say_late(self) -> None:
        """The last evening: who had said nothing, who has come of age or has been added since (ANS-06)."""
        home, given = self.home, self.home.answered
        ends = home.place.reading_ends(D, home.division)
        if not self.all or self.stage.instant >= ends or given is None or given.by is None or home.decided:
            return
        said = given.said_yes | given.said_no | {given.by.name}
        for one in [one for one in home.writers(self.stage.instant) if one.name not in said]:
            if self.random.random() < 0.6 and not home.decided:
                self.say(one)

    def refuse_say(self, who: Person, code: Refusal) -> None:
        self.stage.refuse(self.home, who.name, "dire son accord", code, acts.say(self.home, who, agrees=True))

    # --- what is refused ----------------------------------------------------------------------------------------------
    def wrong_ways(self, who: Person, proposed: tuple[Key, ...]) -> None:
        home, now, random = self.home, self.stage.instant, self.random
        for other in home.writers(now):
            if other not in home.answerers(now) and random.random() < 0.4:
                self.refuse(other, "répondre à la place de l’auteur", Refusal.AUTHOR_ANSWERS, "REFUSED")
        if random.random() < 0.08:
            self.refuse(who, "accepter sans choisir", Refusal.NOTHING_ACCEPTED, "ACCEPTED")
        if random.random() < 0.08:
            grade = home.place.grade
            refused = next(key for key in (*grade.keys, (grade.foreign, "")) if key not in proposed)
            self.refuse(who, "accepter une voie non proposée", Refusal.NOT_PROPOSED, "ACCEPTED", (refused,))
        if self.one and len(proposed) > 1 and random.random() < 0.5:
            self.refuse(who, "accepter deux voies", Refusal.ONE_ONLY, "ACCEPTED", proposed[:2])
        if random.random() < 0.05:
            stale = acts.answer(home, who, "REFUSED", stale=True)
            self.stage.refuse(home, who.name, "répondre sur une page périmée", Refusal.STALE, stale)

    def late(self) -> None:
        home, now = self.home, self.stage.instant
        still_open = now < home.place.reading_ends(D, home.division)  # the pupil has changed class since
        if still_open or home.visible(D, now) is None or home.answered is not None or not home.answerers(now):
            return
        who = self.random.choice(home.answerers(now))
        self.refuse(who, "répondre après la fin", Refusal.CONSULTATION_CLOSED, "REFUSED")

    def refuse(self, who: Person, what: str, code: Refusal, kind: str, accepted: tuple[Key, ...] = ()) -> None:
        self.stage.refuse(self.home, who.name, what, code, acts.answer(self.home, who, kind, accepted))
