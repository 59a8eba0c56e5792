"""Letters about an entry: its recap to each (MAI-01…03), what was not processed (SIE-03), the pen (ACC-08)."""

from datetime import datetime
from typing import Any

from orientation.entry_changes import entry_changes
from orientation.enums import Phase, ReceiptOutcome
from orientation.facts import SubmissionFact
from orientation.letters.envelope import Envelope, Wording
from orientation.letters.words import (
    ENTRY,
    ENTRY_SUBJECTS,
    author_of,
    change_item,
    choice_items,
    consultation_opens,
    consultation_until,
    one_line,
    open_until,
    others_are_told,
)
from orientation.rules import family_versions, last_statement


def recap_author(envelope: Envelope) -> Wording:
    entry = envelope.submission()
    return Wording(ENTRY_SUBJECTS[Phase(entry.phase)], "recap_author", _recap(envelope, entry))


def recap_other(envelope: Envelope) -> Wording:
    entry = envelope.submission()
    return Wording(ENTRY_SUBJECTS[Phase(entry.phase)], "recap_other", _recap(envelope, entry))


def _recap(envelope: Envelope, entry: SubmissionFact) -> dict[str, Any]:
    return _entry(envelope, entry) | {
        "open_until": open_until(envelope, entry.phase),
        "told": others_are_told(envelope),
        "others": envelope.others,
        "reader_is_pupil": envelope.reader == envelope.facts.student,
        "next_from": consultation_opens(envelope, entry.phase),
        "answer_until": consultation_until(envelope, Phase.DEFINITIVE),
        "last": _last_told(envelope, entry),
    }


def _last_told(envelope: Envelope, entry: SubmissionFact) -> dict[str, Any] | None:
    """What this reader's last recap of the phase said, and what is different now; nothing in the first one."""
    told = (envelope.facts.submission(uuid) for uuid in envelope.recapped)
    earlier = [one for one in told if one and one.phase == entry.phase and one.version < entry.version]
    if not earlier:
        return None
    last = earlier[-1]
    return {
        "author": author_of(envelope, last),
        "by_reader": last.author == envelope.reader,
        "at": envelope.moment(last.at),
        "changes": [change_item(one) for one in entry_changes(last.choices, entry.choices)],
    }


def _entry(envelope: Envelope, entry: SubmissionFact) -> dict[str, Any]:
    return {
        "provisional": entry.phase == Phase.PROVISIONAL,
        "entry": ENTRY[Phase(entry.phase)],
        "author": author_of(envelope, entry),
        "author_is_pupil": entry.author == envelope.facts.student,
        "by_reader": entry.author == envelope.reader,
        "at": envelope.moment(entry.at),
        "items": choice_items(entry),
    }


def not_processed(envelope: Envelope) -> Wording:
    entry = envelope.submission()
    earlier = [
        one
        for one in family_versions(envelope.facts, entry.phase)
        if one.version < entry.version and one.outcome == ReceiptOutcome.ACCEPTED
    ]
    standing = _entry(envelope, earlier[-1]) if earlier else None
    return Wording(
        "Saisie non traitée avant le conseil de classe",
        "entry_not_processed",
        _entry(envelope, entry) | {"standing": standing},
    )


def pen_released(envelope: Envelope) -> Wording:
    phase = Phase(envelope.data["phase"])
    values = {
        "provisional": phase == Phase.PROVISIONAL,
        "entry": ENTRY[phase],
        "reason": one_line(envelope.data.get("reason", "")),
        "lost": envelope.data.get("lost", False),
        "released_at": _moment_of(envelope, "released_at"),
        "pupil_acts": envelope.pupil_acts,
        "reader_is_pupil": envelope.reader == envelope.facts.student,
        "open_until": open_until(envelope, phase) if envelope.facts.enrolled else "",
        "answer_until": _answer_until(envelope, phase),
    }
    return Wording(f"{ENTRY_SUBJECTS[phase]}\u00a0: qui peut maintenant modifier", "pen_released", values)


def _moment_of(envelope: Envelope, name: str) -> str:
    at = envelope.data.get(name)
    return envelope.moment(datetime.fromisoformat(at)) if at else ""


def _answer_until(envelope: Envelope, phase: str) -> str:
    """Until when an answer can be given; nothing where none is wanted, or none any more (ANS-04, ANS-05)."""
    proposals = last_statement(envelope.facts, Phase.DEFINITIVE)
    answered = bool(envelope.facts.decisions) or (proposals is not None and proposals.family_answer is not None)
    if phase != Phase.DEFINITIVE or answered or not envelope.facts.enrolled:
        return ""
    return consultation_until(envelope, phase)
