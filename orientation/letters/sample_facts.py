"""A made-up family and its year, as facts: what the sample letters are about. Nothing here comes from a database."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from families.models import Academy, School
from orientation.enums import AnswerKind, AuthorKind, DecisionOrigin, Phase, Proposal, WindowKind
from orientation.facts import (
    AnswerLine,
    DecisionFact,
    Facts,
    FamilyAnswerFact,
    Person,
    Policies,
    SignatureFact,
    StatementFact,
    SubmissionFact,
    Window,
)
from orientation.letters.envelope import Envelope
from orientation.pathways import THIRD, Choice

PARIS = ZoneInfo("Europe/Paris")
PUPIL, MOTHER, FATHER = UUID(int=1), UUID(int=2), UUID(int=3)
NAMES = {PUPIL: "Camille Diallo", MOTHER: "Awa Diallo", FATHER: "Jean-Noël L’Hôte"}
GT = Choice("2GT")
PRO = Choice("2PRO", free_text="Métiers de l’alimentation", apprentice_status=True)
CAP = Choice("CAP", free_text="Boulanger", school_status=True)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=PARIS)


INTENTIONS, OPINIONS, CHOICES, PROPOSALS = at(1, 20, 19), at(3, 10, 19), at(5, 5, 20), at(6, 5, 20)
CLOSED = at(2, 24, 8)
WINDOWS = (
    ((Phase.PROVISIONAL, WindowKind.ENTRY), Window(at(1, 12, 8), at(2, 21))),
    ((Phase.PROVISIONAL, WindowKind.CONSULTATION), Window(at(3, 2, 8), at(5, 1))),
    ((Phase.DEFINITIVE, WindowKind.ENTRY), Window(at(4, 27, 8), at(5, 30))),
    ((Phase.DEFINITIVE, WindowKind.CONSULTATION), Window(at(6, 2, 8), at(6, 13))),
)
FACTS = Facts(
    id=0,
    uuid=UUID(int=10),
    level=THIRD,
    policies=Policies(),
    timezone=PARIS,
    student=PUPIL,
    student_name=NAMES[PUPIL],
    birth_date=date(2011, 3, 14),
    uai="0690001A",
    representatives=(Person(MOTHER, NAMES[MOTHER], account=1), Person(FATHER, NAMES[FATHER], account=2)),
    windows=WINDOWS,
)
OF_AGE = replace(FACTS, birth_date=date(2008, 1, 2))


def school() -> School:
    academy = Academy(code="10", name="Lyon", sender_email="orientation@ac-lyon.invalid")
    return School(
        uai="0690001A", name="Collège Lucie-Aubrac", academy=academy, phone="04 00 00 00 00",
        email="ce.0690001a@ac-lyon.invalid",
    )  # fmt: skip


def envelope(facts: Facts, reader: UUID, now: datetime, *, about: UUID | None = None, **more: Any) -> Envelope:
    """`more`: `recapped`; any other name is what the act wrote beside the letter."""
    recapped = more.pop("recapped", ())
    return Envelope(
        reader=reader, reader_name=NAMES[reader], address="famille@exemple.invalid", facts=facts, school=school(),
        division="3 A", about=about, data=more, now=now, recapped=recapped,
    )  # fmt: skip


def entry(phase: Phase, *choices: Choice, when: datetime, by: UUID = MOTHER, **values: Any) -> SubmissionFact:
    """Its number is that of its day: `version` follows the order of the days."""
    kind = AuthorKind.STUDENT if by == PUPIL else AuthorKind.REPRESENTATIVE
    version = when.timetuple().tm_yday
    known = {"author_kind": kind, "author": by, "author_name": NAMES[by], **values}
    return SubmissionFact(
        uuid=UUID(int=1000 + version), phase=phase, version=version, at=when, choices=choices, **known
    )  # fmt: skip


def statement(
    phase: Phase, of: SubmissionFact, *said: tuple[Choice, str], when: datetime, **values: Any
) -> StatementFact:
    version = when.timetuple().tm_yday
    lines = tuple(
        AnswerLine(number, choice.pathway, choice.series, True, value) for number, (choice, value) in enumerate(said)
    )
    return StatementFact(
        uuid=UUID(int=2000 + version), phase=phase, version=version, submission=of.uuid, published_at=when,
        answers=lines, **values,
    )  # fmt: skip


def signed(by: UUID, when: datetime, *, agrees: bool | None = None) -> SignatureFact:
    return SignatureFact(UUID(int=3000 + by.int), by, NAMES[by], when, agrees)


def answer(*accepted: Choice, agreements: tuple[SignatureFact, ...] = ()) -> FamilyAnswerFact:
    return FamilyAnswerFact(
        uuid=UUID(int=4000),
        kind=AnswerKind.ACCEPTED if accepted else AnswerKind.REFUSED,
        author_kind=AuthorKind.REPRESENTATIVE,
        author=MOTHER,
        author_name=NAMES[MOTHER],
        at=PROPOSALS,
        accepted=tuple(choice.key for choice in accepted),
        agreements=agreements,
    )


def decision(origin: DecisionOrigin, *, notified_on: date | None = None) -> DecisionFact:
    return DecisionFact(UUID(int=5000), origin, at(6, 11, 2), notified_on, (PRO.key,))


ENTRY = entry(Phase.PROVISIONAL, GT, PRO, when=INTENTIONS)
CHOSEN = entry(Phase.DEFINITIVE, GT, PRO, CAP, when=CHOICES)
PROPOSED = statement(
    Phase.DEFINITIVE, CHOSEN, (GT, Proposal.NO), (PRO, Proposal.YES), (CAP, Proposal.YES), when=at(6, 3, 8)
)  # fmt: skip
GIVEN = statement(Phase.PROVISIONAL, ENTRY, (GT, "Réservé"), (PRO, "Favorable"), when=at(3, 5, 8))


def answered(what: FamilyAnswerFact, facts: Facts = FACTS, **values: Any) -> Facts:
    """The proposals and their answer."""
    return replace(facts, submissions=(CHOSEN,), statements=(replace(PROPOSED, family_answer=what),), **values)
