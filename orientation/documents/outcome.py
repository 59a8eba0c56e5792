"""How it ends on the sheet: the disagreement, the meeting, the decision, the appeal (ANS-05, ANS-07)."""

from datetime import datetime

from orientation.dates import day
from orientation.documents.words import Block, on, one_line
from orientation.enums import DecisionOrigin
from orientation.facts import DecisionFact, Facts
from orientation.rules import (
    AppealStage,
    Disagreement,
    appeal_deadline,
    appeal_is_late,
    appeal_stage,
    standing_disagreement,
)

WHY = {
    Disagreement.REFUSED: "La famille a refusé toutes les propositions du conseil de classe.",
    Disagreement.DISAGREED: "Un représentant légal n’est pas d’accord avec la réponse donnée.",
    Disagreement.SILENT: (
        "La période de réponse est terminée et il manque une réponse. Ne pas répondre n’est pas accepter."
    ),
}
BY = {
    DecisionOrigin.ACCEPTANCE: "Décision du chef d’établissement, sur l’acceptation de la famille",
    DecisionOrigin.HEAD: "Décision du chef d’établissement, après l’entretien",
    DecisionOrigin.APPEAL: "Décision de la commission d’appel",
}
REASONS = (
    "Les motifs ne sont pas enregistrés dans le service : ils figurent sur la décision écrite remise à la famille."
)


def outcome(facts: Facts, now: datetime) -> tuple[Block, ...]:
    decisions = [_decision(facts, one, now) for one in facts.decisions]
    blocks = [*_contested(facts, now), *(decisions or [Block("Décision", ("Pas encore.",))]), *_appeal(facts, now)]
    return tuple(blocks)


def _contested(facts: Facts, now: datetime) -> list[Block]:
    why = standing_disagreement(facts, now)
    if why is None and not facts.meetings:
        return []
    held = tuple(
        f"Entretien avec le chef d’établissement tenu le {day(one.held_on)}. "
        f"Personnes présentes : {one_line(one.present)}."
        for one in facts.meetings
    )
    expected = "Entretien avec le chef d’établissement : pas encore enregistré."
    return [Block("Désaccord et entretien", (*([WHY[why]] if why else []), *(held or (expected,))))]


def _decision(facts: Facts, one: DecisionFact, now: datetime) -> Block:
    origin = DecisionOrigin(one.origin)
    when = on(one.at, facts) if origin is DecisionOrigin.ACCEPTANCE else f"enregistrée {on(one.at, facts)}"
    text = [f"{' ; '.join(one.labels) or 'Voie non précisée'}.", f"{BY[origin]}, {when}."]
    if origin is DecisionOrigin.ACCEPTANCE:
        return Block("Décision", tuple(text))
    notified = f"Notifiée à la famille le {day(one.notified_on)}." if one.notified_on else "Notification : pas encore."
    replaced = origin is DecisionOrigin.HEAD and appeal_stage(facts, now) is AppealStage.DECIDED
    return Block("Décision, remplacée depuis" if replaced else "Décision", (*text, notified, REASONS))


def _appeal(facts: Facts, now: datetime) -> list[Block]:
    """The delay, then the appeal; nothing where there is nothing to appeal."""
    stage, end = appeal_stage(facts, now), appeal_deadline(facts)
    if stage is None:
        return []
    text = [f"Dernier jour pour faire appel : {day(end)} inclus (trois jours ouvrables)." if end else NOT_BEGUN]
    if facts.appealed_on:
        late = ", après la fin du délai" if appeal_is_late(facts) else ""
        text.append(f"Appel reçu par l’établissement le {day(facts.appealed_on)}{late}.")
    else:
        text.append("Aucun appel n’a été reçu." if stage is AppealStage.OVER else "Appel : pas encore reçu.")
    if stage is AppealStage.DECIDED:
        text.append("La décision de la commission d’appel remplace celle du chef d’établissement.")
    elif facts.appealed_on:
        text.append("Décision de la commission d’appel : pas encore.")
    return [Block("Appel", tuple(text))]


NOT_BEGUN = "Le délai pour faire appel, trois jours ouvrables, commence à la notification de la décision."
