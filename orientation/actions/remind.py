"""Reminding the families (MAI-08): by itself each morning, or because the school asks for it."""

from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice
from uuid import UUID

from django.db import transaction

from families.models import Representative, Student
from ledger import clock
from ledger.journal import Actor
from ledger.models import JournalEntry, OutgoingEmail
from orientation.actions.act import Act, opened
from orientation.actions.post import nudge
from orientation.facts import Facts
from orientation.reading import load_many
from orientation.reminders import campaigns_ending, candidates, key, letter, letters_of_today, owing
from orientation.rules import Duty, Refusal, RuleBroken, reminders_to_come

VERB = "family_reminded"
SLICE = 500  # dossiers judged and written at once: what a morning cut short has to do again


def remind_families() -> int:
    """Write the reminders of the schools where it is 8 h; return how many. Done twice, it writes nothing more."""
    now = clock.now()
    return sum(_write(some, now) for campaign in campaigns_ending(now) for some in _slices(candidates(campaign, now)))


def _slices(dossiers: list[UUID]) -> Iterator[list[UUID]]:
    rest = iter(dossiers)
    while some := list(islice(rest, SLICE)):
        yield some


def _write(dossiers: list[UUID], now: datetime) -> int:
    with transaction.atomic():
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
        OutgoingEmail.objects.bulk_create(rows)
        first = next(iter(owed.values()))
        act.journal(VERB, phase=first.phase, need=first.need, persons=[str(one) for one in owed])
        nudge()
        return len(rows)


def may_remind(facts: Facts, now: datetime) -> Refusal | None:
    """Is there somebody to remind, who can be written to, and whom the school has not reminded today?"""
    people = [one for one, _ in owing(facts, now)]
    if not people:
        return Refusal.NOTHING_TO_REMIND
    if _reminded_today(facts, now):
        return Refusal.ALREADY_REMINDED
    return None if _can_be_written_to(people) else Refusal.NOBODY_TO_REMIND


def _reminded_today(facts: Facts, now: datetime) -> bool:
    today = datetime.combine(now.astimezone(facts.timezone).date(), time(), facts.timezone)
    return JournalEntry.objects.filter(dossier_uuid=facts.uuid, verb=VERB, at__gte=today).exists()


def _can_be_written_to(people: list[UUID]) -> bool:
    reachable = Representative.objects.filter(uuid__in=people, email_refused_at=None).exclude(email="")
    return reachable.exists() or Student.objects.filter(uuid__in=people, user__email__gt="").exists()


def _place(act: Act, reader: UUID, owed: Duty) -> str:
    """The reminder whose place is taken: the next one that was not written, else one more, of today."""
    today = act.now.astimezone(act.facts.timezone).date()
    coming = reminders_to_come(act.facts, owed, act.now)
    keys = {key(act.facts, reader, owed, one): one for one in coming}
    taken = set(OutgoingEmail.objects.filter(dedup_key__in=keys).values_list("dedup_key", flat=True))
    return next((one for name, one in keys.items() if name not in taken), f"M{today}")
