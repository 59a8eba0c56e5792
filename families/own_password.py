"""The password that somebody signed in chooses: another one, or a first one beside an identity provider (ACC-01)."""

from django.db import transaction

from families.models import User
from families.passwords import CHANGED, settle


@transaction.atomic
def change(user: User, password: str, *, here: str | None, username: str = "") -> None:
    """Set the password; every session but the one of key `here` ends (families.passwords.settle).

    `username`: the identifier chosen with a first password, "" to leave it as it is.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if username:
        user.username = username
        user.save(update_fields=["username"])
    settle(user, password, verb=CHANGED, keep=here)
