"""The calendar of a campaign on a year line, and what to look at in it (CAL-02). Pure: rows and `now` come in.

Lengths are in units of the picture; everything it shows is also in the table beside it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from orientation.dates import moment, until
from orientation.enums import Phase, WindowKind
from orientation.models import ClassCouncil, Extension, PhaseWindow, SchoolClosing

LEFT, RIGHT, HEAD, ROW = 128, 396, 18, 24
LOOKS = {WindowKind.ENTRY: "out", WindowKind.CONSULTATION: "in"}
SHORT = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
BEFORE_COUNCIL = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Council:
    """The councils of a day, under the entry of their phase. `late`: at least one is too near its end."""

    x: float
    y: float
    late: bool

    @property
    def sign(self) -> str:
        return "▲" if self.late else "△"


@dataclass(frozen=True, slots=True)
class Span:
    """A window. `width` as it was set, `more` as it was extended for all; `shorter` = how many times for a part."""

    x: float
    y: float
    width: float
    more: float
    look: str
    label: str
    opens: str
    closes: str
    shorter: int

    @property
    def more_x(self) -> float:
        return round(self.x + self.width, 1)

    @property
    def foot(self) -> float:
        return self.y + 11


@dataclass(frozen=True, slots=True)
class YearLine:
    height: float
    months: list[Mark]
    spans: list[Span]
    councils: list[Council]
    days: list[tuple[str, str]]
    today: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """From the month of the first date to the end of that of the last one."""

    first: datetime
    last: datetime

    def place(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(LEFT + (RIGHT - LEFT) * share, 1)

    @property
    def months(self) -> list[datetime]:
        found = [self.first]
        while (after := next_month(found[-1])) < self.last:
            found.append(after)
        return found


def year_line(
    windows: Sequence[PhaseWindow], extensions: Sequence[Extension], councils: Sequence[ClassCouncil], *,
    late: Collection[ClassCouncil] = (), zone: ZoneInfo, now: datetime,
) -> YearLine:  # fmt: skip
    """`late` = those of the councils that are too near the end of the entry."""
    near = {one.pk for one in late}
    held = [(begins(one), one.phase, one.pk in near) for one in councils if one.held_on]
    dates = [at for one in windows for at in (one.opens_at, one.closes_at)]
    dates += [*(one.closes_at for one in extensions), *(at for at, _, _ in held)]
    last = next_month(month_of(max(dates, default=now).astimezone(zone)))
    scale = Scale(month_of(min(dates, default=now).astimezone(zone)), last)
    rows = {one.phase: number for number, one in enumerate(windows) if one.kind == WindowKind.ENTRY}
    marks = sorted({(too_near, scale.place(at), rows[phase]) for at, phase, too_near in held if phase in rows})
    return YearLine(
        height=HEAD + ROW * len(windows) + 4,
        months=[Mark(scale.place(one), 12, SHORT[one.month - 1]) for one in scale.months],
        spans=[span(one, number, extensions, scale, zone) for number, one in enumerate(windows)],
        councils=[Council(x, HEAD + ROW * row + 19, too_near) for too_near, x, row in marks],
        days=[
            days_of(phase, councils) for phase in Phase if any(one.phase == phase and one.held_on for one in councils)
        ],
        today=scale.place(now) if scale.first <= now < last else None,
    )


def span(one: PhaseWindow, number: int, extensions: Iterable[Extension], scale: Scale, zone: ZoneInfo) -> Span:
    own = [each for each in extensions if (each.phase, each.kind) == (one.phase, one.kind)]
    whole = [each.closes_at for each in own if each.school_id is None and each.division_id is None]
    end = max([one.closes_at, *whole])
    x, set_end = scale.place(one.opens_at), scale.place(one.closes_at)
    return Span(
        x=x, y=HEAD + ROW * number + 2, width=round(max(set_end - x, 2), 1), more=round(scale.place(end) - set_end, 1),
        look=LOOKS[WindowKind(one.kind)],
        label=f"{Phase(one.phase).label.removeprefix('phase ').capitalize()}, {WindowKind(one.kind).label}",
        opens=moment(one.opens_at, zone), closes=until(end, zone), shorter=len(own) - len(whole),
    )  # fmt: skip


def days_of(phase: Phase, councils: Iterable[ClassCouncil]) -> tuple[str, str]:
    """What the table says of the marks of a phase."""
    held = [one.held_on for one in councils if one.phase == phase and one.held_on]
    first, last = min(held), max(held)
    days = f"le {first:%d/%m/%Y}" if first == last else f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
    number = f"{len(held)} division{'s' if len(held) > 1 else ''}"
    return f"{phase.label.removeprefix('phase ').capitalize()}, conseils de classe", f"{number}, {days}"


def month_of(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(first: datetime) -> datetime:
    return month_of(first + timedelta(days=32))


def begins(council: ClassCouncil) -> datetime:
    """The beginning of the day of a council, in its school's time: its hour is not known."""
    return datetime.combine(council.held_on, time.min, council.division.school.timezone)


# --- what to look at --------------------------------------------------------------------------------------------------
def missing(windows: Iterable[PhaseWindow]) -> list[str]:
    """The windows that the académie has not set yet."""
    known = {(one.phase, one.kind) for one in windows}
    return [
        f"{kind.label.capitalize()} de la {phase.label}"
        for phase in Phase for kind in WindowKind if (phase, kind) not in known
    ]  # fmt: skip


def too_late(
    windows: Iterable[PhaseWindow], extensions: Iterable[Extension], closings: Iterable[SchoolClosing],
    councils: Iterable[ClassCouncil],
) -> list[ClassCouncil]:  # fmt: skip
    """The councils to come less than 24 hours after the end of their division's entry: its last entries would not be
    in Siècle, which takes them in the night (CAL-05, SIE-03). Those open already are past mending."""
    ends = {one.phase: one.closes_at for one in windows if one.kind == WindowKind.ENTRY}
    longer = [one for one in extensions if one.kind == WindowKind.ENTRY]
    own = {(one.school_id, one.phase): one.closes_at for one in closings}
    return [
        one
        for one in councils
        if one.held_on and one.opened_at is None and one.phase in ends
        and begins(one) - end_for(one, ends[one.phase], longer, own) < BEFORE_COUNCIL
    ]  # fmt: skip


def end_for(
    council: ClassCouncil, end: datetime, longer: Iterable[Extension], own: dict[tuple[int, str], datetime | None]
) -> datetime:
    """When the entry of a division ends: the widest extension, then the school's own closing (CAL-03, CAL-09)."""
    school = council.division.school_id
    applied = [one.closes_at for one in longer if one.phase == council.phase and applies(one, council)]
    closing = own.get((school, council.phase))
    widest = max([end, *applied])
    return min(widest, closing) if closing else widest


def applies(one: Extension, council: ClassCouncil) -> bool:
    if one.division_id:
        return one.division_id == council.division_id
    return one.school_id in (None, council.division.school_id)
