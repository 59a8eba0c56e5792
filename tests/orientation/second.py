"""A family after 2de GT: eleven choices, a school that offers seven specialty subjects (P2G-01…04)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from ledger.journal import Actor
from ledger.models import ActorKind
from orientation import actions
from orientation.enums import Phase, Proposal
from orientation.models import Submission
from orientation.pathways import SERIES, Choice
from tests.factories import (
    CHOICES_CLOSE,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    INTENTIONS_CLOSE,
    Family,
    accepted,
    actor,
    council,
    family,
    staff,
    statement,
)

At = Callable[[datetime], None]
OFFER = ("HGGSP", "HLP", "LLCER", "MATHS", "PC", "SES", "SVT")
INTENTION = Choice("1GEN", details=("MATHS", "PC", "SVT", "NSI:HORS", "SI:HORS"))
GENERAL = Choice("1GEN", details=("MATHS", "PC", "NSI:HORS"))
STMG, ST2S = Choice("1TECHNO", series="STMG"), Choice("1TECHNO", series="ST2S")
MUSIC = Choice("1BTMUS")
VOCATIONAL = Choice("VOIEPRO", details=("1PRO",), free_text="Métiers du son", apprentice_status=True)
TECHNO = tuple(Choice("1TECHNO", series=code) for code, _ in SERIES)
ELEVEN = (INTENTION, *TECHNO, MUSIC, VOCATIONAL)


def offers(of: Family, specialties: Iterable[str] = OFFER) -> None:
    school = of.student.school
    person = staff(school)
    by = Actor(ActorKind.SCHOOL, person.uuid, "Direction")
    actions.set_specialty_offer(
        campaign=of.dossier.campaign, school=school, specialties=specialties, user=person, by=by
    )


def second(offer: Iterable[str] = OFFER, **values: Any) -> Family:
    """`offer`: nothing, the school has not said it."""
    made = family(level="2GT", mef="20010019110", **values)
    if offer:
        offers(made, offer)
    return made


def enters(of: Family, choices: Iterable[Choice], phase: str = Phase.PROVISIONAL) -> Submission:
    return actions.submit_choices(
        dossier=of.dossier.uuid, phase=phase, choices=tuple(choices), base_version=0, by=actor(of.mother)
    )


def open_to_second(of: Family, at: At) -> None:
    at(DURING_INTENTIONS)
    offers(of)


def eleven_drafted(of: Family, at: At) -> None:
    open_to_second(of, at)
    actions.add_choices(
        dossier=of.dossier.uuid, phase=Phase.PROVISIONAL, choices=ELEVEN, user=of.mother.user, by=actor(of.mother)
    )


def offer_changed(of: Family, at: At) -> None:
    """NSI comes into the school while the family's list asks for it elsewhere."""
    eleven_drafted(of, at)
    offers(of, (*OFFER, "NSI"))


def eleven_entered(of: Family, at: At) -> None:
    open_to_second(of, at)
    enters(of, ELEVEN)


def second_acknowledged(of: Family, at: At) -> None:
    open_to_second(of, at)
    made = enters(of, (INTENTION, STMG))
    accepted(of, made)
    council(of, opened_at=INTENTIONS_CLOSE)
    statement(
        of, answers=[(INTENTION, "Réservé"), (STMG, "Favorable")], beside=[ST2S], published_at=DURING_OPINIONS,
        submission=made,
    )  # fmt: skip
    at(DURING_OPINIONS)
    given = of.dossier.statements.get()
    actions.acknowledge(dossier=of.dossier.uuid, statement=given.uuid, by=actor(of.father))


def second_choosing(of: Family, at: At) -> None:
    second_acknowledged(of, at)
    at(DURING_CHOICES)


def second_proposed(of: Family, at: At) -> None:
    second_choosing(of, at)
    made = enters(of, (GENERAL, STMG, VOCATIONAL), Phase.DEFINITIVE)
    accepted(of, made)
    council(of, Phase.DEFINITIVE, opened_at=CHOICES_CLOSE)
    answers = [(GENERAL, Proposal.NO), (STMG, Proposal.YES), (VOCATIONAL, Proposal.NO)]
    statement(of, Phase.DEFINITIVE, answers=answers, beside=[ST2S], published_at=DURING_PROPOSALS, submission=made)
    at(DURING_PROPOSALS)


def second_answered(of: Family, at: At) -> None:
    """The mother accepts 1re STMG and 1re ST2S; the father has still to agree (ANS-06)."""
    second_proposed(of, at)
    version = of.dossier.statements.get(phase=Phase.DEFINITIVE)
    actions.answer_proposals(
        dossier=of.dossier.uuid, statement=version.uuid, kind="ACCEPTED", accepted=[STMG.key, ST2S.key],
        by=actor(of.mother),
    )  # fmt: skip


def second_decided(of: Family, at: At) -> None:
    second_answered(of, at)
    answer = of.dossier.statements.get(phase=Phase.DEFINITIVE).family_answer
    actions.agree(dossier=of.dossier.uuid, answer=answer.uuid, agrees=True, by=actor(of.father))
