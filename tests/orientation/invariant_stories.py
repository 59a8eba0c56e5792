"""Sound dossiers, from end to end, and the means to corrupt them behind the database's back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection

from ledger.journal import SIECLE
from orientation import actions
from orientation.invariants import check
from orientation.models import CouncilStatement, Submission
from tests.factories import (
    CHOICES_CLOSE,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    INTENTIONS_CLOSE,
    OPINIONS_OPEN,
    PRO,
    PROPOSALS_CLOSE,
    PROPOSALS_OPEN,
    Family,
    accepted,
    actor,
    decided,
    family,
    left_aside,
    staff,
    statement,
    typed,
)
from tests.orientation.second import eleven_entered

At = Callable[[datetime], None]
COUNCIL = INTENTIONS_CLOSE + timedelta(days=2)
SID = "6a2f41a3-c54c-4ce8-a2d9-000000000001"


def opened(of: Family, phase: str) -> None:
    actions.open_council(
        uai=of.student.school.uai, year=2025, level="3E", division=of.student.division.code, phase=phase,
        held_on=None, by=SIECLE,
    )  # fmt: skip


def enters(of: Family, phase: str, *choices: Any, base: int = 0) -> Submission:
    by = actor(of.mother, sid=SID)
    return actions.submit_choices(dossier=of.dossier.uuid, phase=phase, choices=choices, base_version=base, by=by)


def published(of: Family, entry: Submission, values: list[tuple[Any, str]], *, at: datetime) -> CouncilStatement:
    return statement(of, entry.phase, answers=values, published_at=at, submission=entry)


def plain(at: At) -> Family:
    """Two versions of the intentions, opinions acknowledged, choices, an acceptance that decides."""
    one = family()
    at(DURING_INTENTIONS)
    enters(one, "PROVISIONAL", GT)
    intentions = enters(one, "PROVISIONAL", PRO, GT, base=1)
    for entry in Submission.objects.all():
        accepted(one, entry)
    at(COUNCIL)
    opened(one, "PROVISIONAL")
    opinions = published(one, intentions, [(PRO, "Favorable"), (GT, "Réservé")], at=OPINIONS_OPEN)
    at(DURING_OPINIONS)
    actions.acknowledge(dossier=one.dossier.uuid, statement=opinions.uuid, by=actor(one.father))
    at(DURING_CHOICES)
    choices = enters(one, "DEFINITIVE", PRO)
    accepted(one, choices)
    at(CHOICES_CLOSE + timedelta(hours=12))
    opened(one, "DEFINITIVE")
    proposals = published(one, choices, [(PRO, "OUI")], at=PROPOSALS_OPEN + timedelta(days=1))
    at(DURING_PROPOSALS)
    answers(one, proposals, "ACCEPTED", PRO)
    return one


def answers(of: Family, proposals: CouncilStatement, kind: str, *choices: Any) -> Any:
    return actions.answer_proposals(
        dossier=of.dossier.uuid, statement=proposals.uuid, kind=kind, accepted=[one.key for one in choices],
        by=actor(of.mother),
    )  # fmt: skip


def contested(at: At) -> Family:
    """An objection, a change by the school, an entry too late, opinions acknowledged twice, a « non », an appeal."""
    one = family(policies={"objection": "RECORDED", "answered_by": "ALL", "opinion_change": "AGAIN"})
    _changed(one, at)
    _read_twice(one, at)
    _disagreed(one, at)
    return one


def _changed(one: Family, at: At) -> None:
    at(DURING_INTENTIONS)
    entry = enters(one, "PROVISIONAL", GT)
    actions.object_to_entry(dossier=one.dossier.uuid, submission=entry.uuid, reason="", by=actor(one.father))
    at(COUNCIL - timedelta(days=3))
    late = enters(one, "PROVISIONAL", GT, PRO, base=1)
    accepted(one, entry)
    at(COUNCIL - timedelta(days=3) + timedelta(hours=1))
    opened(one, "PROVISIONAL")
    left_aside(one, late, at=COUNCIL)
    published(one, entry, [(GT, "Réservé")], at=OPINIONS_OPEN)
    asked_on = OPINIONS_OPEN.date()
    typed(one, "PROVISIONAL", PRO, at=OPINIONS_OPEN + timedelta(days=1), asked_by="la mère", asked_on=asked_on)


def _read_twice(one: Family, at: At) -> None:
    change = one.dossier.submissions.get(author_kind="SCHOOL")
    for days in (0, 3):
        said = published(one, change, [(PRO, "Réservé" if days else "Favorable")], at=DURING_OPINIONS + timedelta(days))
        at(DURING_OPINIONS + timedelta(days=days, hours=1))
        actions.acknowledge(dossier=one.dossier.uuid, statement=said.uuid, by=actor(one.father))


def _disagreed(one: Family, at: At) -> None:
    at(DURING_CHOICES)
    choices = enters(one, "DEFINITIVE", PRO)
    accepted(one, choices)
    at(CHOICES_CLOSE + timedelta(hours=12))
    opened(one, "DEFINITIVE")
    proposals = published(one, choices, [(PRO, "OUI")], at=PROPOSALS_OPEN + timedelta(days=1))
    at(DURING_PROPOSALS)
    answer = answers(one, proposals, "ACCEPTED", PRO)
    actions.agree(dossier=one.dossier.uuid, answer=answer.uuid, agrees=False, by=actor(one.father))
    at(PROPOSALS_CLOSE + timedelta(days=2))
    school, day = {"user": staff(one.student.school), "by": SIECLE}, (PROPOSALS_CLOSE + timedelta(days=1)).date()
    actions.record_meeting(dossier=one.dossier.uuid, held_on=day, present="la famille", **school)
    decided(one, "CAP", at=PROPOSALS_CLOSE + timedelta(days=2), notified_on=day)
    actions.record_appeal(dossier=one.dossier.uuid, filed_on=day, **school)


def after_second(at: At) -> Family:
    one = family(level="2GT", mef="20010019110")
    eleven_entered(one, at)
    return one


def broken() -> set[str]:
    return {one.invariant.id for one in check() if one.violations}


@contextmanager
def without_triggers() -> Iterator[Any]:
    """What a careless administrator could do in the database."""
    models = [one for name in ("orientation", "ledger") for one in apps.get_app_config(name).get_models()]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for one in models:
            cursor.execute(f"ALTER TABLE {one._meta.db_table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rewrite(sql: str, *values: Any) -> None:
    with without_triggers() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount >= 1
