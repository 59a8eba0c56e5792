"""Databases of its own for a simulated campaign: made, migrated, dropped whatever happens. No other is touched."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from django.core.management import call_command
from django.db import connections

ALIASES = ("default", "siecle_mock")
MAINTENANCE = "postgres"  # every server has it; one creates and drops the others from there


@contextmanager
def own_databases() -> Iterator[str]:
    """Point every connection of this process to two new databases; drop them at the end. Yield the first one's name.

    PLAY_MODEL names a migrated, empty pair to copy, for who plays many times: migrating takes longer than a small play.
    """
    model = os.environ.get("PLAY_MODEL", "")
    own = f"{connections['default'].settings_dict['NAME']}_play_{os.getpid()}"
    names = pair(own)
    former = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    try:
        for alias in ALIASES:
            create(alias, names[alias], like=pair(model)[alias] if model else "template0")
        point(names)
        if not model:
            migrate()
        yield own
    finally:
        point(former)
        for alias in ALIASES:
            execute(alias, f'DROP DATABASE IF EXISTS "{names[alias]}" WITH (FORCE)')


def pair(name: str) -> dict[str, str]:
    return {"default": name, "siecle_mock": f"{name}_siecle_mock"}


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", "siecle_mock", database="siecle_mock", verbosity=0, interactive=False)


def create(alias: str, name: str, *, like: str) -> None:
    execute(alias, f'CREATE DATABASE "{name}" TEMPLATE "{like}" ENCODING \'UTF8\'')
    # the database lives a minute: a commit need not wait for the disk
    execute(alias, f'ALTER DATABASE "{name}" SET synchronous_commit = off')


def point(names: dict[str, Any]) -> None:
    """Every thread's next connection goes to these databases: the settings are shared, the connections are not."""
    for alias, name in names.items():
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        del connections[alias]  # one that a kill left in the middle of a transaction cannot be used again


def execute(alias: str, statement: str) -> None:
    """Run a statement that no database may run upon itself, on a connection that a kill cannot have broken."""
    server = connections[alias].get_connection_params() | {"dbname": MAINTENANCE}
    with closing(psycopg2.connect(**server)) as maintenance:
        maintenance.autocommit = True
        with maintenance.cursor() as cursor:
            cursor.execute(statement)
