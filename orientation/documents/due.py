"""What is to be done now, by when, and what happens otherwise: the first lines of the sheet (CAL-07). Pure."""

from collections.abc import Callable
from datetime import datetime

from orientation.dates import day, moment, until
from orientation.facts import Facts
from orientation.leads import one_of_those_who_act, still_awaited
from orientation.rules import AppealStage, Need, Standing, Step, appeal_deadline, appeal_stage, service_off, standing

SWITCHED_OFF = "L’établissement a fermé le service Orientation : tout se fait avec l’établissement. Contactez-le."
CONTACT = "À faire : contacter l’établissement sans attendre."
MEET = "À faire : prendre rendez-vous sans attendre avec le chef d’établissement. L’élève vient à l’entretien."
NOTHING_YET = "Il n’y a rien à faire pour l’instant."
WHAT = {Step.INTENTIONS: "les intentions", Step.CHOICES: "les choix définitifs"}


def to_do(facts: Facts, now: datetime) -> str:
    """For the whole family, whoever reads; empty where nothing is left to be done. Only for a pupil who is followed."""
    if service_off(facts, now):
        return SWITCHED_OFF
    where = standing(facts, facts.student, now)  # what is needed and when is the same for all; who may, is not said
    return SENTENCES[where.need](facts, where, now)


def _enter(facts: Facts, where: Standing, now: datetime) -> str:
    return (
        f"À faire : saisir puis valider {WHAT[where.step]}{_by(facts, where)}. {one_of_those_who_act(facts, now)} "
        "le fait. Sans validation, le conseil de classe ne reçoit rien de la famille."
    )


def _may_change(facts: Facts, where: Standing, now: datetime) -> str:
    return f"La saisie peut encore être modifiée{_by(facts, where)}. Sans changement, elle reste telle quelle."


def _acknowledge(facts: Facts, where: Standing, now: datetime) -> str:
    return (
        f"À faire : lire les avis du conseil de classe et en accuser réception{_by(facts, where)}. "
        "Sans accusé de réception, les choix définitifs ne peuvent pas être saisis."
    )


def _answer(facts: Facts, where: Standing, now: datetime) -> str:
    return (
        f"À faire : lire les propositions du conseil de classe et y répondre{_by(facts, where)}. "
        "Ne pas répondre n’est pas accepter : sans réponse, rien n’est décidé."
    )


def _wait(facts: Facts, where: Standing, now: datetime) -> str:
    if where.by is None or where.by <= now:
        return NOTHING_YET
    return f"{NOTHING_YET} Prochaine étape : le {moment(where.by, facts.timezone)}."


def _decided(facts: Facts, where: Standing, now: datetime) -> str:
    """ANS-07: the one thing that a decision leaves to be done."""
    end = appeal_deadline(facts)
    if end is None or appeal_stage(facts, now) is not AppealStage.OPEN:
        return ""
    return (
        "En cas de désaccord avec la décision, l’appel se fait sur papier : à remettre à l’établissement au plus tard "
        f"le {day(end)} inclus. Passé ce jour, la décision s’applique."
    )


def _by(facts: Facts, where: Standing) -> str:
    return f" {until(where.by, facts.timezone)}" if where.by else ""


SENTENCES: dict[Need, Callable[[Facts, Standing, datetime], str]] = {
    Need.ENTER: _enter,
    Need.MAY_CHANGE: _may_change,
    Need.ACKNOWLEDGE: _acknowledge,
    Need.CONTACT_SCHOOL: lambda facts, where, now: CONTACT,
    Need.ANSWER: _answer,
    Need.AGREE: lambda facts, where, now: still_awaited(facts, now),
    Need.MEET_HEAD: lambda facts, where, now: "" if facts.meetings else MEET,
    Need.WAIT: _wait,
    Need.NOTHING: _decided,
}
