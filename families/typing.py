"""Slips of the finger in the domain of an address: pointed out, never corrected (ACC-09)."""

import re

# What French families use, the most used first: of two domains as near, the first is asked about.
DOMAINS = (
    "gmail.com", "orange.fr", "hotmail.fr", "hotmail.com", "wanadoo.fr", "free.fr", "yahoo.fr", "outlook.fr",
    "laposte.net", "sfr.fr", "outlook.com", "live.fr", "icloud.com", "yahoo.com", "bbox.fr", "neuf.fr", "msn.com",
    "aol.com", "numericable.fr", "club-internet.fr", "aliceadsl.fr", "gmx.fr", "protonmail.com", "proton.me",
    "cegetel.net", "voila.fr", "noos.fr", "mailo.com", "netcourrier.com", "lagoon.nc", "mail.pf", "only.fr",
)  # fmt: skip
# Real ones too, and no slip of those above.
ALSO_REAL = {
    "email.com", "free.org", "gmx.com", "gmx.net", "googlemail.com", "live.com", "mac.com", "mail.com", "mail.fr",
    "mailo.fr", "me.com", "orange.com", "pm.me", "proton.ch", "protonmail.ch", "rocketmail.com", "sfr.com",
    "yahoo.com.br", "ymail.com", "zoho.com",
}  # fmt: skip
ABROAD = r"aol|gmx|hotmail|live|msn|outlook|yahoo"
COUNTRIES = r"at|be|ca|ch|de|dk|es|gr|ie|it|lu|ma|nl|no|pl|pt|ro|se|tn|co\.uk"
REAL = re.compile(rf"(?:{ABROAD})\.(?:{COUNTRIES})|ac-[a-z-]+\.fr|.+\.gouv\.fr")
SHORT, LONG = 4, 7  # letters of a name: one slip is much in a short one, two are little in a long one


def likely_domain(address: str) -> str | None:
    """Return the well-known domain that this address seems to miss by a slip; None when it misses none.

    « claire@gmial.com » → « gmail.com »; « claire@laposte.fr » → « laposte.net ».
    """
    typed = address.rpartition("@")[2].strip().lower()
    if typed in DOMAINS or typed in ALSO_REAL or REAL.fullmatch(typed):
        return None
    near = [(*slips, domain) for domain in DOMAINS if (slips := _slips(typed, domain)) is not None]
    return min(near, key=lambda found: found[:2])[2] if near else None


def better_spelt(address: str) -> str:
    """The whole address in the domain it seems to miss, "" when it misses none."""
    domain = likely_domain(address)
    return f"{address.rpartition('@')[0]}@{domain}" if domain else ""


def _slips(typed: str, domain: str) -> tuple[int, int] | None:
    """How many slips in the name, then in what follows the dot; None: somebody else's domain."""
    (name, _, end), (right, _, right_end) = typed.rpartition("."), domain.rpartition(".")
    if len(right) <= SHORT and slips_between(typed, domain) > 1:
        return None
    in_name = slips_between(name, right)
    return (in_name, slips_between(end, right_end)) if in_name <= (2 if len(right) >= LONG else 1) else None


def slips_between(typed: str, right: str) -> int:
    """Letters missing, added, mistaken, or two neighbours swapped: how many lead from one to the other."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for row, letter in enumerate(typed, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            best = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != other))
            swapped = row > 1 and column > 1 and letter == right[column - 2] and typed[row - 2] == other
            current.append(min(best, before[column - 2] + 1) if swapped else best)
        before, last = last, current
    return last[-1]
