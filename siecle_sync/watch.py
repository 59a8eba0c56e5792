"""Who looks after the nights is told, once for each thing: what, since when, what to do (docs/exploitation.md).

A task every ten minutes. What it finds is kept (`NightAlert`), logged with its code, and sent to OPERATORS.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q

from families.models import Academy
from ledger import clock
from ledger.models import LetterState
from orientation.dates import day, instant
from siecle_sync import backlog
from siecle_sync.contract import SENTENCES
from siecle_sync.models import MassChange, NightAlert, PartState, Run, RunLine, RunPart, RunSchool, RunState
from siecle_sync.operators import Kind, tell
from siecle_sync.report import OVER_BY, AcademyNight, NightState, national_report, text_of_report

PARIS, REPORT_AT = ZoneInfo("Europe/Paris"), time(7)
log = logging.getLogger(__name__)
LEVELS = {Kind.NIGHT_LATE: logging.ERROR, Kind.NIGHT_FAILED: logging.ERROR, Kind.NIGHT_REPORT: logging.INFO}
SHOWN = 10  # schools or errors named in a message


@dataclass(frozen=True, slots=True)
class Alert:
    """`key` is unique: the same thing is told once."""

    key: str
    kind: Kind
    text: str
    academy: Academy | None = None


def watch() -> list[NightAlert]:
    """Keep, log and send what is new; return it."""
    now = clock.now()
    new = [made for made in (keep(alert, now) for alert in found(now)) if made]
    tell(now)
    return new


def keep(alert: Alert, now: datetime) -> NightAlert | None:
    values = {"kind": alert.kind, "academy": alert.academy, "at": now, "text": alert.text}
    made, new = NightAlert.objects.get_or_create(key=alert.key, defaults=values)
    if not new:
        return None
    log.log(LEVELS.get(alert.kind, logging.WARNING), "%s %s", alert.kind.value, alert.key)
    return made


def found(now: datetime) -> Iterator[Alert]:
    nights = list(nights_of(now))
    yield from late(nights, now)
    yield from failed(nights)
    yield from stuck(now)
    yield from refused(nights)
    yield from mass_changes(now)
    yield from entries_unsent(nights, now)
    yield from letters_aside(now)
    yield from morning_report(now)


def nights_of(now: datetime) -> Iterator[tuple[date, AcademyNight]]:
    """The night of today of each académie, by its own calendar: two dates at most at any instant."""
    zones = Academy.objects.values_list("pk", "timezone")
    today = {pk: now.astimezone(ZoneInfo(zone)).date() for pk, zone in zones}
    for night_on in sorted(set(today.values())):
        there = Academy.objects.filter(pk__in=[pk for pk, local in today.items() if local == night_on])
        for night in national_report(night_on, academies=there).academies:
            yield night_on, night


# --- what is wrong ----------------------------------------------------------------------------------------------------
def late(nights: list[tuple[date, AcademyNight]], now: datetime) -> Iterator[Alert]:
    """Past five o'clock there, and not finished, or never begun."""
    for night_on, night in nights:
        due = datetime.combine(night_on, OVER_BY, ZoneInfo(night.academy.timezone))
        if now < due or night.state is NightState.FINISHED:
            continue
        what = "n’a pas commencé" if not night.runs else f"n’est pas finie ({night.parts_finished}/{night.parts} lots)"
        text = f"{night.academy}\u00a0: la nuit du {day(night_on)} {what}. Elle devait l’être à 5 h, heure locale."
        yield Alert(f"NIGHT_LATE:{night.academy.pk}:{night_on}", Kind.NIGHT_LATE, text, night.academy)


def failed(nights: list[tuple[date, AcademyNight]]) -> Iterator[Alert]:
    """A run that failed before its parts, or a part that failed more than once: a first failure often mends itself."""
    runs = {run.pk: (night_on, night.academy) for night_on, night in nights for run in night.runs}
    often = RunPart.objects.filter(run__in=runs, state=PartState.FAILED, attempts__gte=settings.NIGHT_ALERT_ATTEMPTS)
    errors = [(part.run_id, f"lot {part.number}, {part.attempts} essais\u00a0: {brief(part.error)}") for part in often]
    whole = Run.objects.filter(pk__in=runs, state=RunState.FAILED, parts=None)
    errors += [(run.pk, f"avant son premier lot\u00a0: {brief(run.error)}") for run in whole]
    for pk in dict(errors):
        night_on, academy = runs[pk]
        said = "\n".join(f"- {error}" for other, error in errors[:SHOWN] if other == pk)
        text = f"{academy}\u00a0: la nuit du {day(night_on)} échoue. Ce qui est enregistré le reste.\n\n{said}"
        yield Alert(f"NIGHT_FAILED:{academy.pk}:{night_on}:{pk}", Kind.NIGHT_FAILED, text, academy)


def brief(error: str) -> str:
    return " ".join(error.split())[:300]


