"""Small Siècle BEE files, built for one test at a time."""

import io
import zipfile
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

UAI, YEAR = "0690001B", 2025
THIRD, FOURTH, SECOND_GT = "10310019110", "10210001110", "20010018110"


def tags(values: dict[str, Any]) -> str:
    """{"MEL": ""} is an empty tag, {"MEL": None} no tag at all."""
    return "".join(f"<{tag}>{escape(str(value))}</{tag}>\n" for tag, value in values.items() if value is not None)


def document(
    root: str, body: str, *, uai: str = UAI, year: int = YEAR, exported: str | None = "12/01/2026", version: str = "3.0"
) -> str:
    head = tags({"UAJ": uai, "ANNEE_SCOLAIRE": year, "DATE_EXPORT": exported})
    return (
        f'<?xml version="1.0" encoding="ISO-8859-15"?>\n<{root} VERSION="{version}">\n'
        f"<PARAMETRES>\n{head}</PARAMETRES>\n<DONNEES>\n{body}</DONNEES>\n</{root}>\n"
    )


def stream(text: str, name: str = "export.xml", *, encoding: str = "iso8859-15") -> io.BytesIO:
    made = io.BytesIO(text.encode(encoding))
    made.name = name
    return made


def zipped(members: dict[str, bytes | str], name: str = "export.zip") -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content.encode("iso8859-15") if isinstance(content, str) else content)
    made.seek(0)
    made.name = name
    return made


def eleve(number: int | str = 1, **values: Any) -> str:
    """An ELEVE of 3e. `values` change or, with None, remove a tag."""
    defaults = {
        "ID_NATIONAL": f"{number:0>9}AA",
        "NOM_DE_FAMILLE": "DURAND",
        "PRENOM": f"Prénom {number}",
        "DATE_NAISS": "14/03/2011",
        "DOUBLEMENT": "0",
        "CODE_MEF": THIRD,
    }
    return f'<ELEVE ELEVE_ID="{number}">\n{tags(defaults | values)}</ELEVE>\n'


def structures(number: int | str, *codes: str | tuple[str, str]) -> str:
    pairs = [(code, "D") if isinstance(code, str) else code for code in codes]
    inner = "".join(f"<STRUCTURE>{tags({'CODE_STRUCTURE': c, 'TYPE_STRUCTURE': t})}</STRUCTURE>" for c, t in pairs)
    return f'<STRUCTURES_ELEVE ELEVE_ID="{number}">{inner}</STRUCTURES_ELEVE>\n'


def pupils_text(eleves: Iterable[str], places: Iterable[str] | None = None, **header: Any) -> str:
    eleves = list(eleves)
    if places is None:
        places = [structures(text.split('"')[1], "3 A") for text in eleves]
    body = f"<ELEVES>\n{''.join(eleves)}</ELEVES>\n<STRUCTURES>\n{''.join(places)}</STRUCTURES>\n<BOURSES/>\n"
    return document(header.pop("root", "BEE_ELEVES"), body, **header)


def pupils(*eleves: str, places: Iterable[str] | None = None, **header: Any) -> io.BytesIO:
    """A pupils' file; each pupil is in division 3 A unless `places` says otherwise."""
    return stream(pupils_text(eleves, places, **header), "ElevesSansAdresses.xml")


def personne(number: int = 501, **values: Any) -> str:
    defaults = {
        "LC_CIVILITE": "MME",
        "NOM_DE_FAMILLE": "DURAND",
        "PRENOM": f"Parent {number}",
        "TEL_PORTABLE": "06.00 00-00+",
        "MEL": f"parent{number}@exemple.invalid",
        "CODE_PROFESSION": "42",
    }
    return f'<PERSONNE PERSONNE_ID="{number}">\n{tags(defaults | values)}</PERSONNE>\n'


def lien(eleve_id: int = 1, personne_id: int = 501, **values: Any) -> str:
    defaults = {
        "NIVEAU_RESPONSABILITE": "1",
        "CODE_PARENTE": "10",
        "PAIE_FRAIS_SCOLAIRES": "1",
        "HEBERGE_ELEVE": "true",
    }
    ids = {"ELEVE_ID": eleve_id, "PERSONNE_ID": personne_id}
    return f"<RESPONSABLE_ELEVE>\n{tags(ids | defaults | values)}</RESPONSABLE_ELEVE>\n"


def persons(personnes: Iterable[str], liens: Iterable[str], **header: Any) -> io.BytesIO:
    body = f"<PERSONNES>\n{''.join(personnes)}</PERSONNES>\n<RESPONSABLES>\n{''.join(liens)}</RESPONSABLES>\n"
    return stream(document("BEE_RESPONSABLES", body, **header), "ResponsablesAvecAdresses.xml")


def family(personne_values: dict[str, Any] | None = None, **lien_values: Any) -> io.BytesIO:
    """Person 501, linked to pupil 1."""
    return persons([personne(501, **personne_values or {})], [lien(1, 501, **lien_values)])


def nomenclature(*mefs: dict[str, Any]) -> io.BytesIO:
    body = "".join(f'<MEF CODE_MEF="{mef.pop("code")}">{tags(mef)}</MEF>' for mef in map(dict, mefs))
    return stream(document("BEE_NOMENCLATURES", f"<MEFS>{body}</MEFS>\n"), "Nomenclature.xml")


def divisions(**labels: str) -> io.BytesIO:
    body = "".join(
        f'<DIVISION CODE_STRUCTURE="{code.replace("_", " ")}"><LIBELLE_LONG>{label}</LIBELLE_LONG></DIVISION>'
        for code, label in labels.items()
    )
    return stream(document("BEE_STRUCTURES", f"<DIVISIONS>{body}</DIVISIONS>"), "Structures.xml")


def communs(**values: Any) -> io.BytesIO:
    defaults = {"ETAB_UAJ_ID": "777", "DENOM_PRINC": "COLLEGE", "DENOM_COMPL": "IMAGINAIRE"}
    return stream(document("BEE_COMMUN", f"<UAJ>\n{tags(defaults | values)}</UAJ>\n"), "Communs.xml")
