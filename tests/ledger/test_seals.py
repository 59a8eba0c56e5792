"""The seals of the journal: what each rests on, each night, and what lawful erasure leaves (ANS-09)."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from ledger import journal
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, JournalSeal
from ledger.seals import BUNDLE, SEALED, reseal, seal_journal
from orientation.tasks import seal

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
MORNING = datetime(2027, 4, 6, 4, 15, tzinfo=UTC)
DOSSIER = uuid4()


def write(count: int = 1, **more: Any) -> list[JournalEntry]:
    return [
        journal.write(verb="entry_validated", by=SYSTEM, at=MORNING, dossier=DOSSIER, rank=rank, **more)
        for rank in range(count)
    ]


def sha(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()


def by_hand(lines: list[JournalEntry], previous: str, day: str, up_to: int) -> str:
    """The digest as docs/preuves.md says it, without the code that makes it."""
    bundles: dict[int, list[bytes]] = {}
    for one in lines:
        bundles.setdefault(one.pk // 1000, []).append(sha(text(one).encode()))
    held = sha(*[sha(*leaves) for leaves in bundles.values()])
    return sha(held, bytes.fromhex(previous), f"{day} {up_to} {len(lines)}".encode()).hex()


def text(one: JournalEntry) -> str:
    """What PostgreSQL writes: an array of JSON, keys by length then by letters, a space after each comma and colon."""
    at = one.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    data = dict(sorted(one.data.items(), key=lambda item: (len(item[0]), item[0])))
    actor, dossier = (str(it) if it else None for it in (one.actor_uuid, one.dossier_uuid))
    fields = [one.pk, at, one.verb, one.actor_kind, actor, one.actor_name, dossier, data]
    return json.dumps(fields, ensure_ascii=False)


def test_a_seal_rests_on_each_line_in_order_and_on_the_seal_before_it(at: At) -> None:
    at(MORNING)
    with connection.cursor() as cursor:  # so that one bundle ends and another begins
        cursor.execute("SELECT setval(pg_get_serial_sequence('ledger_journalentry', 'id'), 4998)")
    lines = write(4, name='Élise « ’ » \\ "', œuvre=[1, None, True])
    assert {one.pk // BUNDLE for one in lines} == {4, 5}
    first = seal_journal()
    assert (first.day, first.count, first.up_to, first.previous) == (date(2027, 4, 5), 4, lines[-1].pk, "")
    assert first.digest == by_hand(lines, "", "2027-04-05", first.up_to)
    at(MORNING + timedelta(days=1))
    more = [*JournalEntry.objects.filter(verb=SEALED), *write(2)]
    second = seal_journal()
    assert (second.count, second.previous) == (3, first.digest)
    assert second.digest == by_hand(more, first.digest, "2027-04-06", second.up_to)


def test_a_day_is_sealed_once_and_a_missed_night_is_caught_up(at: At) -> None:
    at(MORNING)
    write(2)
    assert seal() == 2
    write()
    assert [seal_journal(), seal()] == [None, 0]
    at(MORNING + timedelta(days=3))
    assert seal() == 2  # the line, and what the journal says of the seal before
    assert [one.day.day for one in JournalSeal.objects.order_by("pk")] == [5, 8]


def test_a_journal_without_a_line_has_its_seal_too(at: At) -> None:
    at(MORNING)
    made = seal_journal()
    assert (made.count, made.up_to) == (0, 0)


def test_a_seal_neither_changes_nor_goes(at: At) -> None:
    at(MORNING)
    seal_journal()
    for sql in ("UPDATE ledger_journalseal SET count = 9", "DELETE FROM ledger_journalseal"):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            connection.cursor().execute(sql)


def test_two_seals_cannot_follow_the_same_one(at: At) -> None:
    at(MORNING)
    made = seal_journal()
    with pytest.raises(DatabaseError, match="seals_are_one_chain"), transaction.atomic():
        JournalSeal.objects.create(
            day=made.day + timedelta(days=1), up_to=0, count=0, digest="0" * 64, previous="", sealed_at=MORNING
        )


def test_an_erasure_leaves_the_digests_of_what_stays_and_says_nothing_of_other_days(at: At) -> None:
    at(MORNING)
    gone, _ = write(2)
    seal_journal()
    at(MORNING + timedelta(days=1))
    seal_journal()
    assert reseal(by=SYSTEM) == 0
    with pgtrigger.ignore():
        JournalEntry.objects.filter(pk=gone.pk).delete()
    assert reseal(by=SYSTEM) == 1
    line = JournalEntry.objects.get(verb="journal_resealed")
    assert {day: one["count"] for day, one in line.data["seals"].items()} == {"2027-04-05": 1}
    assert reseal(by=SYSTEM) == 0  # what was said once is not said again
