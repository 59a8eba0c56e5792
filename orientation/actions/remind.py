"""Reminding the families (MAI-08): by itself each morning, or because the school asks for it."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain, islice
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from families.models import Representative, Student
from ledger import clock
from ledger.journal import Actor
from ledger.models import JournalEntry, OutgoingEmail
from ledger.nudge import nudge
from orientation.actions.act import Act, opened
from orientation.facts import Facts
from orientation.models import Campaign
from orientation.reading import load_many
from orientation.reminders import campaigns_ending, candidates, key, letter, letters_of_today, owing
from orientation.rules import Duty, Refusal, RuleBroken, reminders_to_come

VERB = "family_reminded"
SLICE = 500  # dossiers judged and written at once: what a morning cut short has to do again
REMINDING = 0x0CA3  # first key of the advisory lock of a slice; the second is the campaign
ALONE = "SELECT pg_try_advisory_xact_lock(%s, %s)"


def remind_families() -> int:
    """Write the reminders of the schools where it is morning; return how many. Done twice, it writes nothing more.

    Of two workers at once, one leaves to the other the campaign where they meet, and goes on with the next.
    """
    now = clock.now()
    return sum(sum(_written(campaign, now)) for campaign in campaigns_ending(now))


def _written(campaign: Campaign, now: datetime) -> Iterator[int]:
    for some in _slices(candidates(campaign, now)):
        with transaction.atomic():
            if not _alone(campaign):
                return
            written = _write(some, now)
        yield written


def _alone(campaign: Campaign) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [REMINDING, campaign.pk])
        return bool(cursor.fetchone()[0])


def _slices(dossiers: list[UUID]) -> Iterator[list[UUID]]:
    rest = iter(dossiers)
    while some := list(islice(rest, SLICE)):
        yield some


def _write(dossiers: list[UUID], now: datetime) -> int:
    rows = letters_of_today(load_many(dossiers).values(), now)
    OutgoingEmail.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        nudge()
    return len(rows)


def remind_family(*, dossier: UUID, by: Actor) -> int:
    """Remind now each person who still has something to do; return how many letters.

    For each, it takes the place of the next reminder of this step and deadline whose morning is still to come; after
    the last one it is a letter more. Raises RuleBroken: NOTHING_TO_REMIND, NOBODY_TO_REMIND, ALREADY_REMINDED.
    """
    with opened(dossier, by=by) as act:
        refusal = may_remind(act.facts, act.now)
        if refusal is not None:
            raise RuleBroken(refusal)
        owed = dict(owing(act.facts, act.now))
        rows = [letter(act.facts, one, duty, _place(act, one, duty), now=act.now, asked=True)
                for one, duty in owed.items()]  # fmt: skip
        OutgoingEmail.objects.bulk_create(rows, ignore_conflicts=True)  # this morning's run may write the same
        first = next(iter(owed.values()))
        act.journal(VERB, phase=first.phase, need=first.need, persons=[str(one) for one in owed])
        nudge()
        return len(rows)


def may_remind(facts: Facts, now: datetime) -> Refusal | None:
    """Is there somebody to remind, who can be written to, and whom the school has not reminded today?"""
    return reminder_refusals([facts], now)[facts.uuid]


def reminder_refusals(families: Collection[Facts], now: datetime) -> dict[UUID, Refusal | None]:
    """The same of many families, dossier by dossier, in a constant number of queries."""
    people = {one.uuid: [reader for reader, _ in owing(one, now)] for one in families}
    reached = _reachable([*chain.from_iterable(people.values())])
    last = _last_asked([one.uuid for one in families])
    return {one.uuid: _refusal(one, people[one.uuid], reached, last.get(one.uuid), now) for one in families}


def _refusal(
    facts: Facts, people: list[UUID], reached: set[UUID], asked_at: datetime | None, now: datetime
) -> Refusal | None:
    if not people:
        return Refusal.NOTHING_TO_REMIND
    here = facts.timezone
    if asked_at and asked_at.astimezone(here).date() == now.astimezone(here).date():
        return Refusal.ALREADY_REMINDED
    return None if reached.intersection(people) else Refusal.NOBODY_TO_REMIND


def _last_asked(dossiers: list[UUID]) -> dict[UUID, datetime]:
    lines = JournalEntry.objects.filter(dossier_uuid__in=dossiers, verb=VERB).order_by()
    return dict(lines.values_list("dossier_uuid").annotate(Max("at")))


def _reachable(people: list[UUID]) -> set[UUID]:
    adults = Representative.objects.filter(uuid__in=people, email_refused_at=None).exclude(email="")
    pupils = Student.objects.filter(uuid__in=people, user__email__gt="", user__email_refused_at=None)
    return {*adults.values_list("uuid", flat=True), *pupils.values_list("uuid", flat=True)}


def _place(act: Act, reader: UUID, owed: Duty) -> str:
    """The reminder whose place is taken: the next one that was not written, else one more, of today."""
    today = act.now.astimezone(act.facts.timezone).date()
    coming = reminders_to_come(act.facts, owed, act.now)
    keys = {key(act.facts, reader, owed, one): one for one in coming}
    taken = set(OutgoingEmail.objects.filter(dedup_key__in=keys).values_list("dedup_key", flat=True))
    return next((one for name, one in keys.items() if name not in taken), f"M{today}")
