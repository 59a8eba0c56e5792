"""The catalogue of pathways, as data (ENT-02, ENT-04, P2G-01…04), and the values of a ranked choice."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

THIRD = "3E"
SECOND_GT = "2GT"
FREE_TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class Pathway:
    """A pathway one may ask for. Empty tuples and strings mean that nothing more is asked."""

    code: str
    level: str
    label: str
    short: str
    free_text_label: str = ""
    asks_status: bool = False
    series: tuple[tuple[str, str], ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    asks_specialties: bool = False


SERIES = (
    ("ST2S", "ST2S – sciences et technologies de la santé et du social"),
    ("STAV", "STAV – sciences et technologies de l’agronomie et du vivant"),
    ("STD2A", "STD2A – sciences et technologies du design et des arts appliqués"),
    ("STHR", "STHR – sciences et technologies de l’hôtellerie et de la restauration"),
    (
        "STI2D",
        "STI2D – sciences et technologies de l’industrie et du développement durable",
    ),
    ("STL", "STL – sciences et technologies de laboratoire"),
    ("STMG", "STMG – sciences et technologies du management et de la gestion"),
    (
        "S2TMD",
        "S2TMD – sciences et techniques du théâtre, de la musique et de la danse",
    ),
)
VOCATIONAL_KINDS = (
    ("1PRO", "1re professionnelle"),
    ("2PRO", "2de professionnelle"),
    ("CAP", "CAP"),
)

# The 13 specialty subjects of 1re générale (P2G-02). The codes are ours: no public list gives any.
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
SPECIALTY_NAMES = dict(SPECIALTIES)
SPECIALTIES_OF_THE_CHOICE = 3
OUTSIDE = "HORS"

CATALOGUE: Mapping[str, Pathway] = {
    pathway.code: pathway
    for pathway in (
        Pathway("2GT", THIRD, "2de générale et technologique ou 2de STHR", "2de GT"),
        Pathway(
            "2PRO", THIRD, "2de professionnelle", "2de pro",
            free_text_label="Spécialité(s) ou famille(s) de métiers", asks_status=True,
        ),
        Pathway("CAP", THIRD, "1re année de CAP", "CAP", free_text_label="Spécialité(s)", asks_status=True),
        Pathway("1GEN", SECOND_GT, "1re générale", "1re générale", asks_specialties=True),
        Pathway("1TECHNO", SECOND_GT, "1re technologique", "1re techno", series=SERIES),
        Pathway("1BTMUS", SECOND_GT, "1re préparant au BT « métiers de la musique »", "BT musique"),
        Pathway(
            "VOIEPRO", SECOND_GT, "Accès à la voie professionnelle", "voie pro", kinds=VOCATIONAL_KINDS,
            free_text_label="Spécialité(s) ou famille(s) de métiers", asks_status=True,
        ),
    )
}  # fmt: skip


def pathways_of(level: str) -> tuple[Pathway, ...]:
    return tuple(pathway for pathway in CATALOGUE.values() if pathway.level == level)


@dataclass(frozen=True, slots=True)
class Specialty:
    """A specialty subject asked for, in the school or outside it (P2G-02): « MATHS » or « NSI:HORS »."""

    code: str
    outside: bool = False

    @classmethod
    def from_detail(cls, detail: str) -> "Specialty":
        code, _, where = detail.partition(":")
        return cls(code, True) if where == OUTSIDE else cls(detail)

    @property
    def detail(self) -> str:
        return f"{self.code}:{OUTSIDE}" if self.outside else self.code

    @property
    def label(self) -> str:
        name = SPECIALTY_NAMES.get(self.code, self.code)
        return f"{name} (hors de l’établissement)" if self.outside else name


@dataclass(frozen=True, slots=True)
class Choice:
    """One ranked choice; its rank is its place in the list (ENT-01).

    `details`: the specialty subjects of 1re générale, or the kind of vocational pathway.
    """

    pathway: str
    series: str = ""
    free_text: str = ""
    school_status: bool = False
    apprentice_status: bool = False
    details: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Two choices are the same when pathway and series are the same (ENT-03, P2G-04)."""
        return (self.pathway, self.series)

    @property
    def label(self) -> str:
        return label_of(self.pathway, self.series)

    @property
    def specialties(self) -> tuple[Specialty, ...]:
        asked = self.pathway in CATALOGUE and CATALOGUE[self.pathway].asks_specialties
        return tuple(Specialty.from_detail(one) for one in self.details) if asked else ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The details as people read them, a line each (ENT-04, P2G-02, P2G-03)."""
        return detail_lines(self)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Choice":
        return cls(**{**data, "details": tuple(data.get("details", ()))})


def label_of(code: str, series: str = "") -> str:
    """What people read for a pathway; an unknown code is shown as it came rather than hidden."""
    pathway = CATALOGUE.get(code)
    if pathway is None:
        return code
    if not series:
        return pathway.label
    return f"{pathway.label} – {dict(pathway.series).get(series, series).split(' – ')[0]}"


def detail_lines(choice: Choice) -> tuple[str, ...]:
    """See Choice.lines; what a family typed never makes lines of its own."""
    pathway = CATALOGUE.get(choice.pathway)
    lines = []
    if choice.specialties:
        names = "\u00a0; ".join(one.label for one in choice.specialties)
        lines.append(f"Enseignements de spécialité\u00a0: {names}")
    else:
        kinds = dict(pathway.kinds) if pathway else {}
        lines += [kinds.get(one, one) for one in choice.details]
    if choice.free_text:
        label = pathway.free_text_label if pathway else ""
        lines.append(f"{label or 'Précision'}\u00a0: {' '.join(choice.free_text.split())}")
    lines += ["Sous statut scolaire"] if choice.school_status else []
    lines += ["Sous statut d’apprenti"] if choice.apprentice_status else []
    return tuple(lines)


def fingerprint(choices: Sequence[Choice], base_version: int) -> str:
    """Sixteen hexadecimal digits that say which list, built on which version, a page was showing (ENT-10)."""
    shown = json.dumps([base_version, [choice.as_json() for choice in choices]], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
