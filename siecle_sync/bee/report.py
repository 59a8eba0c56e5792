"""What an import did, or would do: counters that add up, then every anomaly. As text for a person, as JSON."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from families.models import Student
from families.scope import REASONS
from siecle_sync.bee.anomalies import Anomaly
from siecle_sync.bee.records import MefSeen

COUNTERS = {
    "schools_created": "Établissements ajoutés",
    "pupils_read": "Élèves lus",
    "pupils_in_scope": "  concernés",
    "pupils_to_decide": "  à examiner",
    "pupils_out": "  hors campagne",
    "pupils_rejected": "  rejetés",
    "pupils_repeated": "  répétés à l’identique",
    "pupils_created": "Élèves ajoutés",
    "pupils_updated": "Élèves modifiés",
    "pupils_vanished": "Élèves absents du fichier",
    "divisions_created": "Divisions ajoutées",
    "divisions_updated": "Divisions modifiées",
    "persons_read": "Responsables lus",
    "persons_created": "Responsables ajoutés",
    "persons_updated": "Responsables modifiés",
    "links_read": "Liens lus",
    "links_created": "Liens ajoutés",
    "links_updated": "Liens modifiés",
    "links_ended": "Liens terminés",
    "dossiers_opened": "Dossiers ouverts",
    "pens_released": "Saisies libérées (la personne ne peut plus agir)",
}
CHANGES = [name for name in COUNTERS if name.endswith(("_created", "_updated", "_ended"))]


@dataclass(frozen=True, slots=True)
class PupilOutcome:
    eleve_id: int
    name: str
    division: str
    level: str
    scope: str
    reason: str

    @classmethod
    def of(cls, student: Student, division: str) -> "PupilOutcome":
        return cls(student.siecle_id, student.full_name, division, student.level, student.scope, student.scope_reason)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`anomalies` are sorted by severity, file and line; `pupils` are those of the pupils' file that were kept."""

    uai: str
    year: int
    as_of: date
    dry_run: bool
    files: list[tuple[str, str, date | None]]  # name, kind, day of export
    counts: Counter[str]
    anomalies: list[Anomaly]
    mefs: list[MefSeen] = field(default_factory=list)
    pupils: list[PupilOutcome] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return any(self.counts[name] for name in CHANGES) or any(a.code == "SCHOOL_CHANGED" for a in self.anomalies)

    def codes(self) -> set[str]:
        return {anomaly.code for anomaly in self.anomalies}

    def as_text(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        mode = " (essai : rien n’est enregistré)" if self.dry_run else ""
        yield f"Import de Siècle : établissement {self.uai}, année {self.year}-{self.year + 1}{mode}"
        for name, kind, exported_on in self.files:
            yield f"  {kind} : {name}" + (f", exporté le {exported_on:%d/%m/%Y}" if exported_on else "")
        yield f"  Sorties jugées au {self.as_of:%d/%m/%Y}"
        yield ""
        yield from (f"{label} : {self.counts[name]}" for name, label in COUNTERS.items())
        if not self.changed:
            yield "Aucun changement."
        yield from self._formations()
        yield from self._said()

    def _formations(self) -> Iterator[str]:
        if self.mefs:
            yield ""
            yield "Formations rencontrées (à confirmer) :"
        for mef in self.mefs:
            level = mef.level.label if mef.level else "hors campagne"
            yield f"  {mef.code or 'sans MEF'} {mef.label} : {level}, {mef.pupils} élève(s)"

    def _said(self) -> Iterator[str]:
        previous = None
        for anomaly in self.anomalies:
            if anomaly.severity != previous:
                previous = anomaly.severity
                yield ""
                yield f"{anomaly.severity.label.capitalize()} :"
            yield f"  [{anomaly.code}] {_place(anomaly)}{anomaly.sentence}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "uai": self.uai,
            "year": self.year,
            "as_of": self.as_of.isoformat(),
            "dry_run": self.dry_run,
            "changed": self.changed,
            "files": [
                {"name": name, "kind": kind, "exported_on": day.isoformat() if day else None}
                for name, kind, day in self.files
            ],
            "counts": {name: self.counts[name] for name in COUNTERS},
            "mefs": [{"code": m.code, "label": m.label, "level": m.level or "", "pupils": m.pupils} for m in self.mefs],
            "pupils": [_pupil(pupil) for pupil in self.pupils],
            "anomalies": [_anomaly(anomaly) for anomaly in self.anomalies],
        }

    def as_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2) + "\n"


def _place(anomaly: Anomaly) -> str:
    parts = [anomaly.file] if anomaly.file else []
    parts += [f"ligne {anomaly.line}"] if anomaly.line else []
    parts += [f"ELEVE_ID {anomaly.eleve_id}"] if anomaly.eleve_id else []
    parts += [f"INE {anomaly.ine}"] if anomaly.ine else []
    return f"{', '.join(parts)} : " if parts else ""


def _anomaly(anomaly: Anomaly) -> dict[str, Any]:
    return {
        "code": anomaly.code,
        "severity": anomaly.severity.name,
        "file": anomaly.file,
        "line": anomaly.line,
        "eleve_id": anomaly.eleve_id,
        "ine": anomaly.ine,
        "sentence": anomaly.sentence,
    }


def _pupil(pupil: PupilOutcome) -> dict[str, Any]:
    return {
        "eleve_id": pupil.eleve_id,
        "name": pupil.name,
        "division": pupil.division,
        "level": pupil.level,
        "scope": pupil.scope,
        "reason": pupil.reason,
        "reason_label": REASONS.get(pupil.reason, ""),
    }
