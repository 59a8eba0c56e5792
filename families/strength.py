"""Is a new password hard to guess? Its length, and what zxcvbn would try first; nothing about which characters.

Why 12: OWASP's ASVS 5 asks for 8 at least and advises 15, which families would write on a paper; the CNIL asks for 50
bits where wrong passwords are counted, and 12 small letters have 56. zxcvbn counts how many tries a thief needs who
knows the passwords already stolen (a list of 30,000), words, names, dates, keyboards, and how people bend them. It
knows no French keyboard, nor what this site is about, nor the names around the account: we tell it.
"""

from collections.abc import Iterable
from string import punctuation

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from families.attachments import Person, children_of, people_of
from families.models import User
from families.names import folded

LEAST = 12
ENOUGH = 10  # powers of ten of tries: out of reach even of who has stolen the hashes
LOOKED_AT = 72  # characters that zxcvbn reads; what follows makes a password no easier to guess
KEYBOARD = ("azertyuiop", "qsdfghjklm", "wxcvbn")
# what this service is about, and what the French type first
WORDS = (
    *"""
    orientation educonnect franceconnect proconnect scolarite siecle college lycee ecole parcoursup affelnet onisep
    academie conseil classe eleve parent parents compte motdepasse doudou loulou chouchou enfant
    """.split(),  # noqa: SIM905
    *KEYBOARD,
    *(row[::-1] for row in KEYBOARD),
)

REFUSALS = {
    "PASSWORD_SHORT": "Ce mot de passe est trop court\u00a0: il faut au moins 12 caractères. Trois ou quatre mots sans "
    "rapport entre eux font un bon mot de passe.",
    "PASSWORD_KNOWN": "Ce mot de passe est l’un des premiers que les voleurs essaient. Choisissez plutôt trois ou "
    "quatre mots sans rapport entre eux.",
    "PASSWORD_ABOUT_YOU": "Ce mot de passe se devine\u00a0: il est fait de noms qui vous touchent de près. Ajoutez "
    "deux ou trois mots sans rapport.",
}


class Strength:
    """The one validator (AUTH_PASSWORD_VALIDATORS). One sentence at a time; `code` is a key of REFUSALS."""

    def validate(self, password: str, user: User | None = None) -> None:
        code = refusal(password, user)
        if code:
            raise ValidationError(REFUSALS[code], code=code)

    def get_help_text(self) -> str:
        return f"Au moins {LEAST} caractères. Le plus simple\u00a0: trois ou quatre mots sans rapport entre eux."


def refusal(password: str, user: User | None) -> str:
    """A key of REFUSALS, or ""."""
    if len(password) < LEAST:
        return "PASSWORD_SHORT"
    if tries(password, WORDS) < ENOUGH:
        return "PASSWORD_KNOWN"
    about = words_about(user)
    return "PASSWORD_ABOUT_YOU" if about and tries(password, [*WORDS, *about]) < ENOUGH else ""


def tries(password: str, words: Iterable[str]) -> float:
    """How many a thief needs, as a power of ten; accents, spaces and dots are no obstacle."""
    read, known = password[:LOOKED_AT], list(words)
    versions = {read, plain(read)} - {""}
    return float(min(zxcvbn(one, user_inputs=known)["guesses_log10"] for one in versions))


def plain(text: str) -> str:
    """Without accent, capital, space nor punctuation."""
    return "".join(one for one in folded(text.casefold()) if not one.isspace() and one not in punctuation)


def words_about(user: User | None) -> set[str]:
    """The names of the account, of its children and of its schools, of three letters or more."""
    if user is None:
        return set()
    texts = [user.username, user.email.partition("@")[0], user.first_name, user.last_name]
    people = people_of(user) if user.pk else [one for one in [getattr(user, "opened_for", None)] if one]
    texts += _names_around(people)
    cut = (plain(word) for text in texts for word in folded(text).replace(".", " ").replace("_", " ").split())
    return {word for word in cut if len(word) > 2}


def _names_around(people: Iterable[Person]) -> list[str]:
    pupils = [pupil for one in people for pupil in children_of(one).select_related("school")]
    names = [name for one in pupils for name in (one.first_name, one.family_name, one.usage_name)]
    return [*names, *(text for one in pupils for text in (one.school.name, one.school.address))]
