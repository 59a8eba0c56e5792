"""When everything happens in a generated campaign (UTC): the night measured is `NIGHT`, in March of the year."""

from datetime import UTC, datetime

YEAR = 2025
NIGHT = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
FIRST_NIGHT = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)  # tells Siècle who is where, so that the measured one need not
IMPORTED = "2026-01-12 09:00:00+00"
COUNCILS_OPENED = "2026-03-04 13:00:00+00"
COUNCILS_HELD = "2026-03-10"
GIVEN = "2026-03-05 10:00:00+00"
RECEIVED = "2026-03-06 01:30:00+00"
WINDOWS = (
    ("PROVISIONAL", "ENTRY", "2026-02-02 07:00:00+00", "2026-03-16 22:59:00+00"),
    ("PROVISIONAL", "CONSULTATION", "2026-03-17 05:00:00+00", "2026-04-10 21:59:00+00"),
    ("DEFINITIVE", "ENTRY", "2026-05-04 06:00:00+00", "2026-05-29 21:59:00+00"),
    ("DEFINITIVE", "CONSULTATION", "2026-06-08 04:00:00+00", "2026-06-19 21:59:00+00"),
)
CONSULTATION = WINDOWS[1][2]
DAY = "2026-03-11 15:00:00+00"  # the day before the night measured
NIGHT_AFTER = datetime(2026, 3, 13, 1, 0, tzinfo=UTC)
