"""The pathways that the simulated Siècle Orientation knows: its own list, as the ministry's application has its own."""

from collections.abc import Iterable, Mapping
from typing import Any

SERIES = ("ST2S", "STAV", "STD2A", "STHR", "STI2D", "STL", "STMG", "S2TMD")
THIRD = (
    ("2GT", "2de générale et technologique ou 2de STHR"),
    ("2PRO", "2de professionnelle"),
    ("CAP", "1re année de CAP"),
)
SECOND_GT = (
    ("1GEN", "1re générale"),
    *((f"1TECHNO {series}", f"1re technologique – {series}") for series in SERIES),
    ("1BTMUS", "1re préparant au BT «\u00a0métiers de la musique\u00a0»"),
    ("VOIEPRO", "Accès à la voie professionnelle"),
)
GENERAL = "1GEN"
KINDS = {"1PRO": "1re professionnelle", "2PRO": "2de professionnelle", "CAP": "CAP"}
SPECIALTIES = (
    ("ARTS", "Arts"),
    ("BIOECO", "Biologie-écologie"),
    ("EPPCS", "Éducation physique, pratiques et culture sportives"),
    ("HGGSP", "Histoire-géographie, géopolitique et sciences politiques"),
    ("HLP", "Humanités, littérature et philosophie"),
    ("LLCER", "Langues, littératures et cultures étrangères et régionales"),
    ("LLCA", "Littérature, langues et cultures de l’Antiquité"),
    ("MATHS", "Mathématiques"),
    ("NSI", "Numérique et sciences informatiques"),
    ("PC", "Physique-chimie"),
    ("SVT", "Sciences de la vie et de la Terre"),
    ("SI", "Sciences de l’ingénieur"),
    ("SES", "Sciences économiques et sociales"),
)
DETAILS = {**KINDS, **dict(SPECIALTIES)}
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


def requests_of(level: str) -> list[tuple[str, str]]:
    """What a family may ask: the pathways, the vocational one by its kinds."""
    asked = []
    for code, label in choices_of(level):
        kinds = KINDS.items() if code == "VOIEPRO" else ()
        asked += [(f"{code}+{kind}", f"{label} – {name}") for kind, name in kinds] or [(code, label)]
    return asked


def request_of(code: str) -> tuple[str, str, list[str]]:
    """Pathway, series and details of a code of `requests_of`."""
    asked, _, kind = code.partition("+")
    return *key_of(asked), [kind] if kind else []


def request_code(choice: Mapping[str, Any]) -> str:
    code = code_of(choice["pathway"], choice.get("series", ""))
    return "+".join([code, *choice.get("details", [])]) if code == "VOIEPRO" else code


def details_by_place(details: Iterable[str]) -> tuple[list[str], list[str]]:
    """The specialty subjects asked in the school, then those asked outside it (« NSI:HORS »)."""
    parted = [one.partition(":") for one in details]
    return [code for code, _, where in parted if not where], [code for code, _, where in parted if where]


def detail_label(detail: str) -> str:
    code, _, where = detail.partition(":")
    return f"{DETAILS.get(code, code)} (hors de l’établissement)" if where else DETAILS.get(code, code)
