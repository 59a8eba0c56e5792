"""What happened to a dossier without its family: what the home page says of it, and the screens in full (SIE-03…05)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from orientation.dates import day, moment, until
from orientation.enums import Phase
from orientation.facts import Facts, FamilyAnswerFact, SignatureFact, StatementFact, SubmissionFact
from orientation.rules import (
    EntryState,
    acknowledgement_is_due,
    entry_status,
    entry_to_show,
    last_entry,
    last_statement,
    not_processed,
    visible_statement,
)
from orientation.school_changes import acknowledged_versions, withdrawal_words, withdrawn_last
from orientation.wording import words_of

RETIRED = {Phase.PROVISIONAL: "Avis retirés", Phase.DEFINITIVE: "Propositions retirées"}
THEM = {Phase.PROVISIONAL: "Les avis publiés", Phase.DEFINITIVE: "Les propositions publiées"}
WERE = {Phase.PROVISIONAL: "ont été retirés", Phase.DEFINITIVE: "ont été retirées"}
OTHERS = {
    Phase.PROVISIONAL: "Le conseil de classe donnera de nouveaux avis",
    Phase.DEFINITIVE: "Le conseil de classe fera de nouvelles propositions",
}
TOLD = "Les représentants légaux seront prévenus par courriel quand ce sera publié."
WAIT = (
    "Vous n’avez rien à faire\u00a0: ce qui est validé est gardé avec sa date, et un nouvel envoi a lieu chaque nuit. "
    "Si ce message est encore là après deux jours, contactez l’établissement."
)


@dataclass(frozen=True, slots=True)
class News:
    title: str
    text: str
    url: str


def news(facts: Facts, now: datetime) -> list[News]:
    """Of the phase where the family stands; once the decision is made, only what has not reached the school."""
    phase = Phase.DEFINITIVE if last_entry(facts, Phase.DEFINITIVE) else Phase.PROVISIONAL
    late = [*_on_its_way(facts, phase)]
    if facts.decisions:
        return late
    return [*late, *_of_the_entry(facts, phase, now), *_of_the_answers(facts, phase, now)]


def _on_its_way(facts: Facts, phase: Phase) -> Iterator[News]:
    """What Siècle refuses for now: the last entry, or what was said of the council's answers (SIE-01)."""
    entry = last_entry(facts, phase)
    if entry is not None and not not_processed(facts, phase) and facts.refused_since(entry.uuid):
        url = reverse("orientation:entry", kwargs={"uuid": facts.uuid, "phase": phase})
        yield _not_arrived("La dernière saisie", entry.uuid, facts, url)
    for statement in filter(None, [last_statement(facts, one) for one in Phase]):
        url = reverse(words_of(statement.phase).answers_screen, kwargs={"uuid": facts.uuid})
        for what, signed in _signed(statement):
            if facts.refused_since(signed.uuid):
                yield _not_arrived(what, signed.uuid, facts, url)


def _signed(statement: StatementFact) -> Iterator[tuple[str, SignatureFact | FamilyAnswerFact]]:
    if statement.acknowledgement:
        yield "L’accusé de réception des avis", statement.acknowledgement
    if statement.family_answer:
        yield "La réponse aux propositions", statement.family_answer
        for one in statement.family_answer.agreements:
            yield f"La réponse de {one.author_name}", one


def _not_arrived(what: str, ref: UUID, facts: Facts, url: str) -> News:
    since = facts.refused_since(ref)
    tried = f" Premier essai le {moment(since, facts.timezone)}." if since else ""
    text = f"{what} n’est pas encore dans les outils de l’établissement.{tried} {WAIT}"
    return News("Pas encore transmis à l’établissement", text, url)


def _of_the_entry(facts: Facts, phase: Phase, now: datetime) -> Iterator[News]:
    url = reverse("orientation:entry", kwargs={"uuid": facts.uuid, "phase": phase})
    entry = entry_to_show(facts, phase, now)
    if entry is not None and entry.asked_by:
        yield News(
            "Demande modifiée par l’établissement",
            f"{change_words(facts, entry)} {change_next(facts, phase, now)}",
            url,
        )
    if not_processed(facts, phase):
        text = "Votre dernière saisie n’était pas arrivée dans l’établissement à l’ouverture du conseil de classe."
        yield News(
            "Saisie non traitée", f"{text} Lisez ce que le conseil examine à sa place, et ce qu’il faut faire.", url
        )


def _of_the_answers(facts: Facts, phase: Phase, now: datetime) -> Iterator[News]:
    url = reverse(words_of(phase).answers_screen, kwargs={"uuid": facts.uuid})
    withdrawn = withdrawn_last(facts, phase, now)
    if withdrawn is not None:
        yield News(RETIRED[phase], f"{withdrawal(facts, withdrawn)} {after_withdrawal(facts, phase, now)}", url)
    signed = acknowledged_versions(facts)
    if phase == Phase.PROVISIONAL and signed and visible_statement(facts, phase, now) is not None:
        yield News("Les avis ont changé depuis l’accusé de réception", again(facts, now), url)


def change_words(facts: Facts, change: SubmissionFact) -> str:
    """« L’établissement a modifié la demande le … à 9 h 00, comme l’a demandé Awa Diallo le …. » (SIE-04)."""
    asked_on = f" le {day(change.asked_on)}" if change.asked_on else ""
    made = moment(change.at, facts.timezone)
    return f"L’établissement a modifié la demande le {made}, comme l’a demandé {change.asked_by}{asked_on}."


def change_next(facts: Facts, phase: str, now: datetime) -> str:
    answers = words_of(phase).answers
    if visible_statement(facts, phase, now) is not None:
        return f"Les {answers} du conseil de classe portent sur la nouvelle liste."
    examined = "Le conseil de classe examine la nouvelle liste."
    return examined if withdrawn_last(facts, phase, now) else f"{examined} {TOLD}"


def withdrawal(facts: Facts, statement: StatementFact) -> str:
    phase, zone = Phase(statement.phase), facts.timezone
    withdrawn = f" le {moment(statement.withdrawn_at, zone)}" if statement.withdrawn_at else ""
    why = withdrawal_words(statement.withdrawn_because, phase)
    return f"{THEM[phase]} le {moment(statement.published_at, zone)} {WERE[phase]}{withdrawn}\u00a0: {why}."


def after_withdrawal(facts: Facts, phase: str, now: datetime) -> str:
    """What comes next: the entry again if its dates allow it (SIE-05), other answers in any case."""
    status = entry_status(facts, phase, now)
    told = f"{OTHERS[Phase(phase)]}. {TOLD}"
    if status.state is EntryState.OPEN and status.at:
        return f"La saisie est de nouveau ouverte {until(status.at, facts.timezone)}. {told}"
    return told


def again(facts: Facts, now: datetime) -> str:
    """OPI-04: does the change ask for another acknowledgement?"""
    if acknowledgement_is_due(facts, now):
        return "Lisez ce qui a changé\u00a0: un nouvel accusé de réception est demandé."
    return "Lisez ce qui a changé. Il n’y a pas de nouvel accusé de réception à donner."
