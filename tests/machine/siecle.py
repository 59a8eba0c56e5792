"""Siècle Orientation and the nights, as simply as can be: what the school did there, and what has crossed (SIE)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.machine.facts import DEFINITIVE, SCHOOL, TAKEN, TOO_LATE, Answer, Decision, Entry, Key
from tests.machine.model import Dossier

# where a night may break, in the order of its steps; "" is a night that goes to its end
SENDING, REPORT, LINES, FEED, MERGE = "sending", "report", "report lines", "feed", "merge"
FAULTS = (SENDING, REPORT, LINES, FEED, MERGE)


@dataclass(eq=False)
class Event:
    """A council opened or reset; `known` once the service was told, at once or by the night."""

    what: str
    division: str
    phase: str
    at: datetime
    known: bool = False


@dataclass(eq=False)
class Typed:
    """A family's request typed by the school, or changed for it (SIE-04); `entry` is what the service made of it."""

    phase: str
    choices: tuple[Any, ...]
    at: datetime
    change: bool = False
    replaced: bool = False
    sent: bool = False
    entry: Entry | None = None


@dataclass(eq=False)
class Told:
    """What a council said, in Siècle."""

    phase: str
    division: str
    about: Entry | Typed | None
    values: dict[Key, str]
    at: datetime
    withdrawn: bool = False
    answered: bool = False


@dataclass(eq=False)
class Line:
    """What waits for the service. `body`: a Typed, a Told, (Told, kind, accepted) or a Decision."""

    kind: str
    body: Any


