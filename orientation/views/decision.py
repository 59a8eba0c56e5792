"""The decision, or the meeting that must come first, then the appeal (ANS-05, ANS-07)."""

from django.http import HttpRequest, HttpResponse

from orientation.access import Access
from orientation.appeals import decision_lead
from orientation.documents.appeal import may_be_filed
from orientation.enums import Phase
from orientation.leads import name_of
from orientation.rules import (
    agreements_awaited,
    appeal_deadline,
    appeal_is_late,
    appeal_stage,
    last_meeting,
    may_agree,
    standing_disagreement,
    visible_statement,
)
from orientation.views.family import family_page, screen


@family_page
def decision(request: HttpRequest, access: Access) -> HttpResponse:
    facts, now = access.facts, access.now
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    meeting = last_meeting(facts, now)
    return screen(
        request, access, "decision", phase=Phase.DEFINITIVE,
        lead=decision_lead(facts, now),
        decisions=facts.decisions[::-1],
        stage=appeal_stage(facts, now),
        last_day=appeal_deadline(facts),
        late=appeal_is_late(facts),
        meeting=meeting,
        to_meet=not facts.decisions and meeting is None and standing_disagreement(facts, now) is not None,
        answer=answer,
        awaited=[name_of(facts, one) for one in agreements_awaited(facts, answer, now)] if answer else [],
        asked=may_agree(facts, access.person, now) is None,
        may_appeal=may_be_filed(facts, now),
    )  # fmt: skip
