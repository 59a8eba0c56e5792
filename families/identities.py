"""Who an identity provider's person is here: by issuer and subject, then by an act of theirs, never by a name (ACC-01).

A representative types the code that the school handed out; a pupil is found by INE and UAI; a member of the staff, and
whoever has an account already, link their identity themselves once signed in.
"""

from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max

from families.activation import person_of, usable, use_up
from families.attachments import ATTACHED, OPENED, Person, as_person, hold, release
from families.models import Division, Identity, Student, StudentScope, User, Way
from families.names import folded
from families.oidc.claims import Claims, Who
from families.oidc.parties import KINDS
from families.passwords import address_of, as_holder
from ledger import clock, journal, outbox
from ledger.nudge import nudge

MOVED = "l’élève a changé d’établissement"

REFUSALS = {
    "IDENTITY_TAKEN": "Cette identité {provider} est déjà reliée à un autre compte de ce site.",
    "IDENTITY_OTHER": "Votre compte est déjà relié à {provider}, avec une autre identité.",
    "IDENTITY_KIND": "Cette identité {provider} n’est pas du même genre que votre compte.",
    "IDENTITY_LAST": "Créez d’abord un mot de passe\u00a0: sans {provider}, vous ne pourriez plus entrer.",
}


class IdentityRefused(Exception):
    """`code` is a key of REFUSALS; `sentence` is French."""

    def __init__(self, code: str, provider: str) -> None:
        self.code, self.sentence = code, REFUSALS[code].format(provider=KINDS[provider].name)
        super().__init__(self.sentence)


def owner_of(claims: Claims) -> User | None:
    """The account this identity is linked to. The same subject at another issuer is somebody else."""
    found = Identity.objects.select_related("user").filter(issuer=claims.issuer, subject=claims.subject).first()
    return found.user if found else None


def suits(user: User, claims: Claims) -> bool:
    """May this account be entered as this kind of person? A pupil's is a pupil's alone, whoever vouches."""
    is_pupil = Student.objects.filter(user=user).exists()
    match claims.who:
        case Who.PUPIL:
            return is_pupil
        case Who.STAFF:
            return user.is_staff
    return not is_pupil


def link(user: User, claims: Claims) -> None:
    """The owner of this account, signed in, says that this identity is theirs. Raise IdentityRefused.

    A pupil's is linked to the account of this INE alone.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        same = claims.who is not Who.PUPIL or user.pk in {one.user_id for one in _with_ine(claims.ine)}
        if not (same and suits(user, claims)):
            raise IdentityRefused("IDENTITY_KIND", claims.provider)
        _link(user, claims)


def _link(user: User, claims: Claims, *, new: bool = False) -> None:
    """In the caller's transaction, which ends at IdentityRefused. Linked already: nothing to do.

    `new`: the account was opened by this identity; its owner has another letter, that says so.
    """
    owner = owner_of(claims)
    if owner == user:
        return
    if owner is not None:
        raise IdentityRefused("IDENTITY_TAKEN", claims.provider)
    if user.identities.filter(provider=claims.provider).exists():
        raise IdentityRefused("IDENTITY_OTHER", claims.provider)
    try:
        with transaction.atomic():
            user.identities.create(
                provider=claims.provider, issuer=claims.issuer, subject=claims.subject, linked_at=clock.now()
            )
    except IntegrityError as error:  # another browser was faster
        raise IdentityRefused("IDENTITY_TAKEN", claims.provider) from error
    _tell("identity_linked", user, claims.provider, letter=not new)


@transaction.atomic
def unlink(user: User, provider: str) -> None:
    """The owner no longer enters by this provider. Raise IdentityRefused where no other way in would be left."""
    user = User.objects.select_for_update().get(pk=user.pk)
    mine = user.identities.filter(provider=provider)
    if not mine.exists():
        return
    if not user.has_usable_password() and not user.identities.exclude(provider=provider).exists():
        raise IdentityRefused("IDENTITY_LAST", provider)
    mine.delete()
    _tell("identity_unlinked", user, provider)


def _tell(verb: str, user: User, provider: str, *, letter: bool = True) -> None:
    """The journal, and the account's owner: somebody else may have done it."""
    now = clock.now()
    line = journal.write(verb=verb, by=as_holder(user), at=now, account=str(user.uuid), provider=provider)
    if letter and (to := address_of(user)):
        outbox.post(
            kind=verb, recipient=user.uuid, dossier=None, about=user.uuid, at=now, dedup_key=f"{verb}:{line.pk}",
            data={"to": to, "provider": provider},
        )  # fmt: skip
        nudge()


