"""The rows of an export: one a pathway, asked for or answered; a pupil of whom there is neither has one too (SIE-08).

What is in force is what the rules say: the entry that the council examines, the answers that stand.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.db.models import QuerySet

from orientation.documents.words import one_line, rows_of
from orientation.enums import AnswerKind, AuthorKind, DecisionOrigin, Phase
from orientation.exports.cells import Cell, Rows
from orientation.exports.columns import ENTRY
from orientation.facts import DecisionFact, Facts, StatementFact, SubmissionFact
from orientation.models import Dossier
from orientation.pathways import label_of
from orientation.reading import load_many
from orientation.rules import Disagreement, entry_in_force, last_statement, standing_disagreement

SLICE = 200  # dossiers read at once: the memory is theirs, whatever the length of the export
DISAGREEMENTS = {
    Disagreement.REFUSED: "refus de toutes les propositions",
    Disagreement.DISAGREED: "désaccord d’un représentant légal",
    Disagreement.SILENT: "réponse manquante à la fin de la période",
}
Key = tuple[str, str]


def rows(dossiers: QuerySet[Dossier], phase: str, now: datetime) -> Rows:
    """Each dossier has its pupil's school and division at hand; in the order of the query."""
    rest = dossiers.iterator(chunk_size=SLICE)
    while some := list(islice(rest, SLICE)):
        facts = load_many([one.uuid for one in some])
        for one in some:
            yield from of_dossier(one, facts[one.uuid], phase, now)


def of_dossier(dossier: Dossier, facts: Facts, phase: str, now: datetime) -> Iterator[Sequence[Cell]]:
    pupil = _pupil(dossier, facts)
    entry, said = entry_in_force(facts, phase), last_statement(facts, phase)
    whole = _acknowledged(facts, said) if phase == Phase.PROVISIONAL else _ended(facts, said, now)
    for key in _pathways(entry, said):
        answer = _answer(facts, said, key)
        accepted = [] if phase == Phase.PROVISIONAL else [_accepted(said, key)]
        yield (*pupil, *_asked(facts, entry, key), *answer, *accepted, *whole)


def _pathways(entry: SubmissionFact | None, said: StatementFact | None) -> Iterable[Key | None]:
    """Those asked for, by rank; then those that the council answered besides. None: nothing at all yet."""
    asked = [one.key for one in entry.choices] if entry else []
    answered = [(one.pathway, one.series) for one in said.answers] if said else []
    return list(dict.fromkeys([*asked, *answered])) or [None]


def _pupil(dossier: Dossier, facts: Facts) -> tuple[Cell, ...]:
    pupil, school = dossier.student, dossier.student.school
    division = pupil.division.code if pupil.division else None
    name = pupil.usage_name or pupil.family_name
    return (school.uai, school.name, division, pupil.ine or None, name, pupil.first_name, facts.birth_date)


def _asked(facts: Facts, entry: SubmissionFact | None, key: Key | None) -> tuple[Cell, ...]:
    if key is None:
        return (None,) * len(ENTRY)
    pathway = (key[0], key[1] or None, label_of(*key))
    ranked = {one.key: (rank, one) for rank, one in enumerate(entry.choices, start=1)} if entry else {}
    if entry is None or key not in ranked:
        return (None, *pathway, *(None,) * (len(ENTRY) - 4))
    rank, choice = ranked[key]
    contested = ", ".join(one.author_name for one in entry.objections) or None
    by = (entry.version, entry.author_name, str(AuthorKind(entry.author_kind).label), here(entry.at, facts))
    return (rank, *pathway, "\n".join(choice.lines) or None, *by, contested)


def _answer(facts: Facts, said: StatementFact | None, key: Key | None) -> tuple[Cell, ...]:
    """What the council says of this pathway, why, and since when the family may read it."""
    if said is None:
        return (None, None, None)
    found = {(one.pathway, one.series): row for one, row in zip(said.answers, rows_of(said), strict=True)}
    row = found.get(key) if key else None
    return (row.said if row else None, (row.comment or None) if row else None, here(said.published_at, facts))


def _acknowledged(facts: Facts, said: StatementFact | None) -> tuple[Cell, ...]:
    signed = said.acknowledgement if said else None
    return (signed.author_name, here(signed.at, facts)) if signed else (None, None)


def _accepted(said: StatementFact | None, key: Key | None) -> Cell:
    given = said.family_answer if said else None
    return "oui" if given and key in given.accepted else None


def _ended(facts: Facts, said: StatementFact | None, now: datetime) -> tuple[Cell, ...]:
    given, why = said.family_answer if said else None, standing_disagreement(facts, now)
    answered = (str(AnswerKind(given.kind).label), given.author_name, here(given.at, facts)) if given else (None,) * 3
    met = facts.meetings[-1].held_on if facts.meetings else None
    decided = _last(facts, DecisionOrigin.ACCEPTANCE, DecisionOrigin.HEAD)
    head = (labels(decided), here(decided.at, facts), decided.notified_on) if decided else (None,) * 3
    appeal = _last(facts, DecisionOrigin.APPEAL)
    return (
        *answered, DISAGREEMENTS[why] if why else None, met, *head, facts.appealed_on,
        labels(appeal) if appeal else None,
    )  # fmt: skip


def _last(facts: Facts, *origins: str) -> DecisionFact | None:
    found = [one for one in facts.decisions if one.origin in origins]
    return found[-1] if found else None


def labels(decision: DecisionFact) -> str:
    return one_line(" ; ".join(decision.labels)) or "voie non précisée"


def here(at: datetime, facts: Facts) -> datetime:
    """In the school's own time, as a spreadsheet holds it: without a zone."""
    return at.astimezone(facts.timezone).replace(tzinfo=None, microsecond=0)
