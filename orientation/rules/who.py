"""Who may act (ACC)."""

from datetime import datetime
from uuid import UUID

from orientation.facts import Facts
from orientation.rules.refusal import Refusal


def student_acts(facts: Facts, now: datetime) -> bool:
    """A pupil of age acts for themself from the day of the 18th birthday, school time (ACC-03)."""
    today = now.astimezone(facts.timezone).date()
    born = facts.birth_date
    return (today.year, today.month, today.day) >= (born.year + 18, born.month, born.day)


def may_act(facts: Facts, actor: UUID, now: datetime) -> Refusal | None:
    """Who has the authority acts, as long as the school follows the pupil in this campaign."""
    return lacks_authority(facts, actor, now) or (None if facts.enrolled else Refusal.NOT_ENROLLED)


def lacks_authority(facts: Facts, actor: UUID, now: datetime) -> Refusal | None:
    """ACC-02, ACC-03: legal representatives act, or the pupil of age in their place."""
    if actor == facts.student:
        return None if student_acts(facts, now) else Refusal.READ_ONLY_STUDENT
    if facts.representative(actor) is None:
        return Refusal.NOT_LEGAL
    return Refusal.STUDENT_OF_AGE if student_acts(facts, now) else None


def pen_holder(facts: Facts, phase: str, now: datetime) -> UUID | None:
    """Who alone may write this phase, None when nobody does yet (ACC-04).

    A pen held by a representative passes to the pupil of age (ACC-03); a holder who is no longer a legal
    representative has lost it (ACC-08).
    """
    pen = facts.pen(phase)
    if pen is None or lacks_authority(facts, pen.holder, now) is not None:
        return None
    return pen.holder
