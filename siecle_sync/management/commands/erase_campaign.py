"""manage.py erase_campaign: the end of retention. Run by the owner of the tables (docs/exploitation.md).

It stands here because what the nights and the imports report of pupils goes with their dossiers.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from families.models import Level
from ledger.journal import SYSTEM
from orientation.erasure import Erased, ErasureRefusal, ErasureRefused, erase, retention_ends
from orientation.models import Campaign
from siecle_sync.models import HeldLine, RosterReceipt, RunLine, SiecleImport, SiecleImportFile

INSUFFICIENT_PRIVILEGE = "42501"


class Command(BaseCommand):
    help = "Efface les dossiers d’une campagne dont la conservation est finie. Sans retour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, required=True, help="année scolaire : 2025 pour 2025-2026")
        parser.add_argument("--level", choices=Level.values, required=True)
        parser.add_argument("--academy", metavar="NN", help="code de l’académie ; sans lui, toutes")
        parser.add_argument("--reason", required=True, help="gardé dans l’historique : n’y nommez personne")
        parser.add_argument("--with-appeals", action="store_true", help="efface aussi les dossiers en appel")
        parser.add_argument("--dry-run", action="store_true", help="compte ce qui partirait, et n’efface rien")

    def handle(self, *args: Any, **options: Any) -> None:
        campaigns = self.chosen(options)
        try:
            done = erase(
                campaigns=campaigns, reason=options["reason"], by=SYSTEM, dry_run=options["dry_run"],
                with_appeals=options["with_appeals"], besides=lines_of,
            )  # fmt: skip
        except ErasureRefused as refused:
            raise CommandError(sentence(refused)) from refused
        except ProgrammingError as error:
            raise CommandError(without_right(error)) from error
        for one in done:
            self.stdout.write(told(one, dry_run=options["dry_run"]))

    def chosen(self, options: dict[str, Any]) -> list[Campaign]:
        where = {"academy": options["academy"]} if options["academy"] else {}
        rows = Campaign.objects.filter(year=options["year"], level=options["level"], **where).select_related("academy")
        if not rows:
            raise CommandError("Aucune campagne de cette année, de ce niveau et de cette académie.")
        return list(rows.order_by("academy"))


def lines_of(campaign: Campaign) -> list[Any]:
    """What the nights of this campaign keep about pupils: lines reported, lines that wait, what Siècle was told.

    And the reports of the imports of its year, which name pupils and parents: a school hands in all its levels at once,
    and their campaigns reach the end of retention on the same day.
    """
    waiting = [model.objects.filter(campaign=campaign) for model in (HeldLine, RosterReceipt)]
    here = {"school__academy": campaign.academy_id, "year": campaign.year}
    files = SiecleImportFile.objects.filter(**{f"upload__{name}": value for name, value in here.items()})
    return [RunLine.objects.filter(run__campaign=campaign), *waiting, files, SiecleImport.objects.filter(**here)]


def told(one: Erased, *, dry_run: bool) -> str:
    verb = "à effacer" if dry_run else "effacés"
    said = f"{one.campaign} : {one.dossiers} dossiers {verb}, {one.kept} gardés (appel)."
    return "\n".join([said, *(f"    {table} : {count}" for table, count in one.rows.items())])


def sentence(refused: ErasureRefused) -> str:
    match refused.code, refused.campaign:
        case ErasureRefusal.TOO_EARLY, Campaign() as campaign:
            return f"{campaign} : ses dossiers se gardent jusqu’au {retention_ends(campaign):%d/%m/%Y}."
        case ErasureRefusal.STILL_RUNNING, campaign:
            return f"{campaign} : une fenêtre du calendrier n’est pas encore fermée."
    return "Dites pourquoi : le motif est gardé dans l’historique."


def without_right(error: ProgrammingError) -> str:
    if getattr(error.__cause__, "pgcode", "") == INSUFFICIENT_PRIVILEGE:
        return "Le rôle du service n’efface rien : lancez cette commande avec celui du propriétaire des tables."
    return str(error)
