"""What the nights did, in figures and in words: one school in a run, one académie in a night, the whole country."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum, TextChoices

from families.models import Academy, School
from ledger import clock
from orientation.dates import day, hour
from orientation.models import Campaign
from siecle_sync.contract import SENTENCES
from siecle_sync.models import Direction, MassChange, PartState, Run, RunSchool, RunState
from siecle_sync.night import peopled

UNKNOWN = "établissement inconnu"
OVER_BY = time(5)  # local: a night that is not finished by then is late


@dataclass(frozen=True, slots=True)
class Figures:
    """Lines one way. They add up: read = accepted + rejected + not_processed + unchanged."""

    read: int = 0
    accepted: int = 0
    created: int = 0
    changed: int = 0
    rejected: int = 0
    not_processed: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, counters: dict[str, Any] | None) -> "Figures":
        """From the counters of a run one way; what they do not say is 0."""
        return cls(**{name: (counters or {}).get(name, 0) for name in cls.__slots__})

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


def total(figures: Iterable[Figures]) -> Figures:
    return sum(figures, Figures())


class NightState(TextChoices):
    FINISHED = "FINISHED", "terminée"
    RUNNING = "RUNNING", "en cours"
    FAILED = "FAILED", "en échec"
    LATE = "LATE", "en retard"
    NOT_BEGUN = "NOT_BEGUN", "pas encore commencée"


@dataclass(frozen=True, slots=True)
class AcademyNight:
    """One académie in one night: the last run of each of its campaigns. `missing`: campaigns that have none."""

    academy: Academy
    state: NightState
    runs: list[Run]
    missing: list[Campaign]
    to_confirm: int
    out: Figures
    into: Figures

    @property
    def parts(self) -> int:
        return sum(run.parts_all for run in self.runs)  # type: ignore[attr-defined]

    @property
    def parts_finished(self) -> int:
        return sum(run.parts_done for run in self.runs)  # type: ignore[attr-defined]

    @property
    def started_at(self) -> datetime | None:
        return min((run.started_at for run in self.runs), default=None)

    @property
    def ended_at(self) -> datetime | None:
        """None as long as one of its campaigns goes on, or has not begun."""
        ends = [run.ended_at for run in self.runs]
        return None if self.missing or None in ends else max((end for end in ends if end), default=None)

    @property
    def duration(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.ended_at and self.started_at else None

    @property
    def refused(self) -> int:
        return self.out.rejected + self.into.rejected

    @property
    def errors(self) -> list[str]:
        return [run.error for run in self.runs if run.error]

    def as_json(self) -> dict[str, Any]:
        ends = {"started_at": self.started_at, "ended_at": self.ended_at}
        return {
            "academy": self.academy.pk, "name": self.academy.name, "state": self.state.value,
            **{name: at.isoformat() if at else None for name, at in ends.items()},
            "parts": self.parts, "parts_finished": self.parts_finished, "to_confirm": self.to_confirm,
            "missing": [f"{one.year}/{one.level}" for one in self.missing], "errors": self.errors,
            "out": asdict(self.out), "in": asdict(self.into),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class NationalReport:
    night_on: date
    academies: list[AcademyNight]

    @property
    def out(self) -> Figures:
        return total(one.out for one in self.academies)

    @property
    def into(self) -> Figures:
        return total(one.into for one in self.academies)

    @property
    def to_confirm(self) -> int:
        return sum(one.to_confirm for one in self.academies)

    def count(self, state: NightState) -> int:
        return sum(one.state is state for one in self.academies)

    @property
    def by_state(self) -> list[tuple[NightState, int]]:
        """How many académies are in each state that one of them is in."""
        return [(state, self.count(state)) for state in NightState if self.count(state)]

    @property
    def finished(self) -> bool:
        return self.count(NightState.FINISHED) == len(self.academies)

    def as_json(self) -> dict[str, Any]:
        return {
            "night_on": self.night_on.isoformat(),
            "states": {state.value: self.count(state) for state in NightState},
            "out": asdict(self.out), "in": asdict(self.into),
            "academies": [one.as_json() for one in self.academies],
        }  # fmt: skip


def national_report(night_on: date, *, academies: QuerySet[Academy] | None = None) -> NationalReport:
    """The fan-in of a night (local date of each académie). Five queries, whatever the number of académies."""
    seen = Academy.objects.all() if academies is None else academies
    runs, now = last_runs(night_on, seen), clock.now()
    campaigns = current_campaigns(seen)
    figures = figures_of(runs)
    waiting = dict(
        MassChange.objects.filter(verdict="").values_list("campaign__academy").annotate(Count("pk")).order_by()
    )
    concerned = {*(one.academy_id for one in campaigns), *(run.academy_id for run in runs)}
    return NationalReport(
        night_on,
        [
            of_academy(
                academy,
                night_on,
                now=now,
                runs=[run for run in runs if run.academy_id == academy.pk],
                campaigns=[one for one in campaigns if one.academy_id == academy.pk],
                to_confirm=waiting.get(academy.pk, 0),
                figures=figures,
            )
            for academy in seen.filter(pk__in=concerned).order_by("name")
        ],
    )


def figures_of(runs: Iterable[Run]) -> dict[tuple[int, str], Figures]:
    """(run, direction) → what its schools add up to."""
    rows = RunSchool.objects.filter(run__in=[run.pk for run in runs])
    return {(row["run"], row["direction"]): figures for row, figures in _summed(rows, "run", "direction")}


def figures_of_schools(rows: QuerySet[RunSchool]) -> dict[Direction, Figures]:
    """What these schools add up to, each way."""
    return {Direction(row["direction"]): figures for row, figures in _summed(rows, "direction")}


def _summed(rows: QuerySet[RunSchool], *by: str) -> list[tuple[dict[str, Any], Figures]]:
    sums = {f"sum_{name}": Sum(name) for name in Figures.__slots__}
    summed = rows.order_by(*(f"-{name}" for name in by)).values(*by).annotate(**sums)
    return [(row, Figures(**{name: row[f"sum_{name}"] for name in Figures.__slots__})) for row in summed]


def last_runs(night_on: date, academies: QuerySet[Academy]) -> list[Run]:
    """The last run of each campaign in this night, with its parts counted."""
    rows = Run.objects.filter(night_on=night_on, academy__in=academies).exclude(state=RunState.DRY)
    rows = rows.select_related("campaign__academy").annotate(
        parts_all=Count("parts"), parts_done=Count("parts", filter=Q(parts__state=PartState.FINISHED))
    )
    return sorted({run.campaign_id: run for run in rows.order_by("pk")}.values(), key=lambda run: run.campaign.level)


def current_campaigns(academies: QuerySet[Academy]) -> list[Campaign]:
    """Those that each académie's nights play today: the last year of each level that has pupils."""
    rows = peopled(Campaign.objects.filter(academy__in=academies)).order_by("year")
    return list({(one.academy_id, one.level): one for one in rows}.values())


