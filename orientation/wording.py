"""The words of each phase, as families read them (CAL-01, CAL-06, ENT-00, ENT-06, ENT-09)."""

from dataclasses import dataclass

from families.models import School, YearDivision
from orientation.enums import Phase

NUMBERS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze")


@dataclass(frozen=True, slots=True)
class PhaseWords:
    """`answers` is what the council gives in this phase; `answers_screen` the URL name where it is read."""

    phase: str
    title: str
    one: str
    a: str
    many: str
    the_many: str
    validated: str
    answers: str
    answers_screen: str

    @property
    def add(self) -> str:
        return f"Ajouter {self.a}"

    @property
    def change(self) -> str:
        return f"Modifier les {self.many}"

    @property
    def confirmed(self) -> str:
        """ENT-09."""
        return f"Vos {self.many} ont bien été {self.validated}."

    @property
    def unavailable(self) -> str:
        """CAL-06: from the opening of the council to the publication of its answers."""
        return (
            f"Les {self.answers} du conseil de classe ne sont pas disponibles. "
            "Veuillez prendre contact avec votre établissement"
        )


WORDS = {
    Phase.PROVISIONAL: PhaseWords(
        Phase.PROVISIONAL, "Intentions d’orientation", "intention", "une intention", "intentions", "les intentions",
        "validées", "avis provisoires", "orientation:opinions",
    ),
    Phase.DEFINITIVE: PhaseWords(
        Phase.DEFINITIVE, "Choix définitifs", "choix", "un choix", "choix", "les choix définitifs",
        "validés", "propositions", "orientation:proposals",
    ),
}  # fmt: skip

TERMS = {
    (Phase.PROVISIONAL, YearDivision.TERMS): "2e trimestre",
    (Phase.PROVISIONAL, YearDivision.SEMESTERS): "1er semestre",
    (Phase.DEFINITIVE, YearDivision.TERMS): "3e trimestre",
    (Phase.DEFINITIVE, YearDivision.SEMESTERS): "2e semestre",
}


def words_of(phase: str) -> PhaseWords:
    return WORDS[Phase(phase)]


def phase_title(phase: str, school: School) -> str:
    """« Phase provisoire (2e trimestre) »: the words follow the school's division of the year (CAL-01)."""
    return f"{Phase(phase).label.capitalize()} ({TERMS[Phase(phase), YearDivision(school.year_division)]})"


def guidance(phase: str, most: int) -> str:
    """ENT-00: how many one must and may enter, in words, and what their order means."""
    must = f"Vous devez obligatoirement saisir {words_of(phase).a}."
    if most == 1:
        return must
    return (
        f"{must} Vous pouvez en saisir jusqu’à {NUMBERS[most]}. "
        "Leur ordre d’affichage correspond à votre ordre de préférence."
    )
