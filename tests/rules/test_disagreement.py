"""The meeting, the appeal and its delay (ANS-07, SIE-08): who may be recorded, when, and what it is then."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from orientation.facts import DecisionFact, Facts, MeetingFact
from orientation.rules import (
    AppealStage,
    Disagreement,
    Refusal,
    appeal_deadline,
    appeal_is_late,
    appeal_stage,
    last_meeting,
    may_record_appeal,
    may_record_meeting,
    standing_disagreement,
)
from tests.rules.world import SECOND, answer, day, facts, proposals

NOW = day(6, 15)  # the consultation ended on 12 June, at noon
MONDAY, THURSDAY = date(2026, 6, 15), date(2026, 6, 18)
ALL = {"answered_by": "ALL"}


def said(*, kind: str = "REFUSED", policies=None, parents: int = 2, **agreements: bool) -> Facts:
    given = answer(kind, **agreements)
    return facts(parents=parents, policies=policies, statements=(proposals(answer=given),))


def decided(origin: str = "HEAD", notified_on: date | None = MONDAY, number: int = 80) -> DecisionFact:
    return DecisionFact(UUID(int=number), origin, day(6, 15), notified_on, (("CAP", ""),))


def after_the_decision(notified_on: date | None = MONDAY, **values) -> Facts:
    return replace(said(), decisions=(decided(notified_on=notified_on),), **values)


# --- what leads to the head ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("policies", [None, ALL])
def test_a_refusal_is_a_disagreement_at_once(policies):
    assert standing_disagreement(said(policies=policies), day(6, 4)) is Disagreement.REFUSED


def test_the_no_of_one_is_a_disagreement_at_once():
    known = said(kind="ACCEPTED", policies=ALL, FATHER=False)
    assert standing_disagreement(known, day(6, 5)) is Disagreement.DISAGREED


def test_silence_is_a_disagreement_only_once_the_consultation_is_over():
    unanswered = facts(statements=(proposals(),))
    unagreed = said(kind="ACCEPTED", policies=ALL)
    for known in (unanswered, unagreed):
        assert standing_disagreement(known, day(6, 12) - SECOND) is None
        assert standing_disagreement(known, day(6, 12)) is Disagreement.SILENT


def test_an_acceptance_is_no_disagreement_even_if_somebody_joins_the_family_later():
    known = said(kind="ACCEPTED")
    assert standing_disagreement(known, NOW) is None
    joined = said(kind="ACCEPTED", policies=ALL, parents=3, FATHER=True)
    assert standing_disagreement(joined, NOW) is Disagreement.SILENT
    assert standing_disagreement(replace(joined, decisions=(decided("ACCEPTANCE", None),)), NOW) is None


def test_without_proposals_to_read_there_is_nothing_to_disagree_with():
    withdrawn = proposals(answer=answer("REFUSED"), withdrawn_at=day(6, 6))
    for known in (facts(), facts(statements=(withdrawn,))):
        assert standing_disagreement(known, NOW) is None
        assert may_record_meeting(known, MONDAY, NOW) == Refusal.NO_DISAGREEMENT


# --- the meeting -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("held_on", "refusal"),
    [
        (date(2026, 6, 2), Refusal.BEFORE_PROPOSALS),
        (date(2026, 6, 3), None),  # the day of their publication
        (MONDAY, None),
        (date(2026, 6, 16), Refusal.FUTURE_DATE),
    ],
)
def test_a_meeting_was_held_between_the_proposals_and_today(held_on, refusal):
    assert may_record_meeting(said(), held_on, NOW) == refusal


def test_today_is_the_school_s_own_day():
    late_evening = day(6, 15, 22)  # 0 h 00 in Paris, the next day
    tomorrow = MONDAY + timedelta(days=1)
    assert may_record_meeting(said(), tomorrow, late_evening) is None
    assert may_record_meeting(said(), tomorrow, late_evening - SECOND) == Refusal.FUTURE_DATE


def test_a_meeting_is_recorded_where_there_is_a_disagreement_and_once_a_day():
    assert may_record_meeting(said(kind="ACCEPTED"), MONDAY, NOW) == Refusal.NO_DISAGREEMENT
    held = replace(said(), meetings=(MeetingFact(MONDAY, "la mère et l’élève"),))
    assert may_record_meeting(held, MONDAY, NOW) == Refusal.ALREADY_RECORDED
    assert may_record_meeting(held, MONDAY - timedelta(days=1), NOW) is None


def test_a_meeting_may_be_written_down_after_the_decision_it_led_to():
    assert may_record_meeting(after_the_decision(), MONDAY, NOW) is None


def test_a_meeting_about_proposals_withdrawn_since_does_not_count_for_the_new_ones():
    old, new = MeetingFact(date(2026, 6, 2), "tous"), MeetingFact(date(2026, 6, 4), "tous")
    assert last_meeting(replace(said(), meetings=(old,)), NOW) is None
    assert last_meeting(replace(said(), meetings=(old, new)), NOW) == new


# --- the appeal ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("filed_on", "refusal"),
    [
        (MONDAY - timedelta(days=1), Refusal.BEFORE_NOTIFICATION),
        (MONDAY, None),
        (THURSDAY, None),
        (THURSDAY + timedelta(days=4), None),  # late: the commission says what comes of it
        (THURSDAY + timedelta(days=5), Refusal.FUTURE_DATE),
    ],
)
def test_an_appeal_is_filed_between_the_notification_and_today(filed_on, refusal):
    assert may_record_appeal(after_the_decision(), filed_on, day(6, 22)) == refusal


def test_only_a_head_s_decision_notified_to_the_family_can_be_appealed():
    accepted = replace(said(kind="ACCEPTED"), decisions=(decided("ACCEPTANCE", None),))
    for known in (said(), accepted, after_the_decision(None)):
        assert may_record_appeal(known, MONDAY, NOW) == Refusal.NOTHING_TO_APPEAL


def test_an_appeal_is_recorded_once():
    known = after_the_decision(appealed_on=MONDAY)
    assert may_record_appeal(known, MONDAY, NOW) == Refusal.ALREADY_APPEALED


def test_the_delay_runs_from_the_notification_of_the_head_s_decision_and_from_nothing_else():
    assert appeal_deadline(said()) is None
    assert appeal_deadline(after_the_decision(None)) is None
    assert appeal_deadline(replace(said(), decisions=(decided("ACCEPTANCE", MONDAY),))) is None
    assert appeal_deadline(after_the_decision()) == THURSDAY


def test_the_delay_follows_the_holidays_of_the_school():
    notified = date(2026, 6, 9)
    guyane = {"uai": "9730001A"}
    assert appeal_deadline(after_the_decision(notified)) == date(2026, 6, 12)
    assert appeal_deadline(after_the_decision(notified, **guyane)) == date(2026, 6, 13)


@pytest.mark.parametrize(("filed_on", "late"), [(THURSDAY, False), (THURSDAY + timedelta(days=1), True)])
def test_an_appeal_after_the_last_day_is_late(filed_on, late):
    assert appeal_is_late(after_the_decision(appealed_on=filed_on)) is late


def test_no_appeal_is_not_a_late_one():
    assert appeal_is_late(after_the_decision()) is False


def test_the_stages_of_an_appeal_follow_one_another():
    appealed = after_the_decision(appealed_on=MONDAY)
    settled = replace(appealed, decisions=(*appealed.decisions, decided("APPEAL", number=81)))
    accepted = replace(said(kind="ACCEPTED"), decisions=(decided("ACCEPTANCE", None),))
    assert appeal_stage(said(), NOW) is None
    assert appeal_stage(accepted, NOW) is None
    assert appeal_stage(after_the_decision(None), NOW) is AppealStage.NOT_NOTIFIED
    assert appeal_stage(after_the_decision(), NOW) is AppealStage.OPEN
    assert appeal_stage(appealed, NOW) is AppealStage.FILED
    assert appeal_stage(settled, NOW) is AppealStage.DECIDED


def test_one_may_appeal_until_the_last_second_of_the_last_day_at_the_school():
    midnight = day(6, 18, 22)  # in Paris
    assert appeal_stage(after_the_decision(), midnight - SECOND) is AppealStage.OPEN
    assert appeal_stage(after_the_decision(), midnight) is AppealStage.OVER
