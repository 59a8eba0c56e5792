"""The door of every family screen: a dossier of theirs, as whom they act for it, and the instant; or 404 (ACC-06)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404

from families.models import Guardianship, User
from ledger import clock
from ledger.journal import Actor
from ledger.models import ActorKind
from orientation.facts import Facts
from orientation.models import Dossier, Pen
from orientation.reading import load_facts


@dataclass(frozen=True, slots=True)
class Access:
    """What a family screen works with: two queries and the clock, whatever the history."""

    dossier: Dossier
    facts: Facts
    actor: Actor
    now: datetime

    @property
    def person(self) -> UUID:
        """The representative's or the pupil's uuid."""
        return self.actor.uuid or self.facts.student


def acting_as(user: User) -> Subquery:
    """Beside a dossier: the representative of today as whom this user acts, or NULL.

    Siècle may hold the same person twice: the one who holds a pen acts, or they would be sent back to themselves.
    """
    holding = Pen.objects.filter(
        dossier__student=OuterRef("student"), representative=OuterRef("representative"), released_at=None
    )
    acting = Guardianship.objects.legal().filter(student=OuterRef("student"), representative__user=user)
    return Subquery(acting.order_by(Exists(holding).desc(), "pk").values("representative__uuid")[:1])


def access_dossier(user: User, uuid: UUID, *, sid: UUID | None = None) -> Access:
    """Return the dossier if this user is its pupil or a legal representative of today; otherwise raise Http404."""
    dossier = (
        Dossier.objects.visible_to(user)
        .select_related("campaign", "student__division", "student__school__academy")
        .annotate(representative_uuid=acting_as(user))
        .filter(uuid=uuid)
        .first()
    )
    if dossier is None:
        raise Http404
    now = clock.now()
    facts = load_facts(uuid)
    return Access(dossier, facts, _actor(user, dossier, facts, sid), now)


def _actor(user: User, dossier: Dossier, facts: Facts, sid: UUID | None) -> Actor:
    if dossier.student.user_id == user.pk:
        return Actor(ActorKind.STUDENT, facts.student, facts.student_name, sid)
    person = facts.representative(dossier.representative_uuid)
    if person is None:
        raise Http404
    return Actor(ActorKind.REPRESENTATIVE, person.uuid, person.name, sid)
