"""The letter that reminds: what remains to do now, until when, and what happens otherwise (MAI-08)."""

from orientation.enums import Phase
from orientation.letters.envelope import Envelope, NothingToSay, Wording
from orientation.letters.words import ENTRY
from orientation.rules import (
    Duty,
    EntryState,
    Need,
    calls_for_a_meeting,
    duty,
    entry_status,
    last_entry,
    not_processed,
    visible_statement,
)
from orientation.todo import todo

SUBJECTS = {
    Need.ENTER: "saisir les {entry}",
    Need.ACKNOWLEDGE: "lire les avis du conseil de classe",
    Need.ANSWER: "répondre aux propositions du conseil de classe",
    Need.AGREE: "donner votre accord ou votre désaccord",
}


def reminder(envelope: Envelope) -> Wording:
    """Whatever the row says, what this person has to do at the instant it leaves. Raises NothingToSay."""
    facts, now = envelope.facts, envelope.now
    owed = duty(facts, envelope.reader, now)
    if owed is None:
        raise NothingToSay("plus rien à faire")
    entry = ENTRY[owed.phase]
    values: dict[str, object] = {
        "need": owed.need.value,
        "entry": entry,
        "until": envelope.until(owed.by) if owed.by else "",
        "button": todo(facts, envelope.reader, now).label,
        "shared": _shared(envelope, owed),
        "without_account": _without_account(envelope),
        "several": envelope.others > 0 and not envelope.pupil_acts,
        "again": owed.need is Need.ENTER and bool(not_processed(facts, owed.phase)),
        **_after_acknowledgement(envelope),
        **_to_agree(envelope, owed),
    }
    subject = SUBJECTS[owed.need].format(entry=entry)
    return Wording(f"Rappel\u00a0: {subject}", "reminder", values)


def _shared(envelope: Envelope, owed: Duty) -> bool:
    """Can another representative do it in the reader's place? An agreement is everyone's own (ANS-06)."""
    if owed.need is Need.AGREE:
        return False
    people = (one.uuid for one in envelope.facts.representatives if one.uuid != envelope.reader)
    return any(duty(envelope.facts, one, envelope.now) for one in people)


def _without_account(envelope: Envelope) -> bool:
    person = envelope.facts.representative(envelope.reader)
    return person is not None and not person.has_account


def _after_acknowledgement(envelope: Envelope) -> dict[str, object]:
    """What depends on the acknowledgement: the definitive choices (OPI-05)."""
    facts = envelope.facts
    chosen = bool(last_entry(facts, Phase.DEFINITIVE))
    status = entry_status(facts, Phase.DEFINITIVE, envelope.now)
    return {
        "chosen": chosen,
        "lifted": bool(facts.gate_lifted),
        "then_choose": status.state is EntryState.OPEN and not chosen,
    }


def _to_agree(envelope: Envelope, owed: Duty) -> dict[str, object]:
    statement = visible_statement(envelope.facts, Phase.DEFINITIVE, envelope.now)
    answer = statement.family_answer if statement and owed.need is Need.AGREE else None
    return {
        "answered_by": answer.author_name if answer else "",
        "meeting": bool(answer and calls_for_a_meeting(answer)),
    }
