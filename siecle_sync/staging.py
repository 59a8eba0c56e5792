"""Temporary tables of one night: lines come in and go out by COPY, and are compared in SQL."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import psycopg2
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from siecle_sync import contract
from siecle_sync.client import ExchangeFailed, Page

BLOCK = 2**16  # bytes copied at a time
LAST_NUMBER = 2**53  # a number out of reach would hide every line to come
# Everything comes in as text: what is malformed is refused line by line, with a reason.
# `line`: their order on the way.
LINE = "line bigint GENERATED ALWAYS AS IDENTITY"
RAW = ", ".join((LINE, *(f'"{name}" {"bigint PRIMARY KEY" if name == "seq" else "text"}' for name in contract.COLUMNS)))
TABLES = {
    "siecle_raw": RAW,
    "siecle_report": f"{LINE}, seq bigint PRIMARY KEY, kind text, ref text, outcome text, code text, sentence text",
}
IN_ORDER = """
SELECT count(*), COALESCE(bool_and(seq > before), true), COALESCE(max(seq), %(after)s)
FROM (SELECT seq, lag(seq, 1, %(after)s) OVER (ORDER BY line) AS before FROM {table} WHERE seq > %(after)s) page
"""
# ISO 8601, with its offset, in this century (the contract): PostgreSQL also reads « now », « infinity », « tomorrow ».
INSTANT = (
    r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
    r" ?(Z|[+-][0-9]{2}(:?[0-9]{2}(:?[0-9]{2})?)?)$"
)
# PostgreSQL 15 has no IS JSON: these three say NULL instead of failing.
READERS = """
CREATE OR REPLACE FUNCTION pg_temp.read_json(raw text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RETURN raw::jsonb; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION pg_temp.read_instant(raw text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN CASE WHEN raw ~ 'INSTANT' THEN raw::timestamptz END; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
CREATE OR REPLACE FUNCTION pg_temp.read_date(raw text) RETURNS date LANGUAGE plpgsql STABLE AS
$$ BEGIN RETURN CASE WHEN raw ~ '^20[0-9]{2}-[0-9]{2}-[0-9]{2}$' THEN raw::date END;
   EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
""".replace("INSTANT", INSTANT)


def create(cursor: CursorWrapper, table: str) -> None:
    """Make an empty temporary table, kept until the end of the night."""
    drop(cursor, table)
    cursor.execute(READERS)
    cursor.execute(f"CREATE TEMP TABLE {table} ({TABLES[table]})")


def drop(cursor: CursorWrapper, *tables: str) -> None:
    for table in tables:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")


def copy_in(cursor: CursorWrapper, table: str, columns: Iterable[str], pages: Iterable[Page]) -> int:
    """Copy pages of lines as they come; return the last line's number (0: none). Raises ExchangeFailed."""
    last = 0
    names = ", ".join(f'"{name}"' for name in columns)
    for page in pages:
        with page:
            copy_page(cursor, f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv, HEADER MATCH)", page)
        last = page.last = last_of(cursor, table, page)
    cursor.execute(f"ANALYZE {table}")
    return last


def copy_page(cursor: CursorWrapper, statement: str, page: Page) -> None:
    try:
        with transaction.atomic():
            cursor.copy_expert(statement, page, BLOCK)
    except psycopg2.errors.UniqueViolation as error:
        raise ExchangeFailed("OUT_OF_ORDER", str(error).splitlines()[0]) from error
    except (psycopg2.DataError, psycopg2.IntegrityError) as error:
        raise ExchangeFailed("UNREADABLE", str(error).splitlines()[0]) from error
    if cursor.rowcount != page.lines:
        raise ExchangeFailed("WRONG_LINES", f"{cursor.rowcount} pour {page.lines}")


def last_of(cursor: CursorWrapper, table: str, page: Page) -> int:
    """The number of the last line of a page just copied: its lines follow the former ones, each after the other."""
    cursor.execute(IN_ORDER.format(table=table), {"after": page.after})
    lines, in_order, last = cursor.fetchone()
    if lines != page.lines or not in_order or last > LAST_NUMBER:
        raise ExchangeFailed("OUT_OF_ORDER")
    return last


@dataclass
class Body:
    """A table written as CSV on disk, with what announces it."""

    file: BinaryIO
    digest: str
    length: int
    lines: int


class Hashing:
    """A file that knows the sha256 of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()

    def write(self, block: bytes) -> int:
        self.sha256.update(block)
        return self.file.write(block)


def copy_out(cursor: CursorWrapper, query: str) -> Body:
    """Write the lines of a query to a file that vanishes when closed."""
    file = TemporaryFile()  # noqa: SIM115 (closed by whoever sends it)
    hashing: Any = Hashing(file)
    cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)", hashing)
    lines = cursor.rowcount
    length = file.tell()
    file.seek(0)
    return Body(file, hashing.sha256.hexdigest(), length, lines)
