"""Is a new password hard to guess? Its length, and what everybody would try first; nothing about which characters.

Why 12: the CNIL asks for 50 bits where wrong passwords are counted, and 12 small letters have 56; digits alone have
them at 16. OWASP's ASVS 5 asks for 8 at least and advises 15, which families would write on a paper. Whatever the
characters, spaces included, and however long; never truncated. The list is Django's 20,000 most stolen passwords,
looked through as people bend them: capitals, accents, a year at the end, « @ » for « a », the same word twice.
"""

from collections.abc import Iterable
from string import digits, punctuation

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from families.attachments import Person, children_of, people_of
from families.models import User
from families.names import folded

LEAST, LEAST_DIGITS, LEAST_LEFT = 12, 16, 6
LOOKED_AT = 256  # characters: what follows makes it no easier to guess
RUN = 4
ROWS = ("abcdefghijklmnopqrstuvwxyz", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm", "01234567890")
ROWS_BOTH_WAYS = tuple(row[::step] for row in ROWS for step in (1, -1))
BENT = str.maketrans("@40315$7!", "aaoeissti")
# what this service is about, and what the French type first: the list was made in English
WORDS = frozenset(
    """
    orientation educonnect franceconnect proconnect scolarite siecle college lycee ecole troisieme seconde parcoursup
    affelnet onisep academie conseil classe eleve parent parents compte motdepasse password secret azerty qwerty
    bonjour bonsoir coucou jetaime amour doudou loulou chouchou soleil chocolat maman papa famille enfant france
    paris marseille toulouse bordeaux nantes lille bretagne internet connexion identifiant administrateur admin
    janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
    """.split()  # noqa: SIM905
)

REFUSALS = {
    "PASSWORD_SHORT": "Ce mot de passe est trop court\u00a0: il faut au moins 12 caractères. Trois ou quatre mots sans "
    "rapport entre eux font un bon mot de passe.",
    "PASSWORD_DIGITS": "Avec des chiffres seulement, il en faut au moins 16. Le plus simple est d’ajouter des mots.",
    "PASSWORD_KNOWN": "Ce mot de passe est l’un des premiers que les voleurs essaient. Choisissez plutôt trois ou "
    "quatre mots sans rapport entre eux.",
    "PASSWORD_ABOUT_YOU": "Ce mot de passe se devine\u00a0: il est fait de noms qui vous touchent de près, de mots de "
    "ce site ou de touches qui se suivent. Ajoutez deux ou trois mots sans rapport.",
}


class Strength(CommonPasswordValidator):
    """The one validator (AUTH_PASSWORD_VALIDATORS). One sentence at a time; `code` is a key of REFUSALS."""

    def validate(self, password: str, user: User | None = None) -> None:
        code = self._refusal(password, user)
        if code:
            raise ValidationError(REFUSALS[code], code=code)

    def _refusal(self, password: str, user: User | None) -> str:
        if len(password) < LEAST:
            return "PASSWORD_SHORT"
        if password.isdecimal() and len(password) < LEAST_DIGITS:
            return "PASSWORD_DIGITS"
        typed = password[:LOOKED_AT]
        if any(one in self.passwords or one in WORDS for one in variants(typed)):
            return "PASSWORD_KNOWN"
        return "" if len(set(left(typed, {*WORDS, *words_about(user)}))) >= LEAST_LEFT else "PASSWORD_ABOUT_YOU"

    def get_help_text(self) -> str:
        return f"Au moins {LEAST} caractères. Le plus simple\u00a0: trois ou quatre mots sans rapport entre eux."


def plain(text: str) -> str:
    """Without accent, capital, space nor punctuation."""
    return "".join(one for one in folded(text.casefold()) if not one.isspace() and one not in punctuation)


def variants(password: str) -> set[str]:
    """What it was made from, perhaps."""
    core = password.strip(digits + punctuation + " ")
    found = {plain(password), plain(core), plain(core.casefold().translate(BENT))}
    return {*found, *map(unit, found)}


def unit(text: str) -> str:
    """« abcabc » is « abc », twice."""
    return text[: (text + text).find(text, 1)] if text else ""


def left(password: str, words: Iterable[str]) -> str:
    """What nobody would guess from these words or from a keyboard."""
    text = plain(password)
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return without_runs(text)


def without_runs(text: str) -> str:
    """« azer » and « 4321 » are no better than nothing."""
    kept, start = "", 0
    while start < len(text):
        end = start + RUN
        while end <= len(text) and any(text[start:end] in row for row in ROWS_BOTH_WAYS):
            end += 1
        if end > start + RUN:
            start = end - 1
        else:
            kept, start = kept + text[start], start + 1
    return kept


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
