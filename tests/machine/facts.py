"""What the model remembers of a dossier: versions, answers, statements, decisions. Nothing comes from the program."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

PROVISIONAL, DEFINITIVE = "PROVISIONAL", "DEFINITIVE"
ENTRY, CONSULTATION = "ENTRY", "CONSULTATION"
PUPIL, SCHOOL = "pupil", "school"
TAKEN, TOO_LATE = "ACCEPTED", "NOT_PROCESSED"
Key = tuple[str, str]


@dataclass(eq=False)
class Entry:
    """One version. `by`: who validated it, or the school.

    `fate` is what Siècle answered and we know, `in_siecle` what it made of it.
    """

    phase: str
    version: int
    by: str
    choices: tuple[Any, ...]
    at: datetime
    asked: bool = False  # changed by the school at the family's request (SIE-04)
    fate: str = ""
    in_siecle: str = ""
    replaced: bool = False  # in Siècle, by such a change
    objectors: set[str] = field(default_factory=set)


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
    division: str
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
    notified: date | None = None
