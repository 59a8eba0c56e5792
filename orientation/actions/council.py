"""What Siècle Orientation tells us of a class council: opened, moved, reset (CAL-06, SIE-05)."""

from datetime import date, datetime

from django.db import transaction

from families.models import Division
from ledger import clock, journal
from ledger.journal import Actor
from orientation.actions.act import hold_calendar
from orientation.enums import WithdrawalReason
from orientation.models import Campaign, ClassCouncil, CouncilStatement, StatementWithdrawal


class UnknownCouncil(LookupError):
    """No such division in a campaign of this school."""


def open_council(
    *, uai: str, year: int, level: str, division: str, phase: str, held_on: date | None, by: Actor
) -> ClassCouncil:
    """Open a council: families' entry stops at once for that division and phase (CAL-06). Twice changes nothing.

    Raises UnknownCouncil.
    """
    with transaction.atomic():
        council, now = _held(uai, year, level, division, phase)
        if council.opened_at is None:
            council.opened_at = now
            council.held_on = held_on or council.held_on
            council.save(update_fields=["opened_at", "held_on"])
            _note("council_opened", council, by, now)
        return council


def move_council(
    *, uai: str, year: int, level: str, division: str, phase: str, held_on: date | None, by: Actor
) -> ClassCouncil:
    """Change the council's date (SIE-05). Raises UnknownCouncil."""
    with transaction.atomic():
        council, now = _held(uai, year, level, division, phase)
        if council.held_on != held_on:
            council.held_on = held_on
            council.save(update_fields=["held_on"])
            _note("council_moved", council, by, now)
        return council


def reset_council(
    *, uai: str, year: int, level: str, division: str, phase: str, held_on: date | None, by: Actor
) -> ClassCouncil:
    """Put a council back before its opening: what it had published is withdrawn, never erased (SIE-05, OPI-04)."""
    with transaction.atomic():
        council, now = _held(uai, year, level, division, phase)
        if council.opened_at is not None:
            council.opened_at = None
            council.held_on = held_on or council.held_on
            council.save(update_fields=["opened_at", "held_on"])
            _withdraw(council, by, now)
            _note("council_reset", council, by, now)
        return council


def _withdraw(council: ClassCouncil, by: Actor, now: datetime) -> None:
    reason = WithdrawalReason.RESET
    standing = CouncilStatement.objects.filter(
        dossier__campaign=council.campaign, division=council.division, phase=council.phase, withdrawal__isnull=True
    ).select_related("dossier")
    for one in standing.order_by("pk"):
        StatementWithdrawal.objects.create(statement=one, at=now, reason=reason)
        journal.write(
            verb="statement_withdrawn", by=by, at=now, dossier=one.dossier.uuid, statement=str(one.uuid),
            phase=one.phase, version=one.version, reason=reason,
        )  # fmt: skip


def _held(uai: str, year: int, level: str, code: str, phase: str) -> tuple[ClassCouncil, datetime]:
    division = Division.objects.select_related("school").filter(school__uai=uai, year=year, code=code).first()
    if division is None:
        raise UnknownCouncil(f"{uai} {year} {code}")
    campaign = Campaign.objects.filter(academy=division.school.academy_id, year=year, level=level).first()
    if campaign is None:
        raise UnknownCouncil(f"{uai} {year} {level}")
    hold_calendar(division.school_id)
    # a night that is taking this council's opinions in: it ends, then they are withdrawn with the others
    locked = ClassCouncil.objects.select_for_update()
    council, _ = locked.get_or_create(campaign=campaign, division=division, phase=phase)
    return council, clock.now()


def _note(verb: str, council: ClassCouncil, by: Actor, now: datetime) -> None:
    journal.write(
        verb=verb,
        by=by,
        at=now,
        council=str(council.uuid),
        school=council.division.school.uai,
        division=council.division.code,
        phase=council.phase,
        held_on=council.held_on.isoformat() if council.held_on else None,
    )
