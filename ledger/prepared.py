"""Statements that PostgreSQL plans once a session: those which take longer to plan than to run."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from django.db import connection


class Prepared:
    """`sql` has $1, $2… of these types. Its plan is for any values; PostgreSQL makes another when the tables change."""

    def __init__(self, name: str, types: str, sql: str) -> None:
        self.prepare = f"PREPARE {name} ({types}) AS {sql}"
        self.run = f"EXECUTE {name} ({', '.join(['%s'] * len(types.split(',')))})"
        self.sessions: WeakSet[Any] = WeakSet()  # of the database, those of threads included

    def execute(self, cursor: Any, values: Sequence[Any]) -> None:
        """Run it on a cursor of the default database."""
        connection.ensure_connection()
        if connection.connection not in self.sessions:
            cursor.execute(self.prepare)
            self.sessions.add(connection.connection)
        cursor.execute(self.run, values)
