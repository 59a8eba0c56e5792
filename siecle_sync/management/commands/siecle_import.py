"""manage.py siecle_import FILE… --school UAI --year 2025 [--as-of DATE] [--academy CODE] [--dry-run] [--json]"""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from siecle_sync.bee.anomalies import RefusedFile
from siecle_sync.bee.load import import_files
from siecle_sync.bee.values import french_date


def day(text: str) -> date:
    try:
        return (french_date(text) if "/" in text else date.fromisoformat(text)) or date.max
    except ValueError as error:
        raise ArgumentTypeError(f"« {text} » n’est pas une date (AAAA-MM-JJ ou JJ/MM/AAAA).") from error


class Command(BaseCommand):
    help = "Importe les exports XML de Siècle BEE d’un établissement (élèves, responsables, structures, nomenclature)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FICHIER", help="fichier XML ou zip, dans n’importe quel ordre")
        parser.add_argument("--school", required=True, metavar="UAI", help="l’établissement attendu")
        parser.add_argument("--year", required=True, type=int, metavar="ANNÉE", help="2025 pour 2025-2026")
        parser.add_argument(
            "--academy", metavar="CODE", help="le code de l’académie, quand le département de l’UAI ne la dit pas"
        )
        parser.add_argument(
            "--as-of", type=day, metavar="DATE", help="jour où juger les sorties (par défaut : l’export)"
        )
        parser.add_argument("--dry-run", action="store_true", help="montre le résultat sans rien enregistrer")
        parser.add_argument("--json", action="store_true", help="écrit le compte rendu en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_files(
                options["files"],
                uai=options["school"],
                year=options["year"],
                academy=options["academy"],
                as_of=options["as_of"],
                dry_run=options["dry_run"],
            )
        except RefusedFile as refusal:
            raise CommandError(f"{refusal.sentence} Rien n’est changé. [{refusal.code}]") from refusal
        self.stdout.write(report.as_json() if options["json"] else report.as_text(), ending="")
