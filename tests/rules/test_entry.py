from itertools import permutations

import pytest

from orientation.pathways import CATALOGUE, FREE_TEXT_MAX, Choice
from orientation.rules import (
    Refusal,
    check_choice,
    check_choices,
    entry_in_force,
    entry_to_show,
    last_entry,
    may_enter,
    not_processed,
)
from tests.rules.world import (
    CAP,
    FATHER,
    GT,
    MOTHER,
    PRO,
    PUPIL,
    STRANGER,
    D,
    P,
    council,
    day,
    entry,
    facts,
    opinions,
    pen,
)

OPEN = day(1, 20)


def codes(choices, phase=P, **policies):
    return [(one.code, one.rank) for one in check_choices(facts(policies=policies), phase, choices)]


def third(choice, **policies):
    return check_choice(facts(policies=policies), P, choice)


def test_any_order_of_one_to_three_pathways_is_well_formed():
    for size in (1, 2, 3):
        for choices in permutations([GT, PRO, CAP], size):
            assert codes(choices) == []


def test_at_least_one_choice_is_needed():
    assert codes([]) == [(Refusal.NO_CHOICE, None)]


def test_the_number_of_choices_follows_the_policy():
    assert codes([GT, PRO, CAP], max_choices=2) == [(Refusal.TOO_MANY_CHOICES, None)]


def test_a_pathway_is_asked_only_once_whatever_its_details():
    assert codes([PRO, GT, Choice("2PRO", free_text="Coiffure")]) == [(Refusal.PATHWAY_TWICE, 3)]


@pytest.mark.parametrize("pathway", ["", "VŒU", "1GEN", "1TECHNO", "1BTMUS", "VOIEPRO"])
def test_only_the_pathways_of_the_level_can_be_asked(pathway):
    assert codes([Choice(pathway)]) == [(Refusal.PATHWAY_UNKNOWN, 1)]


@pytest.mark.parametrize("pathway", ["2GT", "2PRO", "CAP"])
@pytest.mark.parametrize("detail", [{"free_text": "x"}, {"school_status": True}, {"apprentice_status": True}])
def test_details_belong_to_the_vocational_pathways(pathway, detail):
    refusal = None if CATALOGUE[pathway].asks_status else Refusal.DETAIL_NOT_ASKED
    assert third(Choice(pathway, **detail)) == refusal


def test_free_text_is_refused_where_the_academie_does_not_offer_it():
    assert third(Choice("CAP", free_text="Boulanger"), free_text=False) == Refusal.DETAIL_NOT_ASKED


def test_free_text_has_an_end():
    long, longer = "é" * FREE_TEXT_MAX, "é" * (FREE_TEXT_MAX + 1)
    assert third(Choice("CAP", free_text=long)) is None
    assert third(Choice("CAP", free_text=longer)) == Refusal.FREE_TEXT_TOO_LONG


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [(MOTHER, None), (FATHER, Refusal.PEN_HELD), (PUPIL, Refusal.READ_ONLY_STUDENT), (STRANGER, Refusal.NOT_LEGAL)],
)
def test_only_the_holder_of_the_pen_may_change_an_entry(actor, refusal):
    assert may_enter(facts(**pen(MOTHER), submissions=(entry(),)), P, actor, OPEN) == refusal


def test_before_anyone_validates_either_may_enter():
    assert {may_enter(facts(), P, one, OPEN) for one in (MOTHER, FATHER)} == {None}


def test_each_phase_may_have_another_holder():
    known = facts(**pen(MOTHER), statements=(opinions(acknowledged=True),))
    assert may_enter(known, D, FATHER, day(5, 5)) is None


@pytest.mark.parametrize(
    ("now", "changes", "refusal"),
    [
        (day(1, 1), {}, Refusal.ENTRY_NOT_OPEN),
        (day(2, 21), {}, Refusal.ENTRY_CLOSED),
        (OPEN, {"closings": ((P, day(1, 19)),)}, Refusal.ENTRY_CLOSED),
        (OPEN, {"switched_off_at": day(1, 19)}, Refusal.SERVICE_OFF),
        (OPEN, council(opened_at=day(1, 19)), Refusal.COUNCIL_OPEN),
    ],
)
def test_a_closed_entry_is_refused_with_its_reason(now, changes, refusal):
    assert may_enter(facts(**changes), P, MOTHER, now) == refusal


def test_choices_wait_for_the_acknowledgement():
    assert may_enter(facts(statements=(opinions(),)), D, MOTHER, day(5, 5)) == Refusal.GATE_SHUT
    assert may_enter(facts(), D, MOTHER, day(5, 5)) == Refusal.GATE_SHUT
    assert may_enter(facts(gate_lifted="aucun avis"), D, MOTHER, day(5, 5)) is None


def test_what_siecle_had_not_accepted_at_the_opening_is_not_processed():
    versions = (entry(version=1, outcome="ACCEPTED"), entry(version=2))
    known = facts(submissions=versions)
    assert not_processed(known, P) == ()
    assert not_processed(facts(submissions=versions, **council()), P) == (versions[1],)


def test_the_last_accepted_version_is_in_force_and_replaces_what_the_school_had_typed():
    typed, first, late = entry(None, version=1), entry(version=2, outcome="ACCEPTED"), entry(version=3)
    assert entry_in_force(facts(submissions=(typed, first, late)), P) == late
    assert entry_in_force(facts(submissions=(typed, first, late), **council()), P) == first
    assert entry_in_force(facts(submissions=(typed, late), **council()), P) == typed
    assert entry_in_force(facts(submissions=(late,), **council()), P) is None


def test_what_siecle_left_aside_is_in_force_for_nobody_once_its_council_was_reset():
    first, late = entry(version=1, outcome="ACCEPTED"), entry(version=2, outcome="NOT_PROCESSED")
    assert entry_in_force(facts(submissions=(first, late)), P) == first
    assert entry_in_force(facts(submissions=(late,)), P) is None


def test_the_entry_in_force_is_the_one_that_the_standing_answers_are_about():
    first, second = entry(version=1, outcome="ACCEPTED"), entry(version=2, outcome="ACCEPTED")
    known = facts(submissions=(first, second), statements=(opinions(submission=first.uuid),), **council())
    assert entry_in_force(known, P) == first


def test_the_schools_entry_is_shown_only_with_the_opinions():
    typed = entry(None, version=1)
    known = facts(submissions=(typed,), **council())
    assert last_entry(known, P) is None
    assert entry_to_show(known, P, day(3, 10)) is None
    published = facts(submissions=(typed,), statements=(opinions(submission=typed.uuid),), **council())
    assert entry_to_show(published, P, day(3, 10)) == typed
    assert entry_to_show(published, P, day(3, 4)) is None
