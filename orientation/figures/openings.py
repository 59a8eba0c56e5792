"""When an entry is open, for whom a dashboard is about, in the words of its page. Pure (CAL-02, CAL-09)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from orientation.dates import last_moment, moment, until
from orientation.enums import Phase
from orientation.wording import words_of


@dataclass(frozen=True, slots=True)
class Opening:
    """The entry of one phase, `[opens_at, ends_at)`, in the time zone of who reads."""

    phase: str
    opens_at: datetime
    ends_at: datetime
    zone: ZoneInfo

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now < self.ends_at

    @property
    def title(self) -> str:
        return words_of(self.phase).title

    def said(self, now: datetime, *, missing: str) -> str:
        """`missing`: the dossiers without an entry, as they may be read."""
        if now < self.opens_at:
            return f"La saisie ouvre le {moment(self.opens_at, self.zone)}. Aucune famille ne peut encore saisir."
        left = "Tous les dossiers ont une saisie." if missing == "0" else f"Dossiers sans saisie\u00a0: {missing}."
        if self.is_open(now):
            return f"La saisie est ouverte {until(self.ends_at, self.zone)}. {left}"
        return f"La saisie est close depuis le {last_moment(self.ends_at, self.zone)}. {left}"


def current(openings: list[Opening], now: datetime) -> Opening | None:
    """The entry that opened last: the one of the evening."""
    begun = [one for one in openings if one.opens_at <= now]
    return max(begun, key=lambda one: one.opens_at, default=None)


def of_phase(openings: list[Opening], phase: str) -> Opening | None:
    return next((one for one in openings if one.phase == Phase(phase)), None)
