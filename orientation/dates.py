"""Dates as people read them (CAL-02, CAL-08): French words, the school's time zone named, no locale needed."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
ZONES = {
    "Europe/Paris": "de Paris",
    "America/Guadeloupe": "de la Guadeloupe",
    "America/Martinique": "de la Martinique",
    "America/Cayenne": "de la Guyane",
    "America/Miquelon": "de Saint-Pierre-et-Miquelon",
    "America/St_Barthelemy": "de Saint-Barthélemy",
    "America/Marigot": "de Saint-Martin",
    "Indian/Reunion": "de La Réunion",
    "Indian/Mayotte": "de Mayotte",
    "Pacific/Noumea": "de la Nouvelle-Calédonie",
    "Pacific/Tahiti": "de Tahiti",
    "Pacific/Marquesas": "des îles Marquises",
    "Pacific/Gambier": "des îles Gambier",
    "Pacific/Wallis": "de Wallis-et-Futuna",
}
HOUR = "\u00a0h\u00a0"  # « 23 h 59 » never breaks over two lines
MINUTE = timedelta(minutes=1)


def zone_words(zone: ZoneInfo) -> str:
    """« heure de Paris », « heure de La Réunion »; a zone without French words keeps its key."""
    return f"heure {ZONES.get(zone.key, 'de ' + zone.key)}"


def day(value: date) -> str:
    """« vendredi 20 février 2026 », « dimanche 1er mars 2026 »."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{WEEKDAYS[value.weekday()]} {number} {MONTHS[value.month - 1]} {value.year}"


def hour(value: datetime, zone: ZoneInfo) -> str:
    """« 19 h 05 »."""
    local = value.astimezone(zone)
    return f"{local.hour}{HOUR}{local.minute:02}"


def instant(value: datetime, zone: ZoneInfo) -> str:
    """« mardi 20 janvier 2026 à 19 h 05 »: where the page names the time zone once for all its dates."""
    return f"{day(value.astimezone(zone).date())} à {hour(value, zone)}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    """« mardi 20 janvier 2026 à 19 h 05 (heure de Paris) »."""
    return f"{instant(value, zone)} ({zone_words(zone)})"


def last_moment(end: datetime, zone: ZoneInfo) -> str:
    """The exclusive end of a window as people say it: midnight is « à 23 h 59 » the day before (CAL-02)."""
    local = end.astimezone(zone)
    return moment(end - MINUTE if local.time() == time.min else end, zone)


def until(end: datetime, zone: ZoneInfo) -> str:
    """« jusqu’au vendredi 20 février 2026 à 23 h 59 (heure de Paris) »; `end` is exclusive."""
    return f"jusqu’au {last_moment(end, zone)}"
