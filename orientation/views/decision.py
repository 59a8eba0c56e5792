"""The decision, or the meeting that must come first (ANS-05, ANS-07)."""

from django.http import HttpRequest, HttpResponse

from orientation.access import Access
from orientation.enums import DecisionOrigin, Phase
from orientation.facts import DecisionFact
from orientation.leads import name_of
from orientation.rules import agreements_awaited, calls_for_a_meeting, visible_statement
from orientation.views.family import family_page, screen

LEADS = {
    "decided": "La décision d’orientation est prise. Vous n’avez rien à faire sur cette page.",
    "head": (
        "Lisez la décision du chef d’établissement. Si vous n’êtes pas d’accord, vous pouvez faire appel, sur papier, "
        "dans les trois jours ouvrables. Si vous ne faites pas appel, il n’y a rien d’autre à faire ici."
    ),
    "meeting": (
        "Contactez immédiatement le chef d’établissement pour un entretien sans délai, en présence de l’élève. "
        "Le chef d’établissement prend sa décision après cet entretien."
    ),
    "awaited": "La réponse est donnée, mais il manque un accord : aucune décision n’est encore prise.",
    "nothing": "Aucune décision n’est encore prise. Elle viendra après les propositions du conseil de classe.",
}


@family_page
def decision(request: HttpRequest, access: Access) -> HttpResponse:
    facts, now = access.facts, access.now
    statement = visible_statement(facts, Phase.DEFINITIVE, now)
    answer = statement.family_answer if statement else None
    awaited = [name_of(facts, one) for one in agreements_awaited(facts, answer, now)] if answer else []
    state = _state(facts.decisions, answer is not None and calls_for_a_meeting(answer), bool(awaited))
    return screen(
        request, access, "decision", phase=Phase.DEFINITIVE,
        lead=LEADS[state],
        state=state,
        decisions=facts.decisions[::-1],
        answer=answer,
        awaited=awaited,
    )  # fmt: skip


def _state(decisions: tuple[DecisionFact, ...], meeting: bool, awaited: bool) -> str:
    if decisions:
        return "head" if decisions[-1].origin == DecisionOrigin.HEAD else "decided"
    if meeting:
        return "meeting"
    return "awaited" if awaited else "nothing"
