"""Who signs in: families and staff of ours, each known at a provider."""

from typing import Any

from django.utils import timezone

from families.models import Identity, User
from tests import factories
from tests.oidc.running import Provider

SUBJECT = "6925fb8143c76eded44d32b40c0cb1006065f7f003de52712b78985704f39950v1"
OF_A_PARENT = {"FrEduCtPersonAffiliation": ["resp2d"], "FrEduCtId": "resp-1", "sn": "Martin", "givenName": "Dominique"}
NAMES = {
    "educonnect": OF_A_PARENT,
    "franceconnect": {"family_name": "Martin", "given_name": "Dominique", "preferred_username": "Durand"},
    "proconnect": {"usual_name": "Martin", "given_name": "Dominique"},
}


def introduces(provider: Provider, subject: str = SUBJECT, **claims: Any) -> None:
    """The provider knows this person, and nobody else."""
    provider.obey(people={subject: {"claims": {**NAMES[provider.kind], **claims}}})


def knows(provider: Provider, subject: str = SUBJECT) -> User:
    """The provider knows this person, and we know that it is the holder of this account."""
    introduces(provider, subject)
    user = factories.user(is_staff=provider.kind == "proconnect")
    linked(user, provider, subject)
    return user


def linked(user: User, provider: Provider, subject: str = SUBJECT) -> None:
    Identity.objects.create(
        user=user, provider=provider.kind, issuer=provider.issuer, subject=subject, linked_at=timezone.now()
    )
