"""Working days: all days but Sundays and public holidays, so Saturday counts (D331-34). Pure: no database, no clock.

The public holidays are the library's, those of Alsace-Moselle and overseas included.
"""

from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

APPEAL_DAYS = 3
ONE_DAY = timedelta(days=1)

# The first three characters of a UAI say where the school is. Elsewhere, Corsica included: the national days alone.
TERRITORIES = {
    "057": "57", "067": "6AE", "068": "6AE",
    "971": "971", "972": "972", "973": "973", "974": "974", "976": "976",
    "975": "PM", "977": "BL", "978": "MF", "983": "NC", "988": "NC", "984": "PF", "987": "PF", "986": "WF",
}  # fmt: skip
# Schools of these two islands may still have a UAI of Guadeloupe: their time zone tells them apart.
ISLANDS = {"America/Marigot": "MF", "America/St_Barthelemy": "BL"}


def last_day_to_appeal(notified_on: date, uai: str, zone: str = "") -> date:
    """The third working day after the notification, whose own day does not count; one may appeal until its end.

    `zone`: key of the school's time zone.
    """
    public = _public_holidays(ISLANDS.get(zone) or TERRITORIES.get(uai[:3]))
    day = notified_on
    for _ in range(APPEAL_DAYS):
        day = _next_working_day(day, public)
    return day


def _next_working_day(day: date, public: HolidayBase) -> date:
    day += ONE_DAY
    while day.isoweekday() == 7 or day in public:
        day += ONE_DAY
    return day


@cache
def _public_holidays(territory: str | None) -> HolidayBase:
    """Filled in by the library year after year, as it is asked."""
    return country_holidays("FR", subdiv=territory)
