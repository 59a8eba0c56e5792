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

from families.models import ActivationCode, Division, Guardianship, Representative, School, Student, StudentScope, User
from ledger import clock, journal
from ledger.journal import Actor
from ledger.models import ActorKind

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
    "USERNAME_TAKEN": "Cet identifiant est déjà pris. Choisissez-en un autre.",
    "USERNAME_REFUSED": "Cet identifiant contient des caractères interdits, ou il est trop long.",
    "PASSWORD_REFUSED": "Ce mot de passe est trop faible.",
}


Person = Representative | Student


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
        code = _renew(now, student=student)
        issued.append(_line(division, PUPIL, student.full_name, "", code, now))
    for person in filter(chosen.__contains__, representatives):
        code = _renew(now, representative=person)
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
    live = ActivationCode.objects.filter(used_at=None, expires_at__gt=now)
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


def _renew(now: datetime, **person: Student | Representative) -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    ActivationCode.objects.filter(**person, used_at=None).delete()
    ActivationCode.objects.create(digest=digest(code), created_at=now, expires_at=now + VALIDITY, **person)
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
        found = _usable(code)
        person = _person(found)
        user = _new_user(person, username, password)
        _settle(found, person, user, verb="account_opened")
        return user


def attach(user: User, code: str) -> Representative | Student:
    """Attach the person this code is for to an existing account (ACC-07). Raise ActivationRefused."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        found = _usable(code)
        person = _person(found)
        _check_can_hold(user, person)
        _settle(found, person, user, verb="account_attached")
        return person


def _usable(code: str) -> ActivationCode:
    found = ActivationCode.objects.select_for_update().filter(digest=digest(code)).first()
    if found is None:
        raise ActivationRefused("CODE_UNKNOWN")
    if found.used_at is not None:
        raise ActivationRefused("CODE_USED")
    if found.expires_at <= clock.now():
        raise ActivationRefused("CODE_EXPIRED")
    return found


def _person(found: ActivationCode) -> Representative | Student:
    """The person the code is for, locked, still without an account and still entitled to one (ACC-02)."""
    person: Representative | Student
    if found.student_id is not None:
        person = Student.objects.select_for_update().get(pk=found.student_id)
    else:
        person = Representative.objects.select_for_update().get(pk=found.representative_id)
        if not Guardianship.objects.legal().filter(representative=person).exists():
            raise ActivationRefused("NOT_LEGAL")
    if person.user_id is not None:
        raise ActivationRefused("PERSON_HAS_ACCOUNT")
    return person


def _new_user(person: Representative | Student, username: str, password: str) -> User:
    email = person.email if isinstance(person, Representative) else ""
    name = (person.usage_name or person.family_name)[:150]
    username = User.normalize_username(username.strip())  # as the sign-in form will read it
    user = User(username=username, first_name=person.first_name, last_name=name, email=email)
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise ActivationRefused("USERNAME_REFUSED") from error
    if User.objects.filter(username__iexact=username).exists():
        raise ActivationRefused("USERNAME_TAKEN")
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


def _check_can_hold(user: User, person: Representative | Student) -> None:
    """A pupil's account is nobody else's, and one account never holds two parents of one child (ACC-04, ANS-06)."""
    is_pupil = Student.objects.filter(user=user).exists()
    if is_pupil or (isinstance(person, Student) and user.representatives.exists()):
        raise ActivationRefused("PUPIL_APART")
    if isinstance(person, Representative):
        children = Guardianship.objects.legal().filter(representative=person).values("student_id")
        if Guardianship.objects.legal().filter(representative__user=user, student_id__in=children).exists():
            raise ActivationRefused("OTHER_PARENT")


def _settle(found: ActivationCode, person: Representative | Student, user: User, *, verb: str) -> None:
    now = clock.now()
    found.used_at = now
    found.save(update_fields=["used_at"])
    person.user = user
    person.save(update_fields=["user"])
    kind = ActorKind.STUDENT if isinstance(person, Student) else ActorKind.REPRESENTATIVE
    journal.write(verb=verb, by=Actor(kind, person.uuid, person.full_name), at=now, account=str(user.uuid))
