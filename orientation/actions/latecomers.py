"""Who became awaited after the answer was given: a new legal representative, the pupil now of age (ANS-06)."""

from itertools import islice
from uuid import UUID

from django.db.models import Q

from ledger import clock
from ledger.journal import Actor
from ledger.models import OutgoingEmail
from orientation.actions.act import opened
from orientation.actions.post import post
from orientation.enums import AnsweredBy, Phase
from orientation.facts import Facts
from orientation.models import Campaign, FamilyAnswer
from orientation.reading import load_many
from orientation.rules import agreements_awaited, last_statement, may_agree

Asked = tuple[UUID, UUID]  # the answer, and who is awaited
AWAITED = "agreement_awaited"
BATCH = 500  # dossiers read at once


def ask_latecomers(*, campaign: Campaign, by: Actor) -> int:
    """Ask each of them once, as the others were with the answer; return how many letters. Every night."""
    if campaign.answered_by != AnsweredBy.ALL:
        return 0
    undecided = FamilyAnswer.objects.filter(
        decision__isnull=True, statement__withdrawal__isnull=True, statement__dossier__campaign=campaign
    )
    dossiers = undecided.order_by("statement__dossier").values_list("statement__dossier__uuid", flat=True).iterator()
    asked = 0
    while batch := list(islice(dossiers, BATCH)):
        told = _told(batch)
        for uuid, facts in load_many(batch).items():
            if _awaited(facts) - told:
                asked += _ask(uuid, told, by)
    return asked


def _told(dossiers: list[UUID]) -> set[Asked]:
    """Which answers were already told to whom."""
    letters = Q(kind__startswith="answer_") | Q(kind=AWAITED)
    rows = OutgoingEmail.objects.filter(letters, dossier_uuid__in=dossiers)
    return {(answer, person) for answer, person in rows.values_list("about", "recipient_uuid") if answer}


def _awaited(facts: Facts) -> set[Asked]:
    """The answer, and who may say « oui » or « non » to it now."""
    statement = last_statement(facts, Phase.DEFINITIVE)
    answer = statement.family_answer if statement else None
    if answer is None:
        return set()
    now = clock.now()
    people = agreements_awaited(facts, answer, now)
    return {(answer.uuid, one) for one in people if may_agree(facts, one, now) is None}


def _ask(dossier: UUID, told: set[Asked], by: Actor) -> int:
    """Under the lock, the rule is asked again: one of them may have spoken meanwhile."""
    with opened(dossier, by=by) as act:
        newly = _awaited(act.facts) - told
        everybody = [str(one) for _, one in _awaited(act.facts)]
        for answer, person in newly:
            post(act, AWAITED, person, about=answer, decided=False, awaited=everybody)
        return len(newly)
