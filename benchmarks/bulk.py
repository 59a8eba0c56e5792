"""What a Django developer would write for the incoming part: objects, `bulk_create(update_conflicts)`, in batches.

Reads the same lines from a file, writes the same rows in one transaction, and checks nothing. `update_or_create`, a
row at a time, is tried on a sample.
"""

import csv
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 (after the set-up)

from benchmarks import dates  # noqa: E402
from benchmarks.spent import Spent  # noqa: E402
from families.models import Division, Guardianship  # noqa: E402
from ledger.models import JournalEntry, OutgoingEmail  # noqa: E402
from orientation.models import (  # noqa: E402
    CouncilAnswer,
    CouncilStatement,
    Dossier,
    PhaseWindow,
    StatementWithdrawal,
    Submission,
)

BATCH = 5_000
SAMPLE = 1_000
SIECLE = {"actor_kind": "SIECLE", "actor_name": "Siècle Orientation"}
Line = dict[str, Any]


class Undone(Exception):
    """Ends the transaction of the sample."""


class Around:
    """What the lines of one batch refer to."""

    def __init__(self, lines: list[Line]) -> None:
        keys = [(line["uai"], int(line["eleve_id"])) for line in lines]
        found = Dossier.objects.select_related("student__school__academy").filter(
            student__siecle_id__in=[key for _, key in keys]
        )
        self.dossiers = {(one.student.school.uai, one.student.siecle_id): one for one in found}
        here = [one.pk for one in self.dossiers.values()]
        self.submissions = {str(one.uuid): one for one in Submission.objects.filter(dossier__in=here)}
        schools = {one.student.school_id for one in self.dossiers.values()}
        divisions = Division.objects.filter(school__in=schools).select_related("school")
        self.divisions = {(one.school.uai, one.code): one.pk for one in divisions}
        self.former = {
            one.dossier_id: one for one in CouncilStatement.objects.filter(dossier__in=here).order_by("version")
        }
        self.family: dict[int, list[UUID]] = defaultdict(list)
        legal = Guardianship.objects.legal().filter(student__dossiers__in=here).order_by("representative_id")
        for student, person in legal.values_list("student_id", "representative__uuid"):
            self.family[student].append(person)

    def dossier(self, line: Line) -> Dossier:
        return self.dossiers[line["uai"], int(line["eleve_id"])]


def statement_of(line: Line, around: Around) -> CouncilStatement:
    dossier = around.dossier(line)
    former = around.former.get(dossier.pk)
    zone = ZoneInfo(dossier.student.school.own_timezone or dossier.student.school.academy.timezone)
    morning = dates.NIGHT.astimezone(zone).replace(hour=6, minute=0)
    return CouncilStatement(
        dossier=dossier, phase=line["phase"], version=former.version + 1 if former else 1,
        submission=around.submissions[line["payload"]["submission_ref"]],
        division_id=around.divisions[line["uai"], line["division"]], entered_at=datetime.fromisoformat(line["at"]),
        received_at=dates.NIGHT, published_at=max(morning, dates.NIGHT), siecle_ref=line["ref"],
    )  # fmt: skip


def answers_of(line: Line, statement: CouncilStatement) -> list[CouncilAnswer]:
    return [
        CouncilAnswer(statement=statement, position=position, **answer)
        for position, answer in enumerate(line["payload"]["answers"], start=1)
    ]


def published(statement: CouncilStatement, around: Around) -> JournalEntry:
    student = statement.dossier.student
    then = {"division": student.division_id, "legal": [str(one) for one in around.family[student.pk]]}
    said = {"statement": str(statement.uuid), "phase": statement.phase, "version": statement.version, "then": then}
    return JournalEntry(
        at=dates.NIGHT, verb="statement_published", dossier_uuid=statement.dossier.uuid, data=said, **SIECLE
    )


def withdrawn(former: CouncilStatement, dossier: Dossier) -> JournalEntry:
    said = {"statement": str(former.uuid), "phase": former.phase, "version": former.version, "reason": "CHANGED"}
    return JournalEntry(at=dates.NIGHT, verb="statement_withdrawn", dossier_uuid=dossier.uuid, data=said, **SIECLE)


