"""What this person has to do now: a title, a sentence that says until when and what happens otherwise, one button."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from orientation.appeals import appeal_words, meeting_words
from orientation.dates import moment, until
from orientation.enums import Phase
from orientation.facts import Facts
from orientation.leads import not_followed, one_of_those_who_act, still_awaited
from orientation.rules import (
    Need,
    Standing,
    Step,
    answerer,
    family_versions,
    last_entry,
    pen_holder,
    standing,
    student_acts,
)
from orientation.wording import words_of

COUNCIL_PHASES = {Step.OPINIONS: Phase.PROVISIONAL, Step.PROPOSALS: Phase.DEFINITIVE}
NOTHING_ENTERED = (
    "La famille n’a rien validé ici\u00a0: si ce n’est pas déjà fait, contactez l’établissement, "
    "qui peut saisir la demande."
)
STEP_PHASES = {Step.INTENTIONS: Phase.PROVISIONAL, Step.CHOICES: Phase.DEFINITIVE}


@dataclass(frozen=True, slots=True)
class Todo:
    """`mine`: this person has it to do (what they may change is done); `url` leads to the screen, whoever reads."""

    title: str
    text: str
    label: str
    url: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Case:
    facts: Facts
    person: UUID
    now: datetime
    standing: Standing

    def until(self) -> str:
        by = self.standing.by
        return f" {until(by, self.facts.timezone)}" if by else ""

    def since(self) -> str:
        """When the next step opens; empty when nobody knows yet."""
        by = self.standing.by
        return f" à partir du {moment(by, self.facts.timezone)}" if by and by > self.now else ""

    def phase(self) -> str:
        return STEP_PHASES.get(self.standing.step, Phase.DEFINITIVE)

    def name_of(self, person: UUID | None) -> str:
        found = self.facts.representative(person)
        return found.name if found else self.facts.student_name

    def one_of_those_who_act(self) -> str:
        return one_of_those_who_act(self.facts, self.now)

    def url(self, screen: str, **path: str) -> str:
        return reverse(f"orientation:{screen}", kwargs={"uuid": self.facts.uuid, **path})


def todo(facts: Facts, person: UUID, now: datetime) -> Todo:
    case = Case(facts, person, now, standing(facts, person, now))
    return TODOS[case.standing.need](case)


def _enter(case: Case) -> Todo:
    words = words_of(case.phase())
    title = f"Saisir {words.the_many}"
    url = case.url("entry", phase=case.phase())
    if case.standing.mine:
        text = (
            f"Vous pouvez saisir{case.until()}. Si vous ne validez rien, "
            "aucune demande de votre part n’est enregistrée."
        )
        return Todo(title, text, title, url, True)
    who = "L’élève, majeur, peut" if student_acts(case.facts, case.now) else "Les représentants légaux peuvent"
    return Todo(title, f"{who} saisir{case.until()}. Vous pouvez lire.", "Lire", url, False)


def _may_change(case: Case) -> Todo:
    words = words_of(case.phase())
    url = case.url("entry", phase=case.phase())
    last, holder = last_entry(case.facts, case.phase()), pen_holder(case.facts, case.phase(), case.now)
    if case.standing.mine and last and last.author != case.person:
        said = f"{last.author_name} avait validé une liste."
        if last.asked_by:
            said = f"L’établissement a modifié la liste, comme l’a demandé {last.asked_by}."
        text = f"{said} Vous pouvez la modifier{case.until()}. Si vous ne faites rien, elle reste telle quelle."
        return Todo("Relire ce qui est validé", text, "Relire ou modifier", url, False)
    if case.standing.mine:
        text = f"Vous pouvez les modifier{case.until()}. Si vous ne faites rien, votre saisie reste telle quelle."
        return Todo(words.confirmed.removesuffix("."), text, "Relire ou modifier", url, False)
    if holder is None and student_acts(case.facts, case.now):
        text = (
            f"L’élève est majeur : c’est à lui de modifier la saisie, s’il le veut,{case.until()}. Vous pouvez la lire."
        )
        return Todo("Rien à faire pour vous", text, "Lire la saisie", url, False)
    who = f"par {case.name_of(holder)}" if holder else "par la famille"
    text = f"La saisie a été faite {who}, qui peut la modifier{case.until()}. Vous pouvez la lire."
    return Todo("Rien à faire pour vous", text, "Lire la saisie", url, False)


def _acknowledge(case: Case) -> Todo:
    title = "Lire les avis du conseil de classe"
    if case.standing.mine:
        text = (
            f"Lisez les avis et accusez réception{case.until()}. "
            "Sans accusé de réception, vous ne pourrez pas saisir les choix définitifs."
        )
        return Todo(title, text, "Lire les avis et accuser réception", case.url("opinions"), True)
    text = f"{case.one_of_those_who_act()} doit en accuser réception{case.until()}. Vous pouvez les lire."
    return Todo(title, text, "Lire les avis", case.url("opinions"), False)


def _after_meeting(case: Case) -> Todo | None:
    """The meeting is held: the family waits for the head's decision (ANS-07)."""
    held = meeting_words(case.facts, case.now)
    return Todo(*held, "Voir où en est la décision", case.url("decision"), False) if held else None


