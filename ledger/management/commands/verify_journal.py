"""manage.py verify_journal: compute every seal of the journal anew, or check an extract without its database."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.export import check
from ledger.signing import Unusable, public_key_of
from ledger.verification import Checked, Fault, gone, unsealed, verify

FAULTS = {
    Fault.ALTERED: "des lignes ont été modifiées ou déplacées",
    Fault.REMOVED: "des lignes ont été effacées",
    Fault.INSERTED: "des lignes ont été ajoutées",
    Fault.CHAIN: "ce scellé ne suit pas celui qui le précède",
    Fault.DATED: "la date du scellé a été changée, ou des lignes ajoutées portent une date bien antérieure",
    Fault.OVERDUE: "rien n’est scellé depuis : les nuits ne scellent plus, ou les derniers scellés ont été ôtés",
}

LOST = "L’historique a été touché. Aucun scellé n’a plus l’empreinte {}."


class Command(BaseCommand):
    help = "Vérifie l’historique contre ses scellés, ou un extrait signé (--file). Code de retour 1 s’il a été touché."
    requires_system_checks: list[str] = []  # an extract is checked without a database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="since", type=date.fromisoformat, help="premier jour, AAAA-MM-JJ")
        parser.add_argument("--known", nargs="+", default=[], help="empreintes de scellés notées ailleurs, à retrouver")
        parser.add_argument("--json", action="store_true", help="le résultat seul, en JSON")
        parser.add_argument("--file", type=Path, help="un extrait en JSON, tel que le service l’a remis")
        parser.add_argument("--key", default="", help="clé publique en base64 ; par défaut, celle de ce déploiement")

    def handle(self, *args: Any, **options: Any) -> None:
        said = self._file(options) if options["file"] else self._journal(options)
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        if not said["ok"]:
            raise CommandError(said["sentence"], returncode=1)
        if not options["json"]:
            self.stdout.write(said["sentence"])

    def _journal(self, options: dict[str, Any]) -> dict[str, Any]:
        done = []
        for one in verify(options["since"]):
            done.append(one)
            if not options["json"]:
                self.stdout.write(line(one))
        faults, lost = [one for one in done if one.fault], gone(options["known"])
        return {
            "ok": not faults and not lost,
            "sentence": sentence(done, faults) if faults or not lost else LOST.format(lost[0]),
            "gone": lost,
            "seals": len(done),
            "lines": sum(one.count for one in done),
            "erased": sum(one.erased for one in done),
            "unsealed": unsealed(),
            "faults": [
                {"day": str(one.seal.day), "fault": one.fault, "first": one.first, "last": one.last} for one in faults
            ],
        }

    def _file(self, options: dict[str, Any]) -> dict[str, Any]:
        try:
            extract, key = json.loads(options["file"].read_text(encoding="utf-8")), public_key_of(options["key"])
        except (OSError, ValueError) as error:
            raise CommandError(f"Ce fichier ne se lit pas : {error}", returncode=2) from error
        except Unusable as error:
            raise CommandError(f"Donnez la clé publique du service avec --key. {error}", returncode=2) from error
        found = check(extract, key)
        return {"ok": found.fault is None, "sentence": found.sentence, **found.figures}


def line(one: Checked) -> str:
    said = f"{one.seal.day} : {one.count} lignes"
    if one.fault:
        where = f" (entre les lignes {one.first} et {one.last})" if one.first is not None else ""
        return f"{said}. ALERTE : {FAULTS[one.fault]}{where}."
    return f"{said}, conformes" + (f" ; {one.erased} effacées en fin de conservation." if one.erased else ".")


def sentence(done: list[Checked], faults: list[Checked]) -> str:
    if faults:
        first = faults[0]
        return f"L’historique a été touché. Premier jour en cause : {first.seal.day} ; {FAULTS[first.fault]}."  # type: ignore[index]
    return f"L’historique est conforme à ses {len(done)} scellés. Lignes pas encore scellées : {unsealed()}."
