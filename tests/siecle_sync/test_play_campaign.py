"""The simulated campaign: in databases of its own, the same for the same seed, and its dump can be counted again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from orientation.models import Campaign
from siecle_sync.play.policies import NAMES, OF_THE_SCHOOL

# one campaign for all, whatever the number of workers
pytestmark = pytest.mark.xdist_group("play_campaign")

PLAY = [sys.executable, "manage.py", "play_campaign"]
ENVIRONMENT = {**os.environ, "ORIENTATION_DEV": "1", "SANDBOX": "1", "EMAIL_HOST": "nowhere.invalid"}


@dataclass(frozen=True)
class Done:
    pid: int
    code: int
    out: str
    err: str


def play(*arguments: str) -> Done:
    with subprocess.Popen(
        [*PLAY, *arguments], cwd=settings.BASE_DIR, env=ENVIRONMENT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        out, err = process.communicate(timeout=600)
    return Done(process.pid, process.returncode, out, err)


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
    """One campaign of 60 pupils in two académies, for every test that only reads it."""
    dump = tmp_path_factory.mktemp("play") / "campaign.jsonl"
    done = play("--students", "60", "--seed", "5", "--json", "--dump", str(dump))
    assert done.code == 0, done.err[-3000:]
    assert databases(done.pid) == []
    return json.loads(done.out.splitlines()[-1]), dump


def lines(dump: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in dump.read_text(encoding="utf-8").splitlines()]


def test_a_campaign_ends_without_a_violation(campaign: tuple[dict[str, Any], Path]) -> None:
    counters, _ = campaign
    assert counters["violations"] == 0
    assert counters["students"] == 60
    assert min(counters[name] for name in ("entered", "acknowledged", "answered", "decided", "refused", "emails")) > 0


def test_counters_add_up(campaign: tuple[dict[str, Any], Path]) -> None:
    counters, _ = campaign
    assert sum(counters["versions"].values()) == counters["transferred"] + counters["not_processed"]
    assert sum(counters["refused_by_code"].values()) == counters["refused"]
    assert sum(counters["emails_by_kind"].values()) == counters["emails"]
    assert sum(counters["answers"].values()) == counters["answered"]
    assert sum(counters["decisions"].values()) == counters["decided"]


def test_the_dump_gives_the_same_counters_again(campaign: tuple[dict[str, Any], Path]) -> None:
    counters, dump = campaign
    dossiers = lines(dump)
    families = [[one for one in d["submissions"] if one["author_kind"] != "SCHOOL"] for d in dossiers]
    letters = Counter(one["kind"] for d in dossiers for one in d["letters"] if one["state"] == "SENT")
    assert len(dossiers) == counters["students"]
    assert sum(bool(entries) for entries in families) == counters["entered"]
    assert dict(Counter(one["phase"] for entries in families for one in entries)) == counters["versions"]
    outcomes = Counter(one["receipt"]["outcome"] for entries in families for one in entries)
    assert (outcomes["ACCEPTED"], outcomes["NOT_PROCESSED"]) == (counters["transferred"], counters["not_processed"])
    statements = [one for d in dossiers for one in d["statements"]]
    assert sum(one["acknowledgement"] is not None for one in statements) == counters["acknowledged"]
    assert sum(one["answer"] is not None for one in statements) == counters["answered"]
    assert sum(len(d["decisions"]) for d in dossiers) == counters["decided"]
    assert sum(len(d["refused"]) for d in dossiers) == counters["refused"]
    assert dict(letters) == counters["emails_by_kind"]


def test_the_dump_can_be_judged_without_the_program(campaign: tuple[dict[str, Any], Path]) -> None:
    """Two rules, written here a second time from the dump alone: the window of an entry, and who may write it."""
    for dossier in lines(campaign[1]):
        legal = {one["who"] for one in dossier["persons"] if one["level"] == 1} | {"E"}
        for entry in dossier["submissions"]:
            if entry["author_kind"] == "SCHOOL":
                continue
            window = next(w for w in dossier["windows"] if (w["phase"], w["kind"]) == (entry["phase"], "ENTRY"))
            longer = [e["closes_at"] for e in dossier["extensions"] if e["phase"] == entry["phase"]]
            closings = [c["closes_at"] for c in dossier["closings"] if c["phase"] == entry["phase"]]
            opened = [
                event["at"]
                for council in dossier["councils"]
                if council["phase"] == entry["phase"]
                for event in council["events"]
                if event["what"] == "council_opened"
            ]
            ends = min([max([window["closes_at"], *longer]), *closings, *opened])
            assert window["opens_at"] <= entry["at"] < ends
            assert entry["author"] in legal


def test_a_dump_names_nobody_by_a_random_number(campaign: tuple[dict[str, Any], Path]) -> None:
    text = campaign[1].read_text(encoding="utf-8")
    dossier = lines(campaign[1])[0]
    assert dossier["dossier"] == f"{dossier['school']['uai']}/{dossier['dossier'].split('/')[1]}"
    assert not [word for word in text.split('"') if len(word) == 36 and word.count("-") == 4]


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "same", "other")]
    for file, seed in zip(files, ("3", "3", "4"), strict=True):
        assert play("--students", "12", "--seed", seed, "--dump", str(file)).code == 0
    one, same, other = (file.read_bytes() for file in files)
    assert one == same
    assert one != other


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
