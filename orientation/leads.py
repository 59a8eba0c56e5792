"""The sentence at the top of each screen: what to do, by when, and what happens if nothing is done."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from orientation.dates import day, moment, until
from orientation.enums import Phase, WindowKind
from orientation.facts import Facts
from orientation.rules import (
    ClosedBy,
    EntryState,
    Gate,
    Refusal,
    acknowledgement_deadline,
    acknowledgement_ends,
    acknowledgement_is_due,
    agreements_awaited,
    answerer,
    consultation_is_closed,
    council_is_open,
    entry_status,
    gate,
    last_entry,
    may_acknowledge,
    may_agree,
    may_answer,
    may_enter,
    pen_holder,
    service_off,
    student_acts,
    visible_statement,
)
from orientation.wording import words_of

READERS = {Refusal.READ_ONLY_STUDENT, Refusal.STUDENT_OF_AGE}
SERVICE_OFF = (
    "L’établissement a fermé le service Orientation. Vous pouvez lire, mais plus rien ne peut être enregistré ici. "
    "Contactez l’établissement."
)


def not_followed(facts: Facts) -> str:
    """The pupil has left, or is no longer of this campaign: everything is read, nothing is written (SIE-01)."""
    since = f"depuis le {day(facts.left_on)}" if facts.left_on else "pour cette campagne"
    return (
        f"{facts.student_name}\u00a0: ce dossier n’est plus suivi par cet établissement {since}. "
        "Ce qui était validé reste lisible ; rien ne peut plus être enregistré ici. "
        "Adressez-vous au nouvel établissement."
    )


def entry_lead(facts: Facts, phase: str, person: UUID, now: datetime) -> str:
    """CAL-02, CAL-06, CAL-08, ACC-03…05, OPI-05."""
    status = entry_status(facts, phase, now)
    if status.state is EntryState.NOT_PLANNED:
        return "Les dates de cette saisie ne sont pas encore connues. Il n’y a rien à faire pour l’instant."
    if status.state is EntryState.NOT_OPEN and status.at:
        return f"La saisie ouvre le {moment(status.at, facts.timezone)}. D’ici là, il n’y a rien à faire."
    if status.state is EntryState.CLOSED and status.at:
        return _entry_closed(facts, phase, status.at, status.closed_by, now)
    end = until(status.at, facts.timezone) if status.at else ""
    refusal = may_enter(facts, phase, person, now)
    if refusal is not None:
        return _entry_is_not_mine(facts, phase, refusal, end, now)
    return _entry_is_mine(facts, phase, person, end, now)


def _entry_closed(facts: Facts, phase: str, since: datetime, by: ClosedBy | None, now: datetime) -> str:
    """Entry closed: since when, and what comes next; once the council is open, the message of CAL-06.

    A pupil who joins a division whose council is open learns it here: theirs is the council of their division of today.
    """
    if service_off(facts, now):
        return SERVICE_OFF
    why = " : le conseil de classe est ouvert" if by is ClosedBy.COUNCIL else ""
    closed = f"La saisie est fermée depuis le {moment(since, facts.timezone)}{why}."
    return f"{closed} {answers_to_come(facts, phase, now)}"


def answers_to_come(facts: Facts, phase: str, now: datetime) -> str:
    """What is to be said of the council's answers before this step is theirs to read."""
    words = words_of(phase)
    if visible_statement(facts, phase, now) is not None:
        return f"Le conseil de classe a répondu : vous pouvez lire les {words.answers}."
    if council_is_open(facts, phase):
        return f"{words.unavailable}."
    window = facts.window(phase, WindowKind.CONSULTATION)
    if window is not None and window.opens_at > now:
        return f"Vous pourrez lire les {words.answers} du conseil de classe à partir du " + (
            f"{moment(window.opens_at, facts.timezone)}."
        )
    return f"Prochaine étape : vous pourrez lire les {words.answers} après le conseil de classe."


def _entry_is_mine(facts: Facts, phase: str, person: UUID, end: str, now: datetime) -> str:
    words, last = words_of(phase), last_entry(facts, phase)
    if last is None:
        return (
            f"Saisissez puis validez {words.the_many} {end}. "
            "Si vous ne validez pas, rien n’est enregistré et le conseil de classe ne reçoit rien de vous."
        )
    if last.asked_by:
        validated = f"L’établissement a modifié la liste, comme l’a demandé {last.asked_by}."
    else:
        own = last.author == person
        validated = "Votre saisie est validée." if own else f"{last.author_name} a validé une saisie."
    freed = FREED if _anyone_may_change(facts, phase, now) else ""
    return f"{validated} Vous pouvez la modifier {end}. Si vous ne faites rien, elle reste telle quelle.{freed}"


def _anyone_may_change(facts: Facts, phase: str, now: datetime) -> bool:
    """The pen was released (ACC-08), and several may take it."""
    return pen_holder(facts, phase, now) is None and len(facts.representatives) > 1 and not student_acts(facts, now)


