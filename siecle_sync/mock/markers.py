"""The markers of a pupil's line, in words beside their sign (SIE-06)."""

from dataclasses import dataclass
from typing import Any

from siecle_sync.mock.forms import details_of
from siecle_sync.mock.models import MockEntry, Phase
from siecle_sync.mock.pathways import label_of
from siecle_sync.mock.reading import PupilRow


@dataclass(frozen=True, slots=True)
class Marker:
    sign: str
    words: str
    who: str = ""
    at: Any = None
    warns: bool = False


@dataclass(frozen=True, slots=True)
class MarkedRow:
    row: PupilRow
    markers: list[Marker]
    requests: list[str]
    first: list[str]
    answers: list[str]


def marked(row: PupilRow, phase: str) -> MarkedRow:
    first = row.online if row.change else None
    return MarkedRow(row, markers_of(row, phase), requests_of(row.entry), requests_of(first), answers_of(row))


def markers_of(row: PupilRow, phase: str) -> list[Marker]:
    return [*entry_markers(row), *answer_markers(row, phase)]


def entry_markers(row: PupilRow) -> list[Marker]:
    markers = []
    if row.online and (row.entered_online or row.change):
        markers.append(Marker("@", "saisie en ligne", row.online.author_name, row.online.at))
    elif row.entry:
        markers.append(Marker("✎", "saisie par l’établissement", row.entry.author_name, row.entry.at))
    else:
        markers.append(Marker("○", "pas de saisie", warns=True))
    if row.entry and row.change:
        asked_by = f"demandée par {row.change.payload['asked_by']}"
        markers.append(Marker("✎", "modifiée par l’établissement", asked_by, row.entry.at))
    if row.typed and row.entered_online:
        markers.append(Marker("✎", "saisie de l’établissement remplacée", row.typed.author_name, row.typed.at))
    for late in row.not_processed:
        markers.append(Marker("⚠", "saisie non traitée", late.author_name, late.at, warns=True))
    return markers


def answer_markers(row: PupilRow, phase: str) -> list[Marker]:
    markers = []
    said = "propositions données" if phase == Phase.DEFINITIVE else "avis donné"
    if row.statement:
        markers.append(Marker("✔", said, "", row.statement.at))
    if row.acknowledgement:
        markers.append(Marker("✉", "accusé de réception", row.acknowledgement.author_name, row.acknowledgement.at))
    elif row.acknowledged_before:
        before = row.acknowledged_before
        markers.append(
            Marker("✉", "avis précédents accusés : prévenir la famille", before.author_name, before.at, True)
        )
    elif row.statement and phase == Phase.PROVISIONAL:
        markers.append(Marker("✉", "accusé de réception attendu", warns=True))
    if row.answer:
        kind = "acceptation" if row.answer.payload.get("kind") == "ACCEPTED" else "refus"
        markers.append(Marker("↩", f"réponse : {kind}", row.answer.author_name, row.answer.at))
    elif row.statement and phase == Phase.DEFINITIVE:
        markers.append(Marker("↩", "réponse attendue", warns=True))
    if row.decision and phase == Phase.DEFINITIVE:
        markers.append(Marker("★", "décision", row.decision.author_name, row.decision.at))
    return markers


def requests_of(entry: MockEntry | None) -> list[str]:
    choices = entry.choices if entry else []
    return [", ".join(filter(None, [label(one), details_of(one)])) for one in choices]


def answers_of(row: PupilRow) -> list[str]:
    return [f"{label(one)} : {one['value']}" for one in (row.statement.answers if row.statement else [])]


def label(line: dict[str, Any]) -> str:
    return label_of(line["pathway"], line.get("series", ""))
