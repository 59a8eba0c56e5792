from dataclasses import replace
from datetime import date
from itertools import product
from uuid import UUID

import pytest

from orientation.facts import DecisionFact, SignatureFact
from orientation.rules import (
    Refusal,
    agreements_awaited,
    calls_for_a_meeting,
    check_answer,
    makes_a_decision,
    may_agree,
    may_answer,
)
from tests.rules.world import (
    FATHER,
    MOTHER,
    PERSONS,
    PUPIL,
    SECOND,
    STRANGER,
    THIRD,
    D,
    answer,
    council,
    day,
    entry,
    facts,
    pen,
    proposals,
)

NOW = day(6, 5)
ALL = {"answered_by": "ALL"}


def asked(**values):
    values.setdefault("statements", (proposals(),))
    return facts(**{**pen(MOTHER, D), "submissions": (entry(MOTHER, D),), **council(D, day(6, 1)), **values})


def test_the_author_of_the_choices_answers():
    assert may_answer(asked(), MOTHER, NOW) is None
    assert may_answer(asked(), FATHER, NOW) == Refusal.AUTHOR_ANSWERS
    assert may_answer(asked(), PUPIL, NOW) == Refusal.READ_ONLY_STUDENT


def test_any_representative_answers_what_the_school_typed():
    typed = entry(None, D)
    assert may_answer(asked(submissions=(typed,), pens=()), FATHER, NOW) is None
    assert may_answer(asked(submissions=(typed,)), FATHER, NOW) is None


def test_nobody_answers_or_agrees_once_the_decision_is_made():
    decided = DecisionFact(UUID(int=80), "HEAD", day(6, 4), None, (("CAP", ""),))
    assert may_answer(asked(decisions=(decided,)), MOTHER, NOW) == Refusal.ALREADY_DECIDED
    known = asked(policies=ALL, statements=(proposals(answer=answer()),), decisions=(decided,))
    assert may_agree(known, FATHER, NOW) == Refusal.ALREADY_DECIDED


def test_pupil_who_came_of_age_after_the_answer_says_yes_or_no_in_place_of_the_parents():
    known = asked(policies=ALL, statements=(proposals(answer=answer()),), birth_date=date(2008, 6, 5))
    assert agreements_awaited(known, answer(), NOW) == (PUPIL,)
    assert may_agree(known, PUPIL, NOW) is None
    assert may_agree(known, FATHER, NOW) == Refusal.STUDENT_OF_AGE
    signed = replace(answer(), agreements=(SignatureFact(UUID(int=81), PUPIL, "Camille Martin", NOW, True),))
    assert makes_a_decision(known, signed, NOW)


def test_the_same_account_twice_among_the_representatives_answers_once():
    """Siècle may hold the same person twice: nobody else is awaited."""
    doubled = (replace(PERSONS[0], account=7), replace(PERSONS[1], account=7))
    known = asked(policies=ALL, statements=(proposals(answer=answer()),), representatives=doubled)
    assert agreements_awaited(known, answer(), NOW) == ()
    assert makes_a_decision(known, answer(), NOW)


def test_two_representatives_without_an_account_are_two():
    known = asked(policies=ALL, statements=(proposals(answer=answer()),))
    assert agreements_awaited(known, answer(), NOW) == (FATHER,)


def test_a_pupil_who_has_left_is_read_but_nothing_more_is_written():
    gone = asked(enrolled=False)
    assert may_answer(gone, MOTHER, NOW) == Refusal.NOT_ENROLLED
    assert may_answer(gone, STRANGER, NOW) == Refusal.NOT_LEGAL


def test_what_the_school_changed_at_the_family_s_request_is_still_answered_by_the_holder():
    changed = entry(None, D, 2, asked_by="Ana Martin", asked_on=date(2026, 5, 30))
    about_it = proposals(submission=changed.uuid)
    known = asked(submissions=(entry(MOTHER, D, outcome="ACCEPTED"), changed), statements=(about_it,))
    assert may_answer(known, FATHER, NOW) == Refusal.AUTHOR_ANSWERS
    assert may_answer(known, MOTHER, NOW) is None


