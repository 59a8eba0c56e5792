"""The pathways that the simulated Siècle Orientation knows: its own list, as the ministry's application has its own."""

SERIES = ("ST2S", "STAV", "STD2A", "STHR", "STI2D", "STL", "STMG", "S2TMD")
THIRD = (
    ("2GT", "2de générale et technologique ou 2de STHR"),
    ("2PRO", "2de professionnelle"),
    ("CAP", "1re année de CAP"),
)
SECOND_GT = (
    ("1GEN", "1re générale"),
    *((f"1TECHNO {series}", f"1re technologique – {series}") for series in SERIES),
    ("1BTMUS", "1re préparant au BT « métiers de la musique »"),
    ("VOIEPRO", "Accès à la voie professionnelle"),
)
LEVELS = {"3E": THIRD, "2GT": SECOND_GT}
LABELS = dict(THIRD + SECOND_GT)
MAX_CHOICES = {"3E": 3, "2GT": 11}


def code_of(pathway: str, series: str = "") -> str:
    """One text for a pathway and its series, as forms carry it."""
    return f"{pathway} {series}".strip()


def key_of(code: str) -> tuple[str, str]:
    pathway, _, series = code.partition(" ")
    return pathway, series


def label_of(pathway: str, series: str = "") -> str:
    code = code_of(pathway, series)
    return LABELS.get(code, code)


def choices_of(level: str) -> list[tuple[str, str]]:
    return list(LEVELS.get(level, THIRD))
