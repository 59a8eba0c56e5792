"""What is asked, answered and decided. One concept a file."""

from orientation.models.campaign import (
    Campaign,
    Extension,
    PhaseWindow,
    SchoolClosing,
    ServiceSwitch,
    SpecialtyOffer,
)
from orientation.models.contact import ContactMeans, FamilyContact
from orientation.models.council import (
    Acknowledgement,
    ClassCouncil,
    CouncilAnswer,
    CouncilStatement,
    GateLift,
    StatementWithdrawal,
)
from orientation.models.decision import (
    AcceptedPathway,
    Agreement,
    DecidedPathway,
    Decision,
    FamilyAnswer,
)
from orientation.models.disagreement import Appeal, EntryObjection, Meeting
from orientation.models.dossier import (
    Dossier,
    Draft,
    Pen,
    RankedChoice,
    SiecleReceipt,
    Submission,
)
from orientation.models.figures import KeptFigures
from orientation.models.inspection import InvariantRun
from orientation.models.sending import ActToSend

__all__ = [
    "AcceptedPathway",
    "Acknowledgement",
    "ActToSend",
    "Agreement",
    "Appeal",
    "Campaign",
    "ClassCouncil",
    "ContactMeans",
    "CouncilAnswer",
    "CouncilStatement",
    "DecidedPathway",
    "Decision",
    "Dossier",
    "Draft",
    "EntryObjection",
    "Extension",
    "FamilyAnswer",
    "FamilyContact",
    "GateLift",
    "InvariantRun",
    "KeptFigures",
    "Meeting",
    "Pen",
    "PhaseWindow",
    "RankedChoice",
    "SchoolClosing",
    "ServiceSwitch",
    "SiecleReceipt",
    "SpecialtyOffer",
    "StatementWithdrawal",
    "Submission",
]
