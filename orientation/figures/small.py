"""Small groups hidden from whoever is not of the school, so that no subtraction brings them back. Pure.

A figure is hidden when it counts fewer than `least` pupils, or leaves out fewer than `least` of a group it is part of.
When the total of a column is read, the next smallest figures are hidden too, until the total says nothing more of any
hidden figure. Nobody (0) and everybody single nobody out: they are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HIDDEN = "masqué"


@dataclass(frozen=True, slots=True)
class Figure:
    """A count, and what its reader may know of it: that it is between `low` and `high`."""

    value: int
    low: int
    high: int
    words: str

    @property
    def hidden(self) -> bool:
        return self.low < self.high

    @property
    def drawn(self) -> int | None:
        """What a picture may draw: nothing of what is hidden."""
        return None if self.hidden else self.value


@dataclass(frozen=True, slots=True)
class Part:
    """A count and the groups it is part of, each as its reader knows it."""

    value: int
    wholes: tuple[Figure, ...] = ()

    @property
    def ceiling(self) -> int:
        """The most it may be, for who reads the groups."""
        return min((one.high for one in self.wholes), default=10**9)


def shown(value: int) -> Figure:
    return Figure(value, value, value, thousands(value))


def thousands(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def masked(part: Part) -> Figure:
    return Figure(part.value, 0, part.ceiling, HIDDEN)


def by_itself(part: Part, least: int) -> Figure:
    """What may be read of a count beside the groups it is part of."""
    if any(one.hidden for one in part.wholes):
        return masked(part)
    if 0 < part.value < least:
        return Figure(part.value, 1, least - 1, f"<\u00a0{least}")
    for whole in part.wholes:
        if 0 < whole.value - part.value < least:
            low = whole.value - least + 1
            return Figure(part.value, low, whole.value - 1, f">\u00a0{thousands(low - 1)}")
    return shown(part.value)


def column(parts: Sequence[Part], *, total: Figure | None, least: int) -> list[Figure]:
    """The figures of a column. `total`: their sum as its reader knows it; None, when no sum is read."""
    if least == 0 or (total is not None and total.high == 0):  # a total of nobody is of nobody everywhere
        return [shown(one.value) for one in parts]
    if total is not None and total.hidden:
        return [Figure(one.value, 0, min(one.ceiling, total.high), HIDDEN) for one in parts]
    figures = [by_itself(one, least) for one in parts]
    if total is None or not any(one.hidden for one in figures):
        return figures
    return protected(parts, figures, least)


def protected(parts: Sequence[Part], figures: list[Figure], least: int) -> list[Figure]:
    """Hide the next smallest figures until the sum of the hidden ones, which the total gives away, says nothing."""
    visible = [number for number, one in enumerate(figures) if not one.hidden]
    for number in sorted(visible, key=lambda one: (parts[one].value == 0, parts[one].value)):
        if safe(figures, least):
            return figures
        figures[number] = masked(parts[number])
    return figures if safe(figures, least) else [masked(one) for one in parts]


def safe(figures: Sequence[Figure], least: int) -> bool:
    """May each hidden figure still be any of as many numbers as « < least » says?"""
    return all(high - low + 1 >= least - 1 for low, high in known(figures))


def known(figures: Sequence[Figure]) -> list[tuple[int, int]]:
    """Of each hidden figure, the least and the most it can be for who knows the sum of the hidden ones."""
    hidden = [one for one in figures if one.hidden]
    together, lows, highs = (sum(getattr(one, name) for one in hidden) for name in ("value", "low", "high"))
    return [(max(one.low, together - highs + one.high), min(one.high, together - lows + one.low)) for one in hidden]


def left(whole: Figure, part: Figure) -> Figure:
    """Those of a group who are not of its part, known no better than both."""
    value, low, high = whole.value - part.value, max(whole.low - part.high, 0), whole.high - part.low
    if low == high:
        return shown(value)
    words = HIDDEN
    if not whole.hidden and part.words != HIDDEN:
        words = f"<\u00a0{high + 1}" if low == 1 else f">\u00a0{thousands(low - 1)}"
    return Figure(value, low, high, words)
