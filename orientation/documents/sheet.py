"""The « fiche de dialogue » of one pupil: what was asked, said and decided, by whom and when, at each step (SIE-09).

Pure: facts come in, words go out. What has not happened yet is said plainly.
"""

from dataclasses import dataclass
from datetime import datetime

from families.models import Level
from orientation.dates import day
from orientation.documents.due import to_do
from orientation.documents.outcome import outcome
from orientation.documents.said import acknowledgement, answer, said, withdrawn
from orientation.documents.words import (
    LEVELS,
    THE_SCHOOL,
    Block,
    Section,
    Where,
    author,
    identity,
    issued,
    on,
    one_line,
    ranked,
)
from orientation.enums import AuthorKind, Phase
from orientation.facts import Facts, SubmissionFact
from orientation.leads import not_followed
from orientation.rules import council_is_open, entry_in_force, last_entry, not_processed, visible_statement
from orientation.school_changes import family_entry_before
from orientation.wording import phase_title, words_of

TITLE = "Fiche de dialogue"
RANKED = "Par ordre de préférence :"


@dataclass(frozen=True, slots=True)
class Sheet:
    pupil: str
    subtitle: str
    identity: tuple[tuple[str, str], ...]
    note: str
    sections: tuple[Section, ...]
    issued: str


def sheet(facts: Facts, where: Where, now: datetime, *, family: bool) -> Sheet:
    """`family`: what its family may read; else what the school reads, its own entries and answers to come included."""
    phases = tuple(_phase(facts, where, phase, now, family=family) for phase in Phase)
    return Sheet(
        pupil=facts.student_name,
        subtitle=f"{LEVELS[Level(facts.level)]}, année scolaire {where.years}",
        identity=identity(facts, where),
        note=to_do(facts, now) if facts.enrolled else not_followed(facts),
        sections=(*phases, Section("Décision d’orientation", outcome(facts, now))),
        issued=issued(facts, now),
    )


def _phase(facts: Facts, where: Where, phase: str, now: datetime, *, family: bool) -> Section:
    blocks = [*_requests(facts, phase, now, family=family), said(facts, phase, now, family=family)]
    blocks.append(acknowledgement(facts, now, family=family) if phase == Phase.PROVISIONAL else answer(facts, now))
    title = f"{words_of(phase).title}. {phase_title(phase, where.school)}"
    return Section(title, (*blocks, *withdrawn(facts, phase, now, family=family)))


# --- what was asked ---------------------------------------------------------------------------------------------------
def _requests(facts: Facts, phase: str, now: datetime, *, family: bool) -> list[Block]:
    entry = examined(facts, phase, now, family=family)
    first = family_entry_before(facts, entry) if entry and entry.asked_by else None
    blocks = [_request(facts, entry) if entry else Block("Demande de la famille", (_nothing(facts, phase),))]
    blocks += [_as_first_entered(facts, first)] if first else []
    late = not_processed(facts, phase) if council_is_open(facts, phase) else ()
    return blocks + [_left_aside(facts, one) for one in late if one != entry]


def examined(facts: Facts, phase: str, now: datetime, *, family: bool) -> SubmissionFact | None:
    """The entry on the sheet: from the opening of the council on (SIE-09), that which the council examines.

    The family reads what the school typed with the council's answers only (OPI-02).
    """
    if not council_is_open(facts, phase):
        return None
    entry = entry_in_force(facts, phase)
    hidden = family and entry is not None and _of_the_school(entry) and not visible_statement(facts, phase, now)
    return None if hidden else entry


def _of_the_school(entry: SubmissionFact) -> bool:
    return entry.author_kind == AuthorKind.SCHOOL and not entry.asked_by


def _request(facts: Facts, entry: SubmissionFact) -> Block:
    text = (_entered(facts, entry), *_objections(facts, entry), RANKED)
    return Block("Demande de la famille", text, ranked(entry.choices))


def _entered(facts: Facts, entry: SubmissionFact) -> str:
    if entry.asked_by and entry.asked_on:
        return (
            f"Modifiée par {THE_SCHOOL} {on(entry.at, facts)} (version {entry.version}), "
            f"comme l’a demandé {entry.asked_by} le {day(entry.asked_on)}."
        )
    how = "Enregistrée" if _of_the_school(entry) else "Saisie et validée en ligne"
    return f"{how} par {author(entry)} {on(entry.at, facts)} (version {entry.version})."


def _objections(facts: Facts, entry: SubmissionFact) -> tuple[str, ...]:
    return tuple(
        f"{one.author_name} n’est pas d’accord avec cette saisie ({on(one.at, facts)})."
        + (f" Motif : {one_line(one.reason)}" if one.reason else "")
        for one in entry.objections
    )


def _as_first_entered(facts: Facts, entry: SubmissionFact) -> Block:
    text = f"Validée par {author(entry)} {on(entry.at, facts)} (version {entry.version}). Elle n’est plus en vigueur."
    return Block("Première demande de la famille", (text,), ranked(entry.choices))


def _left_aside(facts: Facts, entry: SubmissionFact) -> Block:
    text = (
        f"Validée par {author(entry)} {on(entry.at, facts)} (version {entry.version}), elle n’est pas arrivée avant "
        "l’ouverture du conseil de classe. Elle est conservée, mais le conseil de classe ne l’examine pas."
    )
    return Block("Saisie non traitée", (text,), ranked(entry.choices))


def _nothing(facts: Facts, phase: str) -> str:
    """Why no list is shown: not validated, or not yet that of the council."""
    entry = last_entry(facts, phase)
    if entry is None:
        return "Pas encore : aucune demande n’est validée."
    if council_is_open(facts, phase):
        return "Le conseil de classe n’examine aucune demande de la famille pour l’instant."
    return (
        f"Une saisie est validée en ligne par {author(entry)} {on(entry.at, facts)} (version {entry.version}). "
        "Elle figure ici à partir de l’ouverture du conseil de classe : jusque-là, elle peut changer."
    )
