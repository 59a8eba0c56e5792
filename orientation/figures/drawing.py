"""The pictures of the dashboards, as the coordinates of what their templates draw. Pure: no script, no style.

Lengths are in units of the picture. A hidden figure has no bar: its words alone are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from orientation.figures.small import Figure, thousands

NAMES, WIDTH = 130, 230  # of a lying bar: where it begins, and the longest
LYING = 20  # units a line
LEFT, RIGHT, TOP, BASE = 34, 396, 14, 104  # of standing bars
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, and what is written beside it. `look` is its class."""

    x: float
    y: float
    width: float
    height: float
    look: str
    words: str

    @property
    def end(self) -> float:
        return round(self.x + self.width + 4, 1)

    @property
    def foot(self) -> float:
        return round(self.y + self.height - 2, 1)


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    height: int
    bars: list[Bar]
    texts: list[Text]
    top: str = ""


def lying(lines: Sequence[tuple[str, Sequence[Figure]]], looks: Sequence[str] = ("out",)) -> Picture:
    """A line a label, with as many bars as it has figures, one under the other."""
    most = max([one.drawn or 0 for _, figures in lines for one in figures], default=0) or 1
    texts, bars, y = [], [], 0
    for label, figures in lines:
        thick = 12 if len(figures) == 1 else 10
        texts.append(Text(NAMES - 6, y + thick * len(figures) // 2 + 7, label))
        for number, (one, look) in enumerate(zip(figures, looks, strict=False)):
            width = round(WIDTH * (one.drawn or 0) / most, 1)
            bars.append(Bar(NAMES, y + 4 + thick * number, width, thick - 1, look, one.words))
        y += LYING - 12 + thick * len(figures)
    return Picture(y + 4, bars, texts)


def standing(days: Sequence[tuple[date, Figure]]) -> Picture:
    """A bar a day; the Mondays are named."""
    top = round_above(max([one.drawn or 0 for _, one in days], default=0))
    step = (RIGHT - LEFT) / max(len(days), 1)
    bars = [
        day_bar(day, figure, x=LEFT + step * number, step=step, top=top) for number, (day, figure) in enumerate(days)
    ]
    return Picture(BASE + 22, bars, named(days, step), thousands(top))


def day_bar(day: date, figure: Figure, *, x: float, step: float, top: int) -> Bar:
    height = round((BASE - TOP) * (figure.drawn or 0) / top, 1)
    said = f"{day:%d/%m}\u00a0: {figure.words}"
    return Bar(round(x + step / 10, 1), round(BASE - height, 1), round(step * 0.8, 1), height, "out", said)


def named(days: Sequence[tuple[date, Figure]], step: float) -> list[Text]:
    """The first day, then Mondays, as many as do not overlap."""
    texts: list[Text] = []
    for number, (day, _) in enumerate(days):
        x = round(min(LEFT + step * number, RIGHT - 26), 1)
        if (number == 0 or day.weekday() == 0) and (not texts or x - texts[-1].x >= 34):
            texts.append(Text(x, BASE + 14, f"{day:%d/%m}"))
    return texts


def round_above(value: int) -> int:
    """The first of 1, 2, 5, 10, 20, 50… that is not below."""
    power = 1
    while True:
        for one in STEPS:
            if one * power >= value:
                return one * power
        power *= 10
