"""What the documents share: a block of words, a ranked list, who and when. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from families.models import Level, School
from orientation.dates import day, instant, zone_words
from orientation.enums import Proposal
from orientation.facts import AnswerLine, Facts, StatementFact, SubmissionFact
from orientation.models import Dossier
from orientation.pathways import Choice

THE_SCHOOL = "l’établissement"
LEVELS = {Level.THIRD: "Orientation après la 3e", Level.SECOND_GT: "Orientation après la 2de GT"}


@dataclass(frozen=True, slots=True)
class Where:
    """The pupil's school and division of today, and the school year (2025 is 2025-2026)."""

    school: School
    division: str
    year: int

    @property
    def years(self) -> str:
        return f"{self.year}-{self.year + 1}"


def where(dossier: Dossier) -> Where:
    """The dossier has its campaign, its pupil's school with its académie, and its division at hand: no query."""
    division = dossier.student.division
    return Where(dossier.student.school, division.code if division else "", dossier.campaign.year)


@dataclass(frozen=True, slots=True)
class Item:
    """A pathway, and what is said of it underneath."""

    label: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What the council says of one pathway."""

    label: str
    said: str
    comment: str


@dataclass(frozen=True, slots=True)
class Block:
    """Paragraphs, then a ranked list, then a table of answers; what is empty does not show."""

    title: str
    text: tuple[str, ...] = ()
    ranked: tuple[Item, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


def ranked(choices: Iterable[Choice]) -> tuple[Item, ...]:
    return tuple(Item(one.label, one.lines) for one in choices)


def rows_of(statement: StatementFact) -> tuple[Row, ...]:
    return tuple(_row(one) for one in statement.answers)


def _row(line: AnswerLine) -> Row:
    label = line.label if line.requested else f"{line.label} (voie non demandée)"
    said = str(Proposal(line.value).label) if line.value in Proposal else line.value
    return Row(label, said, one_line(line.comment))


def one_line(text: str) -> str:
    """What a person typed never makes lines of its own."""
    return " ".join(text.split())


def author(by: SubmissionFact) -> str:
    """Who of the family did it; the school is not named by the person who typed (SIE-10)."""
    return by.author_name if by.author else THE_SCHOOL


def on(at: datetime, facts: Facts) -> str:
    """« le mardi 20 janvier 2026 à 19 h 05 »: the document names the time zone once."""
    return f"le {instant(at, facts.timezone)}"


def identity(facts: Facts, where: Where) -> tuple[tuple[str, str], ...]:
    """Who and where: names only, no address and no telephone of a parent (ACC-06)."""
    parents = ", ".join(one.name for one in facts.representatives) or "aucun n’est connu"
    return (
        ("Élève", facts.student_name),
        ("Date de naissance", birthday(facts.birth_date)),
        ("Représentants légaux", parents),
        ("Établissement", f"{where.school.name} ({where.school.uai})"),
        ("Division", where.division or "pas encore connue"),
        ("Année scolaire", where.years),
    )


def birthday(value: date) -> str:
    """« 8 mai 2011 »: nobody asks on which weekday."""
    return day(value).partition(" ")[2]


def issued(facts: Facts, now: datetime) -> str:
    return (
        f"Document établi {on(now, facts)} par le service Orientation. "
        f"Les heures de ce document sont à l’{zone_words(facts.timezone)}."
    )
