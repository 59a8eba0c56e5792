"""The school has reached, or tried to reach, a family whom no letter reaches (MAI-06)."""

from datetime import timedelta
from uuid import UUID

from families.models import User
from ledger.journal import Actor
from orientation.actions.act import opened
from orientation.models import FamilyContact

DOUBLE_CLICK = timedelta(minutes=1)


def contact_family(*, dossier: UUID, means: str, note: str, user: User, by: Actor) -> FamilyContact:
    """Note one follow-up; the same within a minute by the same person is one (a double click).

    Raises UnknownDossier.
    """
    with opened(dossier, by=by) as act:
        same = FamilyContact.objects.filter(dossier=act.dossier, means=means, note=note, by=user)
        known = same.filter(at__gt=act.now - DOUBLE_CLICK).first()
        if known is not None:
            return known
        made = FamilyContact.objects.create(dossier=act.dossier, means=means, note=note, at=act.now, by=user)
        act.journal("family_contacted", contact=str(made.uuid), means=means)
        return made
