"""Legal erasure at the end of retention: the only place that may pass over the walls of the database (ANS-09).

Everything under the dossiers of a finished campaign goes, in one transaction or not at all, whatever tables there are:
they are found by their foreign keys. One line of the journal stays, which names nobody.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pgtrigger
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q

from ledger import clock, journal
from ledger.journal import Actor
from ledger.models import JournalEntry, LetterEvent, OutgoingEmail
from ledger.seals import reseal
from orientation.enums import DecisionOrigin
from orientation.models import Campaign, Dossier, Extension, InvariantRun, PhaseWindow

Besides = Callable[[Campaign], list[models.QuerySet[Any]]]


class ErasureRefusal(StrEnum):
    NO_REASON = "NO_REASON"
    STILL_RUNNING = "STILL_RUNNING"
    TOO_EARLY = "TOO_EARLY"


class ErasureRefused(Exception):
    def __init__(self, code: ErasureRefusal, campaign: Campaign | None = None) -> None:
        super().__init__(code)
        self.code, self.campaign = code, campaign


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: `rows` by table. `kept`: dossiers held back by an appeal."""

    campaign: Campaign
    dossiers: int
    kept: int
    rows: dict[str, int]


def retention_ends(campaign: Campaign) -> datetime:
    """The 31 August that ends the school year, and settings.RETENTION_MONTHS more, in the académie's time."""
    years, months = divmod(8 + settings.RETENTION_MONTHS, 12)
    return datetime(campaign.year + 1 + years, months + 1, 1, tzinfo=ZoneInfo(campaign.academy.timezone))


def erase(
    *, campaigns: Sequence[Campaign], reason: str, by: Actor, dry_run: bool = False, with_appeals: bool = False,
    besides: Besides | None = None,
) -> list[Erased]:  # fmt: skip
    """Erase the dossiers of these campaigns; one refusal or one failure erases nothing.

    A dossier with an appeal is kept, unless `with_appeals`. `besides` gives other rows of a campaign to erase with it.
    With `dry_run` everything is done, counted and undone. The reason is kept for ever: it names nobody.
    Raises ErasureRefused.
    """
    if not reason.strip():
        raise ErasureRefused(ErasureRefusal.NO_REASON)
    with transaction.atomic():
        done = [_erase(one, with_appeals, besides) for one in campaigns]
        for one in done:
            _note(one, reason.strip(), by)
        reseal(by=by)
        transaction.set_rollback(dry_run)
    return done


def _erase(campaign: Campaign, with_appeals: bool, besides: Besides | None) -> Erased:
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    _check(campaign, clock.now())
    dossiers = Dossier.objects.filter(campaign=campaign)
    chosen = dossiers if with_appeals else dossiers.exclude(_appealed())
    found = dict(dossiers.filter(pk__in=chosen.values("pk")).select_for_update().values_list("pk", "uuid"))
    others = besides(campaign) if besides else []
    # The inner transaction is undone before the walls stand again, which takes a sound connection.
    with pgtrigger.ignore(), transaction.atomic():
        rows = _delete([*_under(found), *others])
    return Erased(campaign, len(found), dossiers.count(), rows)


def _appealed() -> Q:
    return Q(appeal__isnull=False) | Q(decisions__origin=DecisionOrigin.APPEAL)


def _check(campaign: Campaign, now: datetime) -> None:
    """The delay is over, and no window of this campaign is still to close."""
    if any(one.objects.filter(campaign=campaign, closes_at__gt=now).exists() for one in (PhaseWindow, Extension)):
        raise ErasureRefused(ErasureRefusal.STILL_RUNNING, campaign)
    if now < retention_ends(campaign):
        raise ErasureRefused(ErasureRefusal.TOO_EARLY, campaign)


def _under(dossiers: dict[int, UUID]) -> list[models.QuerySet[Any]]:
    """Every row to erase, those that rest on others first, then the dossiers themselves."""
    _forget_in_inspections({str(one) for one in dossiers.values()})
    uuids = dossiers.values()
    written = [
        JournalEntry.objects.filter(dossier_uuid__in=uuids),
        LetterEvent.objects.filter(letter__dossier_uuid__in=uuids),
        OutgoingEmail.objects.filter(dossier_uuid__in=uuids),
    ]
    below = [model._base_manager.filter(**{path: dossiers}) for model, path in _below(Dossier, "in")]
    return [*written, *below, Dossier.objects.filter(pk__in=dossiers)]


def _below(model: type[models.Model], path: str) -> Iterator[tuple[type[models.Model], str]]:
    """The models that point at this one, at any depth, with the path of each down to it: deepest first."""
    for one in model._meta.get_fields(include_hidden=True):
        if isinstance(one, models.ManyToOneRel):
            down = f"{one.field.name}__{path}"
            yield from _below(one.related_model, down)
            yield one.related_model, down


def _delete(querysets: list[models.QuerySet[Any]]) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for one in querysets:
        rows[one.model.__name__] += one.order_by()._raw_delete(connection.alias) or 0
    return dict(sorted((+rows).items()))


def _forget_in_inspections(dossiers: set[str]) -> None:
    for run in InvariantRun.objects.exclude(violations=[]):
        run.violations = [one for one in run.violations if one.get("dossier") not in dossiers]
        run.save(update_fields=["violations"])


def _note(done: Erased, reason: str, by: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    journal.write(
        verb="campaign_erased", by=by, at=clock.now(), academy=done.campaign.academy_id, year=done.campaign.year,
        level=done.campaign.level, dossiers=done.dossiers, kept=done.kept, rows=done.rows, reason=reason, role=role,
    )  # fmt: skip
