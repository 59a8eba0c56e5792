"""The journal of a dossier in plain French, for its family: what, who, when, which version."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from families.attachments import means
from ledger.models import ActorKind, JournalEntry
from orientation.dates import day
from orientation.enums import AnswerKind, DecisionOrigin, Phase, ReceiptKind, WithdrawalReason
from orientation.facts import Facts, StatementFact, SubmissionFact
from orientation.pathways import Choice, label_of
from orientation.rules import visible_statement
from orientation.school_changes import was_read
from orientation.seeing_as import SEEN, seen_words
from orientation.wording import words_of

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    title: str
    who: str
    choices: tuple[Choice, ...] = ()
    note: str = ""


def events(rows: Iterable[JournalEntry], facts: Facts, now: datetime) -> list[Event]:
    """Leave out what the family may not read yet: answers not published, the school's entry before them (OPI-02)."""
    return [_event(row, facts) for row in rows if row.verb in TITLES and _readable(row, facts, now)]


def _event(row: JournalEntry, facts: Facts) -> Event:
    submission = _submission(row.data, facts)
    choices = submission.choices if submission and row.verb not in TOLD_BEFORE else ()
    return Event(_instant(row, facts), TITLES[row.verb](row.data, facts), _who(row), choices, _note(row))


def _instant(row: JournalEntry, facts: Facts) -> datetime:
    """What the council says is dated from the morning when it was published, not from the night that brought it."""
    statement = _statement(row.data, facts) if row.verb == "statement_published" else None
    return statement.published_at if statement else row.at


def _note(row: JournalEntry) -> str:
    """The reason of a visit is for the school: it may tell what one parent says of the other."""
    reason = "" if row.verb == SEEN else row.data.get("reason") or ""
    return str(dict(WithdrawalReason.choices).get(reason, reason))


def _who(row: JournalEntry) -> str:
    if row.actor_kind in (ActorKind.REPRESENTATIVE, ActorKind.STUDENT):
        return row.actor_name
    return "" if row.actor_kind == ActorKind.SYSTEM or row.verb in NOBODYS else "l’établissement"


def _readable(row: JournalEntry, facts: Facts, now: datetime) -> bool:
    if row.at > now:
        return False
    if row.verb in OF_THE_COUNCIL:
        shown = _statement(row.data, facts)
        return shown is not None and was_read(facts, shown, now)
    if row.verb == "school_entry_received":
        return visible_statement(facts, _phase(row.data, facts), now) is not None
    return True


def _submission(data: Data, facts: Facts) -> SubmissionFact | None:
    """Our acts name it `submission`; what Siècle accepted or not, `ref`."""
    return facts.submission(_uuid(data.get("submission") or data.get("ref")))


def _statement(data: Data, facts: Facts) -> StatementFact | None:
    wanted = _uuid(data.get("statement"))
    return next((one for one in facts.statements if one.uuid == wanted), None)


def _phase(data: Data, facts: Facts) -> str:
    """The phase of the entry or of the council's answers that the line is about."""
    about = _submission(data, facts) or _statement(data, facts)
    return str(data.get("phase") or (about.phase if about else Phase.PROVISIONAL))


def _uuid(value: Any) -> UUID | None:
    return UUID(value) if value else None


def _version(data: Data) -> str:
    return f" (version {data['version']})" if "version" in data else ""


def _entered(data: Data, facts: Facts) -> str:
    return f"{_capital(words_of(_phase(data, facts)).many)} : saisie validée{_version(data)}"


def _changed_by_school(data: Data, facts: Facts) -> str:
    """SIE-04: who asked is said to everybody concerned."""
    said = f"{_capital(words_of(_phase(data, facts)).many)}\u00a0: demande modifiée par l’établissement{_version(data)}"
    return f"{said}, comme l’a demandé {data['asked_by']} le {day(date.fromisoformat(data['asked_on']))}"


def _answered(data: Data, facts: Facts) -> str:
    if data.get("kind") == AnswerKind.REFUSED:
        return "Réponse : refus de toutes les propositions du conseil de classe"
    labels = ", ".join(label_of(*key) for key in data.get("accepted", []))
    return f"Réponse : acceptation{' – ' + labels if labels else ''}"


