"""A deposit: taken in as it comes, whatever its size, then processed by sets."""

import hashlib
import json
from datetime import datetime, timedelta
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from uuid import UUID

import psycopg2
from django.db import DatabaseError

from ledger import clock
from siecle_sync import contract
from siecle_sync.mock import processing
from siecle_sync.mock.models import DepositState, MockDeposit, MockLine
from siecle_sync.mock.store import exclusive

COPY_LINES = """
COPY siecle_received ({columns}) FROM STDIN
WITH (FORMAT csv, HEADER MATCH, FORCE_NOT_NULL ({texts}))
"""
STAGE = "CREATE TEMP TABLE siecle_received ({columns}) ON COMMIT DROP"
KEEP = """
INSERT INTO siecle_mock_mockline ({columns}, deposit_id, outcome, code)
SELECT {columns}, %(deposit)s, '', '' FROM siecle_received
"""
ROSTERS_KEPT = timedelta(days=2)
BLOCK = 2**16


class Refused(Exception):
    """A deposit that is not taken; nothing of it is kept."""

    def __init__(self, code: str) -> None:
        super().__init__(contract.SENTENCES[code])
        self.code = code


class Digested:
    """A stream that knows the sha256 of what was read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.stream.read(size)
        self.sha256.update(block)
        return block


def receive(*, uuid: UUID, stream: BinaryIO, digest: str, lines: int, at: datetime, **scope: Any) -> MockDeposit:
    """Take a deposit in, then process it. The same id and digest again: the same receipt. Raises Refused."""
    with TemporaryFile() as body:
        received = Digested(stream)
        copyfileobj(received, body, BLOCK)  # before the lock: a slow sender makes nobody wait
        if received.sha256.hexdigest() != digest:
            raise Refused("WRONG_DIGEST")
        body.seek(0)
        known = keep(uuid, body, lines, digest=digest, received_at=at, **scope)
    process(uuid)
    return known


def keep(uuid: UUID, body: BinaryIO, lines: int, **said: Any) -> MockDeposit:
    with exclusive() as cursor:
        known = MockDeposit.objects.filter(pk=uuid).first()
        if known is not None and known.digest != said["digest"]:
            raise Refused("OTHER_DIGEST")
        if known is None:
            known = MockDeposit.objects.create(uuid=uuid, **said)
            copy(cursor, known, body, lines)
        return known


def process(uuid: UUID) -> None:
    """Process a deposit taken in, once: one interrupted before this is taken up when it is deposited again."""
    with exclusive() as cursor:
        deposit = MockDeposit.objects.get(pk=uuid)
        if deposit.state == DepositState.DONE:
            return
        deposit.counters = processing.process(cursor, deposit)
        deposit.state = DepositState.DONE
        deposit.save(update_fields=["counters", "state"])
        forget_rosters(deposit)


def copy(cursor: Any, deposit: MockDeposit, body: BinaryIO, lines: int) -> None:
    typed = ", ".join(f'"{name}" {kind}' for name, kind in contract.COLUMNS.items())
    texts = ", ".join(contract.TEXT_COLUMNS)
    cursor.execute("DROP TABLE IF EXISTS siecle_received")
    cursor.execute(STAGE.format(columns=typed))
    try:
        cursor.copy_expert(COPY_LINES.format(columns=contract.COLUMN_LIST, texts=texts), body, BLOCK)
        received = cursor.rowcount
        cursor.execute(KEEP.format(columns=contract.COLUMN_LIST), {"deposit": deposit.pk})
    except (DatabaseError, psycopg2.Error) as error:
        raise Refused("UNREADABLE") from error
    if received != lines:
        raise Refused("WRONG_LINES")


def receipt(deposit: MockDeposit) -> str:
    return json.dumps({"id": str(deposit.pk), "digest": deposit.digest})


def forget_rosters(deposit: MockDeposit) -> None:
    """The lines of an old roster explain nothing any more. One night makes several deposits: recent ones stay."""
    MockLine.objects.filter(
        kind__in=contract.ROSTER,
        deposit__academy=deposit.academy,
        deposit__year=deposit.year,
        deposit__level=deposit.level,
        deposit__received_at__lt=clock.now() - ROSTERS_KEPT,
    ).delete()
