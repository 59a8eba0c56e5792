"""The exports of Siècle BEE of a simulated school, as its secretary would import them one morning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from xml.sax.saxutils import escape

from families.models import Representative, Student
from siecle_sync.play.calendar import YEAR, Place
from siecle_sync.play.people import Home


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person, or a pupil with their persons, that the service does not know yet."""

    home: Home
    persons: tuple[Representative, ...]
    student: Student | None = None


def pupils_file(place: Place, students: Iterable[tuple[Student, str]], *, left: set[int], today: date) -> BytesIO:
    """Every pupil of the school with the code of their division; `left`: the ELEVE_ID of those who go that day."""
    rows, places = [], []
    for student, division in students:
        rows.append(pupil(student, today if student.siecle_id in left else None))
        structure = tags({"CODE_STRUCTURE": division, "TYPE_STRUCTURE": "D"})
        places.append(
            f'<STRUCTURES_ELEVE ELEVE_ID="{student.siecle_id}"><STRUCTURE>{structure}</STRUCTURE></STRUCTURES_ELEVE>'
        )
    body = f"<ELEVES>{''.join(rows)}</ELEVES><STRUCTURES>{''.join(places)}</STRUCTURES>"
    return document("BEE_ELEVES", body, place, today)


def pupil(student: Student, leaves_on: date | None) -> str:
    values = {
        "ID_NATIONAL": student.ine,
        "NOM_DE_FAMILLE": student.family_name,
        "PRENOM": student.first_name,
        "DATE_NAISS": f"{student.birth_date:%d/%m/%Y}",
        "CODE_MEF": student.mef,
    }
    if leaves_on:
        values["DATE_SORTIE"] = f"{leaves_on:%d/%m/%Y}"
    return f'<ELEVE ELEVE_ID="{student.siecle_id}">{tags(values)}</ELEVE>'


def persons_file(place: Place, links: Iterable[tuple[Student, Representative, int]], *, today: date) -> BytesIO:
    """Every link of the school: pupil, person, level of responsibility."""
    people: dict[int, Representative] = {}
    rows = []
    for student, person, level in links:
        people[person.siecle_id] = person
        ids = {"ELEVE_ID": student.siecle_id, "PERSONNE_ID": person.siecle_id}
        rows.append(element("RESPONSABLE_ELEVE", ids | {"NIVEAU_RESPONSABILITE": level, "CODE_PARENTE": "10"}))
    persons = "".join(one_person(person) for person in people.values())
    body = f"<PERSONNES>{persons}</PERSONNES><RESPONSABLES>{''.join(rows)}</RESPONSABLES>"
    return document("BEE_RESPONSABLES", body, place, today)


def one_person(person: Representative) -> str:
    values = {
        "LC_CIVILITE": person.civility.upper(),
        "NOM_DE_FAMILLE": person.family_name,
        "PRENOM": person.first_name,
        "MEL": person.email,
    }
    return f'<PERSONNE PERSONNE_ID="{person.siecle_id}">{tags(values)}</PERSONNE>'


def document(root: str, body: str, place: Place, today: date) -> BytesIO:
    head = tags({"UAJ": place.school.uai, "ANNEE_SCOLAIRE": YEAR, "DATE_EXPORT": f"{today:%d/%m/%Y}"})
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} VERSION="3.0">'
        f"<PARAMETRES>{head}</PARAMETRES><DONNEES>{body}</DONNEES></{root}>"
    )
    made = BytesIO(text.encode())
    made.name = f"{root}.xml"
    return made


def element(tag: str, values: Mapping[str, object]) -> str:
    return f"<{tag}>{tags(values)}</{tag}>"


def tags(values: Mapping[str, object]) -> str:
    return "".join(f"<{tag}>{escape(str(value))}</{tag}>" for tag, value in values.items())
