"""The three working days of the appeal on real calendars: Sundays, national and local public holidays (ANS-07)."""

from datetime import date

import pytest

from orientation.workdays import last_day_to_appeal

LYON, METZ, STRASBOURG, COLMAR, AJACCIO, BASTIA = (
    "0690001A", "0570001A", "0670001A", "0680001A", "6200001A", "7200001A",
)  # fmt: skip
GUADELOUPE, MARTINIQUE, GUYANE, REUNION, MAYOTTE = "9710001A", "9720001A", "9730001A", "9740001A", "9760001A"
MIQUELON, NOUMEA, TAHITI, WALLIS, MARIGOT, GUSTAVIA = (
    "9750001A", "9830001A", "9840001A", "9860001A", "9780001A", "9770001A",
)  # fmt: skip


def last(uai: str, notified: str, zone: str = "") -> str:
    return last_day_to_appeal(date.fromisoformat(notified), uai, zone).isoformat()


@pytest.mark.parametrize(
    ("notified", "expected"),
    [
        ("2026-06-15", "2026-06-18"),  # a Monday: Tuesday, Wednesday, Thursday
        ("2026-06-17", "2026-06-20"),  # Saturday counts
        ("2026-06-18", "2026-06-22"),  # Sunday does not
        ("2026-06-20", "2026-06-24"),  # notified on a Saturday, and on a Sunday
        ("2026-06-21", "2026-06-24"),
        ("2026-05-22", "2026-05-27"),  # Pentecost Monday, 25 May
        ("2026-07-13", "2026-07-17"),  # 14 July
        ("2026-04-30", "2026-05-05"),  # 1 May, a Friday, then a Sunday
        ("2026-12-31", "2027-01-05"),  # over the new year
    ],
)
def test_three_working_days_after_the_day_of_the_notification(notified: str, expected: str) -> None:
    assert last(LYON, notified) == expected


@pytest.mark.parametrize(
    ("uai", "notified", "expected", "in_lyon"),
    [
        (METZ, "2026-04-02", "2026-04-08", "2026-04-07"),  # Good Friday, then Easter Monday
        (STRASBOURG, "2026-04-02", "2026-04-08", "2026-04-07"),
        (COLMAR, "2026-12-24", "2026-12-30", "2026-12-29"),  # 26 December, a Saturday
        (METZ, "2026-12-24", "2026-12-30", "2026-12-29"),
        (MARTINIQUE, "2026-05-21", "2026-05-27", "2026-05-26"),  # 22 May, then Pentecost
        (GUADELOUPE, "2026-05-26", "2026-05-30", "2026-05-29"),  # 27 May
        (GUYANE, "2026-06-09", "2026-06-13", "2026-06-12"),  # 10 June
        (REUNION, "2025-12-18", "2025-12-23", "2025-12-22"),  # 20 December, a Saturday
        (MAYOTTE, "2026-04-25", "2026-04-30", "2026-04-29"),  # 27 April
        (NOUMEA, "2026-09-23", "2026-09-28", "2026-09-26"),  # 24 September
        ("9880001A", "2026-09-23", "2026-09-28", "2026-09-26"),
        (TAHITI, "2026-03-04", "2026-03-09", "2026-03-07"),  # 5 March
        ("9870001A", "2026-03-04", "2026-03-09", "2026-03-07"),
        (WALLIS, "2026-04-27", "2026-05-02", "2026-04-30"),  # 28 April, then 1 May
        (MARIGOT, "2026-05-27", "2026-06-01", "2026-05-30"),  # 28 May
        (GUSTAVIA, "2026-10-08", "2026-10-13", "2026-10-12"),  # 9 October
    ],
)
def test_the_holidays_of_the_school_s_own_territory_do_not_count(
    uai: str, notified: str, expected: str, in_lyon: str
) -> None:
    assert last(uai, notified) == expected
    assert last(LYON, notified) == in_lyon


@pytest.mark.parametrize("uai", [AJACCIO, BASTIA, MIQUELON])
def test_corsica_and_miquelon_have_the_national_holidays_alone(uai: str) -> None:
    for notified in ("2026-04-02", "2026-05-21", "2026-05-26", "2026-06-09", "2026-12-24"):
        assert last(uai, notified) == last(LYON, notified)


def test_an_island_with_a_uai_of_guadeloupe_is_known_by_its_time_zone() -> None:
    assert last(GUADELOUPE, "2026-05-27", "America/Marigot") == "2026-06-01"
    assert last(GUADELOUPE, "2026-10-08", "America/St_Barthelemy") == "2026-10-13"
    assert last(GUADELOUPE, "2026-05-27", "America/Guadeloupe") == "2026-05-30"
