"""Each thing to do is shown with its end, each wait with the opening that ends it (CAL-02, CAL-04, CAL-08)."""

from datetime import timedelta

import pytest

from orientation.facts import CouncilFact
from orientation.rules import ClosedBy, EntryState, EntryStatus, Need, Standing, Step, campaign_is_on, standing
from orientation.rules.calendar import entry_status
from tests.rules.world import (
    CONSULTATION,
    ENTRY,
    FATHER,
    MOTHER,
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

ENTERED = {**pen(MOTHER), "submissions": (entry(outcome="ACCEPTED"),)}
TO_ACKNOWLEDGE = {**ENTERED, **council(), "statements": (opinions(),)}
ACKNOWLEDGED = {**TO_ACKNOWLEDGE, "statements": (opinions(acknowledged=True),)}
PROPOSED = {
    **pen(MOTHER, D), "submissions": (entry(MOTHER, D, outcome="ACCEPTED"),), **council(D, day(6, 1)),
    "statements": (opinions(acknowledged=True), proposals()),
}  # fmt: skip
ANSWERED = {**PROPOSED, "statements": (opinions(acknowledged=True), proposals(answer=answer()))}
ALL = {"answered_by": "ALL"}
BOTH_COUNCILS = {"councils": ((P, CouncilFact(None, day(2, 10))), (D, CouncilFact(None, day(5, 20))))}


@pytest.mark.parametrize(
    ("known", "actor", "now", "shown"),
    [
        (facts(), MOTHER, day(1, 1), Standing(Step.INTENTIONS, Need.WAIT, by=day(1, 12))),
        (facts(), MOTHER, day(1, 20), Standing(Step.INTENTIONS, Need.ENTER, True, day(2, 20))),
        (facts(**ENTERED), FATHER, day(1, 20), Standing(Step.INTENTIONS, Need.MAY_CHANGE, False, day(2, 20))),
        (facts(**ENTERED, **council()), MOTHER, day(2, 12), Standing(Step.OPINIONS, Need.WAIT, by=day(3, 2))),
        (facts(**TO_ACKNOWLEDGE), FATHER, day(3, 10), Standing(Step.OPINIONS, Need.ACKNOWLEDGE, True, day(5, 29))),
        (facts(**TO_ACKNOWLEDGE), FATHER, day(5, 5), Standing(Step.OPINIONS, Need.ACKNOWLEDGE, True, day(5, 29))),
        (facts(**ACKNOWLEDGED), MOTHER, day(3, 10), Standing(Step.CHOICES, Need.WAIT, by=day(4, 27))),
        (facts(**ACKNOWLEDGED), MOTHER, day(5, 5), Standing(Step.CHOICES, Need.ENTER, True, day(5, 29))),
        (facts(**ENTERED), MOTHER, day(5, 5), Standing(Step.CHOICES, Need.CONTACT_SCHOOL, by=day(5, 29))),
        (facts(**ACKNOWLEDGED), MOTHER, day(5, 30), Standing(Step.PROPOSALS, Need.WAIT, by=day(6, 2))),
        (facts(**PROPOSED), MOTHER, day(6, 5), Standing(Step.PROPOSALS, Need.ANSWER, True, day(6, 12))),
        (facts(**ANSWERED, policies=ALL), FATHER, day(6, 5), Standing(Step.PROPOSALS, Need.AGREE, True, day(6, 12))),
        (facts(**ANSWERED, policies=ALL), MOTHER, day(6, 5), Standing(Step.PROPOSALS, Need.AGREE, False, day(6, 12))),
        (facts(**ANSWERED, policies=ALL), MOTHER, day(6, 13), Standing(Step.DECISION, Need.MEET_HEAD)),
        # nobody is awaited any more and the decision is for the night to make
        (facts(**ANSWERED), MOTHER, day(6, 13), Standing(Step.PROPOSALS, Need.AGREE, by=day(6, 12))),
    ],
)
def test_what_is_shown_first_says_until_when(known, actor, now, shown):
    assert standing(known, actor, now) == shown


@pytest.mark.parametrize("phase", [P, D])
def test_an_entry_says_since_when_it_is_closed_and_by_whom(phase):
    known = facts(**BOTH_COUNCILS)
    opened_at = day(2, 10) if phase == P else day(5, 20)
    assert entry_status(known, phase, day(6, 1)) == EntryStatus(EntryState.CLOSED, opened_at, ClosedBy.COUNCIL)


@pytest.mark.parametrize("phase", [P, D])
def test_an_entry_to_come_says_when_it_opens(phase):
    opens_at = WINDOWS[(phase, ENTRY)].opens_at
    assert entry_status(facts(), phase, opens_at - SECOND) == EntryStatus(EntryState.NOT_OPEN, opens_at)


def test_a_campaign_is_on_from_its_first_opening_to_its_last_end():
    first, last = WINDOWS[(P, ENTRY)].opens_at, WINDOWS[(D, CONSULTATION)].closes_at
    seen = [campaign_is_on(facts(), one) for one in (first - SECOND, first, last - SECOND, last)]
    assert seen == [False, True, True, False]


def test_a_campaign_without_a_window_is_not_on():
    assert not campaign_is_on(facts(windows=()), day(1, 20))


def test_without_a_window_to_come_the_wait_has_no_end():
    only = tuple((key, one) for key, one in WINDOWS.items() if key == (P, ENTRY))
    waiting = standing(facts(**ENTERED, **council(), windows=only), MOTHER, day(2, 12))
    assert waiting == Standing(Step.OPINIONS, Need.WAIT)


def test_proposals_whose_consultation_has_no_window_are_for_the_school_to_settle():
    without = tuple((key, one) for key, one in WINDOWS.items() if key != (D, CONSULTATION))
    shown = standing(facts(**PROPOSED, windows=without), MOTHER, day(6, 12) + timedelta(days=1))
    assert shown == Standing(Step.PROPOSALS, Need.CONTACT_SCHOOL)
