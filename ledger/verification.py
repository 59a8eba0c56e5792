"""Is the journal what was sealed? Every seal computed anew from the lines, one after the other (ANS-09)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ledger.models import JournalEntry, JournalSeal
from ledger.seals import BUNDLE, SEALED, Content, Span, kept, resealed, seal_digest, spans


class Fault(StrEnum):
    ALTERED = "ALTERED"  # as many lines, not the same ones, or in another order
    REMOVED = "REMOVED"
    INSERTED = "INSERTED"
    CHAIN = "CHAIN"  # the seal does not follow the one before it


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
    erasures, before = resealed(), None
    for span in spans():
        seal = span.seal
        follows = seal.previous == (before.digest if before else "") and seal.up_to >= span.after
        before = seal
        if since is not None and seal.day < since:
            continue
        if not follows:
            yield Checked(seal, 0, Fault.CHAIN)
        elif span.after == 0 and JournalEntry.objects.filter(pk__lte=0).exists():
            yield Checked(seal, 0, Fault.INSERTED)  # before the first number
        else:
            yield checked(span, erasures.get(str(seal.day)))


def checked(span: Span, left: Content | None) -> Checked:
    """`left`: what lawful erasure left of this seal's lines."""
    seal, held = span.seal, span.read()
    if digest_with(seal, held) == seal.digest:
        return Checked(seal, held.count)
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
