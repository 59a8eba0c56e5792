"""The responsables' file, in its shape of today and in that of before 2018."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from families.models import ResponsibilityLevel
from siecle_sync.bee.anomalies import Log
from siecle_sync.bee.reader import BeeFile, Row
from siecle_sync.bee.records import LinkRecord, PersonRecord
from siecle_sync.bee.values import folded, normal_email

MAX_NAME = 100
LEVELS = {str(level.value): level for level in ResponsibilityLevel}
OLD_LEGAL = {"1", "2"}
OLD_TAGS = ("RESP_FINANCIER", "PERS_PAIEMENT", "PERS_PAIMENT", "PERS_CONTACT")
KINSHIPS = {"10", "20", "37", "38", "39", "41", "42", "50", "51", "70", "90"}
OLD_KINSHIPS = {"1": "20", "2": "10", "3": "50", "4": "39", "5": "51", "6": "90", "7": "70"}
HIMSELF = "70"  # a pupil of age, their own responsable
CIVILITIES = {"M.": "M.", "M": "M.", "MR": "M.", "MME": "Mme", "MLLE": "Mme"}


@dataclass(slots=True)
class PersonsFile:
    exported_on: date | None
    persons: dict[int, PersonRecord] = field(default_factory=dict)
    rejected: set[int] = field(default_factory=set)
    links: dict[tuple[int, int], LinkRecord] = field(default_factory=dict)  # (ELEVE_ID, PERSONNE_ID)
    rows: int = 0

    def linked_pupils(self) -> dict[int, list[LinkRecord]]:
        by_pupil: dict[int, list[LinkRecord]] = defaultdict(list)
        for link in self.links.values():
            by_pupil[link.eleve_id].append(link)
        return by_pupil


def read_persons(file: BeeFile, *, log: Log) -> PersonsFile:
    found, old = PersonsFile(file.header.exported_on), False
    for row in file.rows():
        if (row.block, row.tag) == ("PERSONNES", "PERSONNE"):
            found.rows += 1
            _keep_person(row, found, log)
        elif (row.block, row.tag) == ("RESPONSABLES", "RESPONSABLE_ELEVE"):
            old = old or _is_old(row)
            _keep_link(row, found, log)
    for personne_id in found.rejected:
        found.persons.pop(personne_id, None)
    if old:
        log.add("OLD_SHAPE", file=file.name)
    return found


# --- persons ----------------------------------------------------------------------------------------------------------
def _keep_person(row: Row, found: PersonsFile, log: Log) -> None:
    personne_id = row.key("PERSONNE_ID")
    if personne_id is None:
        log.add("PERSON_WITHOUT_ID", **row.where, who=_who(row))
        return
    person = _person(row, personne_id, log)
    first = found.persons.get(personne_id)
    if person is None:
        found.rejected.add(personne_id)
    elif first is None:
        found.persons[personne_id] = person
    elif replace(first, line=person.line) != person:
        found.rejected.add(personne_id)
        log.add("PERSON_TWICE", **row.where, value=personne_id)


def _who(row: Row) -> str:
    names = (row.name("PRENOM"), row.name("NOM_USAGE", "NOM_DE_FAMILLE", "NOM"))
    return " ".join(name for name in names if name) or "Une personne sans nom"


def _person(row: Row, personne_id: int, log: Log) -> PersonRecord | None:
    family_name, usage_name, first_name = (
        row.name(*tags) for tags in (("NOM_DE_FAMILLE", "NOM"), ("NOM_USAGE",), ("PRENOM",))
    )
    family_name, usage_name = (family_name, usage_name) if family_name else (usage_name, "")
    if not family_name:
        log.add("PERSON_EMPTY", **row.where, value=personne_id)
        return None
    who = _who(row)
    if "?" in family_name + usage_name + first_name:
        log.add("QUESTION_MARK", **row.where, who=who)
    if max(map(len, (family_name, usage_name, first_name))) > MAX_NAME:
        log.add("NAME_TOO_LONG", **row.where, who=who)
    short = (name[:MAX_NAME].rstrip() for name in (family_name, usage_name, first_name))
    return PersonRecord(row.file, row.line, personne_id, _civility(row), *short, email=_email(row, who, log))


def _civility(row: Row) -> str:
    return CIVILITIES.get(row.text("LC_CIVILITE").upper(), "")


def _email(row: Row, who: str, log: Log) -> str | None:
    raw = row.text("MEL")
    try:
        return normal_email(raw) if raw else ""
    except ValueError:
        log.add("EMAIL_INVALID", **row.where, who=who, value=raw[:80])
        return None


# --- links ------------------------------------------------------------------------------------------------------------
def _is_old(row: Row) -> bool:
    return not row.text("NIVEAU_RESPONSABILITE") and row.has("RESP_LEGAL", *OLD_TAGS)


def _keep_link(row: Row, found: PersonsFile, log: Log) -> None:
    eleve_id, personne_id = row.key("ELEVE_ID"), row.key("PERSONNE_ID")
    if eleve_id is None or personne_id is None:
        log.add("LINK_UNREADABLE", **row.where, eleve_id=eleve_id)
        return
    level, rank = _level(row, personne_id, log)
    link = LinkRecord(row.file, row.line, eleve_id, personne_id, level, _kinship(row, personne_id, log), rank)
    first = found.links.setdefault((eleve_id, personne_id), link)
    if first is not link:
        _merge_link(first, link, found, log)


def _merge_link(first: LinkRecord, link: LinkRecord, found: PersonsFile, log: Log) -> None:
    if (first.level, first.kinship) == (link.level, link.kinship):
        return
    log.add("LINK_TWICE", **link.where, who=f"L’élève {link.eleve_id}", value=link.personne_id)
    if first.level is None or (link.level is not None and link.level < first.level):
        found.links[link.eleve_id, link.personne_id] = link


def _level(row: Row, personne_id: int, log: Log) -> tuple[int | None, int]:
    """(level, old rank). Only level 1, or the old ranks 1 and 2, is a legal representative (ACC-02)."""
    if _is_old(row):
        rank = row.text("RESP_LEGAL")
        return (ResponsibilityLevel.LEGAL, int(rank)) if rank in OLD_LEGAL else (ResponsibilityLevel.CONTACT, 0)
    written = row.text("NIVEAU_RESPONSABILITE")
    if written not in LEVELS:
        log.add(
            "LINK_LEVEL_INVALID", **row.where, eleve_id=row.key("ELEVE_ID"), value=personne_id, other=written or "vide"
        )
        return None, 0
    return LEVELS[written], 0


def _kinship(row: Row, personne_id: int, log: Log) -> str:
    written = row.text("CODE_PARENTE")
    code = OLD_KINSHIPS.get(written, written)
    if code and code not in KINSHIPS:
        log.add("KINSHIP_UNKNOWN", **row.where, eleve_id=row.key("ELEVE_ID"), value=personne_id, other=written[:10])
        return ""
    return code


# --- what a secretary should look at ----------------------------------------------------------------------------------
def report_doubles(persons: Iterable[PersonRecord], log: Log) -> None:
    """The same names under several PERSONNE_ID: said, never merged."""
    groups: dict[tuple[str, str], list[PersonRecord]] = defaultdict(list)
    for person in persons:
        groups[folded(person.family_name), folded(person.first_name)].append(person)
    _report(groups.values(), "PERSON_MAYBE_TWICE", log)


def report_shared_emails(persons: Iterable[PersonRecord], log: Log) -> None:
    groups: dict[str, list[PersonRecord]] = defaultdict(list)
    for person in persons:
        if person.email:
            groups[person.email.casefold()].append(person)
    _report(groups.values(), "EMAIL_SHARED", log)


def _report(groups: Iterable[list[PersonRecord]], code: str, log: Log) -> None:
    for group in groups:
        if len(group) > 1:
            values: dict[str, Any] = {"value": ", ".join(str(person.personne_id) for person in group)}
            log.add(code, **group[-1].where, who=group[-1].who, **values)
