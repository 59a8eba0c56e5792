"""Letters about what the council says: opinions to acknowledge, proposals to answer, what changed (MAI-09, OPI-04)."""

from collections.abc import Iterator

from orientation.enums import (
    Acceptances,
    AcknowledgementBy,
    AnsweredBy,
    OpinionChange,
    Phase,
)
from orientation.facts import SignatureFact, StatementFact
from orientation.letters.envelope import Envelope, Wording
from orientation.letters.words import EXAMINED, Item, consultation_until, deadline_words, one_line, person_name
from orientation.rules import acknowledgement_deadline, answerer
from orientation.school_changes import Change, changes_between, read_before, readable_from


def opinions_available(envelope: Envelope) -> Wording:
    values = _acknowledging(envelope, envelope.statement())
    return Wording("Avis provisoires du conseil de classe disponibles", "opinions_available", values)


def _acknowledging(envelope: Envelope, statement: StatementFact) -> dict[str, object]:
    """Who acknowledges this version, until when (OPI-03, OPI-05)."""
    policies = envelope.facts.policies
    given = _acknowledged_before(envelope, statement)
    entry = envelope.facts.submission(statement.submission)
    alone = policies.acknowledgement_by == AcknowledgementBy.AUTHOR and entry is not None
    return {
        "since": envelope.moment(readable_from(envelope.facts, statement)),
        "withdrawn": statement.withdrawn_at is not None,
        "given": given,
        "given_at": envelope.moment(given.at) if given else "",
        "wanted": given is None or policies.opinion_change == OpinionChange.AGAIN,
        "until": deadline_words(envelope, acknowledgement_deadline(envelope.facts)),
        "pupil_acts": envelope.pupil_acts,
        "reader_is_pupil": envelope.reader == envelope.facts.student,
        "alone": person_name(envelope, entry.author) if alone and entry else "",
        "alone_is_reader": bool(alone and entry and entry.author == envelope.reader),
        "several": len(envelope.facts.representatives) > 1,
    }


def _acknowledged_before(envelope: Envelope, statement: StatementFact) -> SignatureFact | None:
    """The first acknowledgement of an earlier version: it stays (OPI-04)."""
    earlier = (
        one.acknowledgement
        for one in envelope.facts.statements
        if one.phase == statement.phase and one.version < statement.version and one.acknowledgement
    )
    return next(earlier, None)


def changed(envelope: Envelope) -> Wording:
    """What is different from the version before, pathway by pathway (OPI-04)."""
    statement = envelope.statement()
    changes = changes_between(read_before(envelope.facts, statement), statement)
    values: dict[str, object] = {
        "provisional": statement.phase == Phase.PROVISIONAL,
        "examined": EXAMINED[Phase(statement.phase)],
        "changes": _items(changes),
        "by_school": _changed_entry(envelope, statement),
    }
    if statement.phase == Phase.PROVISIONAL:
        return Wording(
            "Avis du conseil de classe modifiés", "opinions_changed", values | _acknowledging(envelope, statement)
        )
    return Wording(
        "Propositions du conseil de classe modifiées", "opinions_changed", values | _answering(envelope, statement)
    )


def _changed_entry(envelope: Envelope, statement: StatementFact) -> bool:
    """Are these answers about a list that the school changed since the former ones (SIE-04)?"""
    before, entry = read_before(envelope.facts, statement), envelope.facts.submission(statement.submission)
    return before is not None and entry is not None and bool(entry.asked_by) and before.submission != entry.uuid


def _items(changes: tuple[Change, ...]) -> list[Item]:
    return [Item(one.label, tuple(_lines(one))) for one in changes]


def _lines(change: Change) -> Iterator[str]:
    """The two values; where only the comment has changed, the two comments."""
    if change.of_comment_only:
        yield f"Avis\u00a0: {one_line(change.now)}, sans changement"
        yield f"Commentaire d’avant\u00a0: {one_line(change.comment_before) or 'aucun'}"
        yield f"Commentaire de maintenant\u00a0: {one_line(change.comment_now) or 'aucun'}"
        return
    yield f"Avant\u00a0: {one_line(change.before)}"
    yield f"Maintenant\u00a0: {one_line(change.now)}"


def proposals_available(envelope: Envelope) -> Wording:
    values = _answering(envelope, envelope.statement())
    return Wording("Propositions du conseil de classe disponibles", "proposals_available", values)


def _answering(envelope: Envelope, statement: StatementFact) -> dict[str, object]:
    """Who answers, until when (ANS-02, ANS-06)."""
    facts = envelope.facts
    who = facts.student if envelope.pupil_acts else answerer(facts, envelope.now)
    return {
        "since": envelope.moment(readable_from(envelope.facts, statement)),
        "withdrawn": statement.withdrawn_at is not None,
        "until": consultation_until(envelope, Phase.DEFINITIVE),
        "mine": who == envelope.reader,
        "anyone": who is None,
        "who": facts.student_name if who == facts.student else person_name(envelope, who),
        "several_accepted": facts.policies.acceptances == Acceptances.SEVERAL,
        "all_agree": facts.policies.answered_by == AnsweredBy.ALL and envelope.others > 0 and not envelope.pupil_acts,
        "several": len(facts.representatives) > 1,
    }
