"""The appeal form, on paper: the pupil, the head's decision, the deadline of three working days filled in (ANS-07)."""

from dataclasses import dataclass
from datetime import datetime

from families.models import Level
from orientation.dates import day
from orientation.documents.words import LEVELS, Where, identity, issued
from orientation.facts import Facts
from orientation.rules import AppealStage, appeal_deadline, appeal_stage, head_decision

TITLE = "Appel de la décision d’orientation"
TO_BE_FILED = (AppealStage.NOT_NOTIFIED, AppealStage.OPEN)
NOT_NOTIFIED = (
    "Le délai est de trois jours ouvrables. Il commence le jour où la décision vous est notifiée, c’est-à-dire remise "
    "officiellement. Si vous n’avez rien reçu, contactez l’établissement."
)


@dataclass(frozen=True, slots=True)
class AppealForm:
    title: str
    subtitle: str
    identity: tuple[tuple[str, str], ...]
    decision: tuple[str, ...]
    deadline: tuple[str, ...]
    to: tuple[str, ...]
    issued: str


def may_be_filed(facts: Facts, now: datetime) -> bool:
    """Is there a decision that can still be appealed?"""
    return appeal_stage(facts, now) in TO_BE_FILED


def appeal_form(facts: Facts, where: Where, now: datetime) -> AppealForm:
    """Only where `may_be_filed`."""
    return AppealForm(
        TITLE, f"{LEVELS[Level(facts.level)]}, année scolaire {where.years}", identity(facts, where),
        _decision(facts), _deadline(facts), _to(where), issued(facts, now),
    )  # fmt: skip


def _decision(facts: Facts) -> tuple[str, ...]:
    decision = head_decision(facts)
    if decision is None:
        return ()
    notified = f"Notifiée le {day(decision.notified_on)}." if decision.notified_on else "Notification : pas encore."
    return (f"Décision du chef d’établissement après l’entretien : {' ; '.join(decision.labels)}.", notified)


def _deadline(facts: Facts) -> tuple[str, ...]:
    end = appeal_deadline(facts)
    if end is None:
        return (NOT_NOTIFIED,)
    return (
        f"Remettez ce document à l’établissement au plus tard le {day(end)} inclus.",
        "Passé ce jour, la décision du chef d’établissement s’applique.",
        "Le délai est de trois jours ouvrables après la notification : le samedi compte, les dimanches et les jours "
        "fériés ne comptent pas.",
    )


def _to(where: Where) -> tuple[str, ...]:
    phone = f"Téléphone : {where.school.phone}" if where.school.phone else ""
    return tuple(line for line in (where.school.name, where.school.address, phone) if line)
