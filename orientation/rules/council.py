"""Which entry the council examines, and which of its answers stand (SIE-02, SIE-03, OPI)."""

from datetime import datetime

from orientation.enums import AuthorKind, ReceiptOutcome, WindowKind
from orientation.facts import Facts, StatementFact, SubmissionFact
from orientation.rules.calendar import council_is_open


def family_versions(facts: Facts, phase: str) -> tuple[SubmissionFact, ...]:
    """The family's validated versions, oldest first, and the changes the school made at its request (SIE-04).

    What the school typed of its own is not among them (OPI-02).
    """
    return tuple(one for one in facts.submissions if one.phase == phase and (not _typed(one) or one.asked_by))


def _typed(entry: SubmissionFact) -> bool:
    return entry.author_kind == AuthorKind.SCHOOL


def _taken(entry: SubmissionFact) -> bool:
    """Siècle has it: it accepted it, or it comes from there."""
    return entry.outcome == ReceiptOutcome.ACCEPTED or _typed(entry)


def last_entry(facts: Facts, phase: str) -> SubmissionFact | None:
    """The last entry the family validated in this phase (ENT-09), whatever Siècle did of it."""
    versions = family_versions(facts, phase)
    return versions[-1] if versions else None


def not_processed(facts: Facts, phase: str) -> tuple[SubmissionFact, ...]:
    """Versions that Siècle had not accepted when the council opened (SIE-03): kept, never in force by themselves.

    A council put back before its opening examines them no more than before: the last one must be validated again.
    """
    versions = family_versions(facts, phase)
    if council_is_open(facts, phase):
        return tuple(one for one in versions if not _taken(one))
    return tuple(one for one in versions[-1:] if one.outcome == ReceiptOutcome.NOT_PROCESSED)


def entry_in_force(facts: Facts, phase: str) -> SubmissionFact | None:
    """The entry that the council examines.

    Before its opening, the family's last one that Siècle has not left aside. From then on, what the published answers
    are about; failing that the last version Siècle accepted (SIE-03), which replaced the school's (SIE-02), else the
    school's own (SIE-10).
    """
    if not council_is_open(facts, phase):
        versions = family_versions(facts, phase)
        return next((one for one in reversed(versions) if one.outcome != ReceiptOutcome.NOT_PROCESSED), None)
    statement = last_statement(facts, phase)
    if statement is not None and statement.submission is not None:
        return facts.submission(statement.submission)
    accepted = [one for one in family_versions(facts, phase) if _taken(one)]
    typed = [one for one in facts.submissions if one.phase == phase and _typed(one)]
    candidates = accepted or typed
    return candidates[-1] if candidates else None


def last_statement(facts: Facts, phase: str) -> StatementFact | None:
    """The version that stands: the last one not withdrawn (OPI-04)."""
    standing = [one for one in facts.statements if one.phase == phase and one.withdrawn_at is None]
    return standing[-1] if standing else None


def visible_statement(facts: Facts, phase: str, now: datetime) -> StatementFact | None:
    """The version that the family reads: published, and its consultation has begun (OPI-01, CAL-02)."""
    statement = last_statement(facts, phase)
    window = facts.window(phase, WindowKind.CONSULTATION)
    if statement is None or statement.published_at > now or (window and window.opens_at > now):
        return None
    return statement


def entry_to_show(facts: Facts, phase: str, now: datetime) -> SubmissionFact | None:
    """What the family reads as its entry: the school's own only with the council's answers (OPI-02)."""
    if visible_statement(facts, phase, now) is not None:
        return entry_in_force(facts, phase)
    return last_entry(facts, phase)
