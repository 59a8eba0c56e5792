"""Moving the pretended date forward: every night passed is played, in order."""

from collections.abc import Callable
from datetime import datetime

from families.models import Academy
from ledger import clock
from siecle_sync.night import academies, instants, run_night

Progress = Callable[[str], None]


class GoingBack(ValueError):
    """The pretended date only goes forward: going back means starting afresh."""


def advance_to(
    at: datetime, *, progress: Progress | None = None, set_clock: Callable[[datetime], None] = clock.pretend
) -> int:
    """Advance to the aware instant `at` through the real nights in between; return how many were played.

    Each night is at two o'clock in its académie's time zone. `set_clock` = `clock.freeze` for a campaign that must be
    reproducible. Raises GoingBack.
    """
    now = clock.now()
    if at < now:
        raise GoingBack(f"{at:%d/%m/%Y %H:%M} est avant la date du bac à sable.")
    nights = nights_between(now, at)
    for moment, code in nights:
        set_clock(moment)
        if progress:
            progress(f"Nuit du {moment:%d/%m/%Y}, académie {code}")
        run_night(Academy.objects.get(pk=code))
    set_clock(at)
    return len(nights)


def nights_between(after: datetime, until: datetime) -> list[tuple[datetime, str]]:
    return sorted(
        (moment, academy.code) for academy in academies() for moment in instants(academy, after=after, until=until)
    )
