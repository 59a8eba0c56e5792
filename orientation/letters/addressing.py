"""Whom waiting letters are for, and what they are about: many at once, in a number of queries that does not grow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from families.models import Representative, School
from ledger import clock
from ledger.models import OutgoingEmail
from orientation.facts import Facts
from orientation.letters.envelope import Envelope, NoAddress
from orientation.letters.recapped import recapped_to
from orientation.models import Dossier
from orientation.reading import UnknownDossier, load_many

Reader = tuple[UUID | None, UUID]  # dossier, and person


@dataclass(frozen=True, slots=True)
class Pupil:
    """Where a dossier's pupil is, and their own address (of age)."""

    school: int
    division: str
    address: str


@dataclass(frozen=True, slots=True)
class Around:
    """What the letters of one batch refer to, at one instant."""

    facts: Mapping[UUID, Facts]
    pupils: Mapping[UUID, Pupil]
    schools: Mapping[int, School]
    addresses: Mapping[UUID, str]  # of the representatives
    recapped: Mapping[Reader, tuple[UUID, ...]]
    now: datetime


def address_of(row: OutgoingEmail) -> Envelope:
    """Read whom and what a letter is about. Raises NoAddress, UnknownDossier."""
    return _envelope(row, _around([row]))


def envelopes_of(rows: Sequence[OutgoingEmail]) -> Iterator[Envelope | Exception]:
    """One envelope a row, in their order, or why there is none: a broken row stops no other."""
    try:
        around = _around(rows)
    except Exception as why:  # what cannot be read spoils the whole reading: each row then has its own
        for row in rows:
            yield from [why] if len(rows) == 1 else envelopes_of([row])
        return
    for row in rows:
        try:
            yield _envelope(row, around)
        except Exception as why:  # the worker notes it on the row, whatever it is
            yield why


def _envelope(row: OutgoingEmail, around: Around) -> Envelope:
    if row.dossier_uuid not in around.facts or row.dossier_uuid is None:
        raise UnknownDossier(row.dossier_uuid)
    facts, pupil = around.facts[row.dossier_uuid], around.pupils[row.dossier_uuid]
    name, address = _reader(row, facts, pupil, around)
    return Envelope(
        reader=row.recipient_uuid,
        reader_name=name,
        address=_valid(address),
        facts=facts,
        school=around.schools[pupil.school],
        division=pupil.division,
        about=row.about,
        data=row.data,
        now=around.now,
        recapped=around.recapped.get((row.dossier_uuid, row.recipient_uuid), ()),
    )


def _reader(row: OutgoingEmail, facts: Facts, pupil: Pupil, around: Around) -> tuple[str, str]:
    """Name and address of the pupil, or of a legal representative of today (ACC-02)."""
    if row.recipient_uuid == facts.student:
        return facts.student_name, pupil.address
    person = facts.representative(row.recipient_uuid)
    if person is None:
        raise NoAddress("n’est plus représentant légal de l’élève")
    return person.name, around.addresses[person.uuid]


def _valid(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        raise NoAddress("pas d’adresse valide") from None
    return address


def _around(rows: Sequence[OutgoingEmail]) -> Around:
    dossiers = {row.dossier_uuid for row in rows if row.dossier_uuid}
    readers = {row.recipient_uuid for row in rows}
    pupils = _pupils(dossiers)
    return Around(
        facts=load_many(dossiers),
        pupils=pupils,
        schools=School.objects.select_related("academy").in_bulk({one.school for one in pupils.values()}),
        addresses=dict(Representative.objects.filter(uuid__in=readers).values_list("uuid", "email")),
        recapped=recapped_to(rows),
        now=clock.now(),
    )


def _pupils(dossiers: Iterable[UUID]) -> dict[UUID, Pupil]:
    found = Dossier.objects.filter(uuid__in=dossiers).values_list(
        "uuid", "student__school_id", "student__division__code", "student__user__email"
    )
    return {dossier: Pupil(school, code or "", address or "") for dossier, school, code, address in found}
