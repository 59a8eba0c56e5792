"""The list being typed (ENT-06, ENT-07): kept 24 hours for the person who types, outside the dossier."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from families.models import User
from ledger.journal import Actor
from orientation.actions.act import Act, opened
from orientation.actions.entry import submit_choices
from orientation.models import Draft, Submission
from orientation.pathways import Choice, fingerprint
from orientation.rules import Refusal, RuleBroken, check_choices, last_entry, may_enter

KEPT = timedelta(hours=24)

Change = Callable[[list[Choice]], list[Choice]]


def live_draft(user: User, dossier_id: int, phase: str, now: datetime) -> Draft | None:
    """The person's own draft of this phase, if it is not older than 24 hours."""
    return Draft.objects.filter(user=user, dossier=dossier_id, phase=phase, updated_at__gt=now - KEPT).first()


def forget_drafts(now: datetime) -> int:
    """Erase the drafts that nobody can take up again (ENT-07: 24 hours); return how many."""
    return Draft.objects.filter(updated_at__lte=now - KEPT).delete()[0]


def draft_choices(draft: Draft) -> tuple[Choice, ...]:
    return tuple(Choice.from_json(one) for one in draft.choices)


def add_choices(*, dossier: UUID, phase: str, choices: Sequence[Choice], user: User, by: Actor) -> Draft:
    """Add choices at the end, all or none (ENT-06). Raises RuleBroken: PATHWAY_TWICE, TOO_MANY_CHOICES…"""
    return _change(dossier, phase, user, by, lambda listed: [*listed, *choices], new=choices)


def add_choice(*, dossier: UUID, phase: str, choice: Choice, user: User, by: Actor) -> Draft:
    return add_choices(dossier=dossier, phase=phase, choices=[choice], user=user, by=by)


def change_choice(*, dossier: UUID, phase: str, rank: int, choice: Choice, user: User, by: Actor) -> Draft:
    """Replace the choice of this rank."""
    return _change(
        dossier, phase, user, by, lambda listed: [*listed[: rank - 1], choice, *listed[rank:]], rank, new=[choice]
    )


def remove_choice(*, dossier: UUID, phase: str, rank: int, user: User, by: Actor) -> Draft:
    return _change(dossier, phase, user, by, lambda listed: listed[: rank - 1] + listed[rank:], rank)


def move_choice(*, dossier: UUID, phase: str, rank: int, to: int, user: User, by: Actor) -> Draft:
    """Put a choice at another rank; the others close up. Beyond an end of the list means that end."""

    def moved(listed: list[Choice]) -> list[Choice]:
        listed.insert(max(to, 1) - 1, listed.pop(rank - 1))
        return listed

    return _change(dossier, phase, user, by, moved, rank)


def cancel_draft(*, dossier: UUID, phase: str, user: User, by: Actor) -> None:
    """Forget what was not validated; the last validated entry stands (ENT-06)."""
    with opened(dossier, by=by) as act:
        Draft.objects.filter(user=user, dossier=act.dossier, phase=phase).delete()


def validate_draft(*, dossier: UUID, phase: str, shown: str, user: User, by: Actor) -> Submission:
    """Validate the draft if it is the list that the page was showing (`shown` is its fingerprint); else STALE (ENT-10).

    A second click finds no draft any more, but the entry that the first one made.
    """
    with opened(dossier, by=by) as act:
        draft = live_draft(user, act.dossier.pk, phase, act.now)
        if draft is None:
            return _already_validated(act, phase, shown)
        choices = draft_choices(draft)
        if fingerprint(choices, draft.base_version) != shown:
            raise RuleBroken(_why_not(act, phase) or Refusal.STALE)
        return submit_choices(dossier=dossier, phase=phase, choices=choices, base_version=draft.base_version, by=by)


def _already_validated(act: Act, phase: str, shown: str) -> Submission:
    last = last_entry(act.facts, phase)
    if last is not None and last.author == act.author:
        versions = range(last.version)
        if shown in {fingerprint(last.choices, version) for version in versions}:
            return Submission.objects.get(uuid=last.uuid)
    raise RuleBroken(_why_not(act, phase) or Refusal.STALE)


def _why_not(act: Act, phase: str) -> Refusal | None:
    return may_enter(act.facts, phase, act.author, act.now)


def _change(
    dossier: UUID,
    phase: str,
    user: User,
    by: Actor,
    change: Change,
    rank: int | None = None,
    new: Sequence[Choice] = (),
) -> Draft:
    """Change the list; `new`: what it brings in, the only part of it that is judged before the validation."""
    with opened(dossier, by=by) as act:
        refusal = _why_not(act, phase)
        if refusal is not None:
            raise RuleBroken(refusal)
        base, choices = _starting_point(act, phase, user)
        if rank is not None and not 1 <= rank <= len(choices):
            raise RuleBroken(Refusal.STALE)
        changed = change(list(choices))
        _check(act, phase, changed, new)
        draft, _ = Draft.objects.update_or_create(
            user=user,
            dossier=act.dossier,
            phase=phase,
            defaults={
                "choices": [choice.as_json() for choice in changed],
                "base_version": base,
                "updated_at": act.now,
            },
        )
        return draft


def _starting_point(act: Act, phase: str, user: User) -> tuple[int, tuple[Choice, ...]]:
    """The draft in progress, else the last validated entry (« Modifier les intentions »)."""
    draft = live_draft(user, act.dossier.pk, phase, act.now)
    last = last_entry(act.facts, phase)
    if draft is not None:
        return draft.base_version, draft_choices(draft)
    return (last.version, last.choices) if last else (0, ())


def _check(act: Act, phase: str, choices: Sequence[Choice], new: Sequence[Choice]) -> None:
    """What comes in must be right; what has ceased to be (P2G-02: the offer changed) waits for the validation."""
    for problem in check_choices(act.facts, phase, choices) if new else ():
        if problem.rank is None or choices[problem.rank - 1] in new:
            raise problem
