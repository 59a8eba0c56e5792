"""What two nights left behind, comparable: no serial number, no random uuid, nothing that depends on real time.

A row is known by what it says; what it refers to, by number or by uuid, is replaced by what that says in its turn.
"""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg2

Row = dict[str, Any]
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PROGRAMS = ("orientation_", "ledger_", "siecle_sync_", "siecle_mock_", "families_")
# A deposit may be made twice: what counts is what Siècle understood of it.
LEFT_OUT = {"siecle_mock_mockdeposit", "siecle_mock_mockline", "orientation_invariantrun", "families_session"}
TRIES = {
    "siecle_sync_runpart": {"attempts", "next_try_at", "deposit", "step"},
    "ledger_outgoingemail": {"state", "sent_at", "attempts", "message_id", "last_error", "claimed_at"},
}
TABLES = """
SELECT c.relname, (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                   WHERE i.indrelid = c.oid AND i.indisprimary)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' WHERE c.relkind = 'r'
"""
LINKS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'
"""


@dataclass
class Base:
    """One database: rows by table and primary key."""

    rows: dict[tuple[str, Any], Row] = field(default_factory=dict)
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, Any]] = field(default_factory=dict)
    said: dict[tuple[str, Any], str] = field(default_factory=dict)

    def line(self, table: str, key: Any) -> str:
        """What a row says, its links followed."""
        hidden = TRIES.get(table, set()) | {self.keys[table], "uuid"}
        row = {
            name: self.value(table, name, value)
            for name, value in self.rows[table, key].items()
            if name not in hidden or (name == self.keys[table] and (table, name) in self.links)
        }
        return json.dumps(row, sort_keys=True, ensure_ascii=False)

    def value(self, table: str, name: str, value: Any) -> Any:
        target = self.links.get((table, name))
        if target is not None and value is not None:
            return self.short(target, value)
        text = json.dumps(value, sort_keys=True, ensure_ascii=False)
        return UUID.sub(lambda found: self.short(*self.names.get(found[0], ("", found[0]))), text)

    def short(self, table: str, key: Any) -> str:
        """A few characters that stand for a row, the same wherever that row says the same."""
        if (table, key) not in self.rows:
            return str(key)
        if (table, key) not in self.said:
            self.said[table, key] = "loop"
            digest = hashlib.sha256(self.line(table, key).encode()).hexdigest()
            self.said[table, key] = f"{table.split('_')[-1]}:{digest[:10]}"
        return self.said[table, key]


def read(url: str) -> Base:
    base = Base()
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        base.keys = {table: key for table, key in cursor.fetchall() if table.startswith(PROGRAMS)}
        cursor.execute(LINKS)
        base.links = {(table, column): target for table, column, target in cursor.fetchall()}
        for table, key in base.keys.items():
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
            for (row,) in cursor.fetchall():
                base.rows[table, row[key]] = row
                if "uuid" in row:
                    base.names[row["uuid"]] = (table, row[key])
    connection.close()
    return base


def dump(*urls: str) -> Counter[str]:
    """Every row of these databases, and how many times it is there."""
    found: Counter[str] = Counter()
    for base in map(read, urls):
        for table, key in base.rows:
            if table not in LEFT_OUT:
                found[f"{table} {base.line(table, key)}"] += 1
    return found


def differences(expected: Counter[str], found: Counter[str]) -> list[str]:
    """What is lost (-) and what is there that should not be, or once too often (+)."""
    return sorted(f"- {line}" for line in expected - found) + sorted(f"+ {line}" for line in found - expected)
