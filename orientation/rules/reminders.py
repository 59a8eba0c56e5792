"""Who is reminded of what, and on which days before a closing (MAI-08, ANS-03)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from orientation.enums import Phase, WindowKind
from orientation.facts import Facts
from orientation.rules.council import visible_statement
from orientation.rules.journey import Need, Step, standing

DUTIES = frozenset({Need.ENTER, Need.ACKNOWLEDGE, Need.ANSWER, Need.AGREE})
PHASES = {Step.INTENTIONS: Phase.PROVISIONAL, Step.OPINIONS: Phase.PROVISIONAL}
# Letters are written from 8 h, school time: a step that ends by 9 h has its last useful morning the day before. What
# could not be written then, the service being stopped, still is until noon.
NINE, NOON = time(9), time(12)
ONE_DAY = timedelta(days=1)


class Reminder(StrEnum):
    """The value is part of each letter's unique key."""

    WEEK = "J7"
    TWO_DAYS = "J2"
    LAST_DAY = "J0"


DAYS_BEFORE = {Reminder.WEEK: 7, Reminder.TWO_DAYS: 2, Reminder.LAST_DAY: 0}


@dataclass(frozen=True, slots=True)
class Duty:
    """What one person has still to do: since when it can be done, and its exclusive end (None: no date is known)."""

    need: Need
    phase: Phase
    since: datetime | None
    by: datetime | None


def duty(facts: Facts, actor: UUID, now: datetime) -> Duty | None:
    """What this person has to do now, as the screens say it; None for who only reads, or has done it."""
    where = standing(facts, actor, now)
    if not where.mine or where.need not in DUTIES:
        return None
    phase = PHASES.get(where.step, Phase.DEFINITIVE)
    return Duty(where.need, phase, _since(facts, where.need, phase, now), where.by)


def _since(facts: Facts, need: Need, phase: Phase, now: datetime) -> datetime | None:
    """The opening of the window, or later: what is to be read appeared, what is to be agreed was answered."""
    window = facts.window(phase, WindowKind.ENTRY if need is Need.ENTER else WindowKind.CONSULTATION)
    moments = [window.opens_at] if window else []
    statement = visible_statement(facts, phase, now) if need is not Need.ENTER else None
    if statement is not None:
        moments.append(statement.published_at)
        if need is Need.AGREE and statement.family_answer:
            moments.append(statement.family_answer.at)
    return max(moments, default=None)


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """The last day whose morning's letter still comes in time; `end` is exclusive, so midnight is the day before."""
    local = end.astimezone(zone)
    return local.date() if local.time() > NINE else local.date() - ONE_DAY


def reminder_due(facts: Facts, owed: Duty, now: datetime) -> Reminder | None:
    """Is today, at the school, seven days, two days or none before the last day? Never on the day it opened."""
    days = reminder_days(facts, owed)
    today = now.astimezone(facts.timezone).date()
    return next((one for one, when in days.items() if when == today), None)


def reminder_days(facts: Facts, owed: Duty) -> dict[Reminder, date]:
    """The days of the reminders of this step; a window shorter than seven days has no J-7."""
    if owed.by is None:
        return {}
    end = last_day(owed.by, facts.timezone)
    opened = owed.since.astimezone(facts.timezone).date() if owed.since else date.min
    days = {one: end - timedelta(days=before) for one, before in DAYS_BEFORE.items()}
    return {one: when for one, when in days.items() if when > opened}


def reminders_to_come(facts: Facts, owed: Duty, now: datetime) -> list[Reminder]:
    """Those whose morning is not over, the next first: a reminder of the school takes the place of one of them."""
    local = now.astimezone(facts.timezone)
    first = local.date() if local.time() < NOON else local.date() + ONE_DAY
    return [one for one, when in reminder_days(facts, owed).items() if when >= first]
