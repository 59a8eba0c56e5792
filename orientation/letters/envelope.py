"""Whom a letter is for, and what it is about: everything its wording needs, read once."""

from dataclasses import dataclass
from datetime import date, datetime
from email.utils import formataddr
from typing import Any
from uuid import UUID

from families.models import School
from orientation import dates
from orientation.facts import Facts, FamilyAnswerFact, SignatureFact, StatementFact, SubmissionFact
from orientation.rules import student_acts


class NoAddress(LookupError):
    """Nobody to write to: no valid address (MAI-06), or no longer a legal representative (ACC-02)."""


class NothingToSay(LookupError):
    """What the letter was to say is no longer true: it does not leave (MAI-08)."""


class UnknownVersion(LookupError):
    """The dossier has no such entry, statement, answer, agreement or decision."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a kind of letter says: a subject, and a template of `templates/emails` with its values."""

    subject: str
    template: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One reader, one dossier, one instant. `data` is what the act wrote beside the letter.

    `recapped`: the entries whose recap this reader was already sent, oldest sending first.
    """

    reader: UUID
    reader_name: str
    address: str
    facts: Facts
    school: School
    division: str
    about: UUID | None
    data: dict[str, Any]
    now: datetime
    recapped: tuple[UUID, ...] = ()

    @property
    def for_child(self) -> str:
        """« pour Camille Martin », nothing when the pupil reads. « pour » needs no elision, whatever the name."""
        return "" if self.reader == self.facts.student else f" pour {self.facts.student_name}"

    @property
    def pupil_acts(self) -> bool:
        return student_acts(self.facts, self.now)

    @property
    def others(self) -> int:
        """How many legal representatives there are beside the reader."""
        return sum(one.uuid != self.reader for one in self.facts.representatives)

    @property
    def sender(self) -> str:
        return formataddr(("Service Orientation", self.school.academy.sender_email))

    def moment(self, at: datetime) -> str:
        return dates.moment(at, self.facts.timezone)

    def until(self, end: datetime) -> str:
        return dates.until(end, self.facts.timezone)

    def from_day(self, at: datetime) -> str:
        return f"à partir du {dates.day(at.astimezone(self.facts.timezone).date())}"

    def day(self, value: date) -> str:
        return dates.day(value)

    def submission(self) -> SubmissionFact:
        found = self.facts.submission(self.about)
        if found is None:
            raise UnknownVersion(f"entry {self.about}")
        return found

    def statement(self) -> StatementFact:
        for one in self.facts.statements:
            if one.uuid == self.about:
                return one
        raise UnknownVersion(f"statement {self.about}")

    def answer(self) -> tuple[StatementFact, FamilyAnswerFact]:
        for one in self.facts.statements:
            if one.family_answer and one.family_answer.uuid == self.about:
                return one, one.family_answer
        raise UnknownVersion(f"answer {self.about}")

    def agreement(self) -> tuple[StatementFact, FamilyAnswerFact, SignatureFact]:
        for one in self.facts.statements:
            for said in one.family_answer.agreements if one.family_answer else ():
                if one.family_answer and said.uuid == self.about:
                    return one, one.family_answer, said
        raise UnknownVersion(f"agreement {self.about}")
