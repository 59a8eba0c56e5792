"""Fragments that several letters share."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orientation.entry_changes import ChangeKind, EntryChange
from orientation.enums import AuthorKind, Phase, RecapTo, WindowKind
from orientation.facts import FamilyAnswerFact, SubmissionFact
from orientation.letters.envelope import Envelope
from orientation.pathways import Choice, label_of
from orientation.rules import EntryState, entry_status

# The first one is the ministry's own subject, kept to the letter (MAI-01).
ENTRY_SUBJECTS = {
    Phase.PROVISIONAL: "Saisie des intentions d'orientation",
    Phase.DEFINITIVE: "Saisie des choix définitifs d’orientation",
}
ENTRY = {Phase.PROVISIONAL: "intentions d’orientation", Phase.DEFINITIVE: "choix définitifs d’orientation"}
EXAMINED = {Phase.PROVISIONAL: "avis", Phase.DEFINITIVE: "propositions"}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list, with its details underneath."""

    label: str
    details: tuple[str, ...] = ()


def one_line(text: str) -> str:
    """What a person typed never makes lines of its own in a letter."""
    return " ".join(text.split())


def choice_item(choice: Choice) -> Item:
    """A ranked choice with all its details (MAI-01)."""
    return Item(choice.label, choice.lines)


def choice_items(entry: SubmissionFact) -> list[Item]:
    return [choice_item(choice) for choice in entry.choices]


def change_item(change: EntryChange) -> Item:
    """What differs between two lists, in plain words: the pathway first, then what happened to it."""
    if change.kind is ChangeKind.ADDED:
        return Item(f"{change.label}\u00a0: ajout, en {place(change.rank_now)}", _details(change.now))
    if change.kind is ChangeKind.REMOVED:
        return Item(f"{change.label}\u00a0: retrait")
    if change.kind is ChangeKind.MOVED:
        moves = "monte" if change.rank_now < change.rank_before else "descend"
        return Item(f"{change.label}\u00a0: {moves} de la {place(change.rank_before)} à la {place(change.rank_now)}")
    before, now = ("\u00a0; ".join(_details(one)) or "aucune" for one in (change.before, change.now))
    return Item(f"{change.label}\u00a0: précisions modifiées", (f"Avant\u00a0: {before}", f"Maintenant\u00a0: {now}"))


def _details(choice: Choice | None) -> tuple[str, ...]:
    return choice.lines if choice else ()


def place(rank: int) -> str:
    """« 1re place », « 2e place »."""
    return f"{rank}{'re' if rank == 1 else 'e'} place"


def pathway_items(keys: Iterable[tuple[str, str]]) -> list[Item]:
    return [Item(label_of(*key)) for key in keys]


def author_of(envelope: Envelope, by: SubmissionFact | FamilyAnswerFact) -> str:
    """Who did it, as the other representative reads it: a name and nothing else (ACC-06)."""
    if by.author_kind == AuthorKind.SCHOOL:
        return "L’établissement"
    return by.author_name


def open_until(envelope: Envelope, phase: str) -> str:
    """Today's deadline of an entry, or nothing once it is closed (CAL-08, CAL-09)."""
    status = entry_status(envelope.facts, phase, envelope.now)
    if status.state is not EntryState.OPEN or status.at is None:
        return ""
    return envelope.until(status.at)


def consultation_opens(envelope: Envelope, phase: str) -> str:
    window = envelope.facts.window(phase, WindowKind.CONSULTATION)
    return envelope.from_day(window.opens_at) if window else ""


def consultation_until(envelope: Envelope, phase: str) -> str:
    """Today's end of a consultation, or nothing once it has passed."""
    window = envelope.facts.window(phase, WindowKind.CONSULTATION)
    return deadline_words(envelope, window.closes_at if window else None)


def deadline_words(envelope: Envelope, end: datetime | None) -> str:
    return envelope.until(end) if end is not None and end > envelope.now else ""


def person_name(envelope: Envelope, uuid: UUID | None) -> str:
    person = envelope.facts.representative(uuid)
    return person.name if person else ""


def awaited(envelope: Envelope) -> list[UUID]:
    """Who had still to say « oui » or « non » when the act was done (ANS-06)."""
    return [UUID(one) for one in envelope.data.get("awaited", ())]


def others_are_told(envelope: Envelope) -> str:
    """Nothing when nobody is; else one, several, or read (the policy writes to the author alone)."""
    if not envelope.others:
        return ""
    if envelope.facts.policies.recap_to == RecapTo.AUTHOR:
        return "read"
    return "one" if envelope.others == 1 else "several"
