"""Workers that send letters at the same instant, and one real Celery worker fed by the real Redis (MAI-07)."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from celery import Celery
from django.conf import settings as project
from django.db import connection

from config.celery import app as celery_app
from ledger import clock, outbox
from ledger.models import LetterState, OutgoingEmail
from orientation.enums import Phase
from tests.concurrency.two import Stop, outcome, two
from tests.factories import DURING_INTENTIONS
from tests.orientation.letter_box import enter, named_family

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
PATIENCE = 40  # seconds


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])
def test_two_workers_never_take_the_same_letter(locks: bool) -> None:
    for _ in range(2):
        outbox.post(
            kind="recap_author", recipient=uuid4(), dossier=uuid4(), about=uuid4(), dedup_key=str(uuid4()),
            at=DURING_INTENTIONS,
        )  # fmt: skip
    stop = Stop('"claimed_at" = ')
    with two(locks=locks) as both:
        first = both.start(lambda: outbox.claim(now=DURING_INTENTIONS, limit=1), stop)
        assert stop.reached.wait(10)
        second = both.start(lambda: outbox.claim(now=DURING_INTENTIONS, limit=1))
        rows = [outcome(second)]
        stop.go.set()
        rows.insert(0, outcome(first))
    taken = {row.pk for claimed in rows for row in claimed}
    assert len(taken) == (2 if locks else 1)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The worker's: the database of this test, a Redis base of its own, letters in files."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    redis = urlsplit(os.environ["REDIS_URL"])._replace(path="/15")
    return {
        **os.environ,
        "DATABASE_URL": urlunsplit(database),
        "REDIS_URL": urlunsplit(redis),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ORIENTATION_DEV": "1",
        "SANDBOX": "1",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(tmp_path / "mail"),
    }


@pytest.fixture
def broker(environment: dict[str, str], settings: Any) -> Iterator[Celery]:
    settings.CELERY_BROKER_URL = environment["REDIS_URL"]
    ours = Celery("test", set_as_current=True)
    ours.config_from_object("django.conf:settings", namespace="CELERY")
    yield ours
    ours.close()
    celery_app.set_current()
    celery_app.set_default()


@pytest.fixture
def worker(environment: dict[str, str], broker: Celery, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "INFO"]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "-n", f"letters{os.getpid()}@%h"],
            env=environment, cwd=project.BASE_DIR, stdout=log, stderr=log,
        )  # fmt: skip
        yield process
        process.terminate()
        process.wait(PATIENCE)


def test_a_real_worker_sends_the_letters_of_an_act(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    clock.freeze(DURING_INTENTIONS)
    family = named_family()
    enter(family, family.mother, Phase.PROVISIONAL)
    limit = time.monotonic() + PATIENCE
    while OutgoingEmail.objects.exclude(state=LetterState.SENT).exists() and time.monotonic() < limit:
        assert worker.poll() is None, (tmp_path / "worker.log").read_text()
        time.sleep(0.2)
    assert not OutgoingEmail.objects.exclude(state=LetterState.SENT).exists(), (tmp_path / "worker.log").read_text()
    letters = "".join(file.read_text() for file in (tmp_path / "mail").iterdir())
    assert sorted(re.findall("^To: (.*)$", letters, re.MULTILINE)) == sorted([family.mother.email, family.father.email])
