"""Everything the rules need to know of one dossier, as frozen values. Pure: no database, no clock."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from orientation.pathways import Choice, label_of


@dataclass(frozen=True, slots=True)
class Policies:
    """The points on which the guides differ (last table of the rules)."""

    max_choices: int = 3
    acknowledgement_by: str = "ANY"
    opinion_change: str = "TELL"
    objection: str = "NONE"
    answered_by: str = "AUTHOR"
    acceptances: str = "SEVERAL"
    recap_to: str = "ALL"
    recap_when: str = "SIGN_OUT"
    free_text: bool = True
    opinion_values: tuple[str, ...] = ("Favorable", "Réservé", "Défavorable")
    specialties: int = 4
    specialties_if_outside: int = 5


@dataclass(frozen=True, slots=True)
class Window:
    """`[opens_at, closes_at)`, extensions included (CAL-02, CAL-03)."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A legal representative of today. `account`: whose sign-in; None, nobody's yet. `email_refused`: see MAI-06."""

    uuid: UUID
    name: str
    has_email: bool = True
    account: int | None = None
    email_refused: bool = False

    @property
    def has_account(self) -> bool:
        return self.account is not None


@dataclass(frozen=True, slots=True)
class PenFact:
    """Who holds the pen of a phase: a representative's or the pupil's uuid."""

    holder: UUID
    name: str


@dataclass(frozen=True, slots=True)
class SubmissionFact:
    """`asked_by` and `asked_on` say that the school changed the entry at the family's request (SIE-04)."""

    uuid: UUID
    phase: str
    version: int
    author_kind: str
    author: UUID | None
    author_name: str
    at: datetime
    choices: tuple[Choice, ...]
    outcome: str = ""
    outcome_at: datetime | None = None
    asked_by: str = ""
    asked_on: date | None = None
    objections: tuple["ObjectionFact", ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectionFact:
    """Another representative disagrees with this entry (policy « objection »)."""

    uuid: UUID
    author: UUID | None
    author_name: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What the council says of one pathway."""

    id: int
    pathway: str
    series: str
    requested: bool
    value: str
    comment: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.pathway, self.series)

    @property
    def label(self) -> str:
        return label_of(self.pathway, self.series)


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """Who acknowledged or agreed, and when. `agrees` is None for an acknowledgement."""

    uuid: UUID
    author: UUID | None
    author_name: str
    at: datetime
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class FamilyAnswerFact:
    uuid: UUID
    kind: str
    author_kind: str
    author: UUID | None
    author_name: str
    at: datetime
    accepted: tuple[tuple[str, str], ...]
    agreements: tuple[SignatureFact, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementFact:
    uuid: UUID
    phase: str
    version: int
    submission: UUID | None
    published_at: datetime
    answers: tuple[AnswerLine, ...]
    withdrawn_at: datetime | None = None
    withdrawn_because: str = ""
    division: str = ""
    acknowledgement: SignatureFact | None = None
    family_answer: FamilyAnswerFact | None = None


@dataclass(frozen=True, slots=True)
class DecisionFact:
    uuid: UUID
    origin: str
    at: datetime
    notified_on: date | None
    pathways: tuple[tuple[str, str], ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label_of(*key) for key in self.pathways)


@dataclass(frozen=True, slots=True)
class MeetingFact:
    held_on: date
    present: str


@dataclass(frozen=True, slots=True)
class CouncilFact:
    """The council of one phase: the one that gave the answers that stand, else that of the pupil's division."""

    held_on: date | None
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefusalFact:
    """Siècle refuses this act of the family and has never taken it: it goes again each night (SIE-01)."""

    ref: UUID
    since: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """One dossier: who, the calendar that applies to it, and what was said, in order."""

    id: int
    uuid: UUID
    level: str
    policies: Policies
    timezone: ZoneInfo
    student: UUID
    student_name: str
    birth_date: date
    enrolled: bool = True
    left_on: date | None = None
    uai: str = ""
    specialties_offered: tuple[str, ...] = ()
    representatives: tuple[Person, ...] = ()
    windows: tuple[tuple[tuple[str, str], Window], ...] = ()
    closings: tuple[tuple[str, datetime], ...] = ()
    switched_off_at: datetime | None = None
    councils: tuple[tuple[str, CouncilFact], ...] = ()
    pens: tuple[tuple[str, PenFact], ...] = ()
    submissions: tuple[SubmissionFact, ...] = ()
    statements: tuple[StatementFact, ...] = ()
    gate_lifted: str = ""
    decisions: tuple[DecisionFact, ...] = ()
    meetings: tuple[MeetingFact, ...] = ()
    appealed_on: date | None = None
    refusals: tuple[RefusalFact, ...] = ()

    def window(self, phase: str, kind: str) -> Window | None:
        return dict(self.windows).get((phase, kind))

    def closing(self, phase: str) -> datetime | None:
        return dict(self.closings).get(phase)

    def council(self, phase: str) -> CouncilFact | None:
        return dict(self.councils).get(phase)

    def pen(self, phase: str) -> PenFact | None:
        return dict(self.pens).get(phase)

    def representative(self, uuid: UUID | None) -> Person | None:
        return next((person for person in self.representatives if person.uuid == uuid), None)

    def refused_since(self, ref: UUID) -> datetime | None:
        return next((one.since for one in self.refusals if one.ref == ref), None)

    def submission(self, uuid: UUID | None) -> SubmissionFact | None:
        return next((one for one in self.submissions if one.uuid == uuid), None)
