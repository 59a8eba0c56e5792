"""What the school changed after the family: its entry, at its request, and what the council had said (SIE-04, OPI-04).

Pure, like the rules: facts come in; what the screens and the letters show of a change goes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from orientation.enums import AuthorKind, Phase, Proposal, ReceiptOutcome, WindowKind, WithdrawalReason
from orientation.facts import AnswerLine, Facts, StatementFact, SubmissionFact
from orientation.pathways import label_of
from orientation.rules import entry_in_force, visible_statement

NOTHING_SAID = "rien"
SPOKEN = {Proposal.YES: "Oui", Proposal.NO: "Non"}


def family_entry_before(facts: Facts, change: SubmissionFact) -> SubmissionFact | None:
    """The version that the family validated itself and that the school changed: kept and shown (SIE-04)."""
    own = [
        one
        for one in facts.submissions
        if one.phase == change.phase
        and one.version < change.version
        and one.author_kind != AuthorKind.SCHOOL
        and one.outcome == ReceiptOutcome.ACCEPTED
    ]
    return own[-1] if own else None


def readable_from(facts: Facts, statement: StatementFact) -> datetime:
    """The morning it is published, or the opening of the consultation if that is later (OPI-01, CAL-02)."""
    window = facts.window(statement.phase, WindowKind.CONSULTATION)
    return max(statement.published_at, window.opens_at) if window else statement.published_at


def was_read(facts: Facts, statement: StatementFact, now: datetime) -> bool:
    """Could the family read this version? One withdrawn before its morning, or before the consultation, never was."""
    begins = readable_from(facts, statement)
    return begins <= now and (statement.withdrawn_at is None or statement.withdrawn_at >= begins)


def read_before(facts: Facts, statement: StatementFact) -> StatementFact | None:
    """The version that families could read before this one (OPI-04)."""
    same = [one for one in facts.statements if one.phase == statement.phase and one.version < statement.version]
    read = [one for one in same if was_read(facts, one, statement.published_at)]
    return read[-1] if read else None


def acknowledged_versions(facts: Facts) -> tuple[StatementFact, ...]:
    """The opinions that a family acknowledged and that no longer stand, oldest first: each stays as it was read."""
    return tuple(one for one in facts.statements if one.acknowledgement and one.withdrawn_at is not None)


def examined_instead(facts: Facts, late: SubmissionFact, now: datetime) -> SubmissionFact | None:
    """What stands instead of an entry that came too late (SIE-03), if the family may read it (OPI-02)."""
    standing = entry_in_force(facts, late.phase)
    if standing is None or standing.uuid == late.uuid:
        return None
    hidden = standing.author_kind == AuthorKind.SCHOOL and not standing.asked_by
    return None if hidden and visible_statement(facts, late.phase, now) is None else standing


def withdrawn_last(facts: Facts, phase: str, now: datetime) -> StatementFact | None:
    """The version that families read and that was withdrawn, when no other stands yet in its place (SIE-04, SIE-05)."""
    same = [one for one in facts.statements if one.phase == phase]
    if any(one.withdrawn_at is None for one in same):
        return None
    read = [one for one in same if was_read(facts, one, now)]
    return read[-1] if read else None


@dataclass(frozen=True, slots=True)
class Change:
    """What the council says of one pathway, before and now. Same values: only the comment has changed."""

    label: str
    before: str
    now: str
    comment_before: str = ""
    comment_now: str = ""

    @property
    def of_comment_only(self) -> bool:
        return self.before == self.now


def changes_between(before: StatementFact | None, after: StatementFact) -> tuple[Change, ...]:
    """Opinion by opinion, in the order of the new version, then what it says no more (OPI-04)."""
    old, new = _by_key(before.answers if before else ()), _by_key(after.answers)
    keys = [*new, *(key for key in old if key not in new)]
    changes = (_change(label_of(*key), old.get(key), new.get(key)) for key in keys)
    return tuple(one for one in changes if (one.before, one.comment_before) != (one.now, one.comment_now))


def _by_key(lines: Iterable[AnswerLine]) -> dict[tuple[str, str], AnswerLine]:
    return {line.key: line for line in lines}


def _change(label: str, old: AnswerLine | None, new: AnswerLine | None) -> Change:
    return Change(label, _spoken(old), _spoken(new), old.comment if old else "", new.comment if new else "")


def _spoken(line: AnswerLine | None) -> str:
    """« Oui », « Non », an opinion as it is, « rien » where the council says nothing."""
    if line is None:
        return NOTHING_SAID
    return SPOKEN[Proposal(line.value)] if line.value in Proposal else line.value


def withdrawal_words(reason: str, phase: str) -> str:
    """Why a version was withdrawn, as a family reads it: « les » are opinions, or proposals."""
    changed = "changés" if phase == Phase.PROVISIONAL else "changées"
    return {
        WithdrawalReason.CHANGED: f"le conseil de classe les a {changed}",
        WithdrawalReason.RESET: "le conseil de classe doit se prononcer de nouveau",
        WithdrawalReason.ENTRY_CHANGED: "l’établissement a modifié la demande de la famille",
    }[WithdrawalReason(reason)]
