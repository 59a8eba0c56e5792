"""Many schools, one after the other: each in its own transaction, and the failure of one holds back no other."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from ledger.journal import SYSTEM, Actor
from siecle_sync.bee.anomalies import RefusedFile
from siecle_sync.bee.folders import Delivery, Parcel
from siecle_sync.bee.load import import_files
from siecle_sync.bee.report import COUNTERS, ImportReport

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One school: its report, or why it was refused."""

    uai: str
    report: ImportReport | None = None
    refusal: RefusedFile | None = None

    def as_dict(self) -> dict[str, Any]:
        return self.report.as_dict() if self.report else {"uai": self.uai, "refused": said_of(self.refusal)}

    def as_text(self) -> str:
        return self.report.as_text() if self.report else f"{self.line()}\n"

    def line(self) -> str:
        if self.report is None:
            return f"{self.uai} : refusé, rien n’est changé. {self.refusal} [{self.refusal and self.refusal.code}]"
        counts = self.report.counts
        state = "changé" if self.report.changed else "inchangé"
        return (
            f"{self.uai} : {state}, {counts['pupils_read']} élèves lus, {counts['pupils_in_scope']} concernés, "
            f"{counts['pupils_to_decide']} à examiner, {counts['pupils_rejected']} rejetés"
        )


@dataclass(slots=True)
class Total:
    """What stays of the reports once each was written: a line a school, and the sums."""

    delivery: Delivery
    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    imported: int = 0
    changed: int = 0

    def add(self, outcome: Outcome) -> None:
        self.lines.append(outcome.line())
        if outcome.report:
            self.imported += 1
            self.changed += outcome.report.changed
            self.counts.update(outcome.report.counts)

    @property
    def refused(self) -> int:
        return len(self.lines) - self.imported

    @property
    def failed(self) -> bool:
        return bool(self.refused or self.delivery.refused or not self.imported)

    def as_dict(self) -> dict[str, Any]:
        return {
            "schools": len(self.lines),
            "imported": self.imported,
            "changed": self.changed,
            "refused": self.refused,
            "counts": {name: self.counts[name] for name in COUNTERS},
            "files_refused": [said_of(refusal) for refusal in self.delivery.refused],
            "files_aside": self.delivery.aside,
        }

    def as_text(self) -> str:
        files = [f"  {refusal} [{refusal.code}]" for refusal in self.delivery.refused]
        said = [
            f"Total : {len(self.lines)} établissement(s), {self.imported} importé(s) dont {self.changed} changé(s), "
            f"{self.refused} refusé(s)",
            *(f"  {line}" for line in self.lines),
            *(f"{label} : {self.counts[name]}" for name, label in COUNTERS.items()),
            *(["Fichiers refusés, sans que l’on sache de quel établissement :", *files] if files else []),
            *(f"Laissé de côté : {name}" for name in self.delivery.aside),
        ]
        return "\n".join(said) + "\n"


def said_of(refusal: RefusedFile | None) -> dict[str, str]:
    return {"code": refusal.code, "sentence": refusal.sentence} if refusal else {}


def import_schools(
    delivery: Delivery, *, year: int, academy: str | None, as_of: date | None, dry_run: bool, by: Actor = SYSTEM
) -> Iterator[Outcome]:
    """Import each school in turn, in ascending order of UAI; the options are those of import_files."""
    options = {"year": year, "academy": academy, "as_of": as_of, "dry_run": dry_run, "by": by}
    for uai, parcel in delivery.parcels.items():
        yield _imported(uai, parcel, options)


def _imported(uai: str, parcel: Parcel, options: dict[str, Any]) -> Outcome:
    if parcel.refusal:
        return Outcome(uai, refusal=parcel.refusal)
    try:
        return Outcome(uai, import_files(parcel.files, uai=uai, **options))
    except RefusedFile as refusal:
        return Outcome(uai, refusal=refusal)
    except Exception:
        logger.exception("the import of %s stopped", uai)
        connection.close_if_unusable_or_obsolete()
        return Outcome(uai, refusal=RefusedFile("UNEXPECTED", uai=uai))