def _decided(data: Data, facts: Facts) -> str:
    found = next((one for one in facts.decisions if str(one.uuid) == data.get("decision")), None)
    labels = f" : {', '.join(found.labels)}" if found else ""
    return (
        f"Décision d’orientation ({DecisionOrigin(data['origin']).label}){labels}"
        if "origin" in data
        else (f"Décision d’orientation{labels}")
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _council(what: str) -> Callable[[Data, Facts], str]:
    return lambda data, facts: f"{_capital(words_of(_phase(data, facts)).answers)} du conseil de classe {what}"


def _plain(text: str) -> Callable[[Data, Facts], str]:
    return lambda data, facts: text


def _crossed(what: str, then: str = "") -> Callable[[Data, Facts], str]:
    """What became of an act of the family on its way to the school."""
    return lambda data, facts: f"{what} : {_sent(data, facts)}{then}"


def _sent(data: Data, facts: Facts) -> str:
    entry = _submission(data, facts)
    return f"{words_of(entry.phase).many}, version {entry.version}" if entry else SENT.get(data["kind"], "saisie")


def _on(what: str, name: str) -> Callable[[Data, Facts], str]:
    """A fact that the school dates itself."""
    return lambda data, facts: f"{what} le {day(date.fromisoformat(data[name]))}"


def _tied(data: Data, facts: Facts) -> str:
    """Whose account reads the dossier from now on, and what it was opened with (ACC-07)."""
    return f"{data['name']}\u00a0: compte rattaché au dossier, avec {means(data['way'], data['provider'])}"


CROSSINGS = {"entry_accepted", "line_accepted", "line_not_processed", "line_rejected"}  # nobody's act
NOBODYS = CROSSINGS | {SEEN}  # whose line names no person, or says in its title who it was
TOLD_BEFORE = CROSSINGS | {"entry_objected"}  # the choices of the entry stand on a line of their own
OF_THE_COUNCIL = {"statement_published", "statement_withdrawn"}
SENT = {
    ReceiptKind.ACKNOWLEDGEMENT: "accusé de réception des avis",
    ReceiptKind.ANSWER: "réponse aux propositions",
    ReceiptKind.AGREEMENT: "accord ou désaccord avec la réponse",
    ReceiptKind.DECISION: "décision d’orientation",
}
TITLES: dict[str, Callable[[Data, Facts], str]] = {
    "entry_validated": _entered,
    "entry_accepted": lambda data, facts: (
        f"{_capital(words_of(_phase(data, facts)).many)} : saisie transmise à l’établissement"
    ),
    "entry_not_processed": lambda data, facts: (
        f"{_capital(words_of(_phase(data, facts)).many)} : saisie non traitée, arrivée après l’ouverture du conseil"
    ),
    "line_accepted": _crossed("Transmission à l’établissement"),
    "line_not_processed": _crossed("Non pris en compte par l’établissement, qui vous dira pourquoi"),
    "line_rejected": _crossed("Transmission à l’établissement remise à la nuit suivante", ". Vous n’avez rien à faire"),
    "school_entry_received": _plain("Demande saisie par l’établissement"),
    "entry_changed_by_school": _changed_by_school,
    "opinions_acknowledged": _plain("Accusé de réception des avis du conseil de classe"),
    "gate_lifted": _plain("Saisie des choix définitifs permise sans accusé de réception"),
    "statement_published": _council(": publication"),
    "statement_withdrawn": _council(": retrait"),
    "proposals_answered": _answered,
    "answer_recorded_by_school": _plain("Réponse enregistrée par l’établissement"),
    "answer_agreed": _plain("Accord avec la réponse donnée"),
    "answer_disagreed": _plain("Désaccord avec la réponse donnée"),
    "decision_made": _decided,
    "entry_objected": lambda data, facts: (
        f"{_capital(words_of(_phase(data, facts)).many)} : désaccord avec la saisie{_version(data)}"
    ),
    "meeting_held": _on("Entretien avec le chef d’établissement, tenu", "held_on"),
    "appeal_filed": _on("Appel reçu par l’établissement", "filed_on"),
    "pen_released": _plain("La saisie est libérée : une autre personne peut la reprendre"),
    SEEN: lambda data, facts: seen_words(data),
    "reader_attached": _tied,
    "reader_detached": lambda data, facts: f"{data['name']}\u00a0: compte détaché du dossier",
    "authority_restored": lambda data, facts: (
        f"{data.get('name', '')} est de nouveau représentant légal : une saisie libérée ne lui est pas rendue"
    ),
}
