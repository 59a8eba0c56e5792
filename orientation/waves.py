"""An announcement does not bring every family of an académie at the same minute: each school has its own (MAI-09)."""

from datetime import timedelta
from zlib import crc32

from django.conf import settings

# How long the letters of a pupil's school wait after the hour, in SQL; `%(wave)s` is the number of minutes of the wave.
OF_PUPIL = """make_interval(mins => (
    SELECT (hashtext(place.uai) & 32767) %% (%(wave)s + 1)
    FROM families_student pupil JOIN families_school place ON place.id = pupil.school_id
    WHERE pupil.id = {student}))"""


def minutes() -> int:
    return settings.LETTER_WAVE_MINUTES


def of_school(uai: str) -> timedelta:
    """The same for letters that Python writes: a minute of the school's own, though not the one of `OF_PUPIL`."""
    return timedelta(minutes=crc32(uai.encode()) % (minutes() + 1))