def test_an_answer_is_final():
    assert may_answer(asked(statements=(proposals(answer=answer()),)), MOTHER, NOW) == Refusal.ALREADY_ANSWERED


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (day(6, 3) - SECOND, Refusal.NOTHING_PUBLISHED),
        (day(6, 3), None),
        (day(6, 12) - SECOND, None),
        (day(6, 12), Refusal.CONSULTATION_CLOSED),
    ],
)
def test_one_answers_while_the_consultation_is_open(now, refusal):
    assert may_answer(asked(), MOTHER, now) == refusal


def test_a_switched_off_service_takes_no_answer():
    assert may_answer(asked(switched_off_at=day(6, 4)), MOTHER, NOW) == Refusal.SERVICE_OFF


KEYS = [("2GT", ""), ("2PRO", ""), ("CAP", "")]


@pytest.mark.parametrize(
    "accepted", [[k for k, on in zip(KEYS, some, strict=True) if on] for some in product([0, 1], repeat=3)]
)
@pytest.mark.parametrize("policy", ["ONE", "SEVERAL"])
def test_one_accepts_what_is_proposed_and_nothing_else(accepted, policy):
    """2GT is « Non », 2PRO is « Oui », CAP was proposed beside."""
    refusal = check_answer(asked(policies={"acceptances": policy}), "ACCEPTED", accepted, NOW)
    if not accepted:
        assert refusal == Refusal.NOTHING_ACCEPTED
    elif policy == "ONE" and len(accepted) > 1:
        assert refusal == Refusal.ONE_ONLY
    else:
        assert refusal == (Refusal.NOT_PROPOSED if ("2GT", "") in accepted else None)


def test_a_refusal_refuses_all():
    assert check_answer(asked(), "REFUSED", [], NOW) is None
    assert check_answer(asked(), "REFUSED", [("2PRO", "")], NOW) == Refusal.NOT_PROPOSED


def test_nothing_is_accepted_or_refused_before_there_is_anything_to_answer():
    assert check_answer(asked(statements=()), "REFUSED", [], NOW) == Refusal.NOTHING_PUBLISHED


def test_under_policy_author_an_acceptance_decides_at_once_and_a_refusal_never():
    assert makes_a_decision(asked(), answer(), NOW)
    assert not makes_a_decision(asked(), answer("REFUSED"), NOW)
    assert agreements_awaited(asked(), answer(), NOW) == ()


SAID = [None, True, False]


@pytest.mark.parametrize("kind", ["ACCEPTED", "REFUSED"])
@pytest.mark.parametrize("parents", [1, 2, 3])
@pytest.mark.parametrize(("father", "third"), list(product(SAID, SAID)))
def test_under_policy_all_a_decision_needs_everyones_yes_and_silence_is_none(kind, parents, father, third):
    said = {"FATHER": father if parents > 1 else None, "THIRD": third if parents > 2 else None}
    given = answer(kind, **{name: value for name, value in said.items() if value is not None})
    known = asked(parents=parents, policies=ALL)
    expected = [said["FATHER"]] * (parents > 1) + [said["THIRD"]] * (parents > 2)
    assert makes_a_decision(known, given, NOW) == (kind == "ACCEPTED" and all(one is True for one in expected))
    assert len(agreements_awaited(known, given, NOW)) == sum(one is None for one in expected)
    assert calls_for_a_meeting(given) == (kind == "REFUSED" or False in said.values())


def test_every_other_representative_agrees_once():
    known = asked(parents=3, policies=ALL, statements=(proposals(answer=answer(FATHER=True)),))
    assert may_agree(known, THIRD, NOW) is None
    assert may_agree(known, FATHER, NOW) == Refusal.ALREADY_AGREED
    assert may_agree(known, MOTHER, NOW) == Refusal.AUTHOR_AGREED_ALREADY
    assert may_agree(known, PUPIL, NOW) == Refusal.READ_ONLY_STUDENT
    assert may_agree(known, THIRD, day(6, 12)) == Refusal.CONSULTATION_CLOSED


def test_no_agreement_is_asked_before_the_answer_or_under_policy_author():
    assert may_agree(asked(policies=ALL), FATHER, NOW) == Refusal.NO_AGREEMENT_ASKED
    assert may_agree(asked(statements=(proposals(answer=answer()),)), FATHER, NOW) == Refusal.NO_AGREEMENT_ASKED
