"""manage.py siecle_import FILE… --school UAI --year 2025: one school. Without --school: a folder of many schools."""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from siecle_sync.bee.anomalies import RefusedFile
from siecle_sync.bee.folders import Delivery, sort_files
from siecle_sync.bee.load import import_files
from siecle_sync.bee.many import Outcome, Total, import_schools
from siecle_sync.bee.values import french_date

OPTIONS = ("year", "academy", "as_of", "dry_run")


def day(text: str) -> date:
    try:
        return (french_date(text) if "/" in text else date.fromisoformat(text)) or date.max
    except ValueError as error:
        raise ArgumentTypeError(f"« {text} » n’est pas une date (AAAA-MM-JJ ou JJ/MM/AAAA).") from error


class Command(BaseCommand):
    help = (
        "Importe les exports XML de Siècle BEE (élèves, responsables, structures, nomenclature) : les fichiers d’un "
        "établissement, ou les dossiers où se trouvent ceux de plusieurs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", metavar="FICHIER", help="fichier XML ou zip, ou dossier, dans n’importe quel ordre"
        )
        parser.add_argument(
            "--school",
            metavar="UAI",
            help="l’établissement attendu ; sans lui, chaque fichier va à l’établissement qu’il nomme",
        )
        parser.add_argument("--year", required=True, type=int, metavar="ANNÉE", help="2025 pour 2025-2026")
        parser.add_argument(
            "--academy", metavar="CODE", help="le code de l’académie, quand le département de l’UAI ne la dit pas"
        )
        parser.add_argument(
            "--as-of", type=day, metavar="DATE", help="jour où juger les sorties (par défaut : l’export)"
        )
        parser.add_argument("--dry-run", action="store_true", help="montre le résultat sans rien enregistrer")
        parser.add_argument("--json", action="store_true", help="écrit le compte rendu en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {name: options[name] for name in OPTIONS}
        try:
            if options["school"]:
                report = import_files(options["files"], uai=options["school"], **chosen)
                self.stdout.write(report.as_json() if options["json"] else report.as_text(), ending="")
            else:
                self.import_many(options["files"], chosen, as_json=options["json"])
        except RefusedFile as refusal:
            raise CommandError(f"{refusal.sentence} Rien n’est changé. [{refusal.code}]") from refusal

    def import_many(self, paths: list[str], chosen: dict[str, Any], *, as_json: bool) -> None:
        bar = partial(tqdm, file=self.stderr, leave=False)
        delivery = sort_files(paths, track=partial(bar, desc="Fichiers", unit=" fichier"))
        total = Total(delivery)
        outcomes = self.told(delivery, total, chosen, bar)
        self.write_json(outcomes, total) if as_json else self.write_text(outcomes, total)
        if total.failed:
            raise CommandError(
                f"{total.refused} établissement(s) et {len(delivery.refused)} fichier(s) refusé(s) ; "
                f"{total.imported} établissement(s) importé(s)."
            )

    def told(self, delivery: Delivery, total: Total, chosen: dict[str, Any], bar: Any) -> Iterable[Outcome]:
        schools = import_schools(delivery, **chosen)
        for outcome in bar(schools, total=len(delivery.parcels), desc="Établissements", unit=" établissement"):
            total.add(outcome)
            yield outcome

    def write_text(self, outcomes: Iterable[Outcome], total: Total) -> None:
        for outcome in outcomes:
            self.stdout.write(outcome.as_text())
        self.stdout.write(total.as_text(), ending="")

    def write_json(self, outcomes: Iterable[Outcome], total: Total) -> None:
        """One school at a time: the reports of an académie are never held together."""
        before = '{"schools": ['
        for outcome in outcomes:
            self.stdout.write(f"{before}\n{json.dumps(outcome.as_dict(), ensure_ascii=False)}", ending="")
            before = ","
        empty = before if before != "," else ""
        self.stdout.write(f'{empty}],\n"total": {json.dumps(total.as_dict(), ensure_ascii=False)}}}')
