"""What happens in a school between the opening of its campaign and the day of the demonstration.

Everything goes through the actions, the simulated desk and the real night; a scene is a date and an act.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from families.access import as_representative
from families.models import Academy, Division, Level, Representative, Student
from ledger.journal import Actor
from ledger.models import ActorKind
from orientation import actions
from orientation.enums import AnswerKind, Phase, Proposal, WindowKind
from orientation.models import Dossier
from orientation.pathways import Choice
from orientation.reading import load_facts
from orientation.rules import last_entry, last_statement, proposed
from siecle_sync.demo.calendar import TODAY, YEAR, Place
from siecle_sync.demo.lists import COMMENTS, LISTS, SIMPLEST, after_second
from siecle_sync.demo.people import Home
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision
from siecle_sync.night import run_night

P, D = Phase.PROVISIONAL, Phase.DEFINITIVE
ENTRY, CONSULTATION = WindowKind.ENTRY, WindowKind.CONSULTATION
# The homes whose own story stops there, or is told in situations.py.
NOT_SIGNING = {"avis", "attente", "avis-modifies", "demande-modifiee"}
AT_ONCE = {"entretien", "appel"}  # they answer the first evening
REFUSING = {"desaccord"} | AT_ONCE


@dataclass(frozen=True, slots=True)
class Scene:
    """`night`: the académie whose night it is, if it is one."""

    at: datetime
    act: Callable[[], None]
    night: str = ""


@dataclass
class Story:
    """The acts of one school. `silent` homes do not enter; the key of a home says where its own story stops."""

    place: Place
    homes: list[Home]
    divisions: list[Division]
    seed: int = 1
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 (invented acts, not secrets)

    def scenes(self) -> Iterator[Scene]:
        """Every act due by the evening of the demonstration, in order."""
        due = [*self._phase(P), *self._acknowledgements(), *self._phase(D), *self._answers()]
        return iter(sorted((one for one in due if one.at.date() <= TODAY), key=lambda one: one.at))

    def _phase(self, phase: str) -> Iterator[Scene]:
        first, last = self.place.days(phase, ENTRY)
        council = last + timedelta(days=3)
        for home in self.homes:
            day = first + timedelta(days=self.random.randint(0, 3))
            yield Scene(self._evening(day), lambda home=home: self._enter(home, phase))
        yield from self._nights(first, first + timedelta(days=3))
        yield Scene(self.place.at(council, 8), lambda: self._type_missing(phase))
        yield Scene(self.place.at(council, 9), lambda: self._open_councils(phase))
        yield Scene(self.place.at(council, 18), lambda: self._type_statements(phase))
        yield from self._nights(council, council)

    def _acknowledgements(self) -> Iterator[Scene]:
        first, _ = self.place.days(P, CONSULTATION)
        for home in self.homes:
            day = first + timedelta(days=self.random.randint(1, 5))
            yield Scene(self._evening(day), lambda home=home: self._acknowledge(home))
        yield from self._nights(first + timedelta(days=6), first + timedelta(days=6))

    def _answers(self) -> Iterator[Scene]:
        first, _ = self.place.days(D, CONSULTATION)
        for home in self.homes:
            day = first + timedelta(days=0 if home.key in AT_ONCE else self.random.randint(1, 6))
            yield Scene(self._evening(day), lambda home=home: self._answer(home))
        yield from self._nights(first + timedelta(days=7), first + timedelta(days=7))

    def _evening(self, day: date) -> datetime:
        return self.place.at(day, self.random.randint(17, 20), self.random.randint(0, 59))

    def _nights(self, first: date, last: date) -> Iterator[Scene]:
        """The night that follows each of these days."""
        for offset in range((last - first).days + 1):
            yield self.night(first + timedelta(days=offset + 1))

    def night(self, day: date) -> Scene:
        academy = Academy.objects.get(pk=self.place.academy)
        return Scene(self.place.at(day, 2), lambda: run_night(academy), self.place.academy)

    # --- what families do

    def _enter(self, home: Home, phase: str) -> None:
        if home.key in {"intentions", "jumelle"} or (home.key in {"choix", "attente", "2de"} and phase == D):
            return
        if not home.key and self.random.random() < 0.15:
            return
        facts = load_facts(self.dossier(home))
        if phase == D and not any(one.acknowledgement for one in facts.statements):
            return
        last = last_entry(facts, phase)
        by = self.session(home.writer)
        actions.submit_choices(
            dossier=facts.uuid, phase=phase, choices=self._list(home, phase), by=by,
            base_version=last.version if last else 0,
        )  # fmt: skip
        self._sign_out(by)

    def _list(self, home: Home, phase: str) -> tuple[Choice, ...]:
        if self.place.level == Level.SECOND_GT:
            lists = after_second(phase)
            return lists[0] if home.key == "2de" else lists[self.random.randrange(len(lists))]
        if home.key == "decision":
            return LISTS[1]
        return LISTS[self.random.randrange(len(LISTS))] if not home.key else LISTS[3 if phase == P else 2]

    def _acknowledge(self, home: Home) -> None:
        facts = load_facts(self.dossier(home))
        said = last_statement(facts, P)
        if home.key in NOT_SIGNING or said is None or (not home.key and self.random.random() < 0.2):
            return
        by = self.session(home.parents[-1] if home.writer in home.parents else home.writer)
        actions.acknowledge(dossier=facts.uuid, statement=said.uuid, by=by)
        self._sign_out(by)

    def _answer(self, home: Home) -> None:
        facts = load_facts(self.dossier(home))
        said = last_statement(facts, D)
        if home.key == "propositions" or said is None or last_entry(facts, D) is None:
            return
        if not home.key and self.random.random() < 0.3:
            return
        offered = proposed(said)
        accepted = () if home.key in REFUSING else offered[:1]
        kind = AnswerKind.ACCEPTED if accepted else AnswerKind.REFUSED
        by = self.session(home.mother)
        actions.answer_proposals(dossier=facts.uuid, statement=said.uuid, kind=kind, accepted=accepted, by=by)
        self._sign_out(by)

    # --- what the school does in Siècle Orientation

    def _type_missing(self, phase: str) -> None:
        """The school types the request of some families who did not use the service (SIE-10)."""
        for row in self._rows(phase):
            if row.entry is None and self.random.random() < 0.6:
                desk.type_entry(row.pupil, phase=phase, choices=[SIMPLEST[self.place.level]])

    def _open_councils(self, phase: str) -> None:
        for division in self.divisions:
            desk.open_council(self._desk_division(division), phase=phase, held_on=self._council_day(phase))

    def _type_statements(self, phase: str) -> None:
        for row in self._rows(phase):
            if row.entry is not None:
                desk.type_statement(row.pupil, phase=phase, answers=self._opinions(row.entry.choices, phase))

    def _opinions(self, choices: list[dict[str, str]], phase: str) -> list[dict[str, str]]:
        answers = []
        for rank, choice in enumerate(choices):
            if phase == P:
                value = self.random.choice(["Favorable", "Favorable", "Réservé", "Défavorable"])
                comment = COMMENTS[value]
            else:
                value = Proposal.YES if rank == len(choices) - 1 or self.random.random() < 0.6 else Proposal.NO
                comment = "" if value == Proposal.YES else "Le conseil recommande une voie plus concrète."
            answers.append({**_key(choice), "value": str(value), "comment": comment})
        asked = {choice["pathway"] for choice in choices}
        if phase == D and self.place.level == Level.THIRD and "CAP" not in asked:
            answers.append({"pathway": "CAP", "value": str(Proposal.YES), "comment": "Une autre voie possible."})
        return answers

    def _rows(self, phase: str) -> Iterator[desk.PupilRow]:
        for division in self.divisions:
            yield from desk.pupils_of(self._desk_division(division), phase=phase)

    def _desk_division(self, division: Division) -> MockDivision:
        return desk.find_division(uai=self.place.uai, year=YEAR, code=division.code, level=self.place.level)

    def _council_day(self, phase: str) -> date:
        return self.place.days(phase, ENTRY)[1] + timedelta(days=4)

    # --- who

    def dossier(self, home: Home) -> UUID:
        return Dossier.objects.get(student=home.student).uuid

    def session(self, person: Representative | Student) -> Actor:
        if isinstance(person, Student):
            return Actor(ActorKind.STUDENT, person.uuid, person.full_name, uuid4())
        return as_representative(person, sid=uuid4())

    def _sign_out(self, by: Actor) -> None:
        if by.sid is not None:
            actions.sign_out(sid=by.sid)


def _key(choice: dict[str, str]) -> dict[str, str]:
    return {"pathway": choice["pathway"], "series": choice["series"]}
