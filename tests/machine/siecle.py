"""Siècle Orientation and the nights, as simply as can be: what the school did there, and what has crossed (SIE)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.machine.model import DEFINITIVE, PROVISIONAL, SCHOOL, TAKEN, TOO_LATE, Answer, Decision, Dossier, Entry, Key

PHASES = (PROVISIONAL, DEFINITIVE)
# where a night may break, in the order of its steps; "" is a night that goes to its end
SENDING, REPORT, LINES, FEED, MERGE = "sending", "report", "report lines", "feed", "merge"
FAULTS = (SENDING, REPORT, LINES, FEED, MERGE)


@dataclass(eq=False)
class Event:
    """A council opened or reset; `known` once the service was told, at once or by the night."""

    what: str
    phase: str
    at: datetime
    known: bool = False


@dataclass(eq=False)
class Typed:
    """A family's request typed by the school; `entry` is what the service made of it."""

    phase: str
    choices: tuple[Any, ...]
    replaced: bool = False
    sent: bool = False
    entry: Entry | None = None


@dataclass(eq=False)
class Told:
    """What a council said, in Siècle."""

    phase: str
    about: Entry | Typed | None
    values: dict[Key, str]
    at: datetime
    withdrawn: bool = False
    answered: bool = False


@dataclass(eq=False)
class Line:
    """What waits for the service. `body`: a Typed, a Told, (Told, kind, accepted) or (origin, pathways)."""

    kind: str
    body: Any


@dataclass
class Siecle:
    dossier: Dossier
    open: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    typed: list[Typed] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    received: dict[int, Any] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)

    # --- the school's acts --------------------------------------------------------------------------------------------
    def open_council(self, phase: str, *, told: bool) -> None:
        if phase in self.open:
            return
        self.open.add(phase)
        self.events.append(Event("OPENED", phase, self.dossier.now))
        mine = [one for one in self.typed if one.phase == phase and not one.replaced]
        if self.taken(phase):
            for one in mine:
                one.replaced = True
        elif mine and not mine[-1].sent:
            self.send(mine[-1])
        self.tell(told=told)

    def reset_council(self, phase: str, *, told: bool) -> str:
        if phase not in self.open:
            return "COUNCIL_NOT_OPEN"
        self.open.discard(phase)
        for one in self.told:
            one.withdrawn = one.withdrawn or one.phase == phase
        self.events.append(Event("RESET", phase, self.dossier.now))
        self.tell(told=told)
        return ""

    def tell(self, *, told: bool) -> None:
        if told:
            for event in self.events:
                self.hear(event)

    def hear(self, event: Event) -> None:
        """The service learns of a council, once (CAL-06, SIE-05)."""
        if event.known:
            return
        event.known = True
        if event.what == "OPENED":
            self.dossier.open_councils.add(event.phase)
        else:
            self.dossier.open_councils.discard(event.phase)
            self.dossier.withdraw(event.phase)

    def taken(self, phase: str) -> list[Entry]:
        return [one for one in self.dossier.family_entries(phase) if one.in_siecle == TAKEN]

    def entry_in_force(self, phase: str) -> Entry | Typed | None:
        typed = [one for one in self.typed if one.phase == phase and not one.replaced]
        candidates = self.taken(phase) or typed
        return candidates[-1] if candidates else None

    def type_entry(self, phase: str, choices: tuple[Any, ...]) -> str:
        if phase in self.open and self.taken(phase):
            return "ENTERED_BY_FAMILY"
        self.typed.append(Typed(phase, choices))
        if phase in self.open:
            self.send(self.typed[-1])
        return ""

    def send(self, typed: Typed) -> None:
        typed.sent = True
        self.lines.append(Line("ENTRY", typed))

    def standing(self, phase: str) -> Told | None:
        return next((one for one in self.told if one.phase == phase and not one.withdrawn), None)

    def say(self, phase: str, values: dict[Key, str]) -> str:
        if phase not in self.open:
            return "COUNCIL_NOT_OPEN"
        about, former = self.entry_in_force(phase), self.standing(phase)
        if former is not None:
            if former.values == values and former.about is about:
                return ""
            if former.answered:
                return "ALREADY_ANSWERED"
            former.withdrawn = True
        self.told.append(Told(phase, about, values, self.dossier.now))
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

    def record_decision(self, origin: str, pathways: frozenset[Key]) -> str:
        if self.decided if origin == "HEAD" else "APPEAL" in self.decided:
            return "ALREADY_DECIDED"
        if origin == "APPEAL" and "HEAD" not in self.decided:
            return "NOTHING_TO_APPEAL"
        self.decided.add(origin)
        self.lines.append(Line("DECISION", (origin, pathways)))
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
        for entry in self.dossier.entries:
            if entry.by != SCHOOL and not entry.in_siecle:
                entry.in_siecle = TOO_LATE if entry.phase in self.open else TAKEN
        for said in self.told:
            statement = self.received.get(id(said))
            said.answered = said.answered or bool(statement and statement.answer)
        self.decided |= {one.origin for one in self.dossier.decisions if one.by != SCHOOL}

    def merge(self) -> None:
        for event in self.events:
            self.hear(event)
        waiting, self.lines = self.lines, []
        for kind, take in (
            ("ENTRY", self.merge_entry), ("STATEMENT", self.merge_statement), ("ANSWER", self.merge_answer),
            ("DECISION", self.merge_decision),
        ):  # fmt: skip
            for line in waiting:
                if line.kind == kind:
                    take(line.body)

    def merge_entry(self, typed: Typed) -> None:
        version = len(self.dossier.of_phase(typed.phase)) + 1
        typed.entry = Entry(typed.phase, version, SCHOOL, typed.choices)
        self.dossier.entries.append(typed.entry)

    def merge_statement(self, said: Told) -> None:
        reset_since = any(one.what == "RESET" and one.phase == said.phase and one.at > said.at for one in self.events)
        standing = self.dossier.standing(said.phase)
        if reset_since or (standing and standing.answer) or (said.phase == DEFINITIVE and self.dossier.decisions):
            return
        about = said.about.entry if isinstance(said.about, Typed) else said.about
        self.dossier.publish(said.phase, about, said.values, said.at)
        self.received[id(said)] = self.dossier.statements[-1]

    def merge_answer(self, body: tuple[Told, str, frozenset[Key]]) -> None:
        said, kind, accepted = body
        statement = self.received.get(id(said))
        if statement is None or statement.withdrawn or statement.answer:
            return
        if kind == "ACCEPTED" and self.dossier.decisions:
            return
        statement.answer = Answer(SCHOOL, kind, accepted)
        self.dossier.decide(statement.answer)

    def merge_decision(self, body: tuple[str, frozenset[Key]]) -> None:
        origin, pathways = body
        known = {one.origin for one in self.dossier.decisions}
        if known != (set() if origin == "HEAD" else {"HEAD"}):
            return
        self.dossier.decisions.append(Decision(origin, pathways))
