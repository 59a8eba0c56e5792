"""The letters about an account, made up: to be read with the others before any is sent."""

from dataclasses import dataclass

from families.models import User
from ledger.mail import Letter
from orientation.letters.account import AccountEnvelope, for_a_password, for_an_address, for_the_address_left
from orientation.letters.envelope import Wording
from orientation.letters.rendering import account_letter
from orientation.letters.sample_facts import CHOICES, school

LOGIN, CODE, ADDRESS = "awa.diallo", "1234 5678", "awa.diallo@exemple.invalid"
AWA = User(username=LOGIN, first_name="Awa", last_name="Diallo")


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
    awa = AccountEnvelope(AWA, ADDRESS, (school(),))
    return (
        AccountSample("password_code", "mot-de-passe", "Mot de passe perdu", awa, for_a_password(CODE, LOGIN)),
        AccountSample("address_code", "nouvelle-adresse", "Adresse à confirmer, à la nouvelle adresse", awa,
                      for_an_address(CODE)),
        AccountSample("address_changed", "ancienne-adresse", "Adresse changée, à l’ancienne adresse", awa,
                      for_the_address_left(awa, CHOICES)),
    )  # fmt: skip
