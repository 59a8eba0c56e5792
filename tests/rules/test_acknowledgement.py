import pytest

from orientation.rules import Gate, Refusal, gate, may_acknowledge, visible_statement
from tests.rules.world import FATHER, MOTHER, PUPIL, SECOND, STRANGER, D, P, council, day, entry, facts, opinions

READING = day(3, 10)


def test_opinions_show_once_published_and_their_consultation_open():
    early = opinions(published_at=day(2, 15))
    assert visible_statement(facts(statements=(early,)), P, day(3, 2) - SECOND) is None
    assert visible_statement(facts(statements=(early,)), P, day(3, 2)) == early
    assert visible_statement(facts(statements=(opinions(),)), P, day(3, 5) - SECOND) is None


@pytest.mark.parametrize("actor", [MOTHER, FATHER])
def test_either_representative_acknowledges_whoever_entered(actor):
    assert may_acknowledge(facts(statements=(opinions(),), submissions=(entry(MOTHER),)), actor, READING) is None


def test_a_pupil_does_not_acknowledge():
    assert may_acknowledge(facts(statements=(opinions(),)), PUPIL, READING) == Refusal.READ_ONLY_STUDENT


def test_one_acknowledgement_a_version():
    known = facts(statements=(opinions(acknowledged=True),))
    assert may_acknowledge(known, FATHER, READING) == Refusal.ALREADY_ACKNOWLEDGED


def test_nothing_published_nothing_to_acknowledge():
    assert may_acknowledge(facts(), MOTHER, READING) == Refusal.NOTHING_PUBLISHED


def test_a_switched_off_service_takes_no_acknowledgement():
    known = facts(statements=(opinions(),), switched_off_at=day(3, 9))
    assert may_acknowledge(known, MOTHER, READING) == Refusal.SERVICE_OFF


@pytest.mark.parametrize(
    ("now", "refusal"),
    [(day(4, 30, 13), None), (day(5, 29) - SECOND, None), (day(5, 29), Refusal.TOO_LATE_TO_ACKNOWLEDGE)],
)
def test_it_can_be_given_until_the_definitive_entry_closes(now, refusal):
    assert may_acknowledge(facts(statements=(opinions(),)), MOTHER, now) == refusal


def test_the_definitive_council_ends_it():
    known = facts(statements=(opinions(),), **council(D, day(5, 10)))
    assert may_acknowledge(known, MOTHER, day(5, 11)) == Refusal.TOO_LATE_TO_ACKNOWLEDGE


def test_author_only_binds_until_the_definitive_entry_opens():
    author_only = {"acknowledgement_by": "AUTHOR"}
    known = facts(policies=author_only, statements=(opinions(),), submissions=(entry(MOTHER),))
    assert may_acknowledge(known, MOTHER, READING) is None
    assert may_acknowledge(known, FATHER, READING) == Refusal.AUTHOR_ACKNOWLEDGES
    assert may_acknowledge(known, FATHER, day(4, 27)) is None
    typed = facts(policies=author_only, statements=(opinions(),), submissions=(entry(None),))
    assert may_acknowledge(typed, FATHER, READING) is None


def test_author_only_leaves_it_to_the_other_when_the_author_may_no_longer_act():
    gone = facts(policies={"acknowledgement_by": "AUTHOR"}, statements=(opinions(),), submissions=(entry(STRANGER),))
    assert may_acknowledge(gone, FATHER, READING) is None


CHANGED = (opinions(acknowledged=True, withdrawn_at=day(3, 8)), opinions(version=2, published_at=day(3, 9)))


@pytest.mark.parametrize(("policy", "wanted"), [("TELL", Gate.OPEN), ("AGAIN", Gate.ACKNOWLEDGE_FIRST)])
def test_an_opinion_changed_after_acknowledgement_follows_the_policy(policy, wanted):
    known = facts(policies={"opinion_change": policy}, statements=CHANGED)
    assert gate(known, READING) is wanted
    refusal = may_acknowledge(known, MOTHER, READING)
    assert refusal == (Refusal.ALREADY_ACKNOWLEDGED if policy == "TELL" else None)


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (facts(), Gate.NOTHING_TO_ACKNOWLEDGE),
        (facts(statements=(opinions(),)), Gate.ACKNOWLEDGE_FIRST),
        (facts(statements=(opinions(acknowledged=True),)), Gate.OPEN),
        (facts(statements=(opinions(acknowledged=True, withdrawn_at=day(3, 8)),)), Gate.OPEN),
        (facts(statements=(opinions(withdrawn_at=day(3, 8)),)), Gate.NOTHING_TO_ACKNOWLEDGE),
        (facts(gate_lifted="aucun avis rendu"), Gate.LIFTED),
    ],
)
def test_the_gate_says_why_it_is_shut(known, wanted):
    assert gate(known, READING) is wanted
