"""The rules of one dossier, told a second time as simply as can be, to be compared with the service after each step.

Nothing here comes from the program: names of people are words, an entry is a version number, a reason is a code. Where
several reasons refuse an act the rules do not say which is told first: `refusals_…` gives them all.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.machine.facts import (
    CONSULTATION,
    DEFINITIVE,
    ENTRY,
    PROVISIONAL,
    PUPIL,
    SCHOOL,
    TAKEN,
    TOO_LATE,
    Answer,
    Decision,
    Entry,
    Key,
    Statement,
)
from tests.machine.terms import Terms

WIDER = {"academy": ("academy",), "school": ("academy", "school")}  # any other scope is a division


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
    extensions: list[tuple[str, str, str, datetime]] = field(default_factory=list)  # phase, kind, scope, end
    off: bool = False
    closings: dict[str, datetime] = field(default_factory=dict)
    division: str = "3 A"
    open_councils: set[tuple[str, str]] = field(default_factory=set)  # (division, phase)
    entries: list[Entry] = field(default_factory=list)
    pens: dict[str, str] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    lifted: bool = False
    decisions: list[Decision] = field(default_factory=list)
    meetings: set[date] = field(default_factory=set)
    appealed: date | None = None

    # --- who (ACC) ----------------------------------------------------------------------------------------------------
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def of_age(self) -> bool:
        today = self.today()
        return (today.year - 18, today.month, today.day) >= (self.born.year, self.born.month, self.born.day)

    def refusals_of_person(self, who: str) -> set[str]:
        """Nobody acts for a pupil who has left (SIE-01)."""
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
        """Its own, and what the school changed at its request."""
        return [one for one in self.of_phase(phase) if one.by != SCHOOL or one.asked]

    def base(self, phase: str) -> int:
        versions = self.family_entries(phase)
        return versions[-1].version if versions else 0

    def window(self, phase: str, kind: str) -> tuple[datetime, datetime]:
        """The widest end that applies counts (CAL-03)."""
        opens, closes = self.windows[phase, kind]
        return opens, max([closes, *self.extended(phase, kind, self.division)])

    def extended(self, phase: str, kind: str, scope: str) -> list[datetime]:
        """The ends given to a scope, or to a wider one."""
        wider = WIDER.get(scope, ("academy", "school", scope))
        return [end for *what, where, end in self.extensions if what == [phase, kind] and where in wider]

    def refusals_to_extend(self, phase: str, kind: str, scope: str, until: datetime) -> set[str]:
        later = until > max(self.windows[phase, kind][1], self.now, *self.extended(phase, kind, scope))
        refusals = set() if later else {"NOT_LATER"}
        too_far = kind == ENTRY and self.windows[phase, CONSULTATION][0] < until
        return refusals | ({"WRONG_ORDER"} if too_far else set())

    def deadline(self, phase: str) -> datetime:
        end = self.window(phase, ENTRY)[1]
        return min(end, self.closings.get(phase, end))

    def council_is_open(self, phase: str) -> bool:
        """The council that spoke of the pupil, else that of their division of today (CAL-06)."""
        said = self.standing(phase)
        return (said.division if said else self.division, phase) in self.open_councils

    def entry_is_closed(self, phase: str) -> set[str]:
        refusals = self.service()
        if self.now < self.window(phase, ENTRY)[0]:
            refusals.add("ENTRY_NOT_OPEN")
        if self.deadline(phase) <= self.now:
            refusals.add("ENTRY_CLOSED")
        if self.council_is_open(phase):
            refusals.add("COUNCIL_OPEN")
        return refusals

    def refusals_to_enter(self, who: str, phase: str) -> set[str]:
        refusals = self.refusals_of_person(who) | self.entry_is_closed(phase)
        if phase == DEFINITIVE and not self.gate_is_open():
            refusals.add("GATE_SHUT")
        if self.holder(phase) not in (None, who):
            refusals.add("PEN_HELD")
        return refusals

    def refusals_of_choices(self, choices: tuple[Any, ...], phase: str, by: str = "") -> set[str]:
        """The free text is offered, or not, to families: a school types what it was told."""
        policies = {**self.policies, "free_text": True} if by == SCHOOL else self.policies
        return Terms(self.level, phase == DEFINITIVE, policies, self.offer).refusals(choices)

    def is_the_same_again(self, who: str, phase: str, choices: tuple[Any, ...]) -> bool:
        """ENT-10: a second click, the page sent again. One that Siècle left aside is worth validating again."""
        versions = self.family_entries(phase)
        if not versions or self.holder(phase) != who:
            return False
        last = versions[-1]
        return last.by == who and last.choices == choices and last.fate != TOO_LATE

    def enter(self, who: str, phase: str, choices: tuple[Any, ...]) -> None:
        self.take_pen(phase, who)
        self.add_entry(phase, who, choices, self.now)

    def add_entry(self, phase: str, by: str, choices: tuple[Any, ...], at: datetime, *, asked: bool = False) -> Entry:
        self.entries.append(Entry(phase, len(self.of_phase(phase)) + 1, by, choices, at, asked))
        return self.entries[-1]

    def in_force(self, phase: str) -> Entry | None:
        """What the council examines, or would (SIE-02, SIE-03, SIE-10)."""
        family = self.family_entries(phase)
        if not self.council_is_open(phase):
            return next((one for one in reversed(family) if one.fate != TOO_LATE), None)
        said = self.standing(phase)
        if said is not None and said.about is not None:
            return said.about
        school = [one for one in self.of_phase(phase) if one.by == SCHOOL]
        candidates = [one for one in family if one.fate == TAKEN or one.asked] or school
        return candidates[-1] if candidates else None

    def refusals_to_object(self, who: str, phase: str) -> set[str]:
        """Policy « objection »: until the entry closes, to the last version, once each, not to one's own."""
        refusals = self.refusals_of_person(who) | self.entry_is_closed(phase)
        if self.policies["objection"] == "NONE":
            refusals.add("NO_OBJECTION_ASKED")
        versions = self.family_entries(phase)
        if not versions:
            return refusals | {"NOTHING_VALIDATED", "STALE"}
        if versions[-1].by == who:
            refusals.add("OWN_ENTRY")
        return refusals | ({"ALREADY_OBJECTED"} if who in versions[-1].objectors else set())

    # --- what councils say (OPI) --------------------------------------------------------------------------------------
    def standing(self, phase: str) -> Statement | None:
        return next((one for one in self.statements if one.phase == phase and not one.withdrawn), None)

    def visible(self, phase: str) -> Statement | None:
        said = self.standing(phase)
        opens = self.window(phase, CONSULTATION)[0]
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
        if self.council_is_open(DEFINITIVE) or self.deadline(DEFINITIVE) <= self.now:
            refusals.add("TOO_LATE_TO_ACKNOWLEDGE")
        if self.author_only(said) not in (None, who):
            refusals.add("AUTHOR_ACKNOWLEDGES")
        return refusals

    def author_only(self, said: Statement) -> str | None:
        """Policy « author only »: until the definitive entry opens, and while the author can."""
        if self.policies["acknowledgement_by"] == "ANY" or said.about is None or said.about.by == SCHOOL:
            return None
        if self.window(DEFINITIVE, ENTRY)[0] <= self.now or self.authority(said.about.by):
            return None
        return said.about.by

    # --- the answer (ANS) ---------------------------------------------------------------------------------------------
    def consultation_is_closed(self) -> bool:
        opens, closes = self.window(DEFINITIVE, CONSULTATION)
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
        return None if entry is not None and entry.by == SCHOOL and not entry.asked else self.holder(DEFINITIVE)

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

    def disagreement(self) -> bool:
        """ANS-06…08: a refusal, the « non » of one, a silence once the consultation is over."""
        said = self.visible(DEFINITIVE)
        if said is None or any(one.origin == "ACCEPTANCE" for one in self.decisions):
            return False
        if said.answer and (said.answer.kind == "REFUSED" or not all(said.answer.said.values())):
            return True
        return self.consultation_is_closed() and (said.answer is None or bool(self.awaited()))

    def refusals_to_meet(self) -> set[str]:
        """Of a meeting held today; the same one again is the same one."""
        return set() if self.today() in self.meetings or self.disagreement() else {"NO_DISAGREEMENT"}

    def refusals_to_appeal(self) -> set[str]:
        if self.appealed is not None:
            return set() if self.appealed == self.today() else {"ALREADY_APPEALED"}
        notified = any(one.origin == "HEAD" and one.notified for one in self.decisions)
        return set() if notified else {"NOTHING_TO_APPEAL"}

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
    def publish(
        self, phase: str, division: str, about: Entry | None, values: dict[Key, str], entered: datetime
    ) -> None:
        """Read the day after it was given, from six in the morning after the night that brings it, school time."""
        former = self.standing(phase)
        if former is not None:
            former.withdrawn = True
        day_after = entered.astimezone(self.zone).date() + timedelta(days=1)
        day = max(day_after, self.today())
        morning = datetime.combine(day, time(6), self.zone)
        version = sum(one.phase == phase for one in self.statements) + 1
        self.statements.append(
            Statement(phase, division, version, about, values, entered, max(morning, self.now)),
        )
