"""Acknowledging the opinions, and lifting the wait when there are none (OPI-03, OPI-05)."""

from uuid import UUID

from families.models import User
from ledger.journal import Actor
from orientation.actions.act import opened, person_fields
from orientation.models import Acknowledgement, CouncilStatement, GateLift
from orientation.rules import Refusal, RuleBroken, may_acknowledge, may_lift_gate


def acknowledge(*, dossier: UUID, statement: UUID, by: Actor) -> Acknowledgement:
    """Acknowledge the version that the page was showing; another one published since is STALE. Raises RuleBroken."""
    with opened(dossier, by=by) as act:
        refusal = may_acknowledge(act.facts, act.author, act.now)
        if refusal is not None:
            raise RuleBroken(refusal)
        shown = CouncilStatement.objects.filter(
            uuid=statement, dossier=act.dossier, phase="PROVISIONAL", withdrawal__isnull=True
        ).first()
        if shown is None:
            raise RuleBroken(Refusal.STALE)
        signed = Acknowledgement.objects.create(statement=shown, author_name=by.name, at=act.now, **person_fields(by))
        act.journal("opinions_acknowledged", statement=str(statement), version=shown.version)
        return signed


def lift_gate(*, dossier: UUID, reason: str, user: User, by: Actor) -> GateLift:
    """The head lets a family enter definitive choices though nothing could be acknowledged, once (OPI-05).

    Raises RuleBroken.
    """
    with opened(dossier, by=by) as act:
        lifted = GateLift.objects.filter(dossier=act.dossier).first()
        if lifted is not None:
            return lifted
        refusal = may_lift_gate(act.facts, act.now)
        if refusal is not None:
            raise RuleBroken(refusal)
        lift = GateLift.objects.create(dossier=act.dossier, reason=reason, at=act.now, by=user)
        act.journal("gate_lifted", reason=reason)
        return lift
