"""The objection of another representative to an entry (S004): recorded, never blocking."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from orientation.facts import ObjectionFact
from orientation.rules import Refusal, may_enter, may_object
from tests.rules.world import FATHER, MOTHER, PUPIL, SECOND, STRANGER, THIRD, D, P, council, day, entry, facts, pen

RECORDED = {"objection": "RECORDED"}
NOW = day(1, 20)


def objected(by: UUID = FATHER) -> ObjectionFact:
    return ObjectionFact(UUID(int=90), by, "Luc Martin", day(1, 16))


def entered(**values):
    values.setdefault("submissions", (entry(),))
    return facts(parents=3, policies=RECORDED, **{**pen(MOTHER), **values})


def test_every_other_representative_may_object_while_the_entry_is_open():
    assert may_object(entered(), P, FATHER, NOW) is None
    assert may_object(entered(), P, THIRD, NOW) is None


def test_nothing_is_asked_under_policy_none():
    known = replace(entered(), policies=facts().policies)
    assert may_object(known, P, FATHER, NOW) == Refusal.NO_OBJECTION_ASKED


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [(MOTHER, Refusal.OWN_ENTRY), (PUPIL, Refusal.READ_ONLY_STUDENT), (STRANGER, Refusal.NOT_LEGAL)],
)
def test_neither_the_author_nor_the_pupil_nor_a_stranger_objects(actor, refusal):
    assert may_object(entered(), P, actor, NOW) == refusal


def test_the_pupil_of_age_objects_in_the_place_of_the_representatives():
    known = entered(birth_date=date(2008, 1, 20))
    assert may_object(known, P, PUPIL, NOW) is None
    assert may_object(known, P, FATHER, NOW) == Refusal.STUDENT_OF_AGE


def test_one_objects_until_the_deadline_of_the_entry():
    assert may_object(entered(), P, FATHER, day(2, 20) - SECOND) is None
    assert may_object(entered(), P, FATHER, day(2, 20)) == Refusal.ENTRY_CLOSED
    assert may_object(entered(closings=((P, day(2, 1)),)), P, FATHER, day(2, 1)) == Refusal.ENTRY_CLOSED
    assert may_object(entered(**council(P, day(1, 19))), P, FATHER, NOW) == Refusal.COUNCIL_OPEN
    assert may_object(entered(switched_off_at=day(1, 19)), P, FATHER, NOW) == Refusal.SERVICE_OFF
    assert may_object(entered(), P, FATHER, day(1, 11)) == Refusal.ENTRY_NOT_OPEN
    assert may_object(entered(), D, FATHER, NOW) == Refusal.ENTRY_NOT_OPEN


def test_there_is_nothing_to_object_to_before_the_first_validation():
    assert may_object(entered(submissions=()), P, FATHER, NOW) == Refusal.NOTHING_VALIDATED
    typed_by_the_school = entered(submissions=(entry(None),))
    assert may_object(typed_by_the_school, P, FATHER, NOW) == Refusal.NOTHING_VALIDATED


def test_one_objects_once_a_version_and_again_to_the_next():
    contested = entry(objections=(objected(),))
    assert may_object(entered(submissions=(contested,)), P, FATHER, NOW) == Refusal.ALREADY_OBJECTED
    assert may_object(entered(submissions=(contested,)), P, THIRD, NOW) is None
    changed = entered(submissions=(contested, entry(version=2)))
    assert may_object(changed, P, FATHER, NOW) is None


def test_a_pupil_who_has_left_leaves_nothing_to_object_to():
    assert may_object(entered(enrolled=False), P, FATHER, NOW) == Refusal.NOT_ENROLLED


def test_an_objection_blocks_nothing():
    contested = entered(submissions=(entry(objections=(objected(),)),))
    assert may_enter(contested, P, MOTHER, NOW) is None
    assert may_enter(contested, P, FATHER, NOW) == Refusal.PEN_HELD
