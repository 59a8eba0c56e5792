"""The codes of eight digits that somebody receives by e-mail and types by hand: how many, how often, how many tries."""

import hmac
from datetime import datetime, timedelta

from families.models import AddressChange, PasswordResetCode

MAX_TRIES = 5
MAX_AN_HOUR = 3  # codes sent to one account
HOUR = timedelta(hours=1)

WRONG, OVER, TOO_MANY = "CODE_WRONG", "CODE_OVER", "CODES_TOO_MANY"
REFUSALS = {
    WRONG: "Ce code n’est pas le bon. Recopiez les 8 chiffres reçus par courriel.",
    OVER: "Ce code n’est plus valable. Demandez un nouveau code.",
    TOO_MANY: "Trois codes ont déjà été envoyés depuis une heure. Attendez un peu avant d’en demander un autre.",
}

TypedCode = PasswordResetCode | AddressChange


class CodeRefused(Exception):
    """`code` is a key of REFUSALS; `sentence` is French."""

    def __init__(self, code: str) -> None:
        self.code, self.sentence = code, REFUSALS[code]
        super().__init__(self.sentence)


def lives(row: TypedCode, now: datetime) -> bool:
    """May this code still be typed, as far as time and tries go?"""
    return row.expires_at > now and row.tries < MAX_TRIES


def spend(row: TypedCode, typed: str, now: datetime) -> str:
    """Spend a try of a row that the caller locked, and saves; return why it is refused, "" for the right code."""
    if not lives(row, now):
        return OVER
    row.tries += 1
    if is_right(row, typed):
        return ""
    return WRONG if row.tries < MAX_TRIES else OVER


def is_right(row: TypedCode, typed: str) -> bool:
    """Whatever stands between the digits; nobody's code is never right."""
    digits = "".join(str(int(letter)) for letter in typed if letter.isdecimal())
    return row.user_id is not None and hmac.compare_digest(digits, row.digits())
