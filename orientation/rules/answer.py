"""Answering the proposals, agreeing, and the decision that follows (ANS)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from orientation.enums import Acceptances, AnsweredBy, AnswerKind, AuthorKind, Phase, Proposal
from orientation.facts import Facts, FamilyAnswerFact, StatementFact
from orientation.rules.calendar import consultation_is_closed, service_off
from orientation.rules.council import entry_in_force, visible_statement
from orientation.rules.refusal import Refusal
from orientation.rules.who import may_act, pen_holder, student_acts

Key = tuple[str, str]


def proposed(statement: StatementFact) -> tuple[Key, ...]:
    """What may be accepted: each « Oui », and each pathway proposed beside (ANS-02)."""
    return tuple(line.key for line in statement.answers if line.value == Proposal.YES)


def may_answer(facts: Facts, actor: UUID, now: datetime) -> Refusal | None:
    """ANS-02, ANS-04: the author of the choices, once, while the consultation is open and nothing is decided."""
    refusal = may_act(facts, actor, now) or service_off(facts, now)
    if refusal is not None:
        return refusal
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    if statement is None:
        return Refusal.NOTHING_PUBLISHED
    if statement.family_answer is not None:
        return Refusal.ALREADY_ANSWERED
    if facts.decisions:
        return Refusal.ALREADY_DECIDED
    if consultation_is_closed(facts, Phase.DEFINITIVE, now):
        return Refusal.CONSULTATION_CLOSED
    holder = answerer(facts, now)
    return Refusal.AUTHOR_ANSWERS if holder not in (None, actor) else None


def answerer(facts: Facts, now: datetime) -> UUID | None:
    """Who alone may answer; None when any representative may: no pen, or an entry typed by the school (ACC-08).

    What the school changed at the family's request is still the holder's (SIE-04).
    """
    entry = entry_in_force(facts, Phase.DEFINITIVE)
    if entry is not None and entry.author_kind == AuthorKind.SCHOOL and not entry.asked_by:
        return None
    return pen_holder(facts, Phase.DEFINITIVE, now)


def check_answer(facts: Facts, kind: str, accepted: Sequence[Key], now: datetime) -> Refusal | None:
    """ANS-02: accept one (or several: policy) of what is proposed, or refuse all."""
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    if statement is None:
        return Refusal.NOTHING_PUBLISHED
    if kind == AnswerKind.REFUSED:
        return Refusal.NOT_PROPOSED if accepted else None
    if not accepted:
        return Refusal.NOTHING_ACCEPTED
    if len(accepted) > 1 and facts.policies.acceptances == Acceptances.ONE:
        return Refusal.ONE_ONLY
    return None if set(accepted) <= set(proposed(statement)) else Refusal.NOT_PROPOSED


def agreements_awaited(facts: Facts, answer: FamilyAnswerFact, now: datetime) -> tuple[UUID, ...]:
    """Policy ALL: who has still to say « oui » or « non » (ANS-06, ANS-08).

    Every other legal representative, one an account: Siècle may hold the same person twice. The pupil who has come
    of age since the answer speaks in their place (ACC-03).
    """
    if facts.policies.answered_by == AnsweredBy.AUTHOR or answer.author_kind == AuthorKind.SCHOOL:
        return ()
    said = {one.author for one in answer.agreements} | {answer.author}
    if student_acts(facts, now):
        return () if facts.student in said else (facts.student,)
    accounts = {one.account for one in facts.representatives if one.uuid in said and one.has_account}
    return tuple(one.uuid for one in facts.representatives if one.uuid not in said and one.account not in accounts)


def may_agree(facts: Facts, actor: UUID, now: datetime) -> Refusal | None:
    """ANS-06: every other legal representative (or the pupil of age), once, while the consultation is open."""
    refusal = may_act(facts, actor, now) or service_off(facts, now)
    if refusal is not None:
        return refusal
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    if answer is None or facts.policies.answered_by == AnsweredBy.AUTHOR:
        return Refusal.NO_AGREEMENT_ASKED
    if answer.author == actor:
        return Refusal.AUTHOR_AGREED_ALREADY
    if actor in {one.author for one in answer.agreements}:
        return Refusal.ALREADY_AGREED
    if actor not in agreements_awaited(facts, answer, now):
        return Refusal.NO_AGREEMENT_ASKED
    if facts.decisions:
        return Refusal.ALREADY_DECIDED
    return Refusal.CONSULTATION_CLOSED if consultation_is_closed(facts, Phase.DEFINITIVE, now) else None


def makes_a_decision(facts: Facts, answer: FamilyAnswerFact, now: datetime) -> bool:
    """ANS-05, ANS-06, ANS-08: an acceptance, agreed by all when the policy says so. Silence agrees to nothing."""
    if answer.kind != AnswerKind.ACCEPTED or agreements_awaited(facts, answer, now):
        return False
    return all(one.agrees for one in answer.agreements)


def calls_for_a_meeting(answer: FamilyAnswerFact) -> bool:
    """ANS-06, ANS-07: a refusal, or the disagreement of one, leads to a meeting with the head of school."""
    return answer.kind == AnswerKind.REFUSED or any(one.agrees is False for one in answer.agreements)
