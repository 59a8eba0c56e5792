"""The letters about an account, made up: to be read with the others before any is sent."""

from dataclasses import dataclass

from families.passwords import RENEWED
from ledger.mail import Letter
from orientation.letters import attachments
from orientation.letters.account import (
    AccountEnvelope,
    for_a_password,
    for_a_password_changed,
    for_a_renewal,
    for_an_address,
    for_the_address_left,
)
from orientation.letters.envelope import Wording
from orientation.letters.rendering import account_letter
from orientation.letters.sample_facts import CHOICES, school

CHILDREN, MEANS = "Camille Martin et Noé Martin", "le code d’activation remis par l’établissement, et FranceConnect"
LOGIN, CODE, ADDRESS = "awa.diallo", "1234 5678", "awa.diallo@exemple.invalid"
READER = "Awa Diallo"


@dataclass(frozen=True, slots=True)
class AccountSample:
    """Like `Sample`, about no dossier."""

    kind: str
    slug: str
    title: str
    envelope: AccountEnvelope
    wording: Wording

    @property
    def letter(self) -> Letter:
        return account_letter(self.envelope, self.wording)


def account_samples() -> tuple[AccountSample, ...]:
    awa = AccountEnvelope(READER, ADDRESS, (school(),))
    return (
        AccountSample("password_code", "mot-de-passe", "Mot de passe perdu", awa, for_a_password(CODE, LOGIN)),
        AccountSample("address_code", "nouvelle-adresse", "Adresse à confirmer, à la nouvelle adresse", awa,
                      for_an_address(CODE)),
        AccountSample("address_changed", "ancienne-adresse", "Adresse changée, à l’ancienne adresse", awa,
                      for_the_address_left(awa, CHOICES)),
        AccountSample("password_changed", "mot-de-passe-change", "Mot de passe changé",
                      awa, for_a_password_changed(awa, CHOICES, how=RENEWED)),
        AccountSample("password_renewal", "code-de-l-etablissement", "Code remis par l’établissement",
                      awa, for_a_renewal(awa, CHOICES, school=school().name)),
        AccountSample("attachment_other", "compte-d-un-autre", "Compte d’une autre personne",
                      awa, attachments.for_the_others(awa, at=CHOICES, person="Issa Diallo", children=CHILDREN,
                                                      means=MEANS, pupil=False)),
        AccountSample("attachment_own", "compte-ouvert", "Compte ouvert, à la personne", awa,
                      attachments.for_the_person(awa, at=CHOICES, children=CHILDREN, means=MEANS)),
        AccountSample("attachment_undone", "compte-detache", "Compte détaché par l’établissement", awa,
                      attachments.for_who_was_detached(awa, at=CHOICES, children=CHILDREN)),
        AccountSample("identity_linked", "identite-reliee", "Fournisseur d’identité relié au compte", awa,
                      attachments.for_an_identity(awa, at=CHOICES, provider="FranceConnect", linked=True)),
        AccountSample("identity_unlinked", "identite-deliee", "Fournisseur d’identité délié du compte", awa,
                      attachments.for_an_identity(awa, at=CHOICES, provider="FranceConnect", linked=False)),
    )  # fmt: skip
