"""What the families of the demonstration ask for, and what the councils say of it."""

from families.models import Level
from orientation.enums import Phase
from orientation.pathways import Choice

GT = Choice("2GT")
LISTS = (
    (GT,),
    (GT, Choice("2PRO", free_text="Métiers de l’alimentation")),
    (
        Choice("2PRO", free_text="Métiers de la relation client", school_status=True),
        Choice("CAP", free_text="Fleuriste"),
    ),
    (Choice("2PRO", free_text="Maintenance des véhicules", apprentice_status=True), GT),
    (Choice("CAP", free_text="Boulanger", school_status=True, apprentice_status=True), Choice("2PRO")),
    (GT, Choice("2PRO"), Choice("CAP")),
)
SIMPLEST = {Level.THIRD: {"pathway": "2GT"}, Level.SECOND_GT: {"pathway": "1TECHNO", "series": "STMG"}}
COMMENTS = {
    "Favorable": "",
    "Réservé": "Des efforts réguliers au troisième trimestre sont nécessaires.",
    "Défavorable": "Les résultats actuels rendent ce projet difficile. Parlons-en ensemble.",
}
OFFER = ("BIOECO", "HGGSP", "HLP", "LLCER", "MATHS", "PC", "SES", "SVT")  # of the lycée


def after_second(phase: str) -> tuple[tuple[Choice, ...], ...]:
    """The lists of the lycée; the first one asks for a subject that is offered elsewhere."""
    techno = tuple(Choice("1TECHNO", series) for series in ("STI2D", "STL", "STMG"))
    vocational = Choice("VOIEPRO", free_text="Métiers de l’électricité", school_status=True, details=("1PRO",))
    return (
        (general(phase, "MATHS", "PC", "NSI:HORS", "SES", "LLCER"), *techno, vocational),
        (general(phase, "MATHS", "PC", "SVT", "SES"),),
        (general(phase, "HGGSP", "SES", "LLCER", "MATHS"), Choice("1TECHNO", "STMG")),
        (Choice("1TECHNO", "ST2S"), general(phase, "SVT", "HLP", "SES", "LLCER"), Choice("1BTMUS")),
        (vocational, Choice("1TECHNO", "STI2D")),
    )


def general(phase: str, *specialties: str) -> Choice:
    """All of them for the intention, the first three for the choice (P2G-02)."""
    return Choice("1GEN", details=specialties[:3] if phase == Phase.DEFINITIVE else specialties)
