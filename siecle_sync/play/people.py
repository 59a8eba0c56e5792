"""A home of the simulated campaign: who is in it, and what the play remembers of what they did."""

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from uuid import UUID

from families.models import Representative, Student, User
from ledger.journal import Actor
from ledger.models import ActorKind
from orientation.enums import AcknowledgementBy, AnsweredBy, OpinionChange, Phase
from orientation.models import Dossier
from orientation.pathways import Choice
from siecle_sync.play.calendar import Place
from siecle_sync.play.levels import Key


@dataclass(frozen=True, slots=True)
class Person:
    """`name` is how the dump calls them: « E » the pupil, « P » and PERSONNE_ID anyone else."""

    name: str
    row: Representative | Student
    user: User | None
    level: int  # 0: the pupil

    def actor(self, sid: UUID | None = None) -> Actor:
        """The person as the actions know them, without going through the family's door."""
        kind = ActorKind.REPRESENTATIVE if self.level else ActorKind.STUDENT
        return Actor(kind, self.row.uuid, self.row.full_name, sid)


@dataclass
class Said:
    """What a council said: from when it is read, until it is withdrawn."""

    visible_at: datetime
    proposed: tuple[Key, ...] = ()
    withdrawn: bool = False


@dataclass
class Entered:
    by: Person | None  # None: changed by the school at the family's request (SIE-04)
    at: datetime
    choices: tuple[Choice, ...]
    taken: bool = True  # false: come too late for Siècle (SIE-03)


@dataclass
class Answered:
    by: Person | None  # None: recorded by the school
    accepts: bool
    known_at: datetime  # when the service knows it: at once, or the morning after the night that brings it
    said_yes: set[str] = field(default_factory=set)
    said_no: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class News:
    """What an import of Siècle's exports changed for a pupil: `what`, and of whom or of which division."""

    at: datetime
    what: str
    who: str


@dataclass
class Home:
    """Its memory is the play's own, so that what it expects does not come from the rules it tests."""

    seed: int
    place: Place
    division: int
    dossier: Dossier
    pupil: Person
    legal: list[Person]
    others: list[Person]
    entered: dict[str, list[Entered]] = field(default_factory=lambda: {Phase.PROVISIONAL: [], Phase.DEFINITIVE: []})
    typed: set[str] = field(default_factory=set)
    pen: dict[str, Person | None] = field(default_factory=dict)
    said: dict[str, list[Said]] = field(default_factory=lambda: {Phase.PROVISIONAL: [], Phase.DEFINITIVE: []})
    changed: dict[str, list[Entered]] = field(default_factory=lambda: {Phase.PROVISIONAL: [], Phase.DEFINITIVE: []})
    acknowledged: list[Said] = field(default_factory=list)
    lifted: bool = False
    answered: Answered | None = None
    decided: bool = False
    former: list[Person] = field(default_factory=list)  # lost their authority since the beginning
    left: bool = False
    has_twin: bool = False
    objections: int = 0
    met: bool = False
    notified_on: date | None = None  # the head's decision
    appealed_on: date | None = None
    news: list[News] = field(default_factory=list)

    @property
    def student(self) -> Student:
        return self.dossier.student

    def dice(self, purpose: str) -> Random:
        """The same draws for the same seed, pupil and purpose, whatever else happens."""
        return Random(f"{self.seed}:{self.student.siecle_id}:{purpose}")  # noqa: S311 (invented people, not secrets)

    def of_age(self, at: datetime) -> bool:
        today = at.astimezone(self.place.zone).date()
        born = self.student.birth_date
        return (today.year - 18, today.month, today.day) >= (born.year, born.month, born.day)

    def writers(self, at: datetime) -> list[Person]:
        """Who may write that day and has an account (ACC-02, ACC-03); nobody once the pupil has left."""
        if self.left:
            return []
        if self.of_age(at):
            return [self.pupil] if self.pupil.user else []
        return [one for one in self.legal if one.user]

    def holder(self, phase: str, at: datetime) -> Person | None:
        """Who has the pen of a phase and may still use it (ACC-04, ACC-08)."""
        holder = self.pen.get(phase)
        return holder if holder in self.writers(at) else None

    def examined(self, phase: str) -> Entered | None:
        """The family's entry that the council examines: as changed at its request, or the last one taken (SIE-03)."""
        taken = self.changed[phase] or [one for one in self.entered[phase] if one.taken]
        return taken[-1] if taken else None

    def visible(self, phase: str, at: datetime) -> Said | None:
        """What the family reads of the council."""
        standing = [one for one in self.said[phase] if not one.withdrawn and one.visible_at <= at]
        return standing[-1] if standing else None

    def acknowledgement_due(self, at: datetime) -> bool:
        """OPI-03, OPI-04: once a dossier, or once a version where the campaign asks again."""
        said = self.visible(Phase.PROVISIONAL, at)
        if said is None or any(one is said for one in self.acknowledged):
            return False
        return not self.acknowledged or self.place.campaign.opinion_change == OpinionChange.AGAIN

    def acknowledgers(self, at: datetime) -> list[Person]:
        """Of those who may acknowledge, who has an account."""
        return [one for one in self.may_acknowledge(at) if one in self.writers(at)]

    def may_acknowledge(self, at: datetime) -> list[Person]:
        """Policy « author only » binds until the definitive entry opens (OPI-05)."""
        voices, entry = self.voices(at), self.examined(Phase.PROVISIONAL)
        free = self.place.campaign.acknowledgement_by == AcknowledgementBy.ANY or at >= self.place.opens(
            Phase.DEFINITIVE
        )
        if free or entry is None or entry.by is None or entry.by not in voices:
            return voices
        return [entry.by]

    def gate_is_open(self, at: datetime) -> bool:
        if self.lifted:
            return True
        if self.acknowledgement_due(at) or not self.acknowledged:
            return False
        again = self.place.campaign.opinion_change == OpinionChange.AGAIN
        return not again or self.visible(Phase.PROVISIONAL, at) is not None

    def answerers(self, at: datetime) -> list[Person]:
        """Of those who may answer, who has an account."""
        return [one for one in self.may_answer(at) if one in self.writers(at)]

    def may_answer(self, at: datetime) -> list[Person]:
        """The holder of the pen, or any when the school typed the entry or nobody holds it."""
        typed = self.examined(Phase.DEFINITIVE) is None and Phase.DEFINITIVE in self.typed
        holder = None if typed else self.holder(Phase.DEFINITIVE, at)
        return [holder] if holder else self.voices(at)

    def agreed(self, at: datetime) -> bool:
        """An acceptance; under policy ALL, everyone whose word counts that day said « oui » (ANS-06, ANS-08)."""
        given = self.answered
        if given is None or not given.accepts or given.said_no:
            return False
        if given.by is None or self.place.campaign.answered_by == AnsweredBy.AUTHOR:
            return True
        said = given.said_yes | {given.by.name}
        return {one.name for one in self.voices(at)} <= said

    def voices(self, at: datetime) -> list[Person]:
        """Whose word the answer needs: the pupil of age alone, or every legal representative, account or not."""
        return [self.pupil] if self.of_age(at) else self.legal
