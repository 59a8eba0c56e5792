"""Who is reminded, and on which days, for every step and policy (MAI-08)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orientation.facts import Window
from orientation.rules import Need, Reminder, duty, last_day, reminder_due, reminders_to_come
from tests.rules.test_journey import ENTERED, READ, asked
from tests.rules.world import (
    CONSULTATION,
    ENTRY,
    FATHER,
    MOTHER,
    PUPIL,
    STRANGER,
    THIRD,
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

PARIS = ZoneInfo("Europe/Paris")
UNREAD = {**READ, "statements": (opinions(),)}
ANSWERED = {"statements": (opinions(acknowledged=True), proposals(answer=answer()))}
ALL = {"policies": {"answered_by": "ALL"}}
ADULT = date(2008, 1, 1)


def reminded(known, now):
    """Of everybody there could be, who is reminded of what."""
    owed = {who: duty(known, who, now) for who in (MOTHER, FATHER, THIRD, PUPIL, STRANGER)}
    return {who: one.need for who, one in owed.items() if one}


def windows(**changed):
    """P_ENTRY=(opens, closes)…"""
    names = {"P_ENTRY": (P, ENTRY), "P_READ": (P, CONSULTATION), "D_ENTRY": (D, ENTRY), "D_READ": (D, CONSULTATION)}
    return {"windows": tuple({**WINDOWS, **{names[name]: Window(*ends) for name, ends in changed.items()}}.items())}


@pytest.mark.parametrize(
    ("known", "now", "expected"),
    [
        # entry: everybody who may take the pen, then nobody
        (facts(), day(1, 20), {MOTHER: Need.ENTER, FATHER: Need.ENTER}),
        (facts(**ENTERED), day(1, 20), {}),
        (facts(**council()), day(2, 12), {}),
        (facts(switched_off_at=day(1, 19)), day(1, 20), {}),
        (facts(closings=((P, day(1, 19)),)), day(1, 20), {}),
        (facts(birth_date=ADULT), day(1, 20), {PUPIL: Need.ENTER}),
        (facts(enrolled=False), day(1, 20), {}),
        # left aside: to be validated again, by the holder
        (
            facts(**{**ENTERED, "submissions": (entry(outcome="NOT_PROCESSED"),)}),
            day(1, 20),
            {MOTHER: Need.ENTER},
        ),
        # opinions: anybody; the author, until the definitive entry opens
        (facts(**UNREAD), day(3, 10), {MOTHER: Need.ACKNOWLEDGE, FATHER: Need.ACKNOWLEDGE}),
        (facts(**UNREAD, policies={"acknowledgement_by": "AUTHOR"}), day(3, 10), {MOTHER: Need.ACKNOWLEDGE}),
        (
            facts(**UNREAD, policies={"acknowledgement_by": "AUTHOR"}),
            day(5, 5),
            {MOTHER: Need.ACKNOWLEDGE, FATHER: Need.ACKNOWLEDGE},
        ),
        (facts(**READ), day(3, 10), {}),
        (facts(**READ), day(5, 5), {MOTHER: Need.ENTER, FATHER: Need.ENTER}),
        (facts(**{**READ, "statements": ()}), day(5, 5), {}),
        # proposals: the holder, anybody where there is none; then who agrees, under policy ALL
        (asked(), day(6, 5), {MOTHER: Need.ANSWER}),
        (asked(pens=()), day(6, 5), {MOTHER: Need.ANSWER, FATHER: Need.ANSWER}),
        (asked(birth_date=ADULT), day(6, 5), {PUPIL: Need.ANSWER}),
        (asked(**ANSWERED), day(6, 5), {}),
        (asked(**ANSWERED, **ALL, parents=3), day(6, 5), {FATHER: Need.AGREE, THIRD: Need.AGREE}),
        (
            asked(**ALL, parents=3, statements=(proposals(answer=answer(FATHER=True)),)),
            day(6, 5),
            {THIRD: Need.AGREE},
        ),
        (asked(), day(6, 13), {}),
    ],
)  # fmt: skip
def test_those_who_have_something_left_to_do_and_nobody_else_are_reminded(known, now, expected):
    assert reminded(known, now) == expected


def test_a_duty_ends_with_the_deadline_that_the_screens_show():
    closing = day(2, 6, 17)
    assert duty(facts(closings=((P, closing),)), MOTHER, day(1, 20)).by == closing
    assert duty(facts(**UNREAD), MOTHER, day(3, 10)).by == WINDOWS[D, ENTRY].closes_at
    assert duty(asked(), MOTHER, day(6, 5)).by == WINDOWS[D, CONSULTATION].closes_at


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (datetime(2026, 2, 20, 23, tzinfo=UTC), date(2026, 2, 20)),  # midnight in Paris
        (datetime(2026, 2, 20, 17, tzinfo=UTC), date(2026, 2, 20)),
        (datetime(2026, 2, 20, 8, 1, tzinfo=UTC), date(2026, 2, 20)),
        (datetime(2026, 2, 20, 8, tzinfo=UTC), date(2026, 2, 19)),  # 9 h: the morning of that day is too late
        (datetime(2026, 5, 29, 22, tzinfo=UTC), date(2026, 5, 29)),  # midnight, summer time
    ],
)
def test_the_last_day_is_the_last_one_whose_morning_is_useful(end, expected):
    assert last_day(end, PARIS) == expected


def due(known, now, who=MOTHER):
    owed = duty(known, who, now)
    return owed and reminder_due(known, owed, now)


def mornings(known, first, last, who=MOTHER):
    """The day of each reminder between two days, at 7 h UTC."""
    found, now = {}, first
    while now <= last:
        if one := due(known, now, who):
            found[now.date()] = one
        now += timedelta(days=1)
    return found


WEEK, TWO, LAST = Reminder.WEEK, Reminder.TWO_DAYS, Reminder.LAST_DAY


def test_three_reminders_seven_days_and_two_days_before_and_on_the_last_day():
    # the window ends on the 20th at 13 h in Paris
    assert mornings(facts(), day(1, 13, 7), day(2, 25, 7)) == {
        date(2026, 2, 13): WEEK, date(2026, 2, 18): TWO, date(2026, 2, 20): LAST,
    }  # fmt: skip


def test_the_days_are_those_of_the_school():
    ends = windows(P_ENTRY=(day(1, 12), datetime(2026, 2, 20, 10, tzinfo=UTC)))  # 23 h the day before in Tahiti
    far = facts(timezone=ZoneInfo("Pacific/Tahiti"), **ends)
    at_eight_there = datetime(2026, 2, 19, 18, tzinfo=UTC)
    assert due(far, at_eight_there) is LAST
    assert due(facts(**ends), at_eight_there) is None


def test_the_school_s_own_closing_and_an_extension_move_the_days():
    assert due(facts(closings=((P, day(2, 6, 17)),)), day(2, 6, 7)) is LAST
    longer = facts(**windows(P_ENTRY=(day(1, 12), day(2, 22))))
    assert due(longer, day(2, 20, 7)) is TWO
    assert due(longer, day(2, 13, 7)) is None


def test_a_window_shorter_than_seven_days_has_no_first_reminder_and_no_day_of_opening_has_any():
    short = facts(**windows(P_ENTRY=(day(2, 14, 6), day(2, 20))))
    assert mornings(short, day(2, 13, 7), day(2, 20, 7)) == {date(2026, 2, 18): TWO, date(2026, 2, 20): LAST}
    opens = facts(**windows(P_ENTRY=(day(2, 18, 6), day(2, 20))))
    assert mornings(opens, day(2, 18, 7), day(2, 20, 7)) == {date(2026, 2, 20): LAST}
    week = facts(**windows(P_ENTRY=(day(2, 13, 6), day(2, 20))))
    assert due(week, day(2, 13, 7)) is None


def test_what_appeared_or_was_answered_today_reminds_of_nothing_today():
    late = replace(proposals(), published_at=day(6, 10, 5))
    assert due(asked(statements=(late,)), day(6, 10, 7)) is None
    assert due(asked(), day(6, 10, 7)) is TWO
    said = replace(answer(), at=day(6, 10, 6))
    waits = asked(**ALL, statements=(proposals(answer=said),))
    assert due(waits, day(6, 10, 7), FATHER) is None
    assert due(waits, day(6, 12, 7), FATHER) is LAST


def test_a_duty_without_a_known_end_reminds_nobody():
    forever = facts(**{**UNREAD, "windows": ()})
    assert duty(forever, MOTHER, day(3, 10)) and due(forever, day(3, 10)) is None


def test_the_next_ones_are_those_whose_morning_is_not_over():
    def to_come(now):
        return reminders_to_come(facts(), duty(facts(), MOTHER, now), now)

    assert to_come(day(2, 2)) == [WEEK, TWO, LAST]
    assert to_come(day(2, 13, 10)) == [WEEK, TWO, LAST]
    assert to_come(day(2, 13, 11)) == [TWO, LAST]
    assert to_come(day(2, 20, 11)) == []


def test_a_pen_held_by_the_other_leaves_only_the_holder_to_remind():
    held = facts(**{**pen(FATHER), "submissions": (entry(FATHER, outcome="NOT_PROCESSED"),)})
    assert reminded(held, day(1, 20)) == {FATHER: Need.ENTER}
