"""The flyer of one phase in one school: its dates, its councils, and what to do without the internet (DOC-01). Pure."""

from dataclasses import dataclass

from families.models import Level, School
from orientation.documents.words import LEVELS
from orientation.enums import Phase
from orientation.wording import phase_title, words_of

UNKNOWN = "date pas encore connue"
TITLES = {
    Phase.PROVISIONAL: "Dites vos intentions d’orientation",
    Phase.DEFINITIVE: "Faites vos choix définitifs d’orientation",
}
STEPS = {
    Phase.PROVISIONAL: (
        "Un représentant légal se connecte, saisit les intentions puis les valide. Sans validation, le conseil de "
        "classe ne reçoit rien de la famille.",
        "Le conseil de classe donne son avis sur chaque intention.",
        "Un représentant légal lit les avis et en accuse réception. Sans accusé de réception, les choix définitifs "
        "ne peuvent pas être saisis.",
    ),
    Phase.DEFINITIVE: (
        "Un représentant légal se connecte, saisit les choix définitifs puis les valide. Sans validation, le "
        "conseil de classe ne reçoit rien de la famille.",
        "Le conseil de classe répond « oui » ou « non » à chaque choix.",
        "La famille lit les propositions et répond. Ne pas répondre n’est pas accepter : sans réponse, rien n’est "
        "décidé.",
    ),
}


@dataclass(frozen=True, slots=True)
class Dates:
    """In words. `longer`: the divisions that have more time, « 3 A : jusqu’au … »."""

    opens: str = UNKNOWN
    closes: str = UNKNOWN
    read_from: str = UNKNOWN
    read_until: str = UNKNOWN
    longer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flyer:
    title: str
    subtitle: str
    school: str
    dates: tuple[tuple[str, str], ...]
    longer: tuple[str, ...]
    councils: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    site: str
    connect: tuple[str, ...]
    without: tuple[str, ...]


def flyer(
    school: School, level: str, phase: str, dates: Dates, councils: tuple[tuple[str, str], ...], site: str
) -> Flyer:
    """`councils`: (division, day), in words; `site`: the address of the service."""
    words = words_of(phase)
    return Flyer(
        title=TITLES[Phase(phase)],
        subtitle=f"{LEVELS[Level(level)]}. {phase_title(phase, school)}",
        school=school.name,
        dates=(
            (f"Saisir et valider {words.the_many}, à partir du", dates.opens),
            (f"Saisir et valider {words.the_many}, jusqu’au", dates.closes),
            (f"Lire les {words.answers}, à partir du", dates.read_from),
            (f"Lire les {words.answers}, jusqu’au", dates.read_until),
        ),
        longer=dates.longer,
        councils=councils,
        steps=STEPS[Phase(phase)],
        site=site,
        connect=CONNECT,
        without=(WITHOUT, _reach(school)),
    )


CONNECT = (
    "Un téléphone suffit. Ouvrez votre compte avec le code d’activation remis par l’établissement, ou connectez-vous "
    "si vous avez déjà un compte.",
    "L’élève peut lire avec son propre compte. Seul un représentant légal saisit, sauf si l’élève est majeur.",
)
WITHOUT = (
    "Vous pouvez faire toute la procédure sur papier, avec la fiche de dialogue : demandez-la à l’établissement, qui "
    "enregistre votre demande à votre place. Faites-le avant la fin de la saisie."
)


def _reach(school: School) -> str:
    how = [school.address, f"téléphone : {school.phone}" if school.phone else "", school.email]
    said = ", ".join(one for one in how if one)
    return f"{school.name}{', ' + said if said else ''}."
