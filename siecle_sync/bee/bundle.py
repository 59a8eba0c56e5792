"""The files of one import, in any order and any subset: recognised, checked against the school and year, read."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date

from siecle_sync.bee.anomalies import Log, RefusedFile
from siecle_sync.bee.archive import Source, xml_stream
from siecle_sync.bee.nomenclature import Nomenclature, read_nomenclature
from siecle_sync.bee.persons import PersonsFile, read_persons
from siecle_sync.bee.pupils import PupilsFile, read_pupils
from siecle_sync.bee.reader import BeeFile, Header, Kind, open_file
from siecle_sync.bee.records import SchoolRecord
from siecle_sync.bee.school import read_school
from siecle_sync.bee.structures import read_divisions

ABSENT = {
    Kind.PUPILS: "Le fichier des élèves manque : aucun élève n’est ajouté ni changé.",
    Kind.PERSONS: "Le fichier des responsables manque : aucun responsable n’est ajouté ni changé.",
    Kind.STRUCTURES: "Le fichier des structures manque : les divisions n’ont pas de libellé.",
    Kind.NOMENCLATURE: "Le fichier de nomenclature manque : le niveau se lit au début du code MEF.",
    Kind.SCHOOL: "Le fichier Communs manque : les coordonnées de l’établissement ne sont pas lues.",
}


@dataclass(slots=True)
class Bundle:
    """What was read. A part that is None had no file."""

    headers: list[tuple[str, Header]] = field(default_factory=list)
    as_of: date = date.min
    pupils: PupilsFile | None = None
    persons: PersonsFile | None = None
    divisions: dict[str, str] | None = None
    nomenclature: Nomenclature = field(default_factory=Nomenclature)
    school: SchoolRecord | None = None


def read_bundle(sources: list[Source], *, uai: str, year: int, as_of: date | None, today: date, log: Log) -> Bundle:
    """Read everything before the database is touched. Raise RefusedFile on the first file that is not acceptable."""
    with ExitStack() as stack:
        files: dict[Kind, BeeFile] = {}
        for source in sources:
            file = open_file(*stack.enter_context(xml_stream(source)), log)
            _check(file, files, uai=uai, year=year)
            files[file.header.kind] = file
        if not files.keys() - {Kind.NOMENCLATURE}:
            raise RefusedFile("NOTHING_TO_IMPORT")
        for kind in Kind:
            if kind not in files:
                log.add("FILE_MISSING", value=ABSENT[kind])
        return _read(files, as_of or _reference_day(files, today, log), log)


def _check(file: BeeFile, files: dict[Kind, BeeFile], *, uai: str, year: int) -> None:
    header = file.header
    if header.uai != uai:
        raise RefusedFile("WRONG_UAI", file=file.name, found=header.uai[:20] or "(vide)", expected=uai)
    if header.year != str(year):
        raise RefusedFile("WRONG_YEAR", file=file.name, found=header.year[:10] or "(vide)", expected=year)
    if header.kind in files:
        raise RefusedFile("SAME_KIND_TWICE", first=files[header.kind].name, file=file.name, kind=header.kind)


def _reference_day(files: dict[Kind, BeeFile], today: date, log: Log) -> date:
    """Leavers are judged on the day of the pupils' export; without it, of any other file; else today."""
    dates = [files[kind].header.exported_on for kind in Kind if kind in files]
    found = next((value for value in dates if value), None)
    if found is None:
        log.add("NO_EXPORT_DATE", value=f"{today:%d/%m/%Y}")
    return found or today


def _read(files: dict[Kind, BeeFile], as_of: date, log: Log) -> Bundle:
    bundle = Bundle([(file.name, file.header) for file in files.values()], as_of)
    if Kind.STRUCTURES in files:
        bundle.divisions = read_divisions(files[Kind.STRUCTURES])
    if Kind.NOMENCLATURE in files:
        bundle.nomenclature = read_nomenclature(files[Kind.NOMENCLATURE])
    if Kind.SCHOOL in files:
        bundle.school = read_school(files[Kind.SCHOOL])
    if Kind.PUPILS in files:
        bundle.pupils = read_pupils(files[Kind.PUPILS], bundle.divisions or {}, as_of=as_of, log=log)
        if not bundle.pupils.rows:
            raise RefusedFile("NO_PUPIL", file=files[Kind.PUPILS].name)
    if Kind.PERSONS in files:
        bundle.persons = read_persons(files[Kind.PERSONS], log=log)
    return bundle
