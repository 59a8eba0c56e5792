"""The identifier that somebody chooses: as the sign-in form will read it, and nobody else's whatever the capitals."""

from django.core.exceptions import ValidationError

from families.models import User

REFUSALS = {
    "USERNAME_TAKEN": "Cet identifiant est déjà pris. Choisissez-en un autre.",
    "USERNAME_REFUSED": "Cet identifiant contient des caractères interdits, ou il est trop long.",
}


def normal(typed: str) -> str:
    return User.normalize_username(typed.strip())


def refusal_of(username: str) -> str:
    """A key of REFUSALS; "" for an identifier that may be taken."""
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError:
        return "USERNAME_REFUSED"
    return "USERNAME_TAKEN" if User.objects.filter(username__iexact=username).exists() else ""
