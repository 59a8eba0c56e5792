"""What is asked, answered and decided. One concept a file."""

from orientation.models.campaign import (
    Campaign,
    Extension,
    PhaseWindow,
    SchoolClosing,
    ServiceSwitch,
)
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
from orientation.models.dossier import (
    Dossier,
    Draft,
    Pen,
    RankedChoice,
    SiecleReceipt,
    Submission,
)

__all__ = [
    "AcceptedPathway",
    "Acknowledgement",
    "Agreement",
    "Campaign",
    "ClassCouncil",
    "CouncilAnswer",
    "CouncilStatement",
    "DecidedPathway",
    "Decision",
    "Dossier",
    "Draft",
    "Extension",
    "FamilyAnswer",
    "GateLift",
    "Pen",
    "PhaseWindow",
    "RankedChoice",
    "SchoolClosing",
    "ServiceSwitch",
    "SiecleReceipt",
    "StatementWithdrawal",
    "Submission",
]
