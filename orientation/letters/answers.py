"""Letters about the family's answer, the others' agreement, the decision (MAI-04, ANS-04…07)."""

from typing import Any

from orientation.enums import AnswerKind, AuthorKind, DecisionOrigin, Phase
from orientation.facts import DecisionFact, FamilyAnswerFact
from orientation.letters.envelope import Envelope, UnknownVersion, Wording
from orientation.letters.words import author_of, awaited, consultation_until, pathway_items, person_name
from orientation.rules import AppealStage, appeal_deadline, appeal_stage

ANSWERED = "Réponse aux propositions du conseil de classe"
WAITED_FOR = "Votre accord est attendu sur la réponse au conseil de classe"


def accepted_author(envelope: Envelope) -> Wording:
    return Wording(ANSWERED, "answer_accepted_author", _answer(envelope))


def accepted_other(envelope: Envelope) -> Wording:
    values = _answer(envelope)
    return Wording(WAITED_FOR if values["mine"] else ANSWERED, "answer_accepted_other", values)


def refused_author(envelope: Envelope) -> Wording:
    return Wording(ANSWERED, "answer_refused_author", _answer(envelope))


def refused_other(envelope: Envelope) -> Wording:
    values = _answer(envelope)
    return Wording(WAITED_FOR if values["mine"] else ANSWERED, "answer_refused_other", values)


def agreement_awaited(envelope: Envelope) -> Wording:
    """To who became awaited after the answer: what the others had with it (ANS-06)."""
    _, answer = envelope.answer()
    return accepted_other(envelope) if answer.kind == AnswerKind.ACCEPTED else refused_other(envelope)


def _answer(envelope: Envelope) -> dict[str, Any]:
    _, answer = envelope.answer()
    return _reported(envelope, answer)


def _reported(envelope: Envelope, answer: FamilyAnswerFact) -> dict[str, Any]:
    """The answer, what the act made of it, and who was still awaited then."""
    waiting = awaited(envelope)
    return {
        "author": author_of(envelope, answer),
        "by_school": answer.author_kind == AuthorKind.SCHOOL,
        "at": envelope.moment(answer.at),
        "accepts": answer.kind == AnswerKind.ACCEPTED,
        "items": pathway_items(answer.accepted),
        "several": len(answer.accepted) > 1,
        "decided": envelope.data.get("decided", _decided(envelope, answer)),
        "mine": envelope.reader in waiting,
        "waiting": [name for one in waiting if (name := person_name(envelope, one))],
        "until": consultation_until(envelope, Phase.DEFINITIVE),
        "others": envelope.others,
    }


def _decided(envelope: Envelope, answer: FamilyAnswerFact) -> bool:
    """For an answer that the school typed: an acceptance is the decision (ANS-05)."""
    origins = {one.origin for one in envelope.facts.decisions}
    return answer.kind == AnswerKind.ACCEPTED and DecisionOrigin.ACCEPTANCE in origins


def agreement_outcome(envelope: Envelope) -> Wording:
    """« oui » or « non » of one, and where it leaves the family (ANS-06)."""
    _, answer, said = envelope.agreement()
    values = _reported(envelope, answer) | {
        "signer": said.author_name,
        "signed_by_reader": said.author == envelope.reader,
        "answered_by_reader": answer.author == envelope.reader,
        "signed_at": envelope.moment(said.at),
        "agrees": said.agrees,
        "meeting": answer.kind == AnswerKind.REFUSED or _somebody_disagreed(envelope, answer),
    }
    subject = WAITED_FOR if values["mine"] else "Accord sur la réponse au conseil de classe"
    return Wording(subject, "agreement_outcome", values)


def _somebody_disagreed(envelope: Envelope, answer: FamilyAnswerFact) -> bool:
    """As it stood when the agreement that this letter reports was given: later ones have their own letter."""
    said = next(one for one in answer.agreements if one.uuid == envelope.about)
    return any(one.agrees is False for one in answer.agreements if one.at <= said.at)


def decision_recorded(envelope: Envelope) -> Wording:
    decision = _decision(envelope)
    last_day = appeal_deadline(envelope.facts)
    values = {
        "items": pathway_items(decision.pathways),
        "after_meeting": decision.origin == DecisionOrigin.HEAD,
        "on_appeal": decision.origin == DecisionOrigin.APPEAL,
        "notified_on": envelope.day(decision.notified_on) if decision.notified_on else "",
        "last_day": envelope.day(last_day) if last_day else "",
        "over": appeal_stage(envelope.facts, envelope.now) is AppealStage.OVER,
        "at": envelope.moment(decision.at),
    }
    return Wording("Décision d’orientation", "decision_recorded", values)


def _decision(envelope: Envelope) -> DecisionFact:
    for one in envelope.facts.decisions:
        if one.uuid == envelope.about:
            return one
    raise UnknownVersion(f"decision {envelope.about}")
