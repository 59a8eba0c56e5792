"""A deposit: taken in as it comes, whatever its size, then processed by sets."""

import hashlib
import json
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

import psycopg2
from django.db import DataError, IntegrityError

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
    with exclusive() as cursor:
        known = MockDeposit.objects.filter(pk=uuid).first()
        if known is not None and known.digest != digest:
            raise Refused("OTHER_DIGEST")
        if known is None:
            known = MockDeposit.objects.create(uuid=uuid, digest=digest, received_at=at, **scope)
            copy(cursor, known, stream, digest, lines)
    process(uuid)
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


def copy(cursor: Any, deposit: MockDeposit, stream: BinaryIO, digest: str, lines: int) -> None:
    read = Digested(stream)
    typed = ", ".join(f'"{name}" {kind}' for name, kind in contract.COLUMNS.items())
    texts = ", ".join(contract.TEXT_COLUMNS)
    cursor.execute("DROP TABLE IF EXISTS siecle_received")
    cursor.execute(STAGE.format(columns=typed))
    try:
        cursor.copy_expert(COPY_LINES.format(columns=contract.COLUMN_LIST, texts=texts), read)
        received = cursor.rowcount
        cursor.execute(KEEP.format(columns=contract.COLUMN_LIST), {"deposit": deposit.pk})
    except (DataError, IntegrityError, psycopg2.Error) as error:
        raise Refused("UNREADABLE") from error
    if read.sha256.hexdigest() != digest:
        raise Refused("WRONG_DIGEST")
    if received != lines:
        raise Refused("WRONG_LINES")


def receipt(deposit: MockDeposit) -> str:
    return json.dumps({"id": str(deposit.pk), "digest": deposit.digest})


def forget_rosters(deposit: MockDeposit) -> None:
    """The lines of yesterday's roster say nothing that today's does not."""
    MockLine.objects.filter(
        kind__in=contract.ROSTER,
        deposit__academy=deposit.academy,
        deposit__year=deposit.year,
        deposit__level=deposit.level,
    ).exclude(deposit=deposit).delete()