def letters_of(statement: CouncilStatement, around: Around, opens_at: datetime) -> list[OutgoingEmail]:
    kind = "opinions_available"
    return [
        OutgoingEmail(
            kind=kind, recipient_uuid=person, dossier_uuid=statement.dossier.uuid, about=statement.uuid,
            data={"phase": statement.phase}, dedup_key=f"{kind}:{statement.uuid}:{person}", not_before=opens_at,
            created_at=dates.NIGHT,
        )
        for person in around.family[statement.dossier.student_id]
    ]  # fmt: skip


def load_batch(lines: list[Line], opens_at: datetime) -> None:
    around = Around(lines)
    statements = CouncilStatement.objects.bulk_create(
        [statement_of(line, around) for line in lines], update_conflicts=True, unique_fields=["siecle_ref"],
        update_fields=["submission", "entered_at", "received_at", "published_at"],
    )  # fmt: skip
    answers = [one for line, statement in zip(lines, statements, strict=True) for one in answers_of(line, statement)]
    CouncilAnswer.objects.bulk_create(
        answers, update_conflicts=True, unique_fields=["statement", "pathway", "series"],
        update_fields=["position", "requested", "value", "comment"],
    )  # fmt: skip
    replaced = [one.dossier for one in statements if one.dossier_id in around.former]
    StatementWithdrawal.objects.bulk_create(
        [StatementWithdrawal(statement=around.former[one.pk], at=dates.NIGHT, reason="CHANGED") for one in replaced],
        update_conflicts=True, unique_fields=["statement"], update_fields=["at", "reason"],
    )  # fmt: skip
    JournalEntry.objects.bulk_create([withdrawn(around.former[one.pk], one) for one in replaced])
    JournalEntry.objects.bulk_create([published(one, around) for one in statements])
    OutgoingEmail.objects.bulk_create(
        [letter for one in statements for letter in letters_of(one, around, opens_at)], update_conflicts=True,
        unique_fields=["dedup_key"], update_fields=["about", "data", "not_before"],
    )  # fmt: skip


def load_one(line: Line, opens_at: datetime) -> None:
    """A row at a time."""
    around = Around([line])
    new = statement_of(line, around)
    values = {name: getattr(new, name) for name in ("dossier", "phase", "version", "submission", "division_id")}
    values |= {name: getattr(new, name) for name in ("entered_at", "received_at", "published_at")}
    statement, _ = CouncilStatement.objects.update_or_create(siecle_ref=line["ref"], defaults=values)
    for position, one in enumerate(line["payload"]["answers"], start=1):
        key = {"statement": statement, "pathway": one["pathway"], "series": one["series"]}
        said = {"position": position, "requested": one["requested"], "value": one["value"], "comment": one["comment"]}
        CouncilAnswer.objects.update_or_create(**key, defaults=said)
    former = around.former.get(new.dossier_id)
    if former:
        StatementWithdrawal.objects.update_or_create(
            statement=former, defaults={"at": dates.NIGHT, "reason": "CHANGED"}
        )
        withdrawn(former, new.dossier).save()
    published(statement, around).save()
    for letter in letters_of(statement, around, opens_at):
        named = ("kind", "recipient_uuid", "dossier_uuid", "about", "data", "not_before", "created_at")
        known = {name: getattr(letter, name) for name in named}
        OutgoingEmail.objects.update_or_create(dedup_key=letter.dedup_key, defaults=known)


def lines_of(path: str) -> Iterator[Line]:
    with open(path, newline="") as file:
        for line in csv.DictReader(file):
            yield {**line, "payload": json.loads(line["payload"])}


def opening() -> datetime:
    return PhaseWindow.objects.get(phase="PROVISIONAL", kind="CONSULTATION").opens_at


def sample(path: str) -> float:
    """Seconds a line, one at a time; nothing of it is kept."""
    lines, opens_at = list(islice(lines_of(path), SAMPLE)), opening()
    began = time.monotonic()
    try:
        with transaction.atomic():
            for line in lines:
                load_one(line, opens_at)
            raise Undone
    except Undone:
        return (time.monotonic() - began) / max(len(lines), 1)


def load(path: str) -> dict[str, float]:
    spent, opens_at, read = Spent(connection.cursor()), opening(), 0
    lines = lines_of(path)
    with transaction.atomic():
        while batch := list(islice(lines, BATCH)):
            load_batch(batch, opens_at)
            read += len(batch)
    return {**spent.so_far(), "lines": read}


def main(path: str) -> None:
    each = sample(path)
    found = load(path)
    print(json.dumps({**found, "update_or_create": each * found["lines"]}))


if __name__ == "__main__":
    main(sys.argv[1])
