"""The letter about an entry that the school changed at the family's request (MAI-05, SIE-04)."""

from typing import Any

from orientation.enums import Phase, WithdrawalReason
from orientation.facts import SubmissionFact
from orientation.letters.envelope import Envelope, Wording
from orientation.letters.words import ENTRY, EXAMINED, choice_items, one_line
from orientation.school_changes import family_entry_before


def entry_changed(envelope: Envelope) -> Wording:
    change = envelope.submission()
    phase = Phase(change.phase)
    first = family_entry_before(envelope.facts, change)
    values = {
        "provisional": phase == Phase.PROVISIONAL,
        "entry": ENTRY[phase],
        "examined": EXAMINED[phase],
        "at": envelope.moment(change.at),
        "asked_by": one_line(change.asked_by),
        "asked_on": envelope.day(change.asked_on) if change.asked_on else "",
        "items": choice_items(change),
        "first": _first(envelope, first) if first else None,
        "withdrawn": _opinions_are_withdrawn(envelope, change),
    }
    return Wording("Demande modifiée par l’établissement", "entry_changed_by_school", values)


def _first(envelope: Envelope, entry: SubmissionFact) -> dict[str, Any]:
    return {
        "by": entry.author_name,
        "by_reader": entry.author == envelope.reader,
        "at": envelope.moment(entry.at),
        "items": choice_items(entry),
    }


def _opinions_are_withdrawn(envelope: Envelope, change: SubmissionFact) -> bool:
    """Had the council spoken of the list that was changed?"""
    return any(
        one.phase == change.phase
        and one.withdrawn_because == WithdrawalReason.ENTRY_CHANGED
        and one.published_at <= envelope.now
        for one in envelope.facts.statements
    )
