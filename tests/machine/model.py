"""The rules of one dossier, told a second time as simply as can be, to be compared with the service after each step.

Nothing here comes from the program: names of people are words, an entry is a version number, a reason is a code. Where
several reasons refuse an act the rules do not say which is told first: `refusals_…` gives them all.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

PROVISIONAL, DEFINITIVE = "PROVISIONAL", "DEFINITIVE"
ENTRY, CONSULTATION = "ENTRY", "CONSULTATION"
PUPIL, SCHOOL = "pupil", "school"
TAKEN, TOO_LATE = "ACCEPTED", "NOT_PROCESSED"
Key = tuple[str, str]
SERIES = {"ST2S", "STAV", "STD2A", "STHR", "STI2D", "STL", "STMG", "S2TMD"}
SPECIALTIES = {
    "ARTS", "BIOECO", "EPPCS", "HGGSP", "HLP", "LLCER", "LLCA", "MATHS", "NSI", "PC", "SVT", "SI", "SES",
}  # fmt: skip
KINDS = {"1PRO", "2PRO", "CAP"}
PATHWAYS = {"3E": {"2GT", "2PRO", "CAP"}, "2GT": {"1GEN", "1TECHNO", "1BTMUS", "VOIEPRO"}}
WITH_TEXT_AND_STATUS = {"2PRO", "CAP", "VOIEPRO"}


@dataclass(eq=False)
class Entry:
    """One version. `fate` is what Siècle answered and we know; `in_siecle` what Siècle made of it."""

    phase: str
    version: int
    by: str
    choices: tuple[Any, ...]
    fate: str = ""
    in_siecle: str = ""


@dataclass(eq=False)
class Answer:
    by: str
    kind: str
    accepted: frozenset[Key]
    said: dict[str, bool] = field(default_factory=dict)


@dataclass(eq=False)
class Statement:
    """What a council said of a dossier: one version, standing until it is withdrawn."""

    phase: str
    version: int
    about: Entry | None
    values: dict[Key, str]
    entered: datetime
    published: datetime
    withdrawn: bool = False
    acknowledged_by: str = ""
    answer: Answer | None = None

    @property
    def proposed(self) -> set[Key]:
        return {key for key, value in self.values.items() if value == "OUI"}


class Decision(NamedTuple):
    origin: str
    pathways: frozenset[Key]
    by: str = SCHOOL


@dataclass
class Dossier:
    level: str
    policies: dict[str, Any]
    windows: dict[tuple[str, str], tuple[datetime, datetime]]
    zone: ZoneInfo
    born: date
    people: list[str]
    legal: list[str]
    now: datetime
    offer: frozenset[str] = frozenset()  # the specialty subjects of the school; empty: it has not said
    enrolled: bool = True
    off: bool = False
    closings: dict[str, datetime] = field(default_factory=dict)
    open_councils: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    pens: dict[str, str] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    lifted: bool = False
    decisions: list[Decision] = field(default_factory=list)

    # --- who (ACC) ----------------------------------------------------------------------------------------------------
    def of_age(self) -> bool:
        today = self.now.astimezone(self.zone).date()
        return (today.year - 18, today.month, today.day) >= (self.born.year, self.born.month, self.born.day)

    def refusals_of_person(self, who: str) -> set[str]:
        """A pupil who has left takes the family's acts away with them (SIE-01)."""
        return self.authority(who) | (set() if self.enrolled else {"NOT_ENROLLED"})

    def authority(self, who: str) -> set[str]:
        if who == PUPIL:
            return set() if self.of_age() else {"READ_ONLY_STUDENT"}
        refusals = set() if who in self.legal else {"NOT_LEGAL"}
        return refusals | ({"STUDENT_OF_AGE"} if self.of_age() else set())

    def holder(self, phase: str) -> str | None:
        """A pen is worth what its holder may still do (ACC-03, ACC-08)."""
        held = self.pens.get(phase)
        return held if held and not self.authority(held) else None

    def take_pen(self, phase: str, who: str) -> None:
        if self.holder(phase) is None:
            self.pens[phase] = who

    def drop_lost_pens(self) -> None:
        """Each import and each night: who may no longer act does not find their pen again (ACC-08)."""
        self.pens = {phase: who for phase, who in self.pens.items() if self.holder(phase)}

    def service(self) -> set[str]:
        return {"SERVICE_OFF"} if self.off else set()

    # --- entries (ENT, CAL) -------------------------------------------------------------------------------------------
    def of_phase(self, phase: str) -> list[Entry]:
        return [one for one in self.entries if one.phase == phase]

    def family_entries(self, phase: str) -> list[Entry]:
        return [one for one in self.of_phase(phase) if one.by != SCHOOL]

    def base(self, phase: str) -> int:
        versions = self.family_entries(phase)
        return versions[-1].version if versions else 0

    def deadline(self, phase: str) -> datetime:
        end = self.windows[phase, ENTRY][1]
        return min(end, self.closings.get(phase, end))

    def entry_is_closed(self, phase: str) -> set[str]:
        refusals = self.service()
        if self.now < self.windows[phase, ENTRY][0]:
            refusals.add("ENTRY_NOT_OPEN")
        if self.deadline(phase) <= self.now:
            refusals.add("ENTRY_CLOSED")
        if phase in self.open_councils:
            refusals.add("COUNCIL_OPEN")
        return refusals

    def refusals_to_enter(self, who: str, phase: str) -> set[str]:
        refusals = self.refusals_of_person(who) | self.entry_is_closed(phase)
        if phase == DEFINITIVE and not self.gate_is_open():
            refusals.add("GATE_SHUT")
        if self.holder(phase) not in (None, who):
            refusals.add("PEN_HELD")
        return refusals

    def refusals_of_choices(self, choices: tuple[Any, ...], phase: str) -> set[str]:
        if not choices:
            return {"NO_CHOICE"}
        refusals = {"TOO_MANY_CHOICES"} if len(choices) > self.policies["max_choices"] else set()
        if len({(one.pathway, one.series) for one in choices}) < len(choices):
            refusals.add("PATHWAY_TWICE")
        return refusals.union(*(self.refusals_of_choice(one, phase) for one in choices))

    def refusals_of_choice(self, choice: Any, phase: str) -> set[str]:
        if choice.pathway not in PATHWAYS[self.level]:
            return {"PATHWAY_UNKNOWN"}
        more = choice.pathway in WITH_TEXT_AND_STATUS
        refusals = {"FREE_TEXT_TOO_LONG"} if len(choice.free_text) > 200 else set()
        if choice.free_text and not (more and self.policies["free_text"]):
            refusals.add("DETAIL_NOT_ASKED")
        if (choice.school_status or choice.apprentice_status) and not more:
            refusals.add("DETAIL_NOT_ASKED")
        return refusals | self.refusals_of_series(choice) | self.refusals_of_details(choice, phase)

    def refusals_of_series(self, choice: Any) -> set[str]:
        if choice.pathway != "1TECHNO":
            return {"PATHWAY_UNKNOWN"} if choice.series else set()
        if not choice.series:
            return {"SERIES_MISSING"}
        return set() if choice.series in SERIES else {"PATHWAY_UNKNOWN"}

    def refusals_of_details(self, choice: Any, phase: str) -> set[str]:
        if choice.pathway == "VOIEPRO":
            return set() if len(choice.details) == 1 and set(choice.details) <= KINDS else {"KIND_MISSING"}
        if choice.pathway != "1GEN":
            return {"DETAIL_NOT_ASKED"} if choice.details else set()
        outside = {one.removesuffix(":HORS") for one in choice.details if one.endswith(":HORS")}
        asked = [one.removesuffix(":HORS") for one in choice.details]
        wanted = 3 if phase == DEFINITIVE else self.policies["specialties_if_outside" if outside else "specialties"]
        refusals = set() if len(asked) == wanted else {"SPECIALTIES_COUNT"}
        if not set(asked) <= SPECIALTIES:
            refusals.add("SPECIALTY_UNKNOWN")
        if len(set(asked)) < len(asked):
            refusals.add("SPECIALTY_TWICE")
        here = self.offer or SPECIALTIES
        return (
            refusals
            if all((one in here) != (one in outside) for one in asked)
            else refusals | {"SPECIALTY_NOT_OFFERED"}
        )

    def is_the_same_again(self, who: str, phase: str, choices: tuple[Any, ...]) -> bool:
        """ENT-10: a second click, the page sent again. One that Siècle left aside is worth validating again."""
        versions = self.family_entries(phase)
        if not versions or self.holder(phase) != who:
            return False
        last = versions[-1]
        return last.by == who and last.choices == choices and last.fate != TOO_LATE

    def enter(self, who: str, phase: str, choices: tuple[Any, ...]) -> None:
        self.take_pen(phase, who)
        self.entries.append(Entry(phase, len(self.of_phase(phase)) + 1, who, choices))

    def in_force(self, phase: str) -> Entry | None:
        """What the council examines, or would (SIE-02, SIE-03, SIE-10)."""
        family = self.family_entries(phase)
        if phase not in self.open_councils:
            return next((one for one in reversed(family) if one.fate != TOO_LATE), None)
        said = self.standing(phase)
        if said is not None and said.about is not None:
            return said.about
        school = [one for one in self.of_phase(phase) if one.by == SCHOOL]
        candidates = [one for one in family if one.fate == TAKEN] or school
        return candidates[-1] if candidates else None

    # --- what councils say (OPI) --------------------------------------------------------------------------------------
    def standing(self, phase: str) -> Statement | None:
        return next((one for one in self.statements if one.phase == phase and not one.withdrawn), None)

    def visible(self, phase: str) -> Statement | None:
        said = self.standing(phase)
        opens = self.windows[phase, CONSULTATION][0]
        return said if said and said.published <= self.now and opens <= self.now else None

    def acknowledged_once(self) -> bool:
        return any(one.acknowledged_by for one in self.statements)

    def acknowledgement_wanted(self) -> bool:
        said = self.visible(PROVISIONAL)
        if said is None or said.acknowledged_by:
            return False
        return self.policies["opinion_change"] == "AGAIN" or not self.acknowledged_once()

    def gate_is_open(self) -> bool:
        """OPI-05."""
        if self.lifted:
            return True
        if self.acknowledgement_wanted():
            return False
        read = self.visible(PROVISIONAL) is not None
        return read or (self.policies["opinion_change"] == "TELL" and self.acknowledged_once())

    def refusals_to_lift(self) -> set[str]:
        """OPI-05: only where nothing can be acknowledged; once lifted, it stays."""
        if self.lifted or not (self.gate_is_open() or self.acknowledgement_wanted()):
            return set()
        return {"NOTHING_TO_LIFT"}

    def refusals_to_acknowledge(self, who: str) -> set[str]:
        refusals = self.refusals_of_person(who) | self.service()
        said = self.visible(PROVISIONAL)
        if said is None:
            return refusals | {"NOTHING_PUBLISHED"}
        if not self.acknowledgement_wanted():
            refusals.add("ALREADY_ACKNOWLEDGED")
        if DEFINITIVE in self.open_councils or self.deadline(DEFINITIVE) <= self.now:
            refusals.add("TOO_LATE_TO_ACKNOWLEDGE")
        if self.author_only(said) not in (None, who):
            refusals.add("AUTHOR_ACKNOWLEDGES")
        return refusals

    def author_only(self, said: Statement) -> str | None:
        """Policy « author only »: until the definitive entry opens, and while the author can."""
        if self.policies["acknowledgement_by"] == "ANY" or said.about is None or said.about.by == SCHOOL:
            return None
        if self.windows[DEFINITIVE, ENTRY][0] <= self.now or self.authority(said.about.by):
            return None
        return said.about.by

    # --- the answer (ANS) ---------------------------------------------------------------------------------------------
    def consultation_is_closed(self) -> bool:
        opens, closes = self.windows[DEFINITIVE, CONSULTATION]
        return not opens <= self.now < closes

    def refusals_to_answer(self, who: str) -> set[str]:
        refusals = self.refusals_of_person(who) | self.service()
        said = self.visible(DEFINITIVE)
        if said is None:
            return refusals | {"NOTHING_PUBLISHED"}
        if said.answer is not None:
            refusals.add("ALREADY_ANSWERED")
        if self.decisions:
            refusals.add("ALREADY_DECIDED")
        if self.consultation_is_closed():
            refusals.add("CONSULTATION_CLOSED")
        if self.answerer() not in (None, who):
            refusals.add("AUTHOR_ANSWERS")
        return refusals

    def answerer(self) -> str | None:
        entry = self.in_force(DEFINITIVE)
        return None if entry is not None and entry.by == SCHOOL else self.holder(DEFINITIVE)

    def refusals_of_answer(self, kind: str, accepted: frozenset[Key]) -> set[str]:
        said = self.visible(DEFINITIVE)
        if said is None:
            return {"NOTHING_PUBLISHED"}
        if kind == "REFUSED":
            return {"NOT_PROPOSED"} if accepted else set()
        refusals = set() if accepted else {"NOTHING_ACCEPTED"}
        if len(accepted) > 1 and self.policies["acceptances"] == "ONE":
            refusals.add("ONE_ONLY")
        return refusals | (set() if accepted <= said.proposed else {"NOT_PROPOSED"})

    def answer(self, who: str, kind: str, accepted: frozenset[Key]) -> None:
        said = self.visible(DEFINITIVE)
        assert said is not None
        self.take_pen(DEFINITIVE, who)
        said.answer = Answer(who, kind, accepted)
        self.decide(said.answer)

    def awaited(self) -> list[str]:
        """Who has still to say « oui » or « non » (ANS-06): the pupil come of age does in place of the others."""
        said = self.standing(DEFINITIVE)
        answer = said.answer if said else None
        if answer is None or self.policies["answered_by"] == "AUTHOR" or answer.by in (PUPIL, SCHOOL):
            return []
        if self.of_age():
            return [] if PUPIL in answer.said else [PUPIL]
        return [one for one in self.legal if one != answer.by and one not in answer.said]

    def refusals_to_agree(self, who: str) -> set[str]:
        refusals = self.refusals_of_person(who) | self.service()
        said = self.visible(DEFINITIVE)
        answer = said.answer if said else None
        if answer is None or self.policies["answered_by"] == "AUTHOR":
            return refusals | {"NO_AGREEMENT_ASKED"}
        if answer.by == who:
            refusals.add("AUTHOR_AGREED_ALREADY")
        if who in answer.said:
            refusals.add("ALREADY_AGREED")
        if who not in self.awaited():
            refusals.add("NO_AGREEMENT_ASKED")
        if self.decisions:
            refusals.add("ALREADY_DECIDED")
        return refusals | ({"CONSULTATION_CLOSED"} if self.consultation_is_closed() else set())

    def agree(self, who: str, agrees: bool) -> None:
        said = self.visible(DEFINITIVE)
        assert said is not None and said.answer is not None
        said.answer.said[who] = agrees
        self.decide(said.answer)

    def decide(self, answer: Answer) -> None:
        """ANS-05, ANS-06, ANS-08: an acceptance, agreed by all if they must."""
        if answer.kind == "ACCEPTED" and not self.awaited() and all(answer.said.values()) and not self.decisions:
            self.decisions.append(Decision("ACCEPTANCE", answer.accepted, answer.by))

    # --- what remains to be done (MAI-08, ANS-03) ---------------------------------------------------------------------
    def has_a_duty(self, who: str) -> bool:
        if self.decisions:
            return False
        if not self.refusals_to_answer(who) or not self.refusals_to_agree(who) or not self.refusals_to_acknowledge(who):
            return True
        return any(self.must_enter(who, phase) for phase in (PROVISIONAL, DEFINITIVE))

    def must_enter(self, who: str, phase: str) -> bool:
        versions = self.family_entries(phase)
        stands = bool(versions) and versions[-1].fate != TOO_LATE
        return not stands and not self.refusals_to_enter(who, phase)

    # --- the night brings (OPI-01, OPI-04) ----------------------------------------------------------------------------
    def publish(self, phase: str, about: Entry | None, values: dict[Key, str], entered: datetime) -> None:
        """Read the day after it was given, from six in the morning after the night that brings it, school time."""
        former = self.standing(phase)
        if former is not None:
            former.withdrawn = True
        day_after = entered.astimezone(self.zone).date() + timedelta(days=1)
        day = max(day_after, self.now.astimezone(self.zone).date())
        morning = datetime.combine(day, time(6), self.zone)
        version = sum(one.phase == phase for one in self.statements) + 1
        self.statements.append(
            Statement(phase, version, about, values, entered, max(morning, self.now)),
        )

    def withdraw(self, phase: str) -> None:
        said = self.standing(phase)
        if said is not None:
            said.withdrawn = True
