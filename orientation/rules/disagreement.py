"""The meeting with the head of school, the head's decision after it, the appeal on paper (ANS-07, SIE-08)."""

from datetime import date, datetime
from enum import StrEnum

from orientation.enums import AnswerKind, DecisionOrigin, Phase
from orientation.facts import DecisionFact, Facts, MeetingFact
from orientation.rules.answer import agreements_awaited, calls_for_a_meeting
from orientation.rules.calendar import consultation_is_closed
from orientation.rules.council import visible_statement
from orientation.rules.refusal import Refusal
from orientation.workdays import last_day_to_appeal


class Disagreement(StrEnum):
    """Why the head of school has to meet the family."""

    REFUSED = "REFUSED"
    DISAGREED = "DISAGREED"
    SILENT = "SILENT"


def standing_disagreement(facts: Facts, now: datetime) -> Disagreement | None:
    """ANS-06…08: a refusal, the « non » of one, or a silence once the consultation is over; none once accepted."""
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    if statement is None or _decision(facts, DecisionOrigin.ACCEPTANCE):
        return None
    answer = statement.family_answer
    if answer is not None and calls_for_a_meeting(answer):
        return Disagreement.REFUSED if answer.kind == AnswerKind.REFUSED else Disagreement.DISAGREED
    awaited = answer is None or agreements_awaited(facts, answer, now)
    return Disagreement.SILENT if awaited and consultation_is_closed(facts, Phase.DEFINITIVE, now) else None


def last_meeting(facts: Facts, now: datetime) -> MeetingFact | None:
    """The last meeting held about the proposals that stand."""
    since = _proposals_day(facts, now)
    held = [one for one in facts.meetings if since and one.held_on >= since]
    return held[-1] if held else None


def may_record_meeting(facts: Facts, held_on: date, now: datetime) -> Refusal | None:
    """ANS-07: a meeting follows a disagreement; it was held between the proposals and today, and is written once."""
    since = _proposals_day(facts, now)
    if since is None or standing_disagreement(facts, now) is None:
        return Refusal.NO_DISAGREEMENT
    if held_on > _today(facts, now):
        return Refusal.FUTURE_DATE
    if held_on < since:
        return Refusal.BEFORE_PROPOSALS
    return Refusal.ALREADY_RECORDED if held_on in {one.held_on for one in facts.meetings} else None


def may_record_appeal(facts: Facts, filed_on: date, now: datetime) -> Refusal | None:
    """ANS-07: an appeal is against a head's decision, notified; one a dossier. Late, it is recorded and said late."""
    decision = head_decision(facts)
    if facts.appealed_on is not None:
        return Refusal.ALREADY_APPEALED
    if decision is None or decision.notified_on is None:
        return Refusal.NOTHING_TO_APPEAL
    if filed_on > _today(facts, now):
        return Refusal.FUTURE_DATE
    return Refusal.BEFORE_NOTIFICATION if filed_on < decision.notified_on else None


def head_decision(facts: Facts) -> DecisionFact | None:
    """The decision of the head of school after the meeting: the one that can be appealed."""
    return _decision(facts, DecisionOrigin.HEAD)


def appeal_deadline(facts: Facts) -> date | None:
    """D331-34: the last day, inclusive; None while the head's decision is not notified: the delay has not begun."""
    decision = head_decision(facts)
    if decision is None or decision.notified_on is None:
        return None
    return last_day_to_appeal(decision.notified_on, facts.uai, facts.timezone.key)


def appeal_is_late(facts: Facts) -> bool:
    """Filed after the last day: the commission says what comes of it, not the service."""
    end = appeal_deadline(facts)
    return facts.appealed_on is not None and end is not None and facts.appealed_on > end


class AppealStage(StrEnum):
    """Where the appeal against the head's decision stands."""

    NOT_NOTIFIED = "NOT_NOTIFIED"
    OPEN = "OPEN"
    OVER = "OVER"
    FILED = "FILED"
    DECIDED = "DECIDED"


def appeal_stage(facts: Facts, now: datetime) -> AppealStage | None:
    """None where there is nothing to appeal: no decision of the head of school, or the family's acceptance made it."""
    if _decision(facts, DecisionOrigin.APPEAL):
        return AppealStage.DECIDED
    if head_decision(facts) is None:
        return None
    if facts.appealed_on is not None:
        return AppealStage.FILED
    end = appeal_deadline(facts)
    if end is None:
        return AppealStage.NOT_NOTIFIED
    return AppealStage.OPEN if _today(facts, now) <= end else AppealStage.OVER


def _decision(facts: Facts, origin: str) -> DecisionFact | None:
    return next((one for one in facts.decisions if one.origin == origin), None)


def _proposals_day(facts: Facts, now: datetime) -> date | None:
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    return statement.published_at.astimezone(facts.timezone).date() if statement else None


def _today(facts: Facts, now: datetime) -> date:
    return now.astimezone(facts.timezone).date()
