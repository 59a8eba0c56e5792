"""What the school writes down of a disagreement that goes on outside the service: the meeting, the appeal (ANS-07)."""

from datetime import date
from uuid import UUID

from families.models import User
from ledger.journal import Actor
from orientation.actions.act import opened
from orientation.models import Appeal, Meeting
from orientation.rules import RuleBroken, may_record_appeal, may_record_meeting


def record_meeting(*, dossier: UUID, held_on: date, present: str, user: User, by: Actor) -> Meeting:
    """The head received the family that day; `present` says who was there. The same twice is one (a double click).

    Raises RuleBroken: NO_DISAGREEMENT, FUTURE_DATE, BEFORE_PROPOSALS, ALREADY_RECORDED.
    """
    with opened(dossier, by=by) as act:
        known = Meeting.objects.filter(dossier=act.dossier, held_on=held_on, present=present).first()
        if known is not None:
            return known
        refusal = may_record_meeting(act.facts, held_on, act.now)
        if refusal is not None:
            raise RuleBroken(refusal)
        meeting = Meeting.objects.create(
            dossier=act.dossier, held_on=held_on, present=present, at=act.now, by=user
        )  # fmt: skip
        act.journal("meeting_held", meeting=str(meeting.uuid), held_on=held_on.isoformat())
        return meeting


def record_appeal(*, dossier: UUID, filed_on: date, user: User, by: Actor) -> Appeal:
    """The school received the family's appeal, on paper, that day. The same twice is one (a double click).

    Raises RuleBroken: ALREADY_APPEALED, NOTHING_TO_APPEAL, FUTURE_DATE, BEFORE_NOTIFICATION.
    """
    with opened(dossier, by=by) as act:
        known = Appeal.objects.filter(dossier=act.dossier, filed_on=filed_on).first()
        if known is not None:
            return known
        refusal = may_record_appeal(act.facts, filed_on, act.now)
        if refusal is not None:
            raise RuleBroken(refusal)
        appeal = Appeal.objects.create(dossier=act.dossier, filed_on=filed_on, at=act.now, by=user)
        act.journal("appeal_filed", appeal=str(appeal.uuid), filed_on=filed_on.isoformat())
        return appeal
