"""Two pictures of the nights, as the coordinates of what their templates draw: no script, no style in the page.

Lengths are in units of the picture; everything a picture shows is also in the table beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from siecle_sync.report import AcademyNight, NightState

PARIS = ZoneInfo("Europe/Paris")
WIDTH = 400
LEFT, RIGHT = 46, 396
NIGHTS = 35
HEIGHT = 60  # of a panel of bars
DURATIONS_BASE, LINES_BASE = 78, 168
UNITS = ((3600, "h"), (60, "min"), (0, "s"))
SCALES = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200)  # seconds
NAMES, ROW, HEAD = 128, 17, 18
LOOKS = {NightState.FINISHED: "ok", NightState.RUNNING: "running", NightState.LATE: "late"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `look` is its class, `says` what a reader points at."""

    x: float
    y: float
    width: float
    height: float
    look: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class PastNight:
    """What the picture shows of one date, all runs together: the longest, and every line."""

    night_on: date
    longest: timedelta
    out: int
    into: int
    refused: int
    failed: int

    @property
    def lasted(self) -> str:
        return in_words(self.longest.total_seconds())


@dataclass(frozen=True, slots=True)
class NightsChart:
    bars: list[Bar]
    crosses: list[Text]
    dates: list[Text]
    duration_top: str
    lines_top: str


def past_nights(nights: Iterable[PastNight], *, until: date) -> NightsChart:
    """The five weeks that end with `until`: how long above, how many lines below; a cross where a night failed."""
    rows = list(nights)
    first, step = until - timedelta(days=NIGHTS - 1), (RIGHT - LEFT) / NIGHTS
    places = {night.night_on: LEFT + step * (night.night_on - first).days for night in rows}
    longest = scale_of(max((night.longest.total_seconds() for night in rows), default=0))
    most = round_above(max((night.out + night.into for night in rows), default=0))
    bars = [
        bar
        for night in rows
        for bar in (duration_bar(night, places[night.night_on], longest, step), *line_bars(night, places, most, step))
    ]
    crosses = [Text(places[night.night_on] + step / 2, 14, "✖") for night in rows if night.failed]
    days = [first + timedelta(days=number) for number in range(NIGHTS)]
    dates = [
        Text(round(min(LEFT + step * number, WIDTH - 34), 1), LINES_BASE + 14, f"{one:%d/%m}")
        for number, one in enumerate(days)
        if one.weekday() == 0
    ]
    return NightsChart(bars, crosses, dates, in_words(longest), f"{most:,.0f}".replace(",", "\u202f"))


def duration_bar(night: PastNight, x: float, longest: float, step: float) -> Bar:
    look = "failed" if night.failed else "ok"
    return standing(
        x, DURATIONS_BASE, night.longest.total_seconds() / longest, step, look,
        f"{night.night_on:%d/%m}\u00a0: {night.lasted}",
    )  # fmt: skip


def line_bars(night: PastNight, places: dict[date, float], most: float, step: float) -> list[Bar]:
    """What was sent, and on top of it what was received."""
    x, told = places[night.night_on], f"{night.night_on:%d/%m}\u00a0: "
    sent = standing(x, LINES_BASE, night.out / most, step, "out", f"{told}{night.out} envoyées")
    got = standing(x, LINES_BASE - sent.height, night.into / most, step, "in", f"{told}{night.into} reçues")
    return [sent, got]


def standing(x: float, base: float, share: float, step: float, look: str, says: str) -> Bar:
    height = round(HEIGHT * share, 1)
    return Bar(round(x + 1, 1), round(base - height, 1), round(step - 2, 1), height, look, says)


def scale_of(seconds: float) -> float:
    return next((one for one in SCALES if one >= seconds), seconds)


def round_above(value: float) -> float:
    """The first of 1, 2, 5, 10, 20, 50… that is not below."""
    power = 1
    while True:
        for one in (1, 2, 5):
            if one * power >= value:
                return one * power
        power *= 10


def in_words(seconds: float) -> str:
    """« 45 s », « 12 min », « 2 h » or « 2,5 h »: one number and its unit."""
    unit, name = next((unit, name) for unit, name in UNITS if seconds >= unit)
    return f"{seconds / (unit or 1):.1f}".removesuffix(".0").replace(".", ",") + f"\u00a0{name}"


# --- one night, all académies -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Timeline:
    height: float
    names: list[Text]
    bars: list[Bar]
    ends: list[Text]
    hours: list[Text]


def timeline(nights: list[AcademyNight], *, now: datetime) -> Timeline:
    """When each académie's night began and ended, in Paris time; one that runs goes on to `now`."""
    begun = {night.academy.pk: (night.started_at, night.ended_at or now) for night in nights if night.started_at}
    first = min((start for start, _ in begun.values()), default=now).replace(minute=0, second=0, microsecond=0)
    last = max((end for _, end in begun.values()), default=now)
    hours = int((last - first) / timedelta(hours=1)) + 1
    scale = (RIGHT - NAMES - 20) / hours
    names, bars, ends = [], [], []
    for number, night in enumerate(nights):
        y, x = HEAD + ROW * number, float(NAMES)
        names.append(Text(NAMES - 4, y + 11, night.academy.name))
        if night.academy.pk in begun:
            x, width = place(begun[night.academy.pk], first, scale)
            bars.append(Bar(x, y + 3, width, ROW - 6, LOOKS.get(night.state, "failed"), night.state.label))
            x += width
        ends.append(Text(round(x + 3, 1), y + 12, SYMBOLS[night.state]))
    ticks = [first + timedelta(hours=one) for one in range(0, hours + 1, max(1, hours // 6))]
    marks = [Text(place((one, one), first, scale)[0], 12, f"{one.astimezone(PARIS):%-H}\u00a0h") for one in ticks]
    return Timeline(HEAD + ROW * len(nights) + 4, names, bars, ends, marks)


def place(span: tuple[datetime, datetime], first: datetime, scale: float) -> tuple[float, float]:
    start, end = ((at.astimezone(UTC) - first) / timedelta(hours=1) for at in span)
    return round(NAMES + scale * start, 1), round(max(scale * (end - start), 2), 1)


SYMBOLS = {
    NightState.FINISHED: "✔",
    NightState.RUNNING: "▶",
    NightState.FAILED: "✖",
    NightState.LATE: "⚠",
    NightState.NOT_BEGUN: "–",
}
