"""What the demo keeps between two runs: its databases, the migrations they went through, whether data is loaded.

A state file a database (.data/state….json) says which migrations made it and whether the loading of the invented data
came to its end.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from embedded import DATA, ROOT, Unavailable, reset
from postgres_redis import connects

MANAGE = [sys.executable, "manage.py"]
RESTART = "« make demo RESET=1 » repart de zéro (les données de la démonstration sont perdues)."


def is_embedded() -> bool:
    return "DATABASE_URL" not in os.environ


def state_file() -> Path:
    if is_embedded():
        return DATA / "state.json"
    return DATA / f"state-{hashlib.sha256(os.environ['DATABASE_URL'].encode()).hexdigest()[:8]}.json"


def read_state() -> dict[str, object]:
    return json.loads(state_file().read_text()) if state_file().exists() else {}


def note(**changes: object) -> None:
    state_file().write_text(json.dumps(read_state() | changes))


# --- before the servers start -----------------------------------------------------------------------------------------
def migrations() -> dict[str, str]:
    """Path → digest of each of our migrations."""
    files = [path for app in ROOT.glob("*/migrations") for path in app.glob("*.py")]
    files += (ROOT / "siecle_sync" / "mock" / "migrations").glob("*.py")
    return {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def prepare(reset_asked: bool) -> None:
    """Start afresh when asked or when a loading was cut short. Raises Unavailable when the data cannot be used."""
    if reset_asked and not is_embedded():
        raise Unavailable("RESET=1 ne vide pas une base donnée par DATABASE_URL : videz-la vous-même.")
    state = read_state()
    if state.get("loading") and not is_embedded():
        raise Unavailable("Un chargement des données s’est arrêté en chemin : videz la base de DATABASE_URL.")
    if reset_asked or state.get("loading"):
        reset(DATA)
        return
    applied, present = state.get("migrations", {}), migrations()
    assert isinstance(applied, dict)
    changed = [path for path, digest in applied.items() if present.get(path) != digest]
    if changed:
        raise Unavailable(f"La migration {changed[0]}, déjà appliquée, a changé. {RESTART}")


# --- once they answer -------------------------------------------------------------------------------------------------
def ensure_databases(variables: dict[str, str]) -> None:
    """Create the simulated Siècle's database beside a database given by DATABASE_URL. Raises Unavailable."""
    url = variables["DATABASE_URL"]
    parts = urlsplit(url)
    mock = variables.get("SIECLE_MOCK_DATABASE_URL") or urlunsplit(parts._replace(path=f"{parts.path}_siecle_mock"))
    if not connects(url):
        raise Unavailable("La base de DATABASE_URL ne répond pas (ou refuse ce compte).")
    if connects(mock):
        return
    name = urlsplit(mock).path.lstrip("/")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    except psycopg2.Error as error:
        raise Unavailable(f"La base « {name} » manque et n’a pas pu être créée : {error}") from error
    finally:
        connection.close()


def run(arguments: list[str], variables: dict[str, str], *, visible: bool = False) -> None:
    """A management command; its output shows when `visible` or when it fails. Raises Unavailable."""
    output = None if visible else subprocess.PIPE
    done = subprocess.run([*MANAGE, *arguments], cwd=ROOT, env=variables, stdout=output, stderr=output, text=True)
    if done.returncode:
        said = "" if visible else f"\n{done.stdout}{done.stderr}"
        raise Unavailable(f"« manage.py {' '.join(arguments)} » a échoué. {RESTART}{said}")


def migrate(variables: dict[str, str]) -> None:
    present = migrations()
    if read_state().get("migrations") == present:
        return
    run(["migrate", "--no-input"], variables)
    run(["migrate", "--no-input", "--database", "siecle_mock"], variables)
    note(migrations=present)


def has_command(name: str) -> bool:
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def load_once(variables: dict[str, str]) -> None:
    """Invent the data, the first time. A loading cut short is noticed by `prepare`."""
    if read_state().get("loaded") or not has_command("load_demo"):
        return
    note(loading=True)
    run(["load_demo"], {**variables, "LOG_LEVEL": "WARNING"}, visible=True)  # the progress bar alone
    note(loading=False, loaded=True)
