"""What changes from a level to the other: schools, pathways, the details that a choice asks. Data, and draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import Any

from families.models import Level
from orientation.enums import AnsweredBy, Phase
from orientation.models import Campaign
from orientation.pathways import Choice

Key = tuple[str, str]
SPECIALTIES = (
    "ARTS", "BIOECO", "EPPCS", "HGGSP", "HLP", "LLCER", "LLCA", "MATHS", "NSI", "PC", "SVT", "SI", "SES",
)  # fmt: skip
SERIES = ("ST2S", "STAV", "STD2A", "STHR", "STI2D", "STL", "STMG", "S2TMD")
KINDS = ("1PRO", "2PRO", "CAP")
TEXTS = {
    "2PRO": ("Métiers de l’alimentation", "Métiers de la relation client", "Métiers du pilotage", ""),
    "CAP": ("Boulanger", "Menuisier", "Coiffure", ""),
}
LENGTHS = (40, 35, 25, 12, 8, 5, 4, 3, 3, 2, 10)  # how often a list has 1, 2… 11 choices


@dataclass(frozen=True, slots=True)
class Grade:
    """A level, as the play knows it: not the catalogue of the service, which it tests."""

    level: str
    name: str  # as the command says it
    school: str
    division: str  # « 3 A »
    mef: str
    age: int  # of most of its pupils, the year of the campaign
    division_size: int
    keys: tuple[Key, ...]  # everything that one may ask
    foreign: str  # a pathway of the other level
    policies: Mapping[str, Any]  # those of the level, where they are not the campaign's own defaults


THIRD = Grade(
    Level.THIRD, "3e", "Collège", "3", "10310019110", 14, 26,
    (("2GT", ""), ("2PRO", ""), ("CAP", "")), "1GEN", {},
)  # fmt: skip
SECOND_GT = Grade(
    Level.SECOND_GT, "2de", "Lycée", "2", "20010018110", 15, 32,
    (("1GEN", ""), *(("1TECHNO", series) for series in SERIES), ("1BTMUS", ""), ("VOIEPRO", "")), "CAP",
    {"max_choices": 11, "answered_by": AnsweredBy.ALL},
)  # fmt: skip
GRADES = {grade.level: grade for grade in (THIRD, SECOND_GT)}


@dataclass(frozen=True, slots=True)
class Menu:
    """What the families of a school may ask for in a phase: a level, the policies, the specialties offered there."""

    campaign: Campaign
    phase: str
    offer: tuple[str, ...] = ()

    @property
    def grade(self) -> Grade:
        return GRADES[self.campaign.level]

    @property
    def most(self) -> int:
        return min(self.campaign.max_choices, len(self.grade.keys))

    def draw(self, random: Random, *, other_than: Sequence[Choice] = ()) -> tuple[Choice, ...]:
        """A list in an order of preference, with its details; never the same list again."""
        while True:
            count = random.choices(range(1, self.most + 1), LENGTHS[: self.most])[0]
            choices = tuple(self.choice(random, key) for key in random.sample(self.grade.keys, k=count))
            if choices != tuple(other_than):
                return choices

    def choice(self, random: Random, key: Key) -> Choice:
        """One pathway with the details that it asks, and perhaps those that it allows."""
        code, series = key
        if code in TEXTS:
            text = random.choice(TEXTS[code]) if self.campaign.free_text else ""
            return Choice(code, "", text, random.random() < 0.6, random.random() < 0.4)
        if code == "VOIEPRO":
            text = random.choice(TEXTS["2PRO"]) if self.campaign.free_text else ""
            return Choice(code, "", text, random.random() < 0.6, random.random() < 0.4, (random.choice(KINDS),))
        return Choice(code, series, details=self.specialties(random) if code == "1GEN" else ())

    def specialties(self, random: Random) -> tuple[str, ...]:
        """As many subjects as the phase wants; where the school has said its offer, some are asked outside it."""
        inside = self.offer or SPECIALTIES
        outside = tuple(one for one in SPECIALTIES if one not in inside)
        elsewhere = bool(outside) and (random.random() < 0.3 or self.wanted(outside=False) > len(inside))
        wanted = self.wanted(outside=elsewhere)
        least = max(1, wanted - len(inside)) if elsewhere else 0
        there = random.sample(outside, k=least)
        return (*random.sample(inside, k=wanted - least), *(f"{one}:HORS" for one in there))

    def wanted(self, *, outside: bool) -> int:
        """P2G-02: three for the choice; for the intention, the campaign says."""
        if self.phase == Phase.DEFINITIVE:
            return 3
        return self.campaign.specialties_if_outside if outside else self.campaign.specialties

    def plain(self, key: Key) -> Choice:
        """One pathway, always the same."""
        return self.choice(Random(0), key)  # noqa: S311 (invented choices, not secrets)

    def too_many(self) -> tuple[Choice, ...]:
        """One more than the campaign allows, pathways repeated if need be."""
        return tuple(self.plain(key) for key in islice(cycle(self.grade.keys), self.campaign.max_choices + 1))
