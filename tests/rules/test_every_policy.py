"""Every combination of policies: each one decides its own point, and no other (last table of the rules)."""

from dataclasses import replace
from itertools import product

from orientation.rules import (
    Gate,
    Refusal,
    acknowledgement_is_due,
    agreements_awaited,
    calls_for_a_meeting,
    check_answer,
    gate,
    makes_a_decision,
    may_acknowledge,
    may_agree,
    may_answer,
    may_object,
)
from tests.rules.world import (
    FATHER,
    MOTHER,
    PUPIL,
    THIRD,
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

VALUES = {
    "acknowledgement_by": ("ANY", "AUTHOR"),
    "opinion_change": ("TELL", "AGAIN"),
    "answered_by": ("AUTHOR", "ALL"),
    "acceptances": ("SEVERAL", "ONE"),
    "recap_to": ("ALL", "AUTHOR"),
    "recap_when": ("SIGN_OUT", "VALIDATION"),
    "objection": ("NONE", "RECORDED"),
}
EVERY = [dict(zip(VALUES, row, strict=True)) for row in product(*VALUES.values())]
ENTERED = {**pen(MOTHER), "submissions": (entry(outcome="ACCEPTED"),)}
FIRST_OPINIONS = {**ENTERED, **council(), "statements": (opinions(),)}
CHANGED = (opinions(acknowledged=True, withdrawn_at=day(3, 20)), opinions(version=2, published_at=day(3, 21)))
ENTRY_OPEN, OPINIONS_READ, CHOICES_OPEN, PROPOSALS_READ = day(1, 20), day(3, 25), day(4, 28), day(6, 5)


def test_the_seven_policies_make_128_campaigns():
    assert len(EVERY) == 2 ** len(VALUES)


def test_the_objection_is_taken_where_it_is_asked_and_from_the_other_only():
    for policies in EVERY:
        known = facts(policies=policies, **ENTERED)
        asked = policies["objection"] == "RECORDED"
        assert may_object(known, P, FATHER, ENTRY_OPEN) == (None if asked else Refusal.NO_OBJECTION_ASKED)
        assert may_object(known, P, MOTHER, ENTRY_OPEN) == (Refusal.OWN_ENTRY if asked else Refusal.NO_OBJECTION_ASKED)


def test_who_acknowledges_follows_one_policy_until_the_definitive_entry_opens():
    for policies in EVERY:
        known = facts(policies=policies, **FIRST_OPINIONS)
        alone = policies["acknowledgement_by"] == "AUTHOR"
        assert may_acknowledge(known, MOTHER, OPINIONS_READ) is None
        assert may_acknowledge(known, FATHER, OPINIONS_READ) == (Refusal.AUTHOR_ACKNOWLEDGES if alone else None)
        assert may_acknowledge(known, FATHER, CHOICES_OPEN) is None
        assert may_acknowledge(known, PUPIL, OPINIONS_READ) == Refusal.READ_ONLY_STUDENT


def test_changed_opinions_are_acknowledged_again_under_one_policy_and_the_gate_follows():
    for policies in EVERY:
        known = facts(policies=policies, **{**FIRST_OPINIONS, "statements": CHANGED})
        again = policies["opinion_change"] == "AGAIN"
        assert acknowledgement_is_due(known, OPINIONS_READ) is again
        assert gate(known, CHOICES_OPEN) is (Gate.ACKNOWLEDGE_FIRST if again else Gate.OPEN)
        assert may_acknowledge(known, MOTHER, OPINIONS_READ) == (None if again else Refusal.ALREADY_ACKNOWLEDGED)


def asked(policies, parents=2, **values):
    values.setdefault("statements", (proposals(),))
    chosen = {"submissions": (entry(MOTHER, D, outcome="ACCEPTED"),)}
    return facts(policies=policies, parents=parents, **{**pen(MOTHER, D), **chosen, **council(D, day(6, 1)), **values})


def test_the_author_answers_first_under_every_policy():
    for policies in EVERY:
        assert may_answer(asked(policies), MOTHER, PROPOSALS_READ) is None
        assert may_answer(asked(policies), FATHER, PROPOSALS_READ) == Refusal.AUTHOR_ANSWERS


def test_several_pathways_are_accepted_under_one_policy():
    for policies in EVERY:
        said = proposals()
        both = replace(said, answers=tuple(replace(one, value="OUI") for one in said.answers))
        known = asked(policies, statements=(both,))
        refusal = Refusal.ONE_ONLY if policies["acceptances"] == "ONE" else None
        assert check_answer(known, "ACCEPTED", [("2GT", ""), ("2PRO", "")], PROPOSALS_READ) == refusal
        assert check_answer(known, "ACCEPTED", [("2PRO", "")], PROPOSALS_READ) is None


def test_the_others_are_awaited_under_one_policy_and_the_decision_follows():
    for policies in EVERY:
        for kind in ("ACCEPTED", "REFUSED"):
            given = answer(kind)
            known = asked(policies, parents=3, statements=(proposals(answer=given),))
            everybody = policies["answered_by"] == "ALL"
            assert agreements_awaited(known, given, PROPOSALS_READ) == ((FATHER, THIRD) if everybody else ())
            assert may_agree(known, FATHER, PROPOSALS_READ) == (None if everybody else Refusal.NO_AGREEMENT_ASKED)
            assert makes_a_decision(known, given, PROPOSALS_READ) is (kind == "ACCEPTED" and not everybody)
            assert calls_for_a_meeting(given) is (kind == "REFUSED")
