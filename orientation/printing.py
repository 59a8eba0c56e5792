"""The letter on paper for a family whom no e-mail reaches: one A4 page, as an accessible PDF (MAI-06)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from families.models import Level, School
from families.paper import how_to_reach, pdf_of
from orientation.dates import day
from orientation.facts import Facts
from orientation.leads import SERVICE_OFF
from orientation.models import Dossier
from orientation.readers import readers_of
from orientation.reading import load_many
from orientation.rules import service_off, student_acts
from orientation.todo import todo
from orientation.unreachable import Reach

WHY = {
    Reach.NO_ADDRESS: "Nous n’avons pas d’adresse électronique où vous écrire.",
    Reach.REFUSED: "Les courriels que nous envoyons à votre adresse électronique nous reviennent.",
    Reach.NEVER_DELIVERED: "Nos courriels n’arrivent pas jusqu’à vous.",
    Reach.NEVER_USED: "Personne de votre famille ne s’est encore connecté au service Orientation.",
    Reach.REACHED: "Les courriels que nous vous envoyons arrivent.",
}
LEVELS = {Level.THIRD: "la 3e", Level.SECOND_GT: "la 2de générale et technologique"}


def letters_pdf(dossiers: Iterable[Dossier], now: datetime) -> bytes:
    """A page each, in this order. Each dossier has its `category`, and its school's académie at hand; one query."""
    rows = list(dossiers)
    facts = load_many([one.uuid for one in rows])
    data = {
        "title": "Courriers aux familles",
        "author": "Service Orientation",
        "letters": [letter(one, facts[one.uuid], now) for one in rows],
    }
    return pdf_of("unreachable", data)


def letter(dossier: Any, facts: Facts, now: datetime) -> dict[str, Any]:
    """The words of one page. Nothing secret: the activation code has its own sheet (ACC-01)."""
    school = dossier.student.school
    return {
        "school": {"name": school.name, "lines": how_to_reach(school)},
        "to": _to(facts, dossier, now),
        "date": f"Le {day(now.astimezone(facts.timezone).date())}",
        "object": f"Orientation après {LEVELS[Level(facts.level)]}, pour {facts.student_name}",
        "before": [
            "Madame, Monsieur,",
            f"{WHY[Reach(dossier.category)]} Voici sur papier ce qui est important pour vous.",
            "Le service Orientation est le site où les familles disent ce qu’elles demandent après "
            f"{LEVELS[Level(facts.level)]}, lisent les réponses du conseil de classe et y répondent.",
        ],
        "duties": duties(facts, now),
        "steps": _steps(),
        "help": _help(school),
    }


def duties(facts: Facts, now: datetime) -> list[dict[str, str]]:
    """What is waiting for the family today, until when: once if it is the same for all, else under each name."""
    if service_off(facts, now):
        return [{"who": "", "title": "Service fermé par l’établissement", "text": SERVICE_OFF}]
    readers = readers_of(facts, now) or (facts.student,)
    said: dict[tuple[str, str], list[str]] = {}
    for person in readers:
        one = todo(facts, person, now)
        said.setdefault((one.title, one.text), []).append(_name(facts, person))
    alone = len(said) == 1
    return [
        {"who": "" if alone else f"{', '.join(names)}\u00a0:", "title": title, "text": text}
        for (title, text), names in said.items()
    ]


def _name(facts: Facts, person: UUID) -> str:
    found = facts.representative(person)
    return found.name if found else facts.student_name


def _to(facts: Facts, dossier: Dossier, now: datetime) -> list[str]:
    """Whom the envelope is for. No postal address is known here: the school writes it, or hands the letter over."""
    division = dossier.student.division
    pupil = f"{facts.student_name}, {division.code}" if division else facts.student_name
    names = [one.name for one in facts.representatives]
    if student_acts(facts, now):
        return [pupil, *(["et ses représentants légaux :", *names] if names else [])]
    return [*names, f"{'représentants légaux' if names else 'Aux représentants légaux'} de {pupil}"]


def _steps() -> list[str]:
    return [
        f"Allez sur {settings.PUBLIC_URL}, avec un téléphone ou un ordinateur.",
        "Choisissez « Ouvrir votre compte » et tapez votre code d’activation. L’établissement le remet sur papier "
        "à chaque représentant légal. Si vous ne l’avez pas, demandez-le au secrétariat. Si vous avez déjà un compte, "
        "connectez-vous.",
        "Dans « Mon compte », indiquez ou corrigez votre adresse électronique : vous recevrez les récapitulatifs et "
        "les rappels.",
    ]


def _help(school: School) -> str:
    how = f"Appelez l’établissement au {school.phone}" if school.phone else "Adressez-vous à l’établissement"
    return (
        f"{how} : il vous aide à ouvrir votre compte. Si vous ne pouvez pas utiliser internet, dites-le-lui sans "
        "attendre : il peut enregistrer votre demande à votre place."
    )
