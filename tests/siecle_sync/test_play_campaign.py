"""The simulated campaign: in databases of its own, the same for the same seed, and its dump can be counted again."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from orientation.models import Campaign
from siecle_sync.play.policies import NAMES, OF_THE_SCHOOL
from tests.siecle_sync.play import ENVIRONMENT, PLAY, lines, play

# one campaign for all, whatever the number of workers
pytestmark = pytest.mark.xdist_group("play_campaign")


def databases(pid: int) -> list[str]:
    """The databases that a play of this process left, or is using."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"], dbname="postgres")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [f"_play_{pid}(_siecle_mock)?$"])
            return [name for (name,) in cursor.fetchall()]
    finally:
        connection.close()


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """One campaign of 12 pupils, for every test that only reads it."""
    dump = tmp_path_factory.mktemp("play") / "campaign.jsonl"
    done = play("--students", "12", "--seed", "3", "--json", "--dump", str(dump), PLAY_MODEL="")
    assert done.code in {0, 1}, done.err[-3000:]
    assert databases(done.pid) == []
    return done.counters, dump


def test_counters_add_up(campaign: tuple[dict[str, Any], Path]) -> None:
    counters, _ = campaign
    assert sum(counters["versions"].values()) == counters["transferred"] + counters["not_processed"]
    assert sum(counters["refused_by_code"].values()) == counters["refused"]
    assert sum(counters["emails_by_kind"].values()) == counters["emails"]
    assert sum(counters["answers"].values()) == counters["answered"]
    assert sum(counters["decisions"].values()) == counters["decided"]


def test_a_dump_names_nobody_by_a_random_number(campaign: tuple[dict[str, Any], Path]) -> None:
    text = campaign[1].read_text(encoding="utf-8")
    dossier = lines(campaign[1])[0]
    assert dossier["dossier"] == f"{dossier['school']['uai']}/{dossier['dossier'].split('/')[1]}"
    assert not [word for word in text.split('"') if len(word) == 36 and word.count("-") == 4]


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(
    campaign: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("same", "other")]
    for file, seed in zip(files, ("3", "4"), strict=True):
        assert play("--students", "12", "--seed", seed, "--dump", str(file)).code in {0, 1}
    same, other = (file.read_bytes() for file in files)
    assert campaign[1].read_bytes() == same
    assert same != other


def test_a_campaign_that_is_interrupted_drops_its_databases() -> None:
    with subprocess.Popen(
        [*PLAY, "--students", "40"], cwd=settings.BASE_DIR, env=ENVIRONMENT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        until = time.monotonic() + 120
        while len(databases(process.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 128 + signal.SIGTERM
    assert databases(process.pid) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--level", "terminale"), "3e ou 2de"),
        (("--policy", "couleur=bleu"), "acknowledgement_by.*max_choices.*opinion_values"),
        (("--policy", "answered_by"), "NOM=VALEUR"),
        (("--policy", "answered_by=NOBODY"), "AUTHOR, ALL"),
        (("--policy", "max_choices=12"), "de 1 à 11"),
        (("--policy", "free_text=peut-être"), "oui ou non"),
        (("--policy", "opinion_values=Favorable,Favorable"), "différentes"),
    ],
)
def test_what_it_does_not_know_is_refused_with_the_list_of_what_it_does(
    arguments: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("play_campaign", *arguments)


def test_every_policy_of_a_campaign_can_be_imposed() -> None:
    """The columns of the campaign that are not what it is, and how the year of a school is divided."""
    identity = {"id", "academy", "year", "level"}
    columns = {field.name for field in Campaign._meta.concrete_fields} - identity
    assert set(NAMES) == columns | {OF_THE_SCHOOL}


def test_it_is_only_played_in_a_sandbox(settings: Any) -> None:
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="bac à sable"):
        call_command("play_campaign")
