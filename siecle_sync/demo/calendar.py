"""The demonstration's date and the four académies whose calendars stand, that day, at the four steps of the 3e.

A lycée of one of them has a campaign of 2de GT.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from families.models import Level
from orientation.enums import Phase, WindowKind

YEAR = 2025
TODAY = date(2026, 3, 17)
P, D = Phase.PROVISIONAL, Phase.DEFINITIVE
ENTRY, CONSULTATION = WindowKind.ENTRY, WindowKind.CONSULTATION

Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Place:
    """An académie, its school, and its four windows as first and last days (the last one included)."""

    step: str
    academy: str
    name: str
    timezone: str
    uai: str
    school: str
    address: str
    windows: tuple[tuple[tuple[str, str], Days], ...]
    level: str = Level.THIRD

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), self.zone)

    def days(self, phase: str, kind: str) -> Days:
        return dict(self.windows)[(phase, kind)]


def _windows(*pairs: tuple[tuple[int, int, int], tuple[int, int, int]]) -> tuple[tuple[tuple[str, str], Days], ...]:
    keys = ((P, ENTRY), (P, CONSULTATION), (D, ENTRY), (D, CONSULTATION))
    return tuple((key, (date(*first), date(*last))) for key, (first, last) in zip(keys, pairs, strict=True))


INTENTIONS = Place(
    "intentions", "10", "Lyon", "Europe/Paris", "0990001N", "Collège imaginaire",
    "1 rue de l’Exemple, Ville imaginaire",
    _windows(
        ((2026, 3, 9), (2026, 4, 3)), ((2026, 4, 13), (2026, 5, 22)),
        ((2026, 5, 11), (2026, 5, 29)), ((2026, 6, 3), (2026, 6, 12)),
    ),
)  # fmt: skip
OPINIONS = Place(
    "avis", "17", "Nantes", "Europe/Paris", "0449001V", "Collège Ada-Lovelace", "12 quai des Essais, Nantes",
    _windows(
        ((2026, 1, 26), (2026, 2, 27)), ((2026, 3, 9), (2026, 4, 30)),
        ((2026, 4, 27), (2026, 5, 22)), ((2026, 6, 1), (2026, 6, 10)),
    ),
)  # fmt: skip
CHOICES = Place(
    "choix", "09", "Lille", "Europe/Paris", "0599001N", "Collège Rosalind-Franklin", "3 place du Beffroi, Lille",
    _windows(
        ((2025, 12, 1), (2026, 1, 9)), ((2026, 1, 19), (2026, 3, 6)),
        ((2026, 3, 9), (2026, 4, 10)), ((2026, 4, 20), (2026, 4, 30)),
    ),
)  # fmt: skip
PROPOSALS = Place(
    "propositions", "28", "La Réunion", "Indian/Reunion", "9749001R", "Collège Katherine-Johnson",
    "7 rue des Filaos, Saint-Paul",
    _windows(
        ((2025, 11, 3), (2025, 11, 28)), ((2025, 12, 8), (2026, 1, 23)),
        ((2026, 1, 26), (2026, 2, 20)), ((2026, 3, 9), (2026, 3, 27)),
    ),
)  # fmt: skip
LYCEE = Place(
    "choix-2de", "09", "Lille", "Europe/Paris", "0599002P", "Lycée Sophie-Germain", "8 rue des Tilleuls, Roubaix",
    CHOICES.windows, Level.SECOND_GT,
)  # fmt: skip
PLACES = (INTENTIONS, OPINIONS, CHOICES, PROPOSALS, LYCEE)
