"""Divisions: their labels (Structures.xml), and which pupil is in which (the pupils' file)."""

from collections import defaultdict
from dataclasses import dataclass, field

from siecle_sync.bee.anomalies import Log
from siecle_sync.bee.reader import BeeFile, Row

MAX_CODE = 20
INACTIVE = "inactifs"  # a pseudo-division of pupils who are not really there


@dataclass(slots=True)
class PupilStructures:
    """What the pupils' file says outside ELEVE. Codes keep their inner spaces."""

    divisions: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    lines: dict[int, int] = field(default_factory=dict)
    repeated: dict[int, int] = field(default_factory=dict)
    mefs: dict[int, str] = field(default_factory=dict)  # recent shape only


def read_divisions(file: BeeFile) -> dict[str, str]:
    """Code → label ("" when none)."""
    return {
        code: row.name("LIBELLE_LONG")[:60]
        for row in file.rows()
        if (row.block, row.tag) == ("DIVISIONS", "DIVISION") and (code := row.code("CODE_STRUCTURE"))
    }


def read_structures(row: Row, into: PupilStructures, known: dict[str, str], log: Log) -> None:
    """One STRUCTURES_ELEVE: keep the divisions (type D), not the groups. Several for one pupil add up."""
    eleve_id = row.key("ELEVE_ID")
    if eleve_id is None:
        log.add("STRUCTURE_INVALID", **row.where)
        return
    if eleve_id in into.lines:
        into.repeated[eleve_id] = row.line
    into.lines.setdefault(eleve_id, row.line)
    for structure in row.inner("STRUCTURE"):
        _keep_division(structure, eleve_id, into, known, log)


def _keep_division(row: Row, eleve_id: int, into: PupilStructures, known: dict[str, str], log: Log) -> None:
    code, kind = row.code("CODE_STRUCTURE"), row.code("TYPE_STRUCTURE").upper()
    if kind == "G":
        return
    is_division = kind == "D" or (not kind and code in known)
    if is_division and 0 < len(code) <= MAX_CODE:
        into.divisions[eleve_id].add(code)
    else:
        log.add("STRUCTURE_INVALID", **row.where, eleve_id=eleve_id)


def read_schooling(row: Row, into: PupilStructures) -> None:
    """One SCOLARITE_ELEVE of the recent shape: the formation and the division together."""
    eleve_id = row.key("ELEVE_ID")
    if eleve_id is None:
        return
    into.lines.setdefault(eleve_id, row.line)
    for schooling in row.inner("SCOLARITE"):
        if mef := schooling.text("CODE_MEF"):
            into.mefs.setdefault(eleve_id, mef)
        if 0 < len(code := schooling.code("CODE_STRUCTURE")) <= MAX_CODE:
            into.divisions[eleve_id].add(code)


def is_inactive(code: str) -> bool:
    return code.casefold() == INACTIVE