# --- a representative -------------------------------------------------------------------------------------------------
@transaction.atomic
def open_with_code(claims: Claims, code_digest: str) -> User:
    """Open the account of the representative this code is for, entered by this identity. Single use.

    Raise ActivationRefused, IdentityRefused.
    """
    found = usable(code_digest)
    person = person_of(found)
    user = _account_of(person, claims)
    use_up(found, person, user, verb=OPENED, provider=claims.provider)
    _link(user, claims, new=True)
    return user


def _account_of(person: Person, claims: Claims) -> User:
    """An account without a password: its technical login is shown to nobody."""
    name = (person.usage_name or person.family_name)[:150]
    user = User(username=f"{claims.provider}-{uuid4().hex}", first_name=person.first_name, last_name=name)
    user.email = "" if isinstance(person, Student) else person.email
    user.set_unusable_password()
    user.save()
    return user


# --- a pupil ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def pupil_account(claims: Claims) -> User | None:
    """The account of the one pupil with this INE in this school, this year; opened, or moved with them, if need be.

    None when there is none, or more than one: the school must look. Raise IdentityRefused.
    """
    same = _with_ine(claims.ine)
    here = [one for one in same if _is_here(one, claims.uai)]
    if len(here) != 1:
        return None
    (pupil,) = here
    known = pupil.user or _moved(pupil, same, claims)
    user = known or _opened(pupil, claims)
    _follow(user, claims)
    _link(user, claims, new=known is None)
    return user


def _follow(user: User, claims: Claims) -> None:
    """INE and school decide: the identity leaves an account of a former school, this account a former identity."""
    before = owner_of(claims)
    if before is not None and before != user and suits(before, claims):
        before.identities.filter(issuer=claims.issuer, subject=claims.subject).delete()
        _tell("identity_unlinked", before, claims.provider)
    user.identities.filter(provider=claims.provider).exclude(issuer=claims.issuer, subject=claims.subject).delete()


def _with_ine(ine: str) -> list[Student]:
    """Their rows in every school, locked; a blank INE is nobody's."""
    rows = Student.objects.select_for_update(of=("self",)).select_related("school")  # `user` is read once locked
    return list(rows.filter(ine=ine).order_by("pk")) if ine.strip() else []


def _is_here(pupil: Student, uai: str) -> bool:
    return (
        pupil.school.uai == uai
        and pupil.scope == StudentScope.IN_SCOPE
        and pupil.year == Division.objects.filter(school=pupil.school_id).aggregate(last=Max("year"))["last"]
    )


def _opened(pupil: Student, claims: Claims) -> User:
    user = _account_of(pupil, claims)
    hold(user, pupil, way=Way.INE, provider=claims.provider, verb=OPENED)
    return user


def _moved(pupil: Student, same: list[Student], claims: Claims) -> User | None:
    """The account of the same pupil in the school they came from: it follows them, and leaves the former row (ACC-03).

    The same INE on a row of another birth date or name is a mistake of one of the schools: that account is not theirs.
    """
    others = [*same, *_of_identity(claims)]  # their INE may have been a provisional one there
    former = {one: one.user for one in others if one.user and one != pupil and _same_person(one, pupil)}
    if len(former) != 1:
        return None
    [(row, user)] = former.items()
    release(row, user, by=as_person(pupil), reason=MOVED)
    hold(user, pupil, way=Way.INE, provider=claims.provider, verb=ATTACHED)
    return user


def _of_identity(claims: Claims) -> list[Student]:
    return list(Student.objects.select_for_update(of=("self",)).filter(user=owner_of(claims), user__isnull=False))


def _same_person(one: Student, other: Student) -> bool:
    return one.birth_date == other.birth_date and folded(one.family_name) == folded(other.family_name)