@dataclass
class Siecle:
    dossier: Dossier
    division: str = "3 A"  # where Siècle believes that the pupil is
    open: set[tuple[str, str]] = field(default_factory=set)  # (division, phase)
    events: list[Event] = field(default_factory=list)
    typed: list[Typed] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    received: dict[int, Any] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)

    # --- the school's acts --------------------------------------------------------------------------------------------
    def open_council(self, division: str, phase: str, *, told: bool) -> None:
        if (division, phase) in self.open:
            return
        self.open.add((division, phase))
        self.events.append(Event("OPENED", division, phase, self.dossier.now))
        if division == self.division:
            self.settle(phase)
        self.tell(told=told)

    def settle(self, phase: str) -> None:
        """SIE-02: the family's entry replaces what the school had typed, which goes to the service otherwise."""
        mine = [one for one in self.typed if one.phase == phase and not one.replaced and not one.change]
        if any(one.in_siecle == TAKEN for one in self.dossier.of_phase(phase)):
            for one in mine:
                one.replaced = True
        elif mine and not mine[-1].sent:
            self.send(mine[-1])

    def reset_council(self, division: str, phase: str, *, told: bool) -> str:
        if (division, phase) not in self.open:
            return "COUNCIL_NOT_OPEN"
        self.open.discard((division, phase))
        for one in self.told:
            one.withdrawn = one.withdrawn or (one.phase, one.division) == (phase, division)
        self.events.append(Event("RESET", division, phase, self.dossier.now))
        self.tell(told=told)
        return ""

    def is_open(self, phase: str) -> bool:
        return (self.division, phase) in self.open

    def tell(self, *, told: bool) -> None:
        if told:
            for event in self.events:
                self.hear(event)

    def hear(self, event: Event) -> None:
        """The service learns of a council, once (CAL-06, SIE-05)."""
        if event.known:
            return
        event.known = True
        council = (event.division, event.phase)
        if event.what == "OPENED":
            self.dossier.open_councils.add(council)
            return
        self.dossier.open_councils.discard(council)
        said = self.dossier.standing(event.phase)
        if said is not None and said.division == event.division:
            said.withdrawn = True

    def entry_in_force(self, phase: str) -> Entry | Typed | None:
        """The family's last version taken, changed or not, else the school's own (SIE-02…04, SIE-10)."""
        family = [one for one in self.dossier.of_phase(phase) if one.in_siecle == TAKEN and not one.replaced]
        typed = [one for one in self.typed if one.phase == phase and not one.replaced]
        candidates = family or [one for one in typed if one.change] or typed
        return candidates[-1] if candidates else None

    def is_familys(self, entry: Entry | Typed | None) -> bool:
        return isinstance(entry, Entry) or (entry is not None and entry.change)

    def type_entry(self, phase: str, choices: tuple[Any, ...]) -> str:
        if self.is_open(phase) and self.is_familys(self.entry_in_force(phase)):
            return "ENTERED_BY_FAMILY"
        self.typed.append(Typed(phase, choices, self.dossier.now))
        if self.is_open(phase):
            self.send(self.typed[-1])
        return ""

    def change_entry(self, phase: str, choices: tuple[Any, ...]) -> str:
        """SIE-04: at the family's request, from the opening of the council on; what was said of it is withdrawn."""
        former, said = self.entry_in_force(phase), self.standing(phase)
        if not self.is_open(phase):
            return "COUNCIL_NOT_OPEN"
        if self.decided:
            return "ALREADY_DECIDED"
        if former is None or not self.is_familys(former):
            return "NOTHING_TO_CHANGE"
        if former.choices == choices:
            return "SAME_LIST"
        if said is not None and said.answered:
            return "ALREADY_ANSWERED"
        if said is not None:
            said.withdrawn = True
        former.replaced = True
        for one in self.dossier.of_phase(phase):
            one.replaced = one.replaced or bool(one.in_siecle)
        self.typed.append(Typed(phase, choices, self.dossier.now, change=True, sent=True))
        self.lines.append(Line("CHANGE", self.typed[-1]))
        return ""

    def send(self, typed: Typed) -> None:
        typed.sent = True
        self.lines.append(Line("ENTRY", typed))

    def standing(self, phase: str) -> Told | None:
        return next((one for one in self.told if one.phase == phase and not one.withdrawn), None)

    def say(self, phase: str, values: dict[Key, str]) -> str:
        if not self.is_open(phase):
            return "COUNCIL_NOT_OPEN"
        about, former = self.entry_in_force(phase), self.standing(phase)
        if former is not None:
            if former.values == values and former.about is about:
                return ""
            if former.answered:
                return "ALREADY_ANSWERED"
            former.withdrawn = True
        self.told.append(Told(phase, self.division, about, values, self.dossier.now))
        self.lines.append(Line("STATEMENT", self.told[-1]))
        return ""

    def record_answer(self, kind: str, accepted: frozenset[Key]) -> str:
        said = self.standing(DEFINITIVE)
        if said is None:
            return "NO_STATEMENT"
        if said.answered:
            return "ALREADY_ANSWERED"
        proposed = {key for key, value in said.values.items() if value == "OUI"}
        if not accepted <= proposed or bool(accepted) != (kind == "ACCEPTED"):
            return "NOT_PROPOSED"
        said.answered = True
        self.lines.append(Line("ANSWER", (said, kind, accepted)))
        return ""

    def record_decision(self, decision: Decision) -> str:
        origin = decision.origin
        if self.decided if origin == "HEAD" else "APPEAL" in self.decided:
            return "ALREADY_DECIDED"
        if origin == "APPEAL" and "HEAD" not in self.decided:
            return "NOTHING_TO_APPEAL"
        self.decided.add(origin)
        self.lines.append(Line("DECISION", decision))
        return ""

    # --- the night ----------------------------------------------------------------------------------------------------
    def night(self, fault: str = "") -> None:
        """Send, hear what became of it, take what the school did; a night that breaks keeps what it had finished."""
        self.dossier.drop_lost_pens()
        for answer in (one.answer for one in self.dossier.statements if not one.withdrawn):
            if answer is not None:
                self.dossier.decide(answer)
        if fault == SENDING:
            return
        self.take_deposit()
        if fault in (REPORT, LINES):
            return
        for entry in self.dossier.entries:
            entry.fate = entry.in_siecle
        if fault not in (FEED, MERGE):
            self.merge()

    def take_deposit(self) -> None:
        if self.dossier.enrolled:
            self.division = self.dossier.division
        for entry in self.dossier.entries:
            if entry.by != SCHOOL and not entry.in_siecle:
                entry.in_siecle = TOO_LATE if self.is_open(entry.phase) else TAKEN
        for said in self.told:
            statement = self.received.get(id(said))
            said.answered = said.answered or bool(statement and statement.answer)
        self.decided |= {one.origin for one in self.dossier.decisions if one.by != SCHOOL}

    def merge(self) -> None:
        for event in self.events:
            self.hear(event)
        waiting, self.lines = self.lines, []
        for kind, take in (
            ("ENTRY", self.merge_entry), ("CHANGE", self.merge_change), ("STATEMENT", self.merge_statement),
            ("ANSWER", self.merge_answer), ("DECISION", self.merge_decision),
        ):  # fmt: skip
            for line in waiting:
                if line.kind == kind and not (kind == "ANSWER" and self.was_decided_before(line, waiting)):
                    take(line.body)

    def was_decided_before(self, line: Line, waiting: list[Line]) -> bool:
        """The school accepts nothing in the family's name once the head has decided (ANS-05)."""
        before = waiting[: waiting.index(line)]
        return line.body[1] == "ACCEPTED" and any(one.kind == "DECISION" for one in before)

    def merge_entry(self, typed: Typed) -> None:
        later = any(one.by == SCHOOL and one.at > typed.at for one in self.dossier.of_phase(typed.phase))
        if self.is_well_formed(typed) and not later:
            typed.entry = self.dossier.add_entry(typed.phase, SCHOOL, typed.choices, typed.at)

    def is_well_formed(self, typed: Typed) -> bool:
        """What the school offers, it knows better; the rest is the family's rule."""
        return self.dossier.refusals_of_choices(typed.choices, typed.phase, SCHOOL) <= {"SPECIALTY_NOT_OFFERED"}

    def merge_change(self, typed: Typed) -> None:
        dossier, phase = self.dossier, typed.phase
        since = [one for one in dossier.family_entries(phase) if one.at > typed.at and one.fate != TOO_LATE]
        known = [one for one in dossier.family_entries(phase) if one.fate == TAKEN or one.asked]
        said = dossier.standing(phase)
        if not self.is_well_formed(typed) or since or not known or dossier.decisions or (said and said.answer):
            return
        if known[-1].choices == typed.choices:
            return
        typed.entry = dossier.add_entry(phase, SCHOOL, typed.choices, typed.at, asked=True)
        if said is not None:
            said.withdrawn = True

    def merge_statement(self, said: Told) -> None:
        dossier, council = self.dossier, (said.division, said.phase)
        resets = [one.at for one in self.events if one.what == "RESET" and (one.division, one.phase) == council]
        if any(at > said.at for at in resets):
            return
        standing = dossier.standing(said.phase)
        if (standing and standing.answer) or (said.phase == DEFINITIVE and dossier.decisions):
            return
        about = said.about.entry if isinstance(said.about, Typed) else said.about
        changed = max((one.version for one in dossier.of_phase(said.phase) if one.asked), default=0)
        if (said.about is not None and about is None) or changed > (about.version if about else 0):
            return  # of a request that did not come, or that was changed since
        dossier.publish(said.phase, said.division, about, said.values, said.at)
        self.received[id(said)] = dossier.statements[-1]

    def merge_answer(self, body: tuple[Told, str, frozenset[Key]]) -> None:
        said, kind, accepted = body
        statement = self.received.get(id(said))
        if statement is None or statement.withdrawn or statement.answer:
            return
        if len(accepted) > 1 and self.dossier.policies["acceptances"] == "ONE":
            return
        if kind == "ACCEPTED" and self.dossier.decisions:
            return
        statement.answer = Answer(SCHOOL, kind, accepted)
        self.dossier.decide(statement.answer)

    def merge_decision(self, decision: Decision) -> None:
        known = {one.origin for one in self.dossier.decisions}
        if known == (set() if decision.origin == "HEAD" else {"HEAD"}):
            self.dossier.decisions.append(decision)
