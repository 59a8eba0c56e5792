"""Details that no other test of the rules told apart: each was found by changing the rule (docs/preuves.md)."""

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from orientation.facts import DecisionFact, MeetingFact
from orientation.rules import (
    Gate,
    Refusal,
    acknowledgement_deadline,
    agreements_awaited,
    appeal_deadline,
    check_reason,
    entry_to_show,
    gate,
    last_meeting,
    may_acknowledge,
    may_agree,
    may_answer,
    may_lift_gate,
    not_processed,
)
from orientation.rules.objection import REASON_MAX
from tests.rules.world import (
    CONSULTATION,
    FATHER,
    MOTHER,
    PERSONS,
    SECOND,
    WINDOWS,
    D,
    P,
    answer,
    council,
    day,
    entry,
    facts,
    opinions,
    pen,
    proposals,
)

ALL = {"answered_by": "ALL"}
AGAIN = {"opinion_change": "AGAIN"}


def test_once_acknowledged_the_gate_is_open_under_the_strict_policy_too():
    known = facts(policies=AGAIN, **council(), statements=(opinions(acknowledged=True),))
    assert gate(known, day(5, 5)) is Gate.OPEN


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ({}, None),
        ({"statements": (opinions(),)}, Refusal.NOTHING_TO_LIFT),
        ({"statements": (opinions(acknowledged=True),)}, Refusal.NOTHING_TO_LIFT),
        ({"gate_lifted": True}, Refusal.NOTHING_TO_LIFT),
    ],
)
def test_the_wait_is_lifted_only_where_nothing_can_be_acknowledged(known, code):
    assert may_lift_gate(facts(**council(), **known), day(5, 5)) is code


def test_a_reason_has_an_end():
    assert check_reason("x" * REASON_MAX) is None
    assert check_reason("x" * (REASON_MAX + 1)) is Refusal.REASON_TOO_LONG


def test_after_a_reset_only_the_last_version_is_to_be_validated_again():
    versions = (entry(outcome="NOT_PROCESSED"), entry(version=2, outcome="ACCEPTED"))
    assert not_processed(facts(**pen(MOTHER), submissions=versions), P) == ()
    late = (*versions, entry(version=3, outcome="NOT_PROCESSED"))
    assert not_processed(facts(**pen(MOTHER), submissions=late), P) == (late[-1],)


def test_before_the_council_s_answers_a_family_reads_its_own_entry_of_this_phase():
    both = (entry(), entry(phase=D))
    assert [entry_to_show(facts(submissions=both), phase, day(1, 20)) for phase in (P, D)] == list(both)


def test_a_meeting_counts_from_the_very_day_of_the_proposals_in_school_time():
    """Published at 23 h UTC: in Paris it is the next day already."""
    published = replace(proposals(answer=answer("REFUSED")), published_at=day(6, 3, 23))
    before, same = MeetingFact(day(6, 3).date(), "la mère"), MeetingFact(day(6, 4).date(), "la mère")
    known = facts(**council(D, day(6, 1)), statements=(published,), meetings=(before,))
    assert last_meeting(known, day(6, 8)) is None
    assert last_meeting(replace(known, meetings=(before, same)), day(6, 8)) == same


def test_who_has_an_account_of_their_own_is_awaited_and_the_same_person_twice_is_not():
    accounts = zip(PERSONS, (1, 2, 1), strict=True)
    persons = tuple(replace(person, account=account) for person, account in accounts)
    known = facts(policies=ALL, representatives=persons)
    assert agreements_awaited(known, answer(), day(6, 5)) == (FATHER,)


def test_a_service_switched_off_takes_no_agreement_from_that_very_second():
    off = facts(policies=ALL, statements=(proposals(answer=answer()),), switched_off_at=day(6, 5))
    assert may_agree(off, FATHER, day(6, 5) - SECOND) is None
    assert may_agree(off, FATHER, day(6, 5)) is Refusal.SERVICE_OFF


def test_before_the_proposals_no_agreement_is_asked():
    assert may_agree(facts(policies=ALL), FATHER, day(6, 5)) is Refusal.NO_AGREEMENT_ASKED


def test_a_consultation_is_open_from_its_very_first_second():
    opens_at = WINDOWS[(D, CONSULTATION)].opens_at
    early = replace(proposals(), published_at=day(6, 1))
    seen = [may_answer(facts(statements=(early,)), MOTHER, one) for one in (opens_at - SECOND, opens_at)]
    assert seen == [Refusal.NOTHING_PUBLISHED, None]


def test_without_a_definitive_entry_one_acknowledges_until_the_consultation_ends():
    provisional = tuple((key, one) for key, one in WINDOWS.items() if key[0] == P)
    assert acknowledgement_deadline(facts(windows=provisional)) == WINDOWS[(P, CONSULTATION)].closes_at
    assert acknowledgement_deadline(facts(windows=())) is None


@pytest.mark.parametrize("known", [{}, {"submissions": (entry(by=None),)}])
def test_opinions_on_a_request_without_an_author_are_acknowledged_by_anyone(known):
    """Nobody's entry, or the school's: the policy « author only » finds no author."""
    strict = facts(policies={"acknowledgement_by": "AUTHOR"}, **council(), statements=(opinions(),), **known)
    assert may_acknowledge(strict, FATHER, day(3, 10)) is None


def test_the_delay_to_appeal_counts_the_holidays_of_the_island_that_the_time_zone_tells():
    """28 May is a holiday in Saint-Martin, whose schools have a UAI of Guadeloupe."""
    notified = DecisionFact(UUID(int=5), "HEAD", day(5, 27), day(5, 27).date(), (("CAP", ""),))
    known = facts(decisions=(notified,), uai="9710001A", timezone=ZoneInfo("America/Marigot"))
    assert appeal_deadline(known) == day(6, 1).date()
    assert appeal_deadline(replace(known, timezone=ZoneInfo("America/Guadeloupe"))) == day(5, 30).date()
