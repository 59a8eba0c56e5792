"""Activation codes: the school hands them out, a family types one once. Only a keyed hash is ever kept."""

import csv
import io
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from families import usernames
from families.attachments import ATTACHED, OPENED, Person, hold
from families.models import (
    ActivationCode,
    Division,
    Guardianship,
    Representative,
    School,
    Student,
    StudentScope,
    User,
    Way,
)
from ledger import clock, journal
from ledger.journal import Actor

ALPHABET = "ACDEFGHJKLMNPQRTUVWXY34679"  # nothing that is mistaken for another when read aloud or copied
LENGTH, GROUP = 12, 4
VALIDITY = timedelta(days=90)
HIMSELF = "70"  # CODE_PARENTE of a pupil of age, their own responsible: the pupil's account is the one that acts
PUPIL, REPRESENTATIVE = "Élève", "Représentant légal"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run

REFUSALS = {
    "CODE_UNKNOWN": "Ce code n’existe pas ou a été remplacé. Vérifiez-le, ou demandez-en un autre à l’établissement.",
    "CODE_USED": "Ce code a déjà servi. Si ce n’est pas vous, prévenez l’établissement.",
    "CODE_EXPIRED": "Ce code n’est plus valable. Demandez-en un autre à l’établissement.",
    "PERSON_HAS_ACCOUNT": "Un compte existe déjà pour cette personne. Connectez-vous avec lui.",
    "NOT_LEGAL": "Vous n’êtes plus représentant légal d’un élève de cet établissement. Prenez contact avec lui.",
    "PUPIL_APART": "Le compte d’un élève et celui d’un représentant légal doivent être distincts.",
    "OTHER_PARENT": "Ce compte est déjà celui d’un autre représentant légal du même élève.",
    **usernames.REFUSALS,
    "PASSWORD_REFUSED": "Ce mot de passe est trop faible.",
    "FOR_A_PUPIL": "Ce code est celui d’un élève. Tapez le vôtre\u00a0: chaque représentant légal a le sien.",
    "TOO_MANY_GUESSES": "Trop de codes faux ont été tapés. Attendez une heure, puis recopiez le code du papier.",
}


class ActivationRefused(Exception):
    """`code` is a key of REFUSALS; `sentence` is French; `details` says what is wrong with a password."""

    def __init__(self, code: str, details: Iterable[str] = ()) -> None:
        self.code, self.sentence, self.details = code, REFUSALS[code], tuple(details)
        super().__init__(self.sentence)


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """What is printed for one person; the code cannot be read again afterwards."""

    division: str
    role: str
    person: str
    children: str
    code: str
    expires_at: datetime


@transaction.atomic
def issue_codes(
    division: Division, *, by: Actor, minors: bool = True, renew: bool = True, to: Collection[str] | None = None
) -> list[IssuedCode]:
    """A code for each legal representative and each pupil (of age, without `minors`) of the division without account.

    Earlier codes of these persons that were not used are deleted; without `renew`, who has one that is valid keeps it,
    and has no other. `to`: the uuids of those among them who have one, all by default. Valid 90 days.
    """
    School.objects.select_for_update(no_key=True).get(pk=division.school_id)  # one at a time: siblings share parents
    now = clock.now()
    students, representatives = without_account(division, now=now, minors=minors)
    chosen = _chosen([*students, *representatives], now=now, renew=renew, to=to)
    issued = []
    for student in filter(chosen.__contains__, students):
        code = fresh_code(now, student=student)
        issued.append(_line(division, PUPIL, student.full_name, "", code, now))
    for person in filter(chosen.__contains__, representatives):
        code = fresh_code(now, representative=person)
        issued.append(_line(division, REPRESENTATIVE, person.full_name, ", ".join(representatives[person]), code, now))
    if not issued:
        return []
    school = division.school.uai
    journal.write(verb="activation_codes", by=by, at=now, school=school, division=division.code, count=len(issued))
    return issued


def without_account(
    division: Division, *, now: datetime, minors: bool = True
) -> tuple[list[Student], dict[Representative, list[str]]]:
    """The pupils of the campaign, and the legal representatives with their children, who have no account yet."""
    students = division.students.filter(scope=StudentScope.IN_SCOPE, user=None)
    today = now.astimezone(division.school.timezone).date()
    rows = students.order_by("family_name", "first_name", "pk")
    return [one for one in rows if minors or one.is_of_age(today)], _representatives(division)


def _chosen(persons: list[Person], *, now: datetime, renew: bool, to: Collection[str] | None) -> set[Person]:
    asked = {one for one in persons if to is None or str(one.uuid) in to}
    return asked if renew else asked - code_holders(persons, now=now)


def code_holders(persons: Iterable[Person], *, now: datetime) -> set[Person]:
    """Those of these persons who have a code that is still valid."""
    students = {one.pk: one for one in persons if isinstance(one, Student)}
    adults = {one.pk: one for one in persons if isinstance(one, Representative)}
    live = ActivationCode.objects.filter(used_at=None, renews=False, expires_at__gt=now)
    held: list[Person] = [students[pk] for pk in live.filter(student__in=students).values_list("student_id", flat=True)]
    held += [adults[pk] for pk in live.filter(representative__in=adults).values_list("representative_id", flat=True)]
    return set(held)


