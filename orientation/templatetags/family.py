"""Dates in the school's own time and the words of the procedure, for the family's templates."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template

from orientation import dates
from orientation.facts import AnswerLine, Facts
from orientation.leads import listed
from orientation.pathways import label_of
from orientation.rules import student_acts
from orientation.wording import words_of

register = template.Library()
register.filter("listed", listed)

# Free words of the council: no campaign tells their colour, so these three alone have one.
TONES = {"OUI": "success", "Favorable": "success", "NON": "warning", "Défavorable": "warning", "Réservé": "info"}
SPOKEN = {"OUI": "Oui", "NON": "Non"}


@register.filter
def moment(value: datetime, zone: ZoneInfo) -> str:
    return dates.moment(value, zone)


@register.filter
def until(value: datetime, zone: ZoneInfo) -> str:
    return dates.until(value, zone)


@register.filter
def day(value: date) -> str:
    return dates.day(value)


@register.filter
def tone(line: AnswerLine) -> str:
    return TONES.get(line.value, "info")


@register.filter
def spoken(line: AnswerLine) -> str:
    return SPOKEN.get(line.value, line.value)


@register.filter
def beside(lines: tuple[AnswerLine, ...]) -> list[AnswerLine]:
    """The pathways that the family did not ask for."""
    return [line for line in lines if not line.requested]


@register.filter
def pathway_label(key: tuple[str, str]) -> str:
    return label_of(*key)


@register.filter(name="student_acts")
def pupil_acts(facts: Facts, now: datetime) -> bool:
    return student_acts(facts, now)


@register.filter
def lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


@register.filter
def entry_word(phase: str) -> str:
    """« Intention » or « Choix »."""
    return words_of(phase).one.capitalize()
