from itertools import product

import pytest

from orientation.rules import ClosedBy, EntryState, deadline, entry_status
from tests.rules.world import ENTRY, SECOND, WINDOWS, D, P, Window, council, day, facts

OPENS, CLOSES = WINDOWS[(P, ENTRY)].opens_at, WINDOWS[(P, ENTRY)].closes_at


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (OPENS - SECOND, EntryState.NOT_OPEN),
        (OPENS, EntryState.OPEN),
        (CLOSES - SECOND, EntryState.OPEN),
        (CLOSES, EntryState.CLOSED),
    ],
)
def test_a_window_holds_its_opening_second_and_not_its_closing_one(now, state):
    assert entry_status(facts(), P, now).state is state


@pytest.mark.parametrize(
    "end", [{"switched_off_at": day(1, 5)}, {"closings": ((P, day(1, 5)),)}, council(opened_at=day(1, 5))]
)
def test_an_entry_that_has_not_opened_is_not_said_to_be_closed(end):
    assert entry_status(facts(**end), P, day(1, 6)).state is EntryState.NOT_OPEN


def test_a_phase_without_a_window_is_not_planned():
    assert entry_status(facts(windows=()), P, OPENS).state is EntryState.NOT_PLANNED
    assert deadline(facts(windows=()), P) is None


ENDS = {
    ClosedBy.SCHOOL: {"closings": ((P, day(2, 5)),)},
    ClosedBy.SWITCH: {"switched_off_at": day(2, 6)},
    ClosedBy.COUNCIL: council(opened_at=day(2, 7)),
}


@pytest.mark.parametrize("present", list(product([False, True], repeat=3)))
def test_an_entry_ends_at_the_earliest_of_its_ends(present):
    ends = [end for end, is_there in zip(ENDS, present, strict=True) if is_there]
    known = facts(**{key: value for end in ends for key, value in ENDS[end].items()})
    status = entry_status(known, P, day(3, 1))
    assert status.state is EntryState.CLOSED
    assert status.closed_by is (ends[0] if ends else ClosedBy.ACADEMY)
    assert entry_status(known, P, day(2, 4)).state is EntryState.OPEN


def test_the_deadline_shown_is_the_earliest_end_known_in_advance():
    assert deadline(facts(), P) == CLOSES
    assert deadline(facts(closings=((P, day(2, 5)),)), P) == day(2, 5)
    assert deadline(facts(closings=((P, day(3, 5)),)), P) == CLOSES
    assert entry_status(facts(closings=((P, day(2, 5)),)), P, day(2, 1)).at == day(2, 5)


def test_a_council_of_one_phase_does_not_close_the_other():
    assert entry_status(facts(**council()), D, day(5, 1)).state is EntryState.OPEN


def test_an_extended_window_stays_open():
    extended = dict(WINDOWS) | {(P, ENTRY): Window(OPENS, day(2, 25))}
    assert entry_status(facts(windows=tuple(extended.items())), P, day(2, 22)).state is EntryState.OPEN