FREED = (
    " Chaque représentant légal peut maintenant la modifier\u00a0: la première personne qui valide est ensuite "
    "la seule à pouvoir le faire."
)


def _entry_is_not_mine(facts: Facts, phase: str, refusal: Refusal, end: str, now: datetime) -> str:
    if refusal is Refusal.GATE_SHUT:
        return GATES[gate(facts, now)].format(end=end)
    holder = pen_holder(facts, phase, now)
    if refusal is Refusal.PEN_HELD or (refusal is Refusal.READ_ONLY_STUDENT and holder is not None):
        return f"{name_of(facts, holder)} a validé la saisie et peut la modifier {end}. Vous pouvez la lire."
    first = GATE_FIRST if phase == Phase.DEFINITIVE and gate(facts, now) is Gate.ACKNOWLEDGE_FIRST else ""
    if refusal is Refusal.READ_ONLY_STUDENT:
        return f"Cette page est pour la lecture : vos représentants légaux peuvent saisir {end}.{first}"
    return f"L’élève est majeur : c’est à l’élève de saisir, {end}. Vous pouvez lire.{first}"


GATE_FIRST = " Il faut d’abord accuser réception des avis du conseil de classe."


GATES = {
    Gate.ACKNOWLEDGE_FIRST: (
        "La saisie est ouverte {end}, mais il faut d’abord accuser réception des avis du conseil de classe. "
        "Sans accusé de réception, vous ne pouvez pas saisir."
    ),
    Gate.NOTHING_TO_ACKNOWLEDGE: (
        "La saisie est ouverte {end}, mais aucun avis du conseil de classe n’est publié pour cet élève : "
        "la saisie n’est pas possible. Contactez l’établissement sans attendre."
    ),
}


def opinions_lead(facts: Facts, person: UUID, now: datetime) -> str:
    """OPI-03, OPI-05, CAL-06."""
    statement = visible_statement(facts, Phase.PROVISIONAL, now)
    if statement is None:
        return _before_answers(facts, Phase.PROVISIONAL, now)
    refusal = _acknowledging(facts, person, now)
    end = acknowledgement_deadline(facts)
    by = f" {until(end, facts.timezone)}" if end else ""
    return OPINIONS.get(refusal, OPINIONS[Refusal.READ_ONLY_STUDENT]).format(by=by)


def _acknowledging(facts: Facts, person: UUID, now: datetime) -> Refusal | None:
    """As the rule says; who only reads is told that it is done, or too late, not that they read."""
    refusal = may_acknowledge(facts, person, now)
    if refusal not in READERS:
        return refusal
    if not acknowledgement_is_due(facts, now):
        return Refusal.ALREADY_ACKNOWLEDGED
    return Refusal.TOO_LATE_TO_ACKNOWLEDGE if acknowledgement_ends(facts, now) else refusal


OPINIONS: dict[Refusal | None, str] = {
    None: (
        "Lisez les avis du conseil de classe et accusez réception{by}. "
        "Si vous ne le faites pas, vous ne pourrez pas saisir les choix définitifs."
    ),
    Refusal.ALREADY_ACKNOWLEDGED: (
        "L’accusé de réception est donné : il n’y a plus rien à faire sur cette page. Vous pouvez relire les avis."
    ),
    Refusal.AUTHOR_ACKNOWLEDGES: (
        "Le représentant qui a saisi les intentions doit accuser réception{by}. Vous pouvez lire les avis."
    ),
    Refusal.TOO_LATE_TO_ACKNOWLEDGE: (
        "Il est trop tard pour accuser réception ici. Vous pouvez lire les avis. Contactez l’établissement."
    ),
    Refusal.READ_ONLY_STUDENT: "Vous pouvez lire les avis. Un représentant légal doit en accuser réception{by}.",
    Refusal.STUDENT_OF_AGE: "Vous pouvez lire les avis. L’élève est majeur : il doit en accuser réception{by}.",
    Refusal.SERVICE_OFF: SERVICE_OFF,
}


def _before_answers(facts: Facts, phase: str, now: datetime) -> str:
    status = entry_status(facts, phase, now)
    if status.state is EntryState.CLOSED and status.at:
        return answers_to_come(facts, phase, now)
    if council_is_open(facts, phase):
        return f"{words_of(phase).unavailable}."
    return f"Il n’y a rien à faire pour l’instant. {answers_to_come(facts, phase, now)}"


def proposals_lead(facts: Facts, person: UUID, now: datetime) -> str:
    """ANS-02, ANS-04, ANS-08, CAL-06."""
    if visible_statement(facts, Phase.DEFINITIVE, now) is None:
        return _before_answers(facts, Phase.DEFINITIVE, now)
    refusal = _answering(facts, person, now)
    return PROPOSALS.get(refusal, _others_answer)(facts, _consultation_end(facts), now)


