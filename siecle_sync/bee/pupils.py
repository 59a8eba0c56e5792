"""The pupils' file: reads, checks, and joins ELEVE with what the file says of them elsewhere."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from siecle_sync.bee.anomalies import Log
from siecle_sync.bee.reader import BeeFile, Row
from siecle_sync.bee.records import PupilRecord
from siecle_sync.bee.structures import PupilStructures, read_schooling, read_structures
from siecle_sync.bee.values import MEF, folded, french_date, is_ine, is_usual_ine

MAX_NAME = 100
USUAL_AGES = range(9, 26)


@dataclass(slots=True)
class PupilsFile:
    exported_on: date | None
    pupils: dict[int, PupilRecord] = field(default_factory=dict)
    rejected: set[int] = field(default_factory=set)  # in the file, but not to be imported
    rows: int = 0
    repeated: int = 0

    @property
    def present(self) -> set[int]:
        return self.pupils.keys() | self.rejected


def read_pupils(file: BeeFile, known_divisions: dict[str, str], *, as_of: date, log: Log) -> PupilsFile:
    """One pass. `as_of` is the day ages and birth dates are judged at."""
    found, structures = PupilsFile(file.header.exported_on), PupilStructures()
    for row in file.rows():
        if (row.block, row.tag) == ("ELEVES", "ELEVE"):
            found.rows += 1
            _keep(row, found, as_of, log)
        elif (row.block, row.tag) == ("STRUCTURES", "STRUCTURES_ELEVE"):
            read_structures(row, structures, known_divisions, log)
        elif (row.block, row.tag) == ("SCOLARITES", "SCOLARITE_ELEVE"):
            read_schooling(row, structures)
    for eleve_id in found.rejected:
        found.pupils.pop(eleve_id, None)
    _join(file.name, found, structures, log)
    _drop_shared_ines(found, log)
    _report_doubles(found.pupils.values(), log)
    return found


def _keep(row: Row, found: PupilsFile, as_of: date, log: Log) -> None:
    eleve_id = row.key("ELEVE_ID")
    if eleve_id is None:
        log.add("PUPIL_WITHOUT_ID", **row.where, who=_who(row))
        return
    pupil = _pupil(row, eleve_id, as_of, log)
    first = found.pupils.get(eleve_id)
    if pupil is None:
        found.rejected.add(eleve_id)
    elif first is None:
        found.pupils[eleve_id] = pupil
    elif replace(first, line=pupil.line) == pupil:
        found.repeated += 1
        log.add("PUPIL_REPEATED", **pupil.where, who=pupil.who)
    else:
        found.rejected.add(eleve_id)
        log.add("PUPIL_TWICE", **pupil.where)


def _who(row: Row) -> str:
    names = (row.name("PRENOM"), row.name("NOM_USAGE", "NOM_DE_FAMILLE", "NOM"))
    return " ".join(name for name in names if name) or "Un élève sans nom"


def _pupil(row: Row, eleve_id: int, as_of: date, log: Log) -> PupilRecord | None:
    """None when identity or dates do not hold together; anything else that is wrong is dropped and reported."""
    who: dict[str, Any] = {**row.where, "eleve_id": eleve_id, "who": _who(row)}
    ine = _ine(row, who, log)
    who["ine"] = ine
    birth_date = _birth_date(row, who, as_of, log)
    leaves_on, dates_hold = _stay(row, who, log)
    names = [_short(row.name(*tags), who, log) for tags in (("NOM_DE_FAMILLE", "NOM"), ("NOM_USAGE",), ("PRENOM",))]
    if not names[0] or not names[2]:
        log.add("PUPIL_NAME_MISSING", **who)
        return None
    if "?" in "".join(names):
        log.add("QUESTION_MARK", **who)
    if birth_date is None or not dates_hold:
        return None
    return PupilRecord(
        row.file,
        row.line,
        eleve_id,
        ine,
        *names,
        birth_date,
        mef=_mef(row.text("CODE_MEF"), who, log),
        leaves_on=leaves_on,
    )


def _short(name: str, who: dict[str, Any], log: Log) -> str:
    if len(name) > MAX_NAME:
        log.add("NAME_TOO_LONG", **who)
    return name[:MAX_NAME].rstrip()


def _ine(row: Row, who: dict[str, Any], log: Log) -> str:
    value = row.text("ID_NATIONAL", "INE_RNIE", "INE_BEA").upper()
    if value and not is_ine(value):
        log.add("INE_MALFORMED", **who, value=value[:20])
        return ""
    if value and not is_usual_ine(value):
        log.add("INE_UNUSUAL", **who, ine=value)
    return value


def _birth_date(row: Row, who: dict[str, Any], as_of: date, log: Log) -> date | None:
    text = row.text("DATE_NAISS")
    if not text:
        log.add("BIRTH_DATE_MISSING", **who)
        return None
    value = _date(text if text != "31/12/9999" else "?", "BIRTH_DATE_INVALID", who, log)
    if value and value > as_of:
        log.add("BIRTH_DATE_FUTURE", **who, value=text)
        return None
    age = as_of.year - value.year if value else USUAL_AGES.start
    if age not in USUAL_AGES:
        log.add("AGE_UNUSUAL", **who, value=age)
    return value


def _stay(row: Row, who: dict[str, Any], log: Log) -> tuple[date | None, bool]:
    """(DATE_SORTIE, whether the two dates of the stay hold together)."""
    entry = _date(row.text("DATE_ENTREE"), "ENTRY_DATE_INVALID", who, log)
    leaves_on = _date(row.text("DATE_SORTIE"), "LEAVING_DATE_INVALID", who, log)
    if entry and leaves_on and leaves_on < entry:
        log.add("DATES_INCOHERENT", **who, value=row.text("DATE_SORTIE"), other=row.text("DATE_ENTREE"))
        return leaves_on, False
    return leaves_on, True


def _date(text: str, code: str, who: dict[str, Any], log: Log) -> date | None:
    try:
        return french_date(text) if text else None
    except ValueError:
        log.add(code, **who, value=text[:20])
        return None


def _mef(value: str, who: dict[str, Any], log: Log) -> str:
    value = value.upper()
    if value and not MEF.fullmatch(value):
        log.add("MEF_MALFORMED", **who, value=value[:20])
        return ""
    return value


def _join(file: str, found: PupilsFile, structures: PupilStructures, log: Log) -> None:
    for eleve_id, line in structures.lines.items():
        if eleve_id not in found.present:
            log.add("STRUCTURE_FOR_UNKNOWN_PUPIL", file=file, line=line, eleve_id=eleve_id)
    for eleve_id, pupil in found.pupils.items():
        who = {**pupil.where, "who": pupil.who}
        mef = pupil.mef or _mef(structures.mefs.get(eleve_id, ""), who, log)
        divisions = tuple(sorted(structures.divisions.get(eleve_id, ())))
        found.pupils[eleve_id] = replace(pupil, mef=mef, divisions=divisions)
        if eleve_id in structures.repeated:
            log.add("STRUCTURES_TWICE", **who | {"line": structures.repeated[eleve_id]})


def _drop_shared_ines(found: PupilsFile, log: Log) -> None:
    """An INE typed on two pupils tells nobody apart: neither keeps it."""
    for _, pupils in _grouped(found.pupils.values(), lambda pupil: pupil.ine):
        ids = ", ".join(str(pupil.eleve_id) for pupil in pupils)
        for pupil in pupils:
            log.add("INE_TWICE", **pupil.where, value=ids)
            found.pupils[pupil.eleve_id] = replace(pupil, ine="")


def _report_doubles(pupils: Iterable[PupilRecord], log: Log) -> None:
    for _, same in _grouped(pupils, lambda p: f"{folded(p.family_name)} {folded(p.first_name)} {p.birth_date}"):
        ids = ", ".join(str(pupil.eleve_id) for pupil in same)
        log.add("PUPIL_MAYBE_TWICE", **same[-1].where, who=same[-1].who, value=ids)


def _grouped(pupils: Iterable[PupilRecord], key: Any) -> list[tuple[str, list[PupilRecord]]]:
    """The groups of two and more that share a key that is not empty."""
    groups: dict[str, list[PupilRecord]] = defaultdict(list)
    for pupil in pupils:
        if value := key(pupil):
            groups[value].append(pupil)
    return [(value, group) for value, group in groups.items() if len(group) > 1]
