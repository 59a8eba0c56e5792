"""manage.py siecle_night [--academy NN] [--dry-run] [--json]: the nightly exchange with Siècle Orientation, now."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from families.models import Academy
from siecle_sync.models import Run
from siecle_sync.night import Night, academies, forget_exchanged, run_night
from siecle_sync.report import school_as_json, text_of_schools


class Command(BaseCommand):
    help = "Joue la nuit d’échange avec Siècle Orientation, pour une académie ou pour toutes celles qui ont des élèves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--academy", metavar="NN", help="code de l’académie")
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui serait fait ; n’envoie et n’écrit rien")
        parser.add_argument(
            "--afresh", action="store_true", help="redit toutes les listes et relit toutes les réponses de Siècle"
        )
        parser.add_argument("--json", action="store_true", help="écrit les compteurs en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["afresh"] and options["dry_run"]:
            raise CommandError("--afresh et --dry-run ne vont pas ensemble.")
        chosen = self.chosen(options["academy"])
        if options["afresh"]:
            for academy in chosen:
                forget_exchanged(academy)
        nights = [self.play(academy, options["dry_run"]) for academy in chosen]
        if options["json"]:
            rows = [row for night in nights for row in rows_of(night)]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(text_of(night) for night in nights))
        if not all(night.finished for night in nights):
            raise CommandError("Une nuit au moins n’a pas abouti.")

    def chosen(self, code: str | None) -> list[Academy]:
        chosen = academies()
        if code:
            chosen = chosen.filter(pk=code)
        if not chosen:
            raise CommandError("Aucun élève : il n’y a rien à échanger.")
        return list(chosen)

    def play(self, academy: Academy, dry_run: bool) -> Night:
        with tqdm(desc=str(academy), unit=" étape", file=self.stderr, leave=True) as bar:

            def tell(step: str) -> None:
                bar.set_description_str(step)
                bar.update()

            return run_night(academy, dry_run=dry_run, progress=tell)


def rows_of(night: Night) -> list[dict[str, Any]]:
    if night.busy:
        return [{"academy": night.academy.code, "state": "BUSY"}]
    if night.rehearsals:
        return [
            {**row_of(one.run), "schools": [school_as_json(row) for row in one.schools]} for one in night.rehearsals
        ]
    return [row_of(run) for run in night.runs]


def row_of(run: Run) -> dict[str, Any]:
    return {
        "academy": run.academy_id,
        "year": run.campaign.year,
        "level": run.campaign.level,
        "state": run.state,
        "night_on": run.night_on.isoformat(),
        "counters": run.counters,
        "error": run.error,
    }


def text_of(night: Night) -> str:
    """Each run; of a rehearsal, each of its schools too."""
    rows = rows_of(night)
    schools = [text_of_schools(one.schools) for one in night.rehearsals] or [""] * len(rows)
    told = zip(rows, schools, strict=True)
    return "\n".join(line for row, text in told for line in [*lines_of(row), *filter(None, [text])])


def lines_of(row: dict[str, Any]) -> list[str]:
    head = f"Académie {row['academy']}, niveau {row.get('level', '?')} : {row['state']} {row.get('error', '')}"
    counters = row.get("counters", {})
    return [
        head.rstrip(),
        *(
            f"  {sense} : {said(counters[way])}"
            for way, sense in (("out", "envoi"), ("in", "réception"))
            if way in counters
        ),
    ]


def said(counters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counters.items() if name != "by_kind")
