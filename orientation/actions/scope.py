"""The school settles whether a pupil whom Siècle does not place is concerned by the campaign (CAL-01)."""

from django.db import transaction

from families.models import Division, Student, StudentScope
from families.scope import DECIDED
from ledger import clock, journal
from ledger.journal import Actor
from orientation.actions.dossiers import open_dossiers
from orientation.models import Dossier
from orientation.rules import Refusal, RuleBroken


def is_to_settle(student: Student) -> bool:
    """Siècle does not say, or the school has said and may think again."""
    return student.scope == StudentScope.TO_DECIDE or student.scope_reason == DECIDED


def settle_scope(
    *, student: Student, concerned: bool, reason: str, by: Actor, level: str = "", division: Division | None = None
) -> Student:
    """In the campaign of their level, with a dossier at once, or out of it. What Siècle says of them is left.

    The next import does not ask again. Raises RuleBroken: NOTHING_TO_SETTLE, LEVEL_MISSING, DIVISION_MISSING.
    """
    with transaction.atomic():
        row = Student.objects.select_for_update(of=("self",)).select_related("school").get(pk=student.pk)
        if not is_to_settle(row):
            raise RuleBroken(Refusal.NOTHING_TO_SETTLE)
        row.level, row.division = row.level or level, row.division or division
        if concerned:
            _check_placed(row)
        row.scope, row.scope_reason = StudentScope.IN_SCOPE if concerned else StudentScope.OUT, DECIDED
        row.save(update_fields=["level", "division", "scope", "scope_reason"])
        open_dossiers(by=by, school=row.school)
        _note(row, reason, by)
        return row


def _check_placed(row: Student) -> None:
    if not row.level:
        raise RuleBroken(Refusal.LEVEL_MISSING)
    if row.division is None or (row.division.school_id, row.division.year) != (row.school_id, row.year):
        raise RuleBroken(Refusal.DIVISION_MISSING)


def _note(row: Student, reason: str, by: Actor) -> None:
    dossier = Dossier.objects.filter(student=row, campaign__year=row.year, campaign__level=row.level).first()
    journal.write(
        verb="scope_settled", by=by, at=clock.now(), dossier=dossier.uuid if dossier else None, school=row.school.uai,
        student=str(row.uuid), scope=row.scope, level=row.level, division=row.division.code if row.division else "",
        reason=reason,
    )  # fmt: skip
