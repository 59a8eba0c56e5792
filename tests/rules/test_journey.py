from dataclasses import replace

import pytest

from orientation.facts import DecisionFact
from orientation.rules import Need, Standing, Step, duty, standing
from tests.rules.world import (
    FATHER,
    MOTHER,
    PUPIL,
    THIRD,
    UUID,
    D,
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
READ = {**ENTERED, **council(), "statements": (opinions(acknowledged=True),)}
DECIDED = (DecisionFact(UUID(int=5), "ACCEPTANCE", day(6, 5), None, (("2PRO", ""),)),)


def asked(**values):
    later = {**pen(MOTHER, D), "submissions": (entry(MOTHER, D, outcome="ACCEPTED"),), **council(D, day(6, 1))}
    return facts(**{**later, "statements": (opinions(acknowledged=True), proposals()), **values})


@pytest.mark.parametrize(
    ("known", "actor", "now", "step", "need", "mine"),
    [
        (facts(), MOTHER, day(1, 1), Step.INTENTIONS, Need.WAIT, False),
        (facts(), MOTHER, day(1, 20), Step.INTENTIONS, Need.ENTER, True),
        (facts(), PUPIL, day(1, 20), Step.INTENTIONS, Need.ENTER, False),
        (facts(**ENTERED), MOTHER, day(1, 20), Step.INTENTIONS, Need.MAY_CHANGE, True),
        (facts(**ENTERED), FATHER, day(1, 20), Step.INTENTIONS, Need.MAY_CHANGE, False),
        (facts(**ENTERED, **council()), MOTHER, day(2, 12), Step.OPINIONS, Need.WAIT, False),
        (facts(**{**READ, "statements": (opinions(),)}), FATHER, day(3, 10), Step.OPINIONS, Need.ACKNOWLEDGE, True),
        (facts(**READ), MOTHER, day(3, 10), Step.CHOICES, Need.WAIT, False),
        (facts(**READ), FATHER, day(5, 5), Step.CHOICES, Need.ENTER, True),
        (facts(**{**READ, "statements": (opinions(),)}), FATHER, day(5, 5), Step.OPINIONS, Need.ACKNOWLEDGE, True),
        (facts(**{**READ, "statements": ()}), FATHER, day(5, 5), Step.CHOICES, Need.CONTACT_SCHOOL, False),
        (facts(**READ), MOTHER, day(5, 30), Step.PROPOSALS, Need.WAIT, False),
        (asked(), MOTHER, day(6, 5), Step.PROPOSALS, Need.ANSWER, True),
        (asked(), FATHER, day(6, 5), Step.PROPOSALS, Need.ANSWER, False),
        (asked(), MOTHER, day(6, 13), Step.PROPOSALS, Need.CONTACT_SCHOOL, False),
        (
            asked(statements=(proposals(answer=answer("REFUSED")),)),
            MOTHER,
            day(6, 5),
            Step.DECISION,
            Need.MEET_HEAD,
            False,
        ),
        (asked(decisions=DECIDED), MOTHER, day(6, 5), Step.DECISION, Need.NOTHING, False),
    ],
)
def test_the_one_thing_to_show_first(known, actor, now, step, need, mine):
    got = standing(known, actor, now)
    assert (got.step, got.need, got.mine) == (step, need, mine)


def test_under_policy_all_the_others_are_asked_after_the_answer():
    known = asked(policies={"answered_by": "ALL"}, statements=(proposals(answer=answer()),))
    assert (standing(known, FATHER, day(6, 5)).need, standing(known, FATHER, day(6, 5)).mine) == (Need.AGREE, True)
    assert not standing(known, MOTHER, day(6, 5)).mine


def test_a_refusal_still_asks_the_others_to_say_yes_or_no_and_sends_who_said_it_to_the_head():
    known = asked(policies={"answered_by": "ALL"}, statements=(proposals(answer=answer("REFUSED")),))
    assert (standing(known, FATHER, day(6, 5)).need, standing(known, FATHER, day(6, 5)).mine) == (Need.AGREE, True)
    assert standing(known, MOTHER, day(6, 5)).need == Need.MEET_HEAD
    assert standing(known, FATHER, day(6, 13)).need == Need.MEET_HEAD


def test_a_disagreement_sends_to_the_head_all_but_who_has_still_to_answer():
    given = proposals(answer=answer(FATHER=False))
    known = asked(parents=3, policies={"answered_by": "ALL"}, statements=(given,))
    needs = [standing(known, one, day(6, 5)).need for one in (MOTHER, FATHER, THIRD)]
    assert needs == [Need.MEET_HEAD, Need.MEET_HEAD, Need.AGREE]


def test_a_pupil_who_left_has_nothing_to_do_wherever_the_family_stood():
    for known, now in ((facts(), day(1, 20)), (facts(**READ), day(5, 5)), (asked(), day(6, 5))):
        gone = replace(known, enrolled=False)
        assert standing(gone, MOTHER, now) == Standing(standing(known, MOTHER, now).step, Need.NOT_ENROLLED)
        assert not duty(gone, MOTHER, now)


def test_an_agreement_that_never_came_leads_to_the_head_once_the_consultation_is_closed():
    known = asked(policies={"answered_by": "ALL"}, statements=(proposals(answer=answer()),))
    late = standing(known, FATHER, day(6, 13))
    assert (late.step, late.need, late.by) == (Step.DECISION, Need.MEET_HEAD, None)


def test_an_entry_left_aside_by_a_council_reset_since_is_to_be_validated_again():
    aside = facts(**{**ENTERED, "submissions": (entry(outcome="NOT_PROCESSED"),)})
    assert standing(aside, MOTHER, day(1, 20)).need == Need.ENTER


def test_only_who_has_something_left_to_do_has_a_duty():
    assert duty(facts(), MOTHER, day(1, 20))
    assert not duty(facts(**ENTERED), MOTHER, day(1, 20))
    assert not duty(facts(), PUPIL, day(1, 20))
    assert duty(asked(), MOTHER, day(6, 5))
    assert not duty(asked(), FATHER, day(6, 5))
