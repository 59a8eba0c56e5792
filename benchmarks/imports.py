"""Siècle BEE imports at size: what a school of each size costs, then a whole académie in one command.

    python -m benchmarks.imports --pupils 60 600 2400 --schools 100

The database is DATABASE_URL: migrated and empty. Each import is the real command in its own process, so that its time
(interpreter included) and its peak of memory are its own. The files are invented, the same for the same numbers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from siecle_sync.bee.values import uai_key

YEAR = 2025
MEFS = {3: "10310019110", 4: "10210001110", 5: "10110001110", 6: "10010012110"}
A_DIVISION = 27  # pupils
NAMES = ("MARCHAND", "LE GOFF", "N'GORAN", "ROUX-PETIT", "SÁNCHEZ", "BŒUF", "DA SILVA", "HADDAD", "NGUYEN", "KOWALSKI")
FIRST = ("Émile", "Lœtitia", "Awa", "Noé", "Inès", "Zoé", "Jean-Baptiste", "Maëlys", "Yanis", "Chloé")
LAST_YEAR = (
    "<SCOLARITE_AN_DERNIER><CODE_STRUCTURE>4 A</CODE_STRUCTURE><CODE_RNE>{uai}</CODE_RNE><SIGLE>CLG</SIGLE>"
    "<DENOM_PRINC>COLLEGE</DENOM_PRINC><DENOM_COMPL>IMAGINAIRE</DENOM_COMPL><LIGNE1_ADRESSE>1 RUE DE L EXEMPLE"
    "</LIGNE1_ADRESSE><BOITE_POSTALE>BP 1</BOITE_POSTALE><MEL>ce.{uai}@exemple.invalid</MEL><TELEPHONE>0100000000"
    "</TELEPHONE><CODE_COMMUNE_INSEE>69381</CODE_COMMUNE_INSEE><LL_COMMUNE_INSEE>LYON</LL_COMMUNE_INSEE>"
    "</SCOLARITE_AN_DERNIER>\n"
)
ADDRESS = (
    '<ADRESSE ADRESSE_ID="{n}"><LIGNE1_ADRESSE>{n} RUE DE L EXEMPLE</LIGNE1_ADRESSE><CODE_POSTAL>69001</CODE_POSTAL>'
    "<CODE_PAYS>100</CODE_PAYS><CODE_COMMUNE_INSEE>69381</CODE_COMMUNE_INSEE><LIBELLE_POSTAL>LYON</LIBELLE_POSTAL>"
    "</ADRESSE>\n"
)


def uai_of(number: int) -> str:
    digits = f"069{number:04}"
    return digits + uai_key(digits)


def elements(**values: object) -> str:
    return "".join(f"<{tag}>{value}</{tag}>" for tag, value in values.items())


def document(root: str, version: str, uai: str, body: Iterable[str]) -> Iterator[str]:
    head = elements(UAJ=uai, ANNEE_SCOLAIRE=YEAR, DATE_EXPORT="12/01/2026", HORODATAGE="12/01/2026 07:30:00")
    yield f'<?xml version="1.0" encoding="ISO-8859-15"?>\n<{root} VERSION="{version}">\n'
    yield f"<PARAMETRES>{head}</PARAMETRES>\n<DONNEES>\n"
    yield from body
    yield f"</DONNEES>\n</{root}>\n"


def block(tag: str, rows: Iterable[str]) -> Iterator[str]:
    yield f"<{tag}>\n"
    yield from rows
    yield f"</{tag}>\n"


def eleve(n: int, uai: str, random: Random) -> str:
    level = 3 + n % 4
    return (
        f'<ELEVE ELEVE_ID="{n}" ELENOET="{n}">\n'
        + elements(
            ID_NATIONAL=f"{n:09}JA",
            NOM_DE_FAMILLE=random.choice(NAMES),
            PRENOM=f"{random.choice(FIRST)} {n}",
            DATE_NAISS=f"{random.randint(1, 28):02}/{random.randint(1, 12):02}/{2014 - (6 - level)}",
            DOUBLEMENT=0,
            CODE_REGIME=2,
            DATE_ENTREE="01/09/2025",
            CODE_SEXE=1 + n % 2,
            CODE_STATUT="ST",
            CODE_MEF=MEFS[level],
            ADHESION_TRANSPORT=0,
        )
        + LAST_YEAR.format(uai=uai)
        + "</ELEVE>\n"
    )


def pupils(count: int, uai: str, random: Random) -> Iterator[str]:
    numbers = range(1, count + 1)
    yield from block("ELEVES", (eleve(n, uai, random) for n in numbers))
    option = "<OPTIONS_ELEVE><NUM_OPTION>1</NUM_OPTION><CODE_MATIERE>030201</CODE_MATIERE></OPTIONS_ELEVE>"
    yield from block("OPTIONS", (f'<OPTION ELEVE_ID="{n}">{option * 3}</OPTION>\n' for n in numbers))
    yield from block("STRUCTURES", (in_division(n) for n in numbers))
    yield "<BOURSES/>\n"


def in_division(n: int) -> str:
    group = elements(CODE_STRUCTURE="GRP1", TYPE_STRUCTURE="G")
    division = elements(CODE_STRUCTURE=f"{3 + n % 4} {chr(65 + n // (4 * A_DIVISION) % 26)}", TYPE_STRUCTURE="D")
    inner = f"<STRUCTURE>{group}</STRUCTURE><STRUCTURE>{division}</STRUCTURE>"
    return f'<STRUCTURES_ELEVE ELEVE_ID="{n}">{inner}</STRUCTURES_ELEVE>\n'


def parents(n: int) -> tuple[int, ...]:
    return (10 * n, 10 * n + 1) if n % 5 else (10 * n,)


def persons(count: int, random: Random) -> Iterator[str]:
    pairs = [(n, person) for n in range(1, count + 1) for person in parents(n)]
    yield from block("PERSONNES", (personne(person, random) for _, person in pairs))
    yield from block("RESPONSABLES", (lien(n, person) for n, person in pairs))
    yield from block("ADRESSES", (ADDRESS.format(n=person) for _, person in pairs))


def personne(person: int, random: Random) -> str:
    values = elements(
        LC_CIVILITE="MME" if person % 2 else "M.",
        LL_CIVILITE="MADAME",
        NOM_DE_FAMILLE=random.choice(NAMES),
        PRENOM=f"{random.choice(FIRST)} {person}",
        TEL_PORTABLE="0600000000",
        MEL=f"parent{person}@exemple.invalid",
        COMMUNICATION_ADRESSE=0,
        ADRESSE_ID=person,
        CODE_PROFESSION=99,
    )
    return f'<PERSONNE PERSONNE_ID="{person}">{values}</PERSONNE>\n'


def lien(n: int, person: int) -> str:
    kinship = 10 if person % 2 else 20
    values = elements(
        ELEVE_ID=n, PERSONNE_ID=person, NIVEAU_RESPONSABILITE=1, CODE_PARENTE=kinship, HEBERGE_ELEVE="true"
    )
    return f"<RESPONSABLE_ELEVE>{values}</RESPONSABLE_ELEVE>\n"


def write_school(folder: Path, uai: str, count: int) -> int:
    """The exports of a school of `count` pupils, zipped as Siècle does; return the size of the XML, in bytes."""
    random = Random(f"{uai}:{count}")
    folder.mkdir(parents=True)
    communs = f"<UAJ>{elements(DENOM_PRINC='COLLEGE', DENOM_COMPL=f'IMAGINAIRE {uai}')}</UAJ>\n"
    files = {
        "ElevesSansAdresses": document("BEE_ELEVES", "3.0", uai, pupils(count, uai, random)),
        "ResponsablesAvecAdresses": document("BEE_RESPONSABLES", "2.1", uai, persons(count, random)),
        "Communs": document("BEE_COMMUN", "1.0", uai, [communs]),
    }
    return sum(write_zip(folder, name, text) for name, text in files.items())


def write_zip(folder: Path, name: str, text: Iterator[str]) -> int:
    with (
        zipfile.ZipFile(folder / f"ExportXML_{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{name}.xml", "w") as member,
    ):
        return sum(member.write(part.encode("iso8859-15")) for part in text)


def measured(*arguments: object) -> dict[str, Any]:
    """Run the command; its seconds, its peak of memory in MB."""
    command = [sys.executable, "manage.py", "siecle_import", *map(str, arguments), "--year", str(YEAR), "--json"]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = round(time.monotonic() - started, 2)
    return {"seconds": seconds, "peak_rss_mb": usage.ru_maxrss // 1024, "exit": os.waitstatus_to_exitcode(status)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pupils", type=int, nargs="*", default=[60, 600, 2400])
    parser.add_argument("--schools", type=int, default=100, help="how many schools in the académie's folder")
    parser.add_argument("--per-school", type=int, default=600)
    options = parser.parse_args()
    results: dict[str, Any] = {"one_school": [], "academie": None}
    with tempfile.TemporaryDirectory() as root:
        for number, count in enumerate(options.pupils):
            uai, folder = uai_of(9000 + number), Path(root, f"one-{number}")
            size = write_school(folder, uai, count)
            for what in ("first", "again"):
                figures = measured(*sorted(folder.iterdir()), "--school", uai)
                results["one_school"].append({"pupils": count, "xml_kb": size // 1024, "import": what, **figures})
        folder = Path(root, "academie")
        for number in range(1, options.schools + 1):
            write_school(folder / f"etablissement-{number}", uai_of(number), options.per_school)
        if options.schools:
            results["academie"] = {"schools": options.schools, "pupils": options.per_school, **measured(folder)}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
