"""As whom a person acts. The family's door is orientation/access.py, the staff's families/admin_base.py (ACC-06)."""

from uuid import UUID

from families.models import Representative
from ledger.journal import Actor
from ledger.models import ActorKind


def as_representative(person: Representative, *, sid: UUID | None = None) -> Actor:
    return Actor(ActorKind.REPRESENTATIVE, person.uuid, person.full_name, sid)
