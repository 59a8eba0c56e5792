"""The words of each phase and level, as families read them (CAL-01, CAL-06, ENT-00, ENT-05, ENT-06, ENT-09)."""

from dataclasses import dataclass

from families.models import School, YearDivision
from orientation.enums import Phase
from orientation.facts import Facts
from orientation.pathways import SECOND_GT, THIRD
from orientation.rules import specialties_wanted

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


# The Onisep guide of each level, which the school hands out (ENT-05, CAL-07).
GUIDES = {THIRD: "Après la 3e", SECOND_GT: "Après la 2de générale et technologique"}

# ENT-05: what is to be known beside each pathway, each kind, each series and each status.
HINTS = {
    "2GT": (
        "STHR : sciences et technologies de l’hôtellerie et de la restauration. "
        "La 2de STHR prépare au bac technologique de ce domaine."
    ),
    "2PRO": "Trois ans pour préparer un bac professionnel.",
    "CAP": "Deux ans pour apprendre un métier.",
    "1GEN": "Deux ans pour préparer un bac général, avec des enseignements de spécialité que vous choisissez.",
    "1TECHNO": "Deux ans pour préparer un bac technologique, dans une des huit séries.",
    "1BTMUS": "Pour poursuivre vers le brevet de technicien « métiers de la musique ».",
    "VOIEPRO": "Pour préparer un bac professionnel ou un CAP.",
    "1PRO": "Deux ans pour préparer un bac professionnel, en entrant directement en 1re.",
}
SERIES_HINTS = {
    "ST2S": "La santé, le soin, l’action sociale.",
    "STAV": "Le vivant, l’agriculture, l’alimentation, l’environnement.",
    "STD2A": "Le design, les métiers d’art, l’image, la mode.",
    "STHR": "L’hôtellerie et la restauration. Après une 2de GT, renseignez-vous auprès de l’établissement.",
    "STI2D": "L’industrie, l’énergie, l’architecture, le numérique.",
    "STL": "Les laboratoires : biologie, chimie, physique.",
    "STMG": "La gestion, le commerce, le droit, la communication.",
    "S2TMD": "Le théâtre, la musique ou la danse. Renseignez-vous sur la pratique artistique attendue.",
}
STATUSES = (
    (
        "school", "Sous statut scolaire",
        "L’élève reste au lycée professionnel, avec des stages de plusieurs semaines en entreprise.",
    ),
    (
        "apprentice", "Sous statut d’apprenti",
        "L’élève devient salarié, avec un contrat de travail : il cherche un employeur, avec l’aide du centre "
        "de formation d’apprentis (CFA), et partage son temps entre le CFA et l’entreprise.",
    ),
)  # fmt: skip


def free_text_help(level: str) -> str:
    return (
        "Vous pouvez préciser le métier ou la formation qui intéresse l’élève, avec vos mots. Pour vous aider : "
        f"le site de l’Onisep (onisep.fr) et le guide « {GUIDES[level]} » remis par l’établissement."
    )


def specialties_guidance(facts: Facts, phase: str) -> str:
    """P2G-02: how many subjects of 1re générale are to be selected."""
    inside, outside = (specialties_wanted(facts, phase, outside=one) for one in (False, True))
    must = f"Sélectionnez {inside} enseignements de spécialité"
    if not facts.specialties_offered:
        return f"{must}. L’établissement n’a pas dit lesquels il propose : ils sont tous dans la liste."
    if inside == outside:
        return f"{must}, proposés dans votre établissement ou dans un autre."
    return f"{must}, ou {outside} si l’un d’eux au moins n’est pas proposé dans votre établissement."
