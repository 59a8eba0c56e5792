"""The identity providers that this deployment offers, and what each may vouch for (ACC-01)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings

from families.oidc.claims import Who


class NoSuchParty(LookupError):
    """No provider of this name is configured."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What does not depend on the deployment. `whom`: `who`, in words; `lost`: to whom has lost what opens it."""

    name: str
    who: frozenset[Who]
    whom: str
    about_url: str
    lost: str


KINDS: Final = MappingProxyType(
    {
        "educonnect": Kind(
            name="EduConnect",
            who=frozenset({Who.REPRESENTATIVE, Who.PUPIL}),
            whom="Parents et élèves",
            about_url="https://educonnect.education.gouv.fr/",
            lost="Vous avez perdu votre identifiant ou votre mot de passe EduConnect ? Retrouvez-les sur le site "
            "d’EduConnect, ou demandez au secrétariat de l’établissement.",
        ),
        "franceconnect": Kind(
            name="FranceConnect",
            who=frozenset({Who.REPRESENTATIVE}),
            whom="Parents",
            about_url="https://franceconnect.gouv.fr/",
            lost="FranceConnect n’a pas de mot de passe à lui : retrouvez celui du compte que vous choisissez "
            "(impots.gouv.fr, ameli.fr, La Poste…) sur le site de ce compte.",
        ),
        "proconnect": Kind(
            name="ProConnect",
            who=frozenset({Who.STAFF}),
            whom="Personnel des établissements et des académies",
            about_url="https://proconnect.gouv.fr/",
            lost="Votre mot de passe est celui de votre messagerie ou de votre compte académique : demandez à "
            "l’assistance informatique de votre académie.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Party:
    """One provider. `who`: as whom it may present somebody; `endpoints`: given by hand, instead of its discovery."""

    slug: str
    kind: Kind
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    acr_values: str
    acr_accepted: frozenset[str]
    acr_essential: bool
    auth_time: bool
    algorithm: str
    pkce: bool
    prompt_login: bool
    userinfo_signed: bool
    auth_method: str
    subject: str  # the claim that names somebody for ever
    help_url: str
    endpoints: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def of_name(self) -> str:
        """« d’EduConnect », « de FranceConnect »."""
        return f"d’{self.name}" if self.name[0] in "AEIOU" else f"de {self.name}"

    @property
    def who(self) -> frozenset[Who]:
        return self.kind.who

    @property
    def help_text(self) -> str:
        return self.kind.lost

    @property
    def about_url(self) -> str:
        return self.kind.about_url


def parties() -> list[Party]:
    """Those of the settings, EduConnect first; none when nothing is configured."""
    return [_party(slug, described) for slug, described in settings.IDENTITY_PROVIDERS.items()]


def party(slug: str) -> Party:
    """Raises NoSuchParty."""
    try:
        return _party(slug, settings.IDENTITY_PROVIDERS[slug])
    except KeyError:
        raise NoSuchParty(slug) from None


def _party(slug: str, described: Mapping[str, Any]) -> Party:
    levels = {"acr_accepted": frozenset(described["acr_accepted"].split())}
    return Party(slug=slug, kind=KINDS[slug], **{**described, **levels})