def _contact_school(case: Case) -> Todo:
    title = "Contacter l’établissement"
    if case.standing.step is Step.CHOICES:
        text = (
            "Aucun avis du conseil de classe n’est publié pour cet élève : la saisie des choix définitifs "
            "n’est pas possible pour l’instant. Contactez l’établissement sans attendre."
        )
        return Todo(title, text, "Voir pourquoi", case.url("entry", phase=Phase.DEFINITIVE), False)
    text = (
        "La période de réponse aux propositions est terminée et aucune réponse n’a été donnée. "
        "Ne pas répondre n’est pas accepter : contactez l’établissement sans attendre."
    )
    return _after_meeting(case) or Todo(title, text, "Lire les propositions", case.url("proposals"), False)


def _answer(case: Case) -> Todo:
    title = "Répondre aux propositions du conseil de classe"
    url = case.url("proposals")
    if case.standing.mine:
        text = f"Répondez{case.until()}. Ne pas répondre n’est pas accepter : sans réponse, rien n’est décidé ici."
        return Todo(title, text, "Lire les propositions et répondre", url, True)
    holder = answerer(case.facts, case.now)
    who = case.name_of(holder) if holder else case.one_of_those_who_act()
    return Todo(title, f"{who} doit répondre{case.until()}. Vous pouvez lire.", "Lire les propositions", url, False)


def _agree(case: Case) -> Todo:
    title = "Donner un accord ou un désaccord"
    waits = still_awaited(case.facts, case.now, but=case.person)
    if case.standing.mine:
        text = (
            f"Dites si vous êtes d’accord avec la réponse donnée{case.until()}. "
            f"Ne pas répondre n’est pas accepter : sans votre réponse, rien n’est décidé ici. {waits}"
        )
        return Todo(title, text.strip(), "Lire la réponse et dire oui ou non", case.url("agreement"), True)
    if not still_awaited(case.facts, case.now):
        text = "Plus personne n’a à répondre\u00a0: la décision d’orientation sera enregistrée cette nuit."
        return Todo("Rien à faire pour l’instant", text, "Lire la réponse", case.url("agreement"), False)
    text = f"{waits} Ne pas répondre n’est pas accepter. Vous pouvez lire la réponse."
    return Todo("Rien à faire pour vous", text, "Lire la réponse", case.url("agreement"), False)


def _meet_head(case: Case) -> Todo:
    text = (
        "Il n’y a pas d’accord sur les propositions : un entretien doit avoir lieu sans délai, en présence de l’élève. "
        f"{still_awaited(case.facts, case.now)}"
    )
    title = "Contacter immédiatement le chef d’établissement"
    return _after_meeting(case) or Todo(title, text.strip(), "Voir quoi faire", case.url("decision"), False)


def _wait(case: Case) -> Todo:
    title, what, path = WAITS[case.standing.step](case)
    when = case.since()
    text = f"{what} sera possible{when}." if when else f"{what} n’a pas encore de date connue."
    if case.standing.step in COUNCIL_PHASES and not family_versions(case.facts, COUNCIL_PHASES[case.standing.step]):
        return Todo("Contacter l’établissement", f"{title} {NOTHING_ENTERED} {text}", "Voir cette étape", path, False)
    return Todo("Rien à faire pour l’instant", f"{title} {text}", "Voir cette étape", path, False)


def _nothing(case: Case) -> Todo:
    if (appeal := appeal_words(case.facts, case.now)) is not None:
        return Todo(*appeal, "Lire la décision", case.url("decision"), False)
    text = "La décision d’orientation est prise. Vous n’avez plus rien à faire ici."
    return Todo("C’est terminé", text, "Lire la décision", case.url("decision"), False)


def _not_enrolled(case: Case) -> Todo:
    """The last thing that was validated is one link away."""
    path = {Step.DECISION: "decision", Step.PROPOSALS: "proposals", Step.OPINIONS: "opinions"}.get(case.standing.step)
    url = case.url(path) if path else case.url("entry", phase=case.phase())
    return Todo("Dossier à lire seulement", not_followed(case.facts), "Relire ce dossier", url, False)


WAITS: dict[Step, Callable[[Case], tuple[str, str, str]]] = {
    Step.INTENTIONS: lambda case: (
        "La saisie n’est pas ouverte.",
        "La saisie des intentions",
        case.url("entry", phase=Phase.PROVISIONAL),
    ),
    Step.OPINIONS: lambda case: (
        "La saisie des intentions est fermée.",
        "La lecture des avis du conseil de classe",
        case.url("opinions"),
    ),
    Step.CHOICES: lambda case: (
        "Les avis du conseil de classe sont publiés.",
        "La saisie des choix définitifs",
        case.url("entry", phase=Phase.DEFINITIVE),
    ),
    Step.PROPOSALS: lambda case: (
        "La saisie des choix définitifs est fermée.",
        "La lecture des propositions du conseil de classe",
        case.url("proposals"),
    ),
}

TODOS: dict[Need, Callable[[Case], Todo]] = {
    Need.ENTER: _enter,
    Need.MAY_CHANGE: _may_change,
    Need.ACKNOWLEDGE: _acknowledge,
    Need.CONTACT_SCHOOL: _contact_school,
    Need.ANSWER: _answer,
    Need.AGREE: _agree,
    Need.MEET_HEAD: _meet_head,
    Need.WAIT: _wait,
    Need.NOTHING: _nothing,
    Need.NOT_ENROLLED: _not_enrolled,
}
