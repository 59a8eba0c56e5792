"""What a family reads of a disagreement: the meeting, the head's decision, the appeal and its delay (ANS-07)."""

from datetime import datetime

from orientation.dates import day
from orientation.enums import Phase
from orientation.facts import Facts
from orientation.rules import (
    AppealStage,
    Disagreement,
    agreements_awaited,
    appeal_deadline,
    appeal_is_late,
    appeal_stage,
    head_decision,
    last_meeting,
    standing_disagreement,
    visible_statement,
)

OVER = "C’est terminé"
READ = "Lire la décision du chef d’établissement"
WAIT = "Rien à faire pour l’instant"

# A title, and a sentence: what to do, until when, and what happens if nothing is done.
STAGES = {
    AppealStage.NOT_NOTIFIED: (
        READ,
        "Le chef d’établissement a pris sa décision après l’entretien. Le délai pour faire appel, trois jours "
        "ouvrables, commence quand elle vous est notifiée\u00a0: si vous n’avez rien reçu, contactez l’établissement. "
        "Si vous ne faites rien, cette décision s’applique.",
    ),
    AppealStage.OPEN: (
        READ,
        "Le chef d’établissement a pris sa décision après l’entretien. Si vous n’êtes pas d’accord, vous pouvez faire "
        "appel, sur papier, jusqu’au {last_day} inclus. Si vous ne faites rien, cette décision s’applique.",
    ),
    AppealStage.OVER: (
        OVER,
        "Le délai pour faire appel est passé\u00a0: il s’est terminé le {last_day}. La décision du chef "
        "d’établissement s’applique. Vous n’avez plus rien à faire ici.",
    ),
    AppealStage.FILED: (
        WAIT,
        "L’établissement a reçu votre appel le {filed_on}. La commission d’appel va décider\u00a0: vous lirez ici sa "
        "décision, qui remplacera celle du chef d’établissement.",
    ),
    AppealStage.DECIDED: (
        OVER,
        "La commission d’appel a décidé. Sa décision remplace celle du chef d’établissement et elle est définitive. "
        "Vous n’avez plus rien à faire ici.",
    ),
}
LATE = (
    WAIT,
    "L’établissement a reçu votre appel le {filed_on}, après la fin du délai ({last_day}). Il vous dira si l’appel "
    "est examiné. D’ici là, la décision du chef d’établissement s’applique.",
)
AFTER_MEETING = (
    WAIT,
    "L’entretien avec le chef d’établissement a eu lieu le {held_on}. Le chef d’établissement prend maintenant sa "
    "décision\u00a0: vous la lirez ici.",
)
CALL = "Contactez immédiatement le chef d’établissement pour un entretien sans délai, en présence de l’élève. "
MEETINGS = {
    Disagreement.REFUSED: CALL + "Il prend sa décision après cet entretien.",
    Disagreement.DISAGREED: CALL + "Il prend sa décision après cet entretien.",
    Disagreement.SILENT: (
        "La période de réponse est terminée et il manque une réponse. Ne pas répondre n’est pas accepter\u00a0: "
        "rien n’est décidé ici. Contactez immédiatement le chef d’établissement, qui prend sa décision après un "
        "entretien."
    ),
}
DECIDED = "La décision d’orientation est prise. Vous n’avez rien à faire sur cette page."
AWAITED = "La réponse est donnée, mais il manque un accord\u00a0: aucune décision n’est encore prise."
NOTHING = "Aucune décision n’est encore prise. Elle viendra après les propositions du conseil de classe."


def is_being_settled(facts: Facts, now: datetime) -> bool:
    """A disagreement outlives the campaign: there is something to read, or to do, until it is settled."""
    return standing_disagreement(facts, now) is not None or appeal_stage(facts, now) is not None


def appeal_words(facts: Facts, now: datetime) -> tuple[str, str] | None:
    """Title and sentence of the head's decision, of the delay, of the appeal; None where there is nothing to appeal."""
    stage = appeal_stage(facts, now)
    if stage is None:
        return None
    end = appeal_deadline(facts)
    title, text = LATE if stage is AppealStage.FILED and appeal_is_late(facts) else STAGES[stage]
    filed_on = day(facts.appealed_on) if facts.appealed_on else ""
    return title, text.format(last_day=day(end) if end else "", filed_on=filed_on)


def meeting_words(facts: Facts, now: datetime) -> tuple[str, str] | None:
    """Title and sentence once the meeting is held and the head has not decided yet; None otherwise."""
    meeting = last_meeting(facts, now)
    if meeting is None or head_decision(facts) is not None or standing_disagreement(facts, now) is None:
        return None
    title, text = AFTER_MEETING
    return title, text.format(held_on=day(meeting.held_on))


def decision_lead(facts: Facts, now: datetime) -> str:
    """The sentence at the top of the decision's screen."""
    said = appeal_words(facts, now) or meeting_words(facts, now)
    if said is not None:
        return said[1]
    if facts.decisions:
        return DECIDED
    why = standing_disagreement(facts, now)
    return MEETINGS[why] if why else AWAITED if _awaited(facts, now) else NOTHING


def _awaited(facts: Facts, now: datetime) -> bool:
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    return answer is not None and bool(agreements_awaited(facts, answer, now))
