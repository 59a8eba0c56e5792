"""The words of the nights on the staff's pages: states, kinds of lines, errors."""

from datetime import timedelta

from siecle_sync import contract
from siecle_sync.exchanges import NAMES
from siecle_sync.models import PartState, Run, RunState

KINDS = {
    **NAMES,
    contract.DIVISION: "Division",
    contract.PUPIL: "Élève",
    contract.ENTRY: "Demande de la famille",
    contract.COUNCIL: "Conseil de classe",
}
OUTCOMES = {
    contract.REJECTED: "refusée",
    contract.NOT_PROCESSED: "non traitée",
    contract.UNCHANGED: "laissée de côté",
}
SYMBOLS = {
    RunState.FINISHED: "✔",
    RunState.RUNNING: "▶",
    RunState.FAILED: "✖",
    RunState.DRY: "○",
    PartState.WAITING: "…",
}
# what an exception means to people; Siècle's own codes already come as sentences
MEANINGS = {
    "OperationalError": "La base de données n’a pas répondu, ou la liaison avec elle a été coupée.",
    "InterfaceError": "La liaison avec la base de données a été coupée.",
    "CountersDiffer": "Le compte des lignes n’était pas juste\u00a0: tout a été annulé.",
    "ConnectionError": "La liaison avec Siècle Orientation a été coupée.",
}
UNEXPECTED = "Une erreur inattendue a arrêté le travail\u00a0; rien n’a été enregistré à moitié."


def state_words(state: str, label: str) -> str:
    return f"{SYMBOLS[state]} {label}"


def kind_label(kind: str) -> str:
    return KINDS.get(kind, kind)


def plain_error(error: str) -> str:
    """« ExchangeFailed : Siècle Orientation ne répond pas. (503) » and the like, for people."""
    name, found, rest = error.partition(" : ")
    if not found or not name.isidentifier():
        return error
    return rest if name == "ExchangeFailed" else MEANINGS.get(name, UNEXPECTED)


def duration_of(run: Run) -> timedelta | None:
    return run.ended_at - run.started_at if run.ended_at else None
