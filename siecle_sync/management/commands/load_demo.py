"""Load the demonstration: five schools and a year played through the real actions and the real night."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from siecle_sync.demo.load import AlreadyLoaded, load


class Command(BaseCommand):
    help = "Charge la démonstration (bac à sable) : cinq établissements, une année jouée."

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(desc="Une année d’orientation", unit=" acte", file=self.stderr, ncols=100) as bar:

            def progress(done: int, total: int, what: str) -> None:
                bar.total = total
                bar.set_postfix_str(what, refresh=False)
                bar.update(done - bar.n)

            try:
                load(progress)
            except AlreadyLoaded as error:
                raise CommandError("Cette base contient déjà une campagne : rien n’a été chargé.") from error
