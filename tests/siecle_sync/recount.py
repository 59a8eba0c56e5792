"""The counters of a simulated campaign, computed again from its dump alone. Nothing of the program is used here."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def recount(dossiers: list[Json]) -> Json:
    """Every counter that docs/jeu-de-campagne.md says can be found again, under its own name."""
    return {**entries(dossiers), **statements(dossiers), **ends(dossiers), **schools(dossiers), **others(dossiers)}


def tally(words: Iterable[Any]) -> Json:
    return dict(sorted(Counter(words).items()))


def every(dossiers: list[Json], key: str) -> list[Json]:
    return [one for dossier in dossiers for one in dossier[key]]


def entries(dossiers: list[Json]) -> Json:
    everyone = every(dossiers, "submissions")
    family = [one for one in everyone if one["author_kind"] != "SCHOOL"]
    school = [one for one in everyone if one["author_kind"] == "SCHOOL"]
    outcomes = Counter(one["receipt"]["outcome"] for one in family)
    of_a_dossier = [
        {one["phase"] for one in dossier["submissions"] if one["author_kind"] != "SCHOOL"} for dossier in dossiers
    ]
    return {
        "students": len(dossiers),
        "entered": sum(bool(phases) for phases in of_a_dossier),
        "entered_by_phase": {
            phase: sum(phase in phases for phases in of_a_dossier) for phase in ("PROVISIONAL", "DEFINITIVE")
        },
        "versions": tally(one["phase"] for one in family),
        "versions_by_author": tally(one["author_kind"] for one in family),
        "choices": tally(choice["pathway"] for one in family for choice in one["choices"]),
        "typed_by_school": tally(one["phase"] for one in school if not one["asked_by"]),
        "changed_by_school": tally(one["phase"] for one in school if one["asked_by"]),
        "objections": sum(len(one["objections"]) for one in everyone),
        "transferred": outcomes["ACCEPTED"],
        "not_processed": outcomes["NOT_PROCESSED"],
    }


def statements(dossiers: list[Json]) -> Json:
    said = every(dossiers, "statements")
    answers = [one["answer"] for one in said if one["answer"]]
    agreements = [agreement for answer in answers for agreement in answer["agreements"]]
    return {
        "acknowledged": sum(one["acknowledgement"] is not None for one in said),
        "gates_lifted": sum(dossier["gate_lifted_at"] is not None for dossier in dossiers),
        "withdrawn": tally(one["withdrawn_because"] for one in said if one["withdrawn_at"]),
        "answered": len(answers),
        "answers": tally(one["author_kind"] for one in answers),
        "agreements": len(agreements),
        "disagreements": sum(not one["agrees"] for one in agreements),
    }


def ends(dossiers: list[Json]) -> Json:
    decisions = every(dossiers, "decisions")
    return {
        "meetings": len(every(dossiers, "meetings")),
        "decided": len(decisions),
        "dossiers_decided": sum(bool(dossier["decisions"]) for dossier in dossiers),
        "decisions": tally(one["origin"] for one in decisions),
        "appeals": sum(dossier["appeal"] is not None for dossier in dossiers),
    }


def schools(dossiers: list[Json]) -> Json:
    """What concerns several dossiers is written in each of them: counted once."""
    by_school = {dossier["school"]["uai"]: dossier for dossier in dossiers}
    councils = {
        (dossier["school"]["uai"], council["division"], council["phase"], event["what"], event["at"])
        for dossier in dossiers
        for council in dossier["councils"]
        for event in council["events"]
    }
    extensions = {
        (dossier["campaign"]["academy"], one["school"], one["division"], one["phase"], one["kind"], one["at"])
        for dossier in dossiers
        for one in dossier["extensions"]
    }
    return {
        "councils": tally(what for _, _, _, what, _ in councils),
        "extensions": len(extensions),
        "closings": sum(len(one["closings"]) for one in by_school.values()),
        "switches": sum(len(one["switches"]) for one in by_school.values()),
        "offers": sum(len(one["offers"]) for one in by_school.values()),
    }


def others(dossiers: list[Json]) -> Json:
    pens = every(dossiers, "pens")
    letters = every(dossiers, "letters")
    refused = every(dossiers, "refused")
    return {
        "pens": len(pens),
        "pens_released": sum(one["released_at"] is not None for one in pens),
        "imports": tally(one["what"] for one in every(dossiers, "imports")),
        "refused": len(refused),
        "refused_by_code": tally(one["code"] for one in refused),
        "emails": sum(one["state"] == "SENT" for one in letters),
        "emails_by_kind": tally(one["kind"] for one in letters if one["state"] == "SENT"),
        "emails_without_address": sum(one["state"] == "NO_ADDRESS" for one in letters),
    }
