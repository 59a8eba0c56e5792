"""Who could act and read at an instant of a simulated campaign, judged from its dump alone."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]


def legal_at(dossier: Json, at: str) -> set[str]:
    """The legal representatives of an instant: those of the end of the year, each import undone from the last one."""
    legal = {one["who"] for one in dossier["persons"] if one["level"] == 1 and one["ended_on"] is None}
    for one in reversed([one for one in dossier["imports"] if one["at"] > at]):
        if one["what"] in {"lost", "demoted"}:
            legal.add(one["who"])
        if one["what"] in {"added", "restored"}:
            legal.discard(one["who"])
    return legal


def of_age_at(dossier: Json, at: str) -> bool:
    """By the day of the school."""
    born = date.fromisoformat(dossier["pupil"]["birth_date"])
    day = datetime.fromisoformat(at).astimezone(ZoneInfo(dossier["school"]["zone"])).date()
    return (day.year - 18, day.month, day.day) >= (born.year, born.month, born.day)


def able_at(dossier: Json, at: str) -> set[str]:
    """Who may act: the pupil of age alone, else the legal representatives (ACC-03)."""
    return {"E"} if of_age_at(dossier, at) else legal_at(dossier, at)


def readers_at(dossier: Json, at: str) -> set[str]:
    """Whom the letters of an instant are for: the legal representatives, and the pupil who acts for themself."""
    return legal_at(dossier, at) | ({"E"} if of_age_at(dossier, at) else set())
