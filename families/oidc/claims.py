"""What an identity provider says of the person in front of the screen, once everything has been checked."""

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """As whom a person comes: it decides what they may be attached to."""

    REPRESENTATIVE = "REPRESENTATIVE"
    PUPIL = "PUPIL"
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True)
class Claims:
    """Checked claims. Names are shown, and decide nothing; an e-mail address is not even kept (ACC-01).

    `ine` and `uai`: of a pupil, "" for the others. `id_token`: as received, for the provider's own sign-out.
    """

    provider: str
    issuer: str
    subject: str
    who: Who
    given_name: str = ""
    family_name: str = ""
    ine: str = ""
    uai: str = ""
    id_token: str = ""