def _representatives(division: Division) -> dict[Representative, list[str]]:
    links = (
        Guardianship.objects.legal()
        .filter(student__division=division, student__scope=StudentScope.IN_SCOPE, representative__user=None)
        .exclude(kinship=HIMSELF)
        .select_related("student", "representative")
        .order_by("representative__family_name", "representative__first_name", "representative_id", "student_id")
    )
    children: dict[Representative, list[str]] = defaultdict(list)
    for link in links:
        children[link.representative].append(link.student.full_name)
    return children


def fresh_code(
    now: datetime, *, renews: bool = False, validity: timedelta = VALIDITY, **person: Student | Representative
) -> str:
    """A new code for this person, as it is printed; the earlier ones that were not used are deleted."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    ActivationCode.objects.filter(**person, used_at=None).delete()
    ActivationCode.objects.create(
        digest=digest(code), created_at=now, expires_at=now + validity, renews=renews, **person
    )
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _line(division: Division, role: str, person: str, children: str, code: str, now: datetime) -> IssuedCode:
    return IssuedCode(division.code, role, person, children, code, now + VALIDITY)


def digest(code: str) -> str:
    """Of the code as anybody may type it: case, spaces and dashes do not count."""
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    return salted_hmac("families.activation", typed, algorithm="sha256").hexdigest()


def as_csv(codes: Iterable[IssuedCode]) -> str:
    """A table for the school's word processor: « ; » between columns, no formula a spreadsheet would run."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Division", "Qualité", "Personne", "Élèves", "Code", "Valable jusqu’au"])
    for code in codes:
        *texts, expires_at = astuple(code)
        writer.writerow([*map(_inert, texts), f"{expires_at:%d/%m/%Y}"])
    return table.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def redeem(code: str, username: str, password: str) -> User:
    """Open the account of the person this code is for. Single use. Raise ActivationRefused."""
    with transaction.atomic():
        found = usable(digest(code))
        person = person_of(found)
        user = _new_user(person, username, password)
        use_up(found, person, user, verb=OPENED)
        return user


def attach(user: User, code: str) -> Person:
    """Attach the person this code is for to an existing account (ACC-07). Raise ActivationRefused."""
    return attach_known(user, digest(code))


def attach_known(user: User, code_digest: str, *, provider: str = "") -> Person:
    """The same, of a code typed a step before, whose digest alone was kept."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        found = usable(code_digest)
        person = person_of(found)
        check_can_hold(user, person)
        use_up(found, person, user, verb=ATTACHED, provider=provider)
        return person


def foreseen(code_digest: str, *, user: User | None = None) -> Person:
    """Who this code is for, and nothing more: it can still be used. Raise ActivationRefused.

    `user`: the account it would be attached to; None: a new one, which only a representative opens here.
    """
    with transaction.atomic():
        person = person_of(usable(code_digest))
        if user is not None:
            check_can_hold(user, person)
        elif isinstance(person, Student):
            raise ActivationRefused("FOR_A_PUPIL")
        return person


def usable(code_digest: str) -> ActivationCode:
    """The code, locked. A code that lets somebody choose another password opens nothing: it is unknown here."""
    found = ActivationCode.objects.select_for_update().filter(digest=code_digest, renews=False).first()
    if found is None:
        raise ActivationRefused("CODE_UNKNOWN")
    if found.used_at is not None:
        raise ActivationRefused("CODE_USED")
    if found.expires_at <= clock.now():
        raise ActivationRefused("CODE_EXPIRED")
    return found


def person_of(found: ActivationCode) -> Person:
    """The person the code is for, locked, still without an account and still entitled to one (ACC-02)."""
    person: Person
    if found.student_id is not None:
        person = Student.objects.select_for_update().get(pk=found.student_id)
    else:
        person = Representative.objects.select_for_update().get(pk=found.representative_id)
        if not Guardianship.objects.legal().filter(representative=person).exists():
            raise ActivationRefused("NOT_LEGAL")
    if person.user_id is not None:
        raise ActivationRefused("PERSON_HAS_ACCOUNT")
    return person


def _new_user(person: Person, username: str, password: str) -> User:
    email = person.email if isinstance(person, Representative) else ""
    name = (person.usage_name or person.family_name)[:150]
    username = usernames.normal(username)
    if refusal := usernames.refusal_of(username):
        raise ActivationRefused(refusal)
    user = User(username=username, first_name=person.first_name, last_name=name, email=email)
    user.opened_for = person  # type: ignore[attr-defined]  # whose names make no password (families.strength)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ActivationRefused("PASSWORD_REFUSED", error.messages) from error
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise ActivationRefused("USERNAME_TAKEN") from error
    return user


def check_can_hold(user: User, person: Person) -> None:
    """A pupil's account is nobody else's, and one account never holds two parents of one child (ACC-04, ANS-06)."""
    is_pupil = Student.objects.filter(user=user).exists()
    if is_pupil or (isinstance(person, Student) and user.representatives.exists()):
        raise ActivationRefused("PUPIL_APART")
    if isinstance(person, Representative):
        children = Guardianship.objects.legal().filter(representative=person).values("student_id")
        if Guardianship.objects.legal().filter(representative__user=user, student_id__in=children).exists():
            raise ActivationRefused("OTHER_PARENT")


def use_up(found: ActivationCode, person: Person, user: User, *, verb: str, provider: str = "") -> None:
    """The code is used, and its person attached, in the caller's transaction."""
    found.used_at = clock.now()
    found.save(update_fields=["used_at"])
    hold(user, person, way=Way.CODE, provider=provider, verb=verb)
