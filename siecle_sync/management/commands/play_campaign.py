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
from siecle_sync.play.levels import SECOND_GT, THIRD, Grade
from siecle_sync.play.policies import NAMES, listed, misuse, read_policies

LEVELS = {"3e": THIRD, "2de": SECOND_GT, "2gt": SECOND_GT, "2degt": SECOND_GT}
LETTERS_IN_MEMORY = "django.core.mail.backends.locmem.EmailBackend"


class Command(BaseCommand):
    help = "Joue une campagne entière dans des bases à part, puis vérifie tous les invariants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--level", default="3e", metavar="NIVEAU", help="3e ou 2de (de GT)")
        parser.add_argument(
            "--policy", action="append", default=[], metavar="NOM=VALEUR",
            help=f"réglage imposé à toutes les campagnes, autant de fois qu’il faut ; noms : {listed(NAMES)}",
        )  # fmt: skip
        parser.add_argument("--students", type=int, default=300, metavar="N", help="nombre d’élèves")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="graine : la même rejoue la même campagne")
        parser.add_argument("--json", action="store_true", help="dernière ligne : un seul objet JSON")
        parser.add_argument("--dump", type=Path, metavar="FICHIER", help="une ligne JSON par dossier")

    def handle(self, *args: Any, **options: Any) -> None:
        grade, policies = grade_of(options["level"]), read_policies(options["policy"])
        if not settings.SANDBOX:
            raise CommandError(
                "La campagne simulée fige la date : elle ne se joue que dans un bac à sable (SANDBOX=1)."
            )
        if options["students"] < 1:
            raise misuse("Il faut au moins un élève.")
        with alone() as stopped, own_databases():
            director = Director(
                students=options["students"], seed=options["seed"], level=grade.level, policies=policies
            )
            asked = {"level": grade.name, "seed": options["seed"], "policies": policies}
            result = {**asked, **self.play(director, options["dump"], stopped)}
        self.show(result, as_json=options["json"])
        if result["violations"]:
            sys.exit(1)

    def play(self, director: Director, dump: Path | None, stopped: "Stopped") -> dict[str, Any]:
        with tqdm(desc="Campagne", unit=" acte", file=self.stderr._out) as bar:
            played = director.play(shown_on(bar, stopped))
        result = counters(played, list(check()))
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


def grade_of(level: str) -> Grade:
    """« 3e », « 2de », and what people write for them."""
    grade = LEVELS.get(level.lower())
    if grade is None:
        raise misuse(f"Niveau inconnu : « {level} ». Attendu : 3e ou 2de.")
    return grade


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
