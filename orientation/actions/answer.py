"""The family's answer, the others' agreement, and the decision they make (ANS)."""

from collections.abc import Sequence
from uuid import UUID

from ledger.journal import Actor
from orientation.actions.act import Act, author_fields, opened, person_fields, take_pen
from orientation.actions.post import post, post_to_family
from orientation.enums import AnsweredBy, AnswerKind, DecisionOrigin, Phase
from orientation.facts import FamilyAnswerFact
from orientation.models import (
    AcceptedPathway,
    Agreement,
    Campaign,
    CouncilStatement,
    DecidedPathway,
    Decision,
    FamilyAnswer,
)
from orientation.readers import readers_of
from orientation.reading import load_facts
from orientation.rules import (
    Refusal,
    RuleBroken,
    agreements_awaited,
    check_answer,
    last_statement,
    makes_a_decision,
    may_agree,
    may_answer,
    pen_holder,
)

Key = tuple[str, str]


def answer_proposals(*, dossier: UUID, statement: UUID, kind: str, accepted: Sequence[Key], by: Actor) -> FamilyAnswer:
    """Accept pathways or refuse all, once for all (ANS-02, ANS-04). Raises RuleBroken."""
    with opened(dossier, by=by) as act:
        refusal = may_answer(act.facts, act.author, act.now) or check_answer(act.facts, kind, accepted, act.now)
        standing = last_statement(act.facts, Phase.DEFINITIVE)
        if refusal is not None:
            raise RuleBroken(refusal)
        if standing is None or standing.uuid != statement:
            raise RuleBroken(Refusal.STALE)
        if pen_holder(act.facts, Phase.DEFINITIVE, act.now) is None:
            take_pen(act, Phase.DEFINITIVE)
        answer = _write(act, statement, kind, accepted)
        _decide_or_ask(act, answer)
        return answer


def _write(act: Act, statement: UUID, kind: str, accepted: Sequence[Key]) -> FamilyAnswer:
    row = CouncilStatement.objects.get(uuid=statement)
    answer = FamilyAnswer.objects.create(statement=row, kind=kind, at=act.now, **author_fields(act.by))
    AcceptedPathway.objects.bulk_create(
        AcceptedPathway(answer=answer, council_answer=line)
        for line in row.answers.order_by("position")
        if (line.pathway, line.series) in set(accepted)
    )
    act.journal("proposals_answered", answer=str(answer.uuid), kind=kind, accepted=[list(key) for key in accepted])
    return answer


def _decide_or_ask(act: Act, answer: FamilyAnswer) -> None:
    fact = _fact(act)
    awaited = agreements_awaited(act.facts, fact, act.now)
    decided = _decide(act, answer, fact)
    kind = "answer_accepted" if answer.kind == AnswerKind.ACCEPTED else "answer_refused"
    post_to_family(act, kind, about=answer.uuid, decided=decided, awaited=[str(one) for one in awaited])


def _fact(act: Act) -> FamilyAnswerFact:
    """The answer as it now stands, agreements included."""
    statement = last_statement(load_facts(act.dossier.uuid), Phase.DEFINITIVE)
    if statement is None or statement.family_answer is None:
        raise RuleBroken(Refusal.NOTHING_PUBLISHED)
    return statement.family_answer


def _decide(act: Act, answer: FamilyAnswer, fact: FamilyAnswerFact) -> bool:
    """ANS-05, ANS-06: the acceptance becomes the head's decision, at once."""
    if not makes_a_decision(act.facts, fact, act.now):
        return False
    decision = Decision.objects.create(dossier=act.dossier, origin=DecisionOrigin.ACCEPTANCE, answer=answer, at=act.now)
    DecidedPathway.objects.bulk_create(
        DecidedPathway(decision=decision, pathway=pathway, series=series) for pathway, series in fact.accepted
    )
    act.journal("decision_made", decision=str(decision.uuid), origin=DecisionOrigin.ACCEPTANCE)
    return True


def agree(*, dossier: UUID, answer: UUID, agrees: bool, by: Actor) -> Agreement:
    """Another representative says « oui » or « non » to the answer (ANS-06). Raises RuleBroken."""
    with opened(dossier, by=by) as act:
        refusal = may_agree(act.facts, act.author, act.now)
        if refusal is not None:
            raise RuleBroken(refusal)
        if _fact(act).uuid != answer:
            raise RuleBroken(Refusal.STALE)
        row = FamilyAnswer.objects.get(uuid=answer)
        said = Agreement.objects.create(answer=row, author_name=by.name, agrees=agrees, at=act.now, **person_fields(by))
        act.journal("answer_agreed" if agrees else "answer_disagreed", answer=str(answer), agreement=str(said.uuid))
        fact = _fact(act)
        decided = _decide(act, row, fact)
        awaited = [str(one) for one in agreements_awaited(act.facts, fact, act.now)]
        for reader in readers_of(act.facts, act.now):
            post(act, "agreement_outcome", reader, about=said.uuid, decided=decided, awaited=awaited)
        return said


def decide_agreed(*, campaign: Campaign, by: Actor) -> int:
    """Make the decision of each acceptance for which nobody is awaited any more; return how many (ANS-06).

    The last one awaited said nothing and is no longer a legal representative: no act of theirs will ever make it.
    """
    if campaign.answered_by != AnsweredBy.ALL:
        return 0
    waiting = FamilyAnswer.objects.filter(
        kind=AnswerKind.ACCEPTED, decision__isnull=True, statement__withdrawal__isnull=True,
        statement__dossier__campaign=campaign,
    )  # fmt: skip
    rows = waiting.order_by("pk").select_related("statement__dossier")
    return sum(_decide_now(answer, answer.statement.dossier.uuid, by) for answer in rows)


def _decide_now(answer: FamilyAnswer, dossier: UUID, by: Actor) -> bool:
    with opened(dossier, by=by) as act:
        fact = _fact(act)
        if act.facts.decisions or fact.uuid != answer.uuid or not _decide(act, answer, fact):
            return False
        for reader in readers_of(act.facts, act.now):
            post(act, "decision_recorded", reader, about=answer.decision.uuid)
        return True
