"""What differs between two lists (MAI-01): nothing missed, nothing invented, what only makes room has not moved."""

from itertools import permutations

import pytest

from orientation.entry_changes import ChangeKind, entry_changes
from orientation.pathways import Choice
from tests.factories import CAP, GT, PRO

OTHER = Choice("1GEN")
EVERY_LIST = [list(one) for size in (1, 2, 3) for one in permutations([GT, PRO, CAP], size)]


def told(before: list[Choice], now: list[Choice]) -> list[tuple[str, str, int, int]]:
    changes = entry_changes(before, now)
    return [(one.kind, (one.now or one.before or GT).pathway, one.rank_before, one.rank_now) for one in changes]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([GT, PRO], [GT, PRO], []),
        ([GT], [GT, CAP], [("ADDED", "CAP", 0, 2)]),
        ([GT, PRO], [CAP, GT, PRO], [("ADDED", "CAP", 0, 1)]),
        ([GT, PRO, CAP], [PRO, CAP], [("REMOVED", "2GT", 1, 0)]),
        ([GT, PRO], [PRO, GT], [("MOVED", "2PRO", 2, 1), ("MOVED", "2GT", 1, 2)]),
        ([GT, PRO, CAP], [PRO, GT], [("MOVED", "2PRO", 2, 1), ("MOVED", "2GT", 1, 2), ("REMOVED", "CAP", 3, 0)]),
        ([PRO, CAP], [Choice("2PRO"), CAP], [("DETAILED", "2PRO", 1, 1)]),
        (
            [GT, PRO],
            [Choice("2PRO"), GT],
            [("MOVED", "2PRO", 2, 1), ("DETAILED", "2PRO", 2, 1), ("MOVED", "2GT", 1, 2)],
        ),
    ],
)
def test_each_difference_is_told_once(
    before: list[Choice], now: list[Choice], expected: list[tuple[str, str, int, int]]
) -> None:
    assert told(before, now) == expected


@pytest.mark.parametrize("before", EVERY_LIST)
@pytest.mark.parametrize("now", EVERY_LIST)
def test_nothing_is_told_of_the_same_list_and_something_of_any_other(before: list[Choice], now: list[Choice]) -> None:
    changes = entry_changes(before, now)
    assert bool(changes) == (before != now)
    added = {one.now for one in changes if one.kind is ChangeKind.ADDED}
    removed = {one.before for one in changes if one.kind is ChangeKind.REMOVED}
    assert (added, removed) == (set(now) - set(before), set(before) - set(now))


def test_the_same_pathway_in_another_series_is_another_choice() -> None:
    first, second = Choice("1TECHNO", "STMG"), Choice("1TECHNO", "STL")
    assert [one.kind for one in entry_changes([OTHER, first], [OTHER, second])] == ["ADDED", "REMOVED"]