def stuck(now: datetime) -> Iterator[Alert]:
    begun = now - timedelta(minutes=settings.NIGHT_ALERT_STUCK_MINUTES)
    parts = RunPart.objects.filter(state=PartState.RUNNING, run__state=RunState.RUNNING, started_at__lte=begun)
    for part in parts.select_related("run__academy"):
        academy = part.run.academy
        since = instant(part.started_at, ZoneInfo(academy.timezone)) if part.started_at else ""
        text = f"{academy}\u00a0: le lot {part.number}, commencé le {since}, n’est pas fini."
        text += f" Étape\u00a0: {part.get_step_display()}. Essai n° {part.attempts}."
        yield Alert(f"PART_STUCK:{part.pk}:{part.attempts}", Kind.PART_STUCK, text, academy)


def refused(nights: list[tuple[date, AcademyNight]]) -> Iterator[Alert]:
    """Too large a share of a school's lines in one night, one way."""
    runs = {run.pk: (night_on, night.academy) for night_on, night in nights for run in night.runs}
    much = Q(rejected__gte=settings.NIGHT_ALERT_REFUSED_LEAST) & Q(
        rejected__gt=F("read") * settings.NIGHT_ALERT_REFUSED_SHARE
    )
    found = RunSchool.objects.filter(much, run__in=runs).order_by("run", "-rejected", "uai")
    schools = [one for one in found if newly_refused(one) >= settings.NIGHT_ALERT_REFUSED_LEAST]
    for pk in sorted({one.run_id for one in schools}):
        night_on, academy = runs[pk]
        said = "\n".join(f"- {words_of(one)}" for one in [one for one in schools if one.run_id == pk][:SHOWN])
        text = f"{academy}\u00a0: nuit du {day(night_on)}, une part anormale des lignes est refusée.\n\n{said}"
        yield Alert(f"LINES_REFUSED:{academy.pk}:{night_on}:{pk}", Kind.LINES_REFUSED, text, academy)


def newly_refused(school: RunSchool) -> int:
    """A line that goes on waiting is counted in each night, and reported in the first."""
    lines = RunLine.objects.filter(run=school.run_id, uai=school.uai, direction=school.direction)
    return lines.filter(outcome="REJECTED").count()


def words_of(school: RunSchool) -> str:
    code = max(school.by_code, key=lambda one: school.by_code[one], default="")
    why = f" {SENTENCES.get(code, code)}" if code else ""
    return f"{school.uai}, {school.get_direction_display()}\u00a0: {school.rejected} refusées sur {school.read}.{why}"


def mass_changes(now: datetime) -> Iterator[Alert]:
    """Each day, until somebody has said: nothing of such a school comes in meanwhile."""
    for change in MassChange.objects.filter(verdict="").select_related("campaign__academy"):
        academy = change.campaign.academy
        text = (
            f"{academy}\u00a0: {change.uai}, {change.touched} avis sur {change.standing} changeraient "
            "ou disparaîtraient. Ses lignes attendent qu’une personne de l’académie confirme ou refuse."
        )
        yield Alert(f"MASS_CHANGE:{change.pk}:{now:%Y-%m-%d}", Kind.MASS_CHANGE, text, academy)


def entries_unsent(nights: list[tuple[date, AcademyNight]], now: datetime) -> Iterator[Alert]:
    """Once a day, after the night: what the family was told would go, has not gone for days."""
    hours = settings.NIGHT_ALERT_UNSENT_HOURS
    waiting = backlog.unsent(before=now - timedelta(hours=hours))
    for night_on, night in nights:
        one, academy = waiting.get(night.academy.pk), night.academy
        if one is None or now < datetime.combine(night_on, OVER_BY, ZoneInfo(academy.timezone)):
            continue
        since = instant(one.oldest, ZoneInfo(academy.timezone))
        text = f"{academy}\u00a0: {one.entries} saisies attendent depuis plus de {hours} heures, la première, {since}."
        yield Alert(f"ENTRIES_UNSENT:{academy.pk}:{night_on}", Kind.ENTRIES_UNSENT, text, academy)


def letters_aside(now: datetime) -> Iterator[Alert]:
    """Once a day while there are some: nothing sends them by itself any more (MAI-07)."""
    aside = [one for one in backlog.letters(now) if one.state == LetterState.ASIDE]
    academies = Academy.objects.in_bulk([one.academy for one in aside])
    for one in aside:
        academy = academies.get(one.academy)
        where = academy or "Courriels des comptes"
        text = f"{where}\u00a0: {one.count} courriels n’ont pas pu partir et ne repartiront pas d’eux-mêmes."
        yield Alert(f"LETTERS_ASIDE:{one.academy}:{now:%Y-%m-%d}", Kind.LETTERS_ASIDE, text, academy)


def morning_report(now: datetime) -> Iterator[Alert]:
    """The whole country's night, at seven o'clock in Paris."""
    local = now.astimezone(PARIS)
    if local.time() < REPORT_AT or NightAlert.objects.filter(key=f"NIGHT_REPORT:{local.date()}").exists():
        return
    report = national_report(local.date())
    if report.academies:
        yield Alert(f"NIGHT_REPORT:{local.date()}", Kind.NIGHT_REPORT, text_of_report(report))
