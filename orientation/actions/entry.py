"""Validating an entry: the only way a choice comes into the dossier (ENT-07)."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from ledger.journal import Actor
from orientation.actions.act import Act, author_fields, opened, take_pen
from orientation.actions.post import post_recap
from orientation.enums import ReceiptOutcome
from orientation.facts import SubmissionFact
from orientation.models import Draft, RankedChoice, Submission
from orientation.pathways import Choice
from orientation.rules import Refusal, RuleBroken, check_choices, last_entry, may_enter, pen_holder


def submit_choices(*, dossier: UUID, phase: str, choices: Sequence[Choice], base_version: int, by: Actor) -> Submission:
    """Validate a ranked list built on the family's version `base_version` (0: none) and return the new version.

    The same list by the same person again is the same entry (ENT-10). Raises RuleBroken, UnknownDossier.
    """
    with opened(dossier, by=by) as act:
        last = last_entry(act.facts, phase)
        if last is not None and last.choices == tuple(choices) and _stands(act, last):
            _forget_draft(act, phase)
            return Submission.objects.get(uuid=last.uuid)
        _check(act, phase, choices, base_version)
        return _write(act, phase, choices)


def _stands(act: Act, last: SubmissionFact) -> bool:
    """The person's own entry, their pen, and Siècle has not left it aside: to validate it again would add nothing.

    After the reset of a council that came too early for it (SIE-03), or the release of the pen (ACC-08), it would.
    """
    held = pen_holder(act.facts, last.phase, act.now) == act.author
    return held and last.author == act.author and last.outcome != ReceiptOutcome.NOT_PROCESSED


def _check(act: Act, phase: str, choices: Sequence[Choice], base_version: int) -> None:
    refusal = may_enter(act.facts, phase, act.author, act.now)
    if refusal is not None:
        raise RuleBroken(refusal)
    last = last_entry(act.facts, phase)
    if base_version != (last.version if last else 0):
        raise RuleBroken(Refusal.STALE)
    for problem in check_choices(act.facts, phase, choices):
        raise problem


def _write(act: Act, phase: str, choices: Sequence[Choice]) -> Submission:
    take_pen(act, phase)
    versions = [one.version for one in act.facts.submissions if one.phase == phase]
    submission = Submission.objects.create(
        dossier=act.dossier,
        phase=phase,
        version=max(versions, default=0) + 1,
        choice_count=len(choices),
        submitted_at=act.now,
        **author_fields(act.by),
    )
    RankedChoice.objects.bulk_create(
        RankedChoice(submission=submission, rank=rank, **choice.as_json())
        for rank, choice in enumerate(choices, start=1)
    )
    _forget_draft(act, phase)
    act.journal("entry_validated", phase=phase, version=submission.version, submission=str(submission.uuid))
    post_recap(act, phase=phase, submission=submission.uuid)
    return submission


def _forget_draft(act: Act, phase: str) -> None:
    """What was being typed is now validated."""
    mine = Q(user__representatives__uuid=act.author) | Q(user__student__uuid=act.author)
    drafts = Draft.objects.filter(dossier=act.dossier, phase=phase)
    drafts.filter(pk__in=drafts.filter(mine).values("pk")).delete()
