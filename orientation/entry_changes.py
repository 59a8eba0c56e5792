"""What differs between two ranked lists of the same phase, as people would say it (MAI-01). Pure, like the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from orientation.pathways import Choice

Key = tuple[str, str]


class ChangeKind(StrEnum):
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    MOVED = "MOVED"
    DETAILED = "DETAILED"  # the same pathway, other details


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One difference; ranks begin at 1, and are 0 on the side where the pathway is not asked for."""

    kind: ChangeKind
    before: Choice | None
    now: Choice | None
    rank_before: int = 0
    rank_now: int = 0

    @property
    def label(self) -> str:
        choice = self.now or self.before
        return choice.label if choice else ""


def entry_changes(before: Sequence[Choice], now: Sequence[Choice]) -> tuple[EntryChange, ...]:
    """Added, moved and detailed otherwise in the order of the new list, then removed; empty for the same list.

    What only makes room for a pathway added or removed above it has not moved.
    """
    old, new = _ranked(before), _ranked(now)
    changes: list[EntryChange] = []
    for key, (rank, choice) in new.items():
        if key not in old:
            changes.append(EntryChange(ChangeKind.ADDED, None, choice, 0, rank))
            continue
        rank_before, choice_before = old[key]
        if rank != rank_before and _overtook(key, old, new):
            changes.append(EntryChange(ChangeKind.MOVED, choice_before, choice, rank_before, rank))
        if choice != choice_before:
            changes.append(EntryChange(ChangeKind.DETAILED, choice_before, choice, rank_before, rank))
    gone = ((rank, choice) for key, (rank, choice) in old.items() if key not in new)
    return (*changes, *(EntryChange(ChangeKind.REMOVED, choice, None, rank) for rank, choice in gone))


def _ranked(choices: Sequence[Choice]) -> dict[Key, tuple[int, Choice]]:
    return {choice.key: (rank, choice) for rank, choice in enumerate(choices, start=1)}


def _overtook(key: Key, old: Mapping[Key, tuple[int, Choice]], new: Mapping[Key, tuple[int, Choice]]) -> bool:
    """Is it on the other side of a pathway that both lists have?"""
    both = [other for other in new if other in old]
    return any((old[other][0] < old[key][0]) != (new[other][0] < new[key][0]) for other in both)