def _answering(facts: Facts, person: UUID, now: datetime) -> Refusal | None:
    """As the rule says; who only reads is told that it is answered, decided or over, not that they read."""
    refusal = may_answer(facts, person, now)
    if refusal not in READERS:
        return refusal
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    if statement is not None and statement.family_answer is not None:
        return Refusal.ALREADY_ANSWERED
    if facts.decisions:
        return Refusal.ALREADY_DECIDED
    return Refusal.CONSULTATION_CLOSED if consultation_is_closed(facts, Phase.DEFINITIVE, now) else refusal


def _others_answer(facts: Facts, by: str, now: datetime) -> str:
    holder = answerer(facts, now)
    who = name_of(facts, holder) if holder else one_of_those_who_act(facts, now)
    return f"{who} doit répondre aux propositions{by}. Vous pouvez les lire. Ne pas répondre n’est pas accepter."


def one_of_those_who_act(facts: Facts, now: datetime) -> str:
    """ACC-03."""
    return "L’élève, majeur," if student_acts(facts, now) else "Un représentant légal"


PROPOSALS: dict[Refusal | None, Callable[[Facts, str, datetime], str]] = {
    None: lambda facts, by, now: (
        f"Lisez les propositions du conseil de classe et répondez{by}. "
        "Ne pas répondre n’est pas accepter : sans réponse, rien n’est décidé ici."
    ),
    Refusal.ALREADY_ANSWERED: lambda facts, by, now: (
        "La réponse est donnée. Elle est définitive : vous pouvez la lire ci-dessous."
    ),
    Refusal.ALREADY_DECIDED: lambda facts, by, now: (
        "La décision d’orientation est prise\u00a0: il n’y a plus de réponse à donner ici."
    ),
    Refusal.CONSULTATION_CLOSED: lambda facts, by, now: (
        "La période de réponse est terminée et aucune réponse n’a été donnée. Ne pas répondre n’est pas accepter : "
        "contactez l’établissement sans attendre."
    ),
    Refusal.SERVICE_OFF: lambda facts, by, now: SERVICE_OFF,
}


def agreement_lead(facts: Facts, person: UUID, now: datetime) -> str:
    """ANS-06, ANS-08: what this person has to say, and who is still awaited beside them."""
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    author = answer.author_name if answer else ""
    said = AGREEMENTS.get(may_agree(facts, person, now), "Vous pouvez lire la réponse donnée.{waits}")
    by, waits = _consultation_end(facts), still_awaited(facts, now, but=person)
    return said.format(by=by, author=author, waits=f" {waits}" if waits else "")


AGREEMENTS: dict[Refusal | None, str] = {
    None: (
        "{author} a donné une réponse. Lisez-la, puis dites si vous êtes d’accord{by}. "
        "Ne pas répondre n’est pas accepter : sans votre réponse, rien n’est décidé ici.{waits}"
    ),
    Refusal.NO_AGREEMENT_ASKED: "Aucun accord n’est demandé pour ce dossier : il n’y a rien à faire sur cette page.",
    Refusal.AUTHOR_AGREED_ALREADY: "Vous avez donné la réponse : il n’y a plus rien à faire sur cette page.{waits}",
    Refusal.ALREADY_DECIDED: "La décision d’orientation est prise : il n’y a plus rien à faire sur cette page.",
    Refusal.ALREADY_AGREED: "Vous avez répondu : il n’y a plus rien à faire sur cette page.{waits}",
    Refusal.CONSULTATION_CLOSED: (
        "La période de réponse est terminée. Ne pas répondre n’est pas accepter : contactez l’établissement."
    ),
    Refusal.SERVICE_OFF: SERVICE_OFF,
}


def still_awaited(facts: Facts, now: datetime, *, but: UUID | None = None) -> str:
    """« Doivent encore répondre : Luc Martin et Zoé Petit, jusqu’au … »; empty when nobody is awaited (ANS-06)."""
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    if answer is None or facts.decisions:
        return ""
    names = [name_of(facts, one) for one in agreements_awaited(facts, answer, now) if one != but]
    if not names:
        return ""
    if consultation_is_closed(facts, Phase.DEFINITIVE, now):
        return f"{SILENT[len(names) > 1]} : {listed(names)}. Ne pas répondre n’est pas accepter."
    return f"{AWAITED[len(names) > 1]} : {listed(names)},{_consultation_end(facts)}."


AWAITED = ("Doit encore répondre", "Doivent encore répondre")
SILENT = ("N’a pas répondu", "N’ont pas répondu")


def listed(names: list[str]) -> str:
    """« Ana », « Ana et Luc », « Ana, Luc et Zoé »."""
    *first, last = names
    return f"{', '.join(first)} et {last}" if first else last


def _consultation_end(facts: Facts) -> str:
    window = facts.window(Phase.DEFINITIVE, WindowKind.CONSULTATION)
    return f" {until(window.closes_at, facts.timezone)}" if window else ""


def name_of(facts: Facts, person: UUID | None) -> str:
    """The name of a representative or of the pupil; « l’établissement » when the school wrote."""
    if person == facts.student:
        return facts.student_name
    found = facts.representative(person)
    return found.name if found else "L’établissement"
