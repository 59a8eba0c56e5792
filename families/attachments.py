"""To which person of a school's Siècle base an account belongs: said to those concerned, undone by the school (ACC-07).

The tie itself is `user` on the person. Who hears of it: the other legal representatives and the person themself, by a
letter each; whoever keeps something more by account listens to `attached` and `detached`, in the same transaction.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import Signal

from families.models import Attachment, Guardianship, Representative, School, Session, Student, StudentScope, User, Way
from families.oidc.parties import KINDS as PROVIDERS
from families.powers import Power, schools_with
from ledger import clock, journal, outbox
from ledger.journal import Actor
from ledger.models import ActorKind
from ledger.nudge import nudge

Person = Representative | Student
OPENED, ATTACHED, UNDONE = "account_opened", "account_attached", "attachment_undone"  # verbs of the journal

attached = Signal()  # attachment, by
detached = Signal()  # attachment, by


class AlreadyEnded(Exception):
    """This attachment was undone before: there is nothing left to undo."""


def as_person(person: Person) -> Actor:
    kind = ActorKind.STUDENT if isinstance(person, Student) else ActorKind.REPRESENTATIVE
    return Actor(kind, person.uuid, person.full_name)


def hold(user: User, person: Person, *, way: Way, provider: str = "", verb: str) -> Attachment:
    """Tie this account to a person that the caller locked, and who has none; tell the others concerned.

    `provider`: who vouched, "" by a password; `verb`: OPENED for a new account, ATTACHED for one that was there.
    """
    now, by = clock.now(), as_person(person)
    person.user = user
    person.save(update_fields=["user"])
    made = Attachment.objects.create(user=user, **_of(person), way=way, provider=provider, at=now)
    journal.write(
        verb=verb, by=by, at=now, school=person.school.uai, account=str(user.uuid), attachment=str(made.uuid),
        way=way.value, provider=provider,
    )  # fmt: skip
    _tell(made, person)
    attached.send(Attachment, attachment=made, by=by)
    return made


def release(person: Person, user: User, *, by: Actor, reason: str) -> None:
    """End the tie of a person, locked by the caller, to this account. What was validated stays."""
    person.user = None
    person.save(update_fields=["user"])
    now = clock.now()
    journal.write(
        verb=UNDONE, by=by, at=now, school=person.school.uai, account=str(user.uuid), name=person.full_name,
        reason=reason,
    )  # fmt: skip
    for row in Attachment.objects.select_for_update().filter(**_of(person), ended_at=None):
        row.ended_at, row.ended_by, row.reason = now, by.name, reason
        row.save(update_fields=["ended_at", "ended_by", "reason"])
        detached.send(Attachment, attachment=row, by=by)


@transaction.atomic
def detach(attachment: UUID, *, by: Actor, reason: str) -> None:
    """The school undoes an attachment, with a reason; a new code may then be handed out. Raise AlreadyEnded.

    An account that belongs to nobody any more keeps no provider, and its sessions end at once. Its owner is told.
    """
    user_id = Attachment.objects.values_list("user_id", flat=True).get(pk=attachment)
    user = User.objects.select_for_update().get(pk=user_id)  # first, as who attaches does
    row = Attachment.objects.select_for_update().get(pk=attachment)
    person = _locked(row)
    if row.ended_at is not None or person.user_id != user.pk:
        raise AlreadyEnded
    to = person.email if isinstance(person, Representative) else user.email
    release(person, user, by=by, reason=reason)
    if not user.is_staff and not people_of(user):
        user.identities.all().delete()
        Session.objects.filter(user=user).delete()
    if to:
        _post("attachment_undone", row, user.uuid, to=to)


def people_of(user: User) -> list[Person]:
    """The persons an account belongs to: representatives (one a school), or a pupil."""
    return [*Representative.objects.filter(user=user), *Student.objects.filter(user=user)]


def children_of(person: Person) -> QuerySet[Student]:
    """The pupils of the campaign that this person reads as: themself, or who they legally represent (ACC-02)."""
    if isinstance(person, Student):
        return Student.objects.filter(pk=person.pk)
    legal = Guardianship.objects.legal().filter(representative=person).values("student_id")
    return Student.objects.filter(pk__in=legal).exclude(scope=StudentScope.OUT).order_by("first_name", "pk")


def others_of(person: Person) -> QuerySet[Representative]:
    """The other legal representatives of these pupils: those whom an attachment is told to."""
    legal = Guardianship.objects.legal().filter(student__in=children_of(person)).values("representative_id")
    rows = Representative.objects.filter(pk__in=legal).order_by("pk")
    return rows.exclude(pk=person.pk) if isinstance(person, Representative) else rows


def may_undo(user: User) -> QuerySet[School]:
    """Where a member of staff may undo an attachment: the school that works with it, and its académie (ACC-06)."""
    works, governs = schools_with(user, Power.WORK), schools_with(user, Power.GOVERN)
    return School.objects.filter(Q(pk__in=works) | Q(pk__in=governs))


WAYS = {
    Way.CODE: "le code d’activation remis par l’établissement",
    Way.INE: "l’identifiant national de l’élève",
}


def means(way: str, provider: str) -> str:
    """« le code d’activation remis par l’établissement, et FranceConnect »; `provider` "" says nothing of it."""
    return f"{WAYS[Way(way)]}, et {PROVIDERS[provider].name}" if provider in PROVIDERS else WAYS[Way(way)]


def _of(person: Person) -> dict[str, Person]:
    return {"student" if isinstance(person, Student) else "representative": person}


def person_of(row: Attachment) -> Person:
    """One or the other, as the database holds."""
    person = row.student or row.representative
    assert person is not None
    return person


def _locked(row: Attachment) -> Person:
    person = person_of(row)
    return type(person).objects.select_for_update().get(pk=person.pk)


def _tell(made: Attachment, person: Person) -> None:
    """The person too, where the school knows to write: it may be somebody else who typed their code."""
    own = person.email if isinstance(person, Representative) else made.user.email
    if own:
        _post("attachment_own", made, person.uuid)
    for other in _with_address(others_of(person)):
        _post("attachment_other", made, other.uuid)


def _with_address(people: QuerySet[Representative]) -> Iterable[Representative]:
    return people.exclude(email="")


def _post(kind: str, about: Attachment, recipient: UUID, **data: str) -> None:
    outbox.post(
        kind=kind, recipient=recipient, dossier=None, about=about.uuid, at=clock.now(),
        dedup_key=f"{kind}:{about.uuid}:{recipient}", data=data,
    )  # fmt: skip
    nudge()