def of_academy(
    academy: Academy, night_on: date, *, now: datetime, runs: list[Run], campaigns: list[Campaign], to_confirm: int,
    figures: dict[tuple[int, str], Figures],
) -> AcademyNight:  # fmt: skip
    played = {run.campaign.level for run in runs}
    missing = [one for one in campaigns if one.level not in played]
    over = now >= datetime.combine(night_on, OVER_BY, ZoneInfo(academy.timezone))
    out, into = (total(figures.get((run.pk, way), Figures()) for run in runs) for way in (Direction.OUT, Direction.IN))
    return AcademyNight(academy, state_of(runs, missing=missing, over=over), runs, missing, to_confirm, out, into)


def state_of(runs: list[Run], *, missing: list[Campaign], over: bool) -> NightState:
    """`over`: it is past the hour by which the night should have been finished."""
    states = {run.state for run in runs}
    if RunState.FAILED in states:
        return NightState.FAILED
    if states == {RunState.FINISHED} and not missing:
        return NightState.FINISHED
    if over:
        return NightState.LATE
    return NightState.RUNNING if runs else NightState.NOT_BEGUN


# --- in words ---------------------------------------------------------------------------------------------------------
def said(figures: Figures) -> str:
    """« 12 lues : 3 nouvelles, 2 modifiées, 1 refusée, 0 non traitée, 6 inchangées »: they add up."""
    counted = (
        (figures.created, "nouvelle"), (figures.changed, "modifiée"), (figures.rejected, "refusée"),
        (figures.not_processed, "non traitée"), (figures.unchanged, "inchangée"),
    )  # fmt: skip
    return f"{several(figures.read, 'lue')}\u00a0: {', '.join(several(count, word) for count, word in counted)}"


