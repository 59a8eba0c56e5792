"""manage.py activation_codes --school UAI --division CODE [--year 2025] [--csv FILE]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from families.activation import as_csv, issue_codes
from families.models import Division
from ledger.journal import SYSTEM


class Command(BaseCommand):
    help = "Émet les codes d’activation des familles d’une division. Ils ne peuvent pas être relus ensuite."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", required=True, metavar="UAI")
        parser.add_argument("--division", required=True, metavar="CODE")
        parser.add_argument("--year", type=int, metavar="ANNÉE", help="par défaut : la plus récente")
        parser.add_argument("--csv", type=Path, metavar="FICHIER", help="écrit le tableau dans ce fichier")

    def handle(self, *args: Any, **options: Any) -> None:
        divisions = Division.objects.filter(school__uai=options["school"].upper(), code=options["division"].strip())
        if options["year"]:
            divisions = divisions.filter(year=options["year"])
        division = divisions.select_related("school").order_by("-year").first()
        if division is None:
            raise CommandError(f"L’établissement {options['school']} n’a pas de division « {options['division']} ».")
        codes = issue_codes(division, by=SYSTEM)
        if options["csv"] is None:
            self.stdout.write(as_csv(codes), ending="")
            return
        options["csv"].write_text(as_csv(codes), encoding="utf-8-sig", newline="")
        self.stderr.write(f"{len(codes)} code(s) écrits dans {options['csv']}.")
