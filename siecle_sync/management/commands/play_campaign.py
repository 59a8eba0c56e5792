"""play_campaign: a whole campaign from a seed, in databases of its own; counters, invariants, a dump to check."""

import json
import logging
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from celery import current_app
from django.conf import settings
from django.core import mail
from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings
from tqdm import tqdm

from orientation.invariants import check
from siecle_sync.play.counters import counters
from siecle_sync.play.databases import own_databases
from siecle_sync.play.director import Director
from siecle_sync.play.dump import write_dump

LETTERS_IN_MEMORY = "django.core.mail.backends.locmem.EmailBackend"


class Command(BaseCommand):
    help = "Joue une campagne entière dans des bases à part, puis vérifie tous les invariants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--level", choices=["3e", "2GT"], default="3e", help="niveau de la campagne")
        parser.add_argument("--students", type=int, default=300, metavar="N", help="nombre d’élèves")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="graine : la même rejoue la même campagne")
        parser.add_argument("--json", action="store_true", help="dernière ligne : un seul objet JSON")
        parser.add_argument("--dump", type=Path, metavar="FICHIER", help="une ligne JSON par dossier")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["level"] != "3e":
            raise CommandError("La campagne de 2de GT ne se joue pas encore : seule celle de 3e est prête.")
        if not settings.SANDBOX:
            raise CommandError(
                "La campagne simulée fige la date : elle ne se joue que dans un bac à sable (SANDBOX=1)."
            )
        if options["students"] < 1:
            raise CommandError("Il faut au moins un élève.")
        with alone() as stopped, own_databases():
            result = self.play(options["students"], options["seed"], options["dump"], stopped)
        self.show(result, as_json=options["json"])
        if result["violations"]:
            sys.exit(1)

    def play(self, students: int, seed: int, dump: Path | None, stopped: "Stopped") -> dict[str, Any]:
        director = Director(students=students, seed=seed)
        with tqdm(desc="Campagne", unit=" acte", file=self.stderr._out) as bar:
            played = director.play(shown_on(bar, stopped))
        findings = list(check())
        result = {"level": "3e", "seed": seed, **counters(played, findings)}
        if dump:
            write_dump(dump, played)
        return result

    def show(self, result: dict[str, Any], *, as_json: bool) -> None:
        for fault in [*result["broken"].items(), *result["faults"]]:
            self.stderr.write(str(fault))
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        for name, value in result.items():
            self.stdout.write(f"{name:24} {value}")


class Stopped:
    """What a kill does: leave. A library that swallows it delays it to the next act."""

    code = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.code = 128 + number
        self.leave_if_asked()

    def leave_if_asked(self) -> None:
        if self.code:
            sys.exit(self.code)


def shown_on(bar: Any, stopped: Stopped) -> Any:
    def progress(moment: datetime, remaining: int) -> None:
        stopped.leave_if_asked()
        bar.total = bar.n + 1 + remaining
        bar.set_description_str(f"{moment:%d/%m %H:%M}", refresh=False)
        bar.update()

    return progress


@contextmanager
def alone() -> Iterator[Stopped]:
    """Nothing leaves this process: letters stay in memory, the other workers are told nothing, a kill cleans up."""
    with ExitStack() as stack:
        stack.enter_context(override_settings(EMAIL_BACKEND=LETTERS_IN_MEMORY, SIECLE_BASE_URL=""))
        mail.outbox = []
        broker = current_app.conf.broker_url
        current_app.conf.broker_url = "memory://localhost/"
        stack.callback(setattr, current_app.conf, "broker_url", broker)
        level = logging.root.manager.disable
        logging.disable(logging.INFO)
        stack.callback(logging.disable, level)
        stopped = Stopped()
        former = signal.signal(signal.SIGTERM, stopped)
        stack.callback(signal.signal, signal.SIGTERM, former)
        yield stopped