def several(count: int, words: str) -> str:
    """« 1 non traitée », « 2 non traitées », « 2 changements massifs »: « non » has no plural."""
    return " ".join([f"{count}", *(word if count < 2 or word == "non" else f"{word}s" for word in words.split())])


def reasons(by_code: dict[str, int]) -> list[tuple[str, str, int]]:
    """(code, sentence, lines) of what was refused or left aside, the most frequent first."""
    ordered = sorted(by_code.items(), key=lambda one: (-one[1], one[0]))
    return [(code, SENTENCES.get(code, code), lines) for code, lines in ordered]


def names_of(uais: Iterable[str]) -> dict[str, str]:
    return dict(School.objects.filter(uai__in=set(uais)).values_list("uai", "name"))


def text_of_schools(rows: Iterable[RunSchool]) -> str:
    """What a run did, or would do, school by school: what it sends, then what it receives."""
    ordered = sorted(rows, key=lambda row: (row.uai, row.direction != Direction.OUT))
    names = names_of(row.uai for row in ordered)
    return "\n".join(line for row in ordered for line in lines_of_school(row, names.get(row.uai, UNKNOWN)))


def lines_of_school(row: RunSchool, name: str) -> list[str]:
    return [
        f"  {row.uai or '(sans UAI)'} {name}, {row.get_direction_display()}\u00a0: {said(Figures.of(vars(row)))}",
        *(f"    {lines} {code}\u00a0: {sentence}" for code, sentence, lines in reasons(row.by_code)),
    ]


def school_as_json(row: RunSchool) -> dict[str, Any]:
    return {"uai": row.uai, "direction": row.direction, **asdict(Figures.of(vars(row))), "by_code": row.by_code}


def text_of_report(report: NationalReport) -> str:
    """The whole country's night: a line an académie, why it failed, and the sums."""
    states = ", ".join(f"{count} {state.label}" for state, count in report.by_state) or "aucune académie"
    return "\n".join(
        [
            f"Nuit du {day(report.night_on)}\u00a0: {states}.",
            *(line for one in report.academies for line in lines_of_academy(one)),
            f"Envoi\u00a0: {said(report.out)}.",
            f"Réception\u00a0: {said(report.into)}.",
        ]
    )


def lines_of_academy(night: AcademyNight) -> list[str]:
    zone = ZoneInfo(night.academy.timezone)
    when = " – ".join(hour(at, zone) for at in (night.started_at, night.ended_at) if at)
    waiting = f"\u00a0; {several(night.to_confirm, 'changement massif')} à confirmer" if night.to_confirm else ""
    lines = f"{night.out.read} envoyées, {night.into.read} reçues, {several(night.refused, 'refusée')}"
    head = f"  {night.academy}\u00a0: {night.state.label}{f' ({when})' if when else ''}, {lines}{waiting}"
    return [head, *(f"    {error}" for error in night.errors)]
