"""The letters about who an account belongs to: to the others concerned, to the person, to an account let go (ACC-07).

They speak of one attachment, and never of a dossier: what a family entered is for the service to show.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from families.attachments import Person, children_of, means, others_of, person_of
from families.models import Attachment, School, Student, User
from families.oidc.parties import KINDS as PROVIDERS
from ledger.models import OutgoingEmail
from orientation.letters.account import AccountEnvelope, envelope_of
from orientation.letters.envelope import NoAddress, NothingToSay, Wording


def for_the_others(
    envelope: AccountEnvelope, *, at: datetime, person: str, children: str, means: str, pupil: bool
) -> Wording:
    values = {"person": person, "children": children, "means": means, "pupil": pupil}
    return Wording(f"Un compte a été ouvert pour suivre {children}", "attachment_other", _said(envelope, at, **values))


def for_the_person(envelope: AccountEnvelope, *, at: datetime, children: str, means: str) -> Wording:
    return Wording("Votre compte est ouvert", "attachment_own", _said(envelope, at, children=children, means=means))


def for_who_was_detached(envelope: AccountEnvelope, *, at: datetime, children: str) -> Wording:
    values = _said(envelope, at, children=children)
    return Wording("L’établissement a détaché votre compte", "attachment_undone", values)


def _said(envelope: AccountEnvelope, at: datetime, **values: Any) -> dict[str, Any]:
    return {"at": envelope.moment(at), "schools": envelope.schools, **values}


def attachment_other(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """To a legal representative of today, of the children that both follow; nothing once it is undone."""
    made, person = _standing(row)
    reader = others_of(person).filter(uuid=row.recipient_uuid).first()
    if reader is None or not reader.email:
        raise NoAddress("n’est plus représentant légal de l’élève, ou n’a pas d’adresse")
    envelope = AccountEnvelope(reader.full_name, reader.email, (school_of(person),))
    both = children_of(person).filter(pk__in=children_of(reader))
    return envelope, for_the_others(
        envelope, at=made.at, person=person.full_name, children=listed(both), means=means(made.way, made.provider),
        pupil=isinstance(person, Student),
    )  # fmt: skip


def attachment_own(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """To the address that the school has for this person: somebody else may have typed their code."""
    made, person = _standing(row)
    envelope = AccountEnvelope(person.full_name, _address(made, person), (school_of(person),))
    return envelope, for_the_person(
        envelope, at=made.at, children=listed(children_of(person)), means=means(made.way, made.provider)
    )


def attachment_undone(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """To the account's address then (`data`), without the reason: it may tell what somebody else said."""
    made, person = _attachment(row)
    if "to" not in row.data or made.ended_at is None:
        raise NoAddress("cette adresse n’est plus connue")
    envelope = AccountEnvelope(person.full_name, row.data["to"], (school_of(person),))
    return envelope, for_who_was_detached(envelope, at=made.ended_at, children=listed(children_of(person)))


def for_an_identity(envelope: AccountEnvelope, *, at: datetime, provider: str, linked: bool) -> Wording:
    subject = f"{provider} est relié à votre compte" if linked else f"{provider} n’est plus relié à votre compte"
    return Wording(subject, "identity", _said(envelope, at, provider=provider, linked=linked))


def identity(row: OutgoingEmail) -> tuple[AccountEnvelope, Wording]:
    """To the account's address then (`data`): another way in was added, or taken away."""
    user = User.objects.filter(uuid=row.recipient_uuid).first()
    if user is None or "to" not in row.data:
        raise NoAddress("ce compte ou cette adresse n’existe plus")
    envelope = envelope_of(user, row.data["to"])
    provider, linked = PROVIDERS[row.data["provider"]].name, row.kind == "identity_linked"
    return envelope, for_an_identity(envelope, at=row.created_at, provider=provider, linked=linked)


KINDS: Mapping[str, Callable[[OutgoingEmail], tuple[AccountEnvelope, Wording]]] = {
    "attachment_other": attachment_other,
    "attachment_own": attachment_own,
    "attachment_undone": attachment_undone,
    "identity_linked": identity,
    "identity_unlinked": identity,
}


def listed(children: Iterable[Student]) -> str:
    """« Camille Martin et Noé Martin »."""
    names = [one.full_name for one in children]
    return f"{', '.join(names[:-1])} et {names[-1]}" if len(names) > 1 else "".join(names)


def school_of(person: Person) -> School:
    return School.objects.select_related("academy").get(pk=person.school_id)


def _standing(row: OutgoingEmail) -> tuple[Attachment, Person]:
    made, person = _attachment(row)
    if made.ended_at is not None:
        raise NothingToSay("ce compte a été détaché depuis")
    return made, person


def _attachment(row: OutgoingEmail) -> tuple[Attachment, Person]:
    made = Attachment.objects.select_related("representative", "student", "user").filter(pk=row.about).first()
    if made is None:
        raise NothingToSay("ce rattachement n’existe plus")
    return made, person_of(made)


def _address(made: Attachment, person: Person) -> str:
    address = made.user.email if isinstance(person, Student) else person.email
    if not address:
        raise NoAddress("pas d’adresse")
    return address
