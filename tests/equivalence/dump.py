"""Every row of the dossiers, of the history and of the letters, told without numbers: two runs can be compared."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model

from ledger.models import JournalEntry, SandboxClock
from orientation.models import (
    ClassCouncil,
    CouncilAnswer,
    CouncilStatement,
    DecidedPathway,
    Decision,
    FamilyAnswer,
    Submission,
)
from siecle_sync.models import CouncilEvent

Row = dict[str, Any]
Dump = dict[str, Counter[Any]]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# What a row is, said by what it says: its number and its uuid are drawn anew each time. Each after those it names.
NATURAL: dict[type[Model], tuple[str, ...]] = {
    ClassCouncil: ("campaign_id", "division_id", "phase"),
    Submission: ("dossier_id", "phase", "version"),
    CouncilStatement: ("dossier_id", "phase", "version"),
    CouncilAnswer: ("statement_id", "position"),
    FamilyAnswer: ("statement_id",),
    Decision: ("dossier_id", "origin"),
}
DRAWN = ("id", "uuid")
# the receipts of one report have no order between them, nor has a head's decision beside the commission's, told first
UNORDERED = {
    "entry_accepted", "entry_not_processed", "line_accepted", "line_not_processed", "line_rejected", "decision_made",
}  # fmt: skip


class Names:
    """The names of the rows of NATURAL, by number and by uuid."""

    def __init__(self) -> None:
        self.of_number: dict[tuple[type[Model], Any], str] = {}
        self.of_uuid: dict[str, str] = {}
        for model, columns in NATURAL.items():
            for row in model._default_manager.values():
                told = self.tell(model, row)
                name = f"{model.__name__} {[told[column] for column in columns]}"
                self.of_number[model, row["id"]] = name
                self.of_uuid[str(row.get("uuid", name))] = name

    def tell(self, model: type[Model], row: Row) -> Row:
        """A row where the others are named."""
        told = {column: value for column, value in row.items() if column not in DRAWN}
        for one in model._meta.concrete_fields:
            if isinstance(one, ForeignKey) and one.attname in told:
                key = (one.related_model, told[one.attname])
                told[one.attname] = self.of_number.get(key, told[one.attname])  # type: ignore[arg-type]
        return told

    def text(self, row: Row) -> str:
        """One line, where uuids are named wherever they are written."""
        raw = json.dumps(row, default=str, sort_keys=True, ensure_ascii=False)
        return UUID.sub(lambda found: self.of_uuid.get(found[0], found[0]), raw)


def models() -> list[type[Model]]:
    ours = [model for label in ("orientation", "ledger") for model in apps.get_app_config(label).get_models()]
    return [model for model in [*ours, CouncilEvent] if model is not SandboxClock]


def dump() -> Dump:
    """Of each table, how many times each row is there."""
    names = Names()
    told: Dump = {}
    for model in models():
        rows = model._default_manager.order_by("pk").values()
        told[model.__name__] = Counter(names.text(row) for row in SPECIAL.get(model, plain)(names, model, rows))
    return told


def plain(names: Names, model: type[Model], rows: Iterable[Row]) -> list[Row]:
    return [names.tell(model, row) for row in rows]


def numbered(column: str) -> Callable[[Names, type[Model], Iterable[Row]], list[Row]]:
    """The order of the rows says something: those that share `column` are numbered."""

    def tell(names: Names, model: type[Model], rows: Iterable[Row]) -> list[Row]:
        seen: Counter[Any] = Counter()
        told = []
        for row in rows:
            seen[row[column]] += 1
            told.append({**names.tell(model, row), "number": seen[row[column]]})
        return told

    return tell


def history(names: Names, model: type[Model], rows: Iterable[Row]) -> list[Row]:
    """In order for a dossier, a verb and a phase: a night goes kind by kind, an act dossier by dossier."""
    seen: dict[Any, int] = defaultdict(int)
    told = []
    for row in rows:
        what = (row["dossier_uuid"], row["verb"], row["data"].get("phase"))
        seen[what] += 1
        place = 0 if row["verb"] in UNORDERED else seen[what]
        told.append({**names.tell(model, row), "number": place})
    return told


SPECIAL = {DecidedPathway: numbered("decision_id"), JournalEntry: history}


def differences(night: Dump, reference: Dump) -> dict[str, Any]:
    """By table, the rows of one only."""
    return {
        table: {"only the night": sorted(night[table] - rows), "only the reference": sorted(rows - night[table])}
        for table, rows in reference.items()
        if night[table] != rows
    }
