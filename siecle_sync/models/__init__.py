"""The exchange with Siècle: the nights, and the files that schools hand in."""

from siecle_sync.models.imports import ImportState, SiecleImport, SiecleImportFile
from siecle_sync.models.nights import (
    CouncilEvent,
    Direction,
    HeldLine,
    MassChange,
    NightAlert,
    PartState,
    RosterReceipt,
    Run,
    RunLine,
    RunPart,
    RunSchool,
    RunState,
    Verdict,
)

__all__ = [
    "CouncilEvent",
    "Direction",
    "HeldLine",
    "ImportState",
    "MassChange",
    "NightAlert",
    "PartState",
    "RosterReceipt",
    "Run",
    "RunLine",
    "RunPart",
    "RunSchool",
    "RunState",
    "SiecleImport",
    "SiecleImportFile",
    "Verdict",
]
