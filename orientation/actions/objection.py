"""Another representative says that they disagree with a validated entry (policy « objection »)."""

from uuid import UUID

from ledger.journal import Actor
from orientation.actions.act import opened, person_fields
from orientation.models import EntryObjection, Submission
from orientation.rules import Refusal, RuleBroken, check_reason, last_entry, may_object


def object_to_entry(*, dossier: UUID, submission: UUID, reason: str, by: Actor) -> EntryObjection:
    """Object to the version that the page was showing, with a reason or none (''); a newer one is STALE.

    It changes nothing of the entry. Raises RuleBroken.
    """
    with opened(dossier, by=by) as act:
        shown = act.facts.submission(submission)
        if shown is None:
            raise RuleBroken(Refusal.STALE)
        refusal = may_object(act.facts, shown.phase, act.author, act.now) or check_reason(reason)
        if refusal is not None:
            raise RuleBroken(refusal)
        if last_entry(act.facts, shown.phase) != shown:
            raise RuleBroken(Refusal.STALE)
        objection = EntryObjection.objects.create(
            submission=Submission.objects.get(uuid=submission), author_name=by.name, reason=reason, at=act.now,
            **person_fields(by),
        )  # fmt: skip
        act.journal("entry_objected", submission=str(submission), phase=shown.phase, version=shown.version,
                    objection=str(objection.uuid), reason=reason)  # fmt: skip
        return objection
