"""Dates as people read them: pure, no database."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from orientation.dates import ZONES, day, hour, last_moment, moment, until, zone_words

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_midnight_is_shown_as_the_last_minute_of_the_day_before() -> None:
    end = datetime(2026, 2, 20, 23, tzinfo=UTC)
    assert plain(until(end, PARIS)) == "jusqu’au vendredi 20 février 2026 à 23 h 59 (heure de Paris)"


def test_any_other_end_is_shown_as_it_is() -> None:
    end = datetime(2026, 5, 29, 10, tzinfo=UTC)
    assert plain(until(end, PARIS)) == "jusqu’au vendredi 29 mai 2026 à 12 h 00 (heure de Paris)"


def test_the_same_instant_is_told_in_the_school_s_own_time() -> None:
    instant = datetime(2026, 2, 20, 23, tzinfo=UTC)
    assert plain(moment(instant, REUNION)) == "samedi 21 février 2026 à 3 h 00 (heure de La Réunion)"
    assert plain(last_moment(datetime(2026, 2, 20, 20, tzinfo=UTC), REUNION)).startswith("vendredi 20 février 2026")


def test_the_first_of_the_month_is_an_ordinal() -> None:
    assert day(date(2026, 3, 1)) == "dimanche 1er mars 2026"


def test_an_hour_never_breaks_over_two_lines() -> None:
    assert " " not in hour(datetime(2026, 3, 1, 8, 5, tzinfo=UTC), PARIS)


@pytest.mark.parametrize("key", ZONES)
def test_every_zone_of_the_republic_has_words(key: str) -> None:
    assert "/" not in zone_words(ZoneInfo(key))
