"""manage.py night_report [--date AAAA-MM-JJ] [--json]: what a night did in the whole country."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from ledger import clock
from siecle_sync.report import national_report, text_of_report


class Command(BaseCommand):
    help = "Rend compte d’une nuit d’échange avec Siècle Orientation, académie par académie."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--date", type=date.fromisoformat, metavar="AAAA-MM-JJ", help="nuit du (par défaut : aujourd’hui, à Paris)"
        )
        parser.add_argument("--json", action="store_true", help="écrit le compte rendu en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = national_report(options["date"] or timezone.localdate(clock.now()))
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write(text_of_report(report))
