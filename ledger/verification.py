"""Is the journal what was sealed? Every seal computed anew from the lines, one after the other (ANS-09)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from ledger import clock
from ledger.models import JournalEntry, JournalSeal
from ledger.seals import BUNDLE, SEALED, Content, Span, kept, resealed, seal_digest, spans

LATEST = timedelta(days=2)  # of a line, between its date and its being written
OVERDUE = timedelta(days=3)  # since the last day sealed: two nights were missed


class Fault(StrEnum):
    ALTERED = "ALTERED"  # as many lines, not the same ones, or in another order
    REMOVED = "REMOVED"
    INSERTED = "INSERTED"
    CHAIN = "CHAIN"  # the seal does not follow the one before it
    DATED = "DATED"  # the seal's own date was changed, or lines were added that bear a date of long before
    OVERDUE = "OVERDUE"  # the last seals were taken away with their lines, or the nights seal no more


@dataclass(frozen=True, slots=True)
class Checked:
    """One seal, and the lines read now. `erased`: lawfully, since. `first`: where the fault begins, if known."""

    seal: JournalSeal
    count: int
    fault: Fault | None = None
    erased: int = 0
    first: int | None = None

    @property
    def last(self) -> int | None:
        return None if self.first is None else self.first + BUNDLE - 1


def verify(since: date | None = None) -> Iterator[Checked]:
    """Check the seals in the order they were made, those of the days before `since` left out."""
    erasures, noted, before, every = resealed(), dates_noted(), None, list(spans())
    for span in every:
        day = str(span.seal.day)
        if since is None or span.seal.day >= since:
            found = _judged(span, before, erasures.get(day), noted.get(day))
            ended = span is every[-1] and clock.now().date() - span.seal.day > OVERDUE
            yield replace(found, fault=Fault.OVERDUE) if ended and not found.fault else found
        before = span.seal


def _judged(span: Span, before: JournalSeal | None, left: Content | None, noted: datetime | None) -> Checked:
    seal = span.seal
    if seal.previous != (before.digest if before else "") or seal.up_to < span.after:
        return Checked(seal, 0, Fault.CHAIN)
    if span.after == 0 and JournalEntry.objects.filter(pk__lte=0).exists():
        return Checked(seal, 0, Fault.INSERTED)  # before the first number
    found = checked(span, left)
    misdated = noted not in (None, seal.sealed_at) or (before is not None and _bears_an_old_date(span, before))
    return replace(found, fault=Fault.DATED) if misdated and not found.fault else found


def _bears_an_old_date(span: Span, before: JournalSeal) -> bool:
    """A line is written when it happens: none is of long before the seal that precedes it."""
    lines = JournalEntry.objects.filter(pk__gt=span.after, pk__lte=span.seal.up_to)
    return lines.filter(at__lt=before.sealed_at - LATEST).exists()


def dates_noted() -> dict[str, datetime]:
    """Day → when it was sealed, as the journal says it, which the night after seals."""
    rows = JournalEntry.objects.filter(dossier_uuid=None, verb=SEALED).order_by("-pk")
    return dict(rows.values_list("data__day", "at"))


def gone(known: Iterable[str]) -> list[str]:
    """Of the digests of seals noted elsewhere (the technical log, an extract), those that no seal bears any more."""
    return sorted(set(known) - set(JournalSeal.objects.values_list("digest", flat=True)))


def checked(span: Span, left: Content | None) -> Checked:
    """`left`: what lawful erasure left of this seal's lines; it takes lines away, and changes or adds none."""
    seal, held = span.seal, span.read()
    if digest_with(seal, held) == seal.digest:
        return Checked(seal, held.count)
    left = left if left is not None and left.count < seal.count else None
    if left is not None and held.digest == left.digest:
        return Checked(seal, held.count, erased=seal.count - held.count)
    expected = left or sealed_content(seal)
    return Checked(
        seal, held.count, fault(held.count, left.count if left else seal.count), first=differs(held, expected)
    )


def digest_with(seal: JournalSeal, held: Content) -> str:
    return seal_digest(held.digest, previous=seal.previous, day=str(seal.day), up_to=seal.up_to, count=seal.count)


def fault(found: int, expected: int) -> Fault:
    if found == expected:
        return Fault.ALTERED
    return Fault.REMOVED if found < expected else Fault.INSERTED


def differs(held: Content, expected: Content | None) -> int | None:
    """The first number of the first bundle that is not what it was."""
    if expected is None:
        return None
    wrong = {
        one
        for one in held.bundles.keys() | expected.bundles.keys()
        if held.bundles.get(one) != expected.bundles.get(one)
    }
    return min(wrong) * BUNDLE if wrong else None


def sealed_content(seal: JournalSeal) -> Content | None:
    """What its bundles were, as the journal keeps it; None unless they do make this seal."""
    rows = JournalEntry.objects.filter(dossier_uuid=None, verb=SEALED, pk__gt=seal.up_to, data__day=str(seal.day))
    row = rows.order_by("pk").first()
    found = kept(row.data) if row else None
    return found if found and digest_with(seal, found) == seal.digest else None


def unsealed() -> int:
    """How many lines wait for their seal."""
    last = JournalSeal.objects.order_by("-pk").first()
    return JournalEntry.objects.filter(pk__gt=last.up_to if last else 0).count()
