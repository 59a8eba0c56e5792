from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from orientation.rules import Refusal, may_act, pen_holder
from tests.rules.world import FATHER, MOTHER, PUPIL, STRANGER, P, day, facts, pen

ADULT = {"birth_date": date(2008, 1, 20)}
BIRTHDAY = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [(MOTHER, None), (FATHER, None), (PUPIL, Refusal.READ_ONLY_STUDENT), (STRANGER, Refusal.NOT_LEGAL)],
)
def test_legal_representatives_act_and_a_minor_only_reads(actor, refusal):
    assert may_act(facts(), actor, day(1, 20)) == refusal


@pytest.mark.parametrize(
    ("now", "pupil_acts"),
    [
        (datetime(2026, 1, 19, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 1, 19, 23, tzinfo=UTC), True),  # midnight in Paris: the birthday has begun
        (BIRTHDAY, True),
    ],
)
def test_the_pupil_acts_alone_from_the_birthday_in_school_time(now, pupil_acts):
    known = facts(**ADULT)
    assert (may_act(known, PUPIL, now) is None) is pupil_acts
    assert may_act(known, MOTHER, now) == (Refusal.STUDENT_OF_AGE if pupil_acts else None)


def test_school_time_is_that_of_its_own_zone():
    known = facts(**ADULT, timezone=ZoneInfo("America/Martinique"))
    assert may_act(known, PUPIL, datetime(2026, 1, 19, 23, tzinfo=UTC)) == Refusal.READ_ONLY_STUDENT
    assert may_act(known, PUPIL, datetime(2026, 1, 20, 4, tzinfo=UTC)) is None


def test_born_on_29_february_comes_of_age_on_1_march():
    known = facts(birth_date=date(2008, 2, 29))
    assert may_act(known, PUPIL, datetime(2026, 2, 28, 20, tzinfo=UTC)) == Refusal.READ_ONLY_STUDENT
    assert may_act(known, PUPIL, datetime(2026, 3, 1, 8, tzinfo=UTC)) is None


def test_a_representatives_pen_passes_to_the_pupil_of_age():
    known = facts(**ADULT, **pen(MOTHER))
    assert pen_holder(known, P, day(1, 15)) == MOTHER
    assert pen_holder(known, P, BIRTHDAY) is None


def test_who_is_no_longer_a_legal_representative_has_lost_the_pen():
    assert pen_holder(facts(**pen(STRANGER)), P, day(1, 20)) is None
