"""What the lines of a mass change would do: councils reset, and for the first pupils, what stands and what would."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KT

from orientation.enums import Phase, Proposal
from orientation.models import CouncilStatement
from orientation.pathways import label_of
from siecle_sync import contract
from siecle_sync.admin.wording import kind_label
from siecle_sync.models import HeldLine, MassChange

EXAMPLES = 20
EVENTS = {contract.OPENED: "ouverture", contract.MOVED: "déplacement", contract.RESET: "réinitialisation"}


@dataclass(frozen=True, slots=True)
class Example:
    """One line about one pupil. `now` and `then` = « voie : réponse »; an empty `then`: the opinions would vanish."""

    pupil: str
    division: str
    phase: str
    now: list[str]
    then: list[str]


def waiting(change: MassChange) -> QuerySet[HeldLine]:
    rows = HeldLine.objects.filter(campaign=change.campaign_id, uai=change.uai, code="MASS_CHANGE")
    return rows.filter(seq__lte=change.up_to).order_by("seq")


def by_kind(change: MassChange) -> list[tuple[str, int]]:
    rows = waiting(change).order_by().annotate(kind=KT("line__kind")).values_list("kind").annotate(Count("pk"))
    return [(kind_label(kind or ""), lines) for kind, lines in rows.order_by("kind")]


def councils(change: MassChange) -> list[dict[str, str]]:
    """The events of the class councils among the lines that wait."""
    lines = [row.line for row in waiting(change).filter(line__kind=contract.COUNCIL)[:EXAMPLES]]
    return [
        {
            "division": one.get("division") or "–", "phase": phase_label(one),
            "event": EVENTS.get(payload_of(one).get("event"), "–"),
        }
        for one in lines
    ]  # fmt: skip


def examples(change: MassChange) -> list[Example]:
    """Three queries, whatever the number of lines."""
    kinds = (contract.STATEMENT, contract.SCHOOL_CHANGE)
    lines = [row.line for row in waiting(change).filter(line__kind__in=kinds)[:EXAMPLES]]
    stand = {(one.dossier.student.siecle_id, one.phase): one for one in standing(change, lines)}
    return [example(one, stand[key]) for one in lines if (key := (number(one), one.get("phase"))) in stand]


def standing(change: MassChange, lines: list[dict[str, Any]]) -> QuerySet[CouncilStatement]:
    rows = CouncilStatement.objects.filter(
        withdrawal=None, dossier__campaign=change.campaign_id, dossier__student__school__uai=change.uai,
        dossier__student__siecle_id__in={number(one) for one in lines} - {None},
    )  # fmt: skip
    return rows.select_related("dossier__student__division").prefetch_related("answers").order_by("version")


def example(line: dict[str, Any], statement: CouncilStatement) -> Example:
    student = statement.dossier.student
    return Example(
        student.full_name, student.division.code if student.division else "–", phase_label(line),
        [in_words(one.pathway, one.series, one.value) for one in statement.answers.all()],
        [in_words(*one) for one in answers_of(line)],
    )  # fmt: skip


def answers_of(line: dict[str, Any]) -> list[tuple[str, str, str]]:
    said = payload_of(line).get("answers")
    rows = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    return [(str(one.get("pathway", "")), str(one.get("series") or ""), str(one.get("value", ""))) for one in rows]


def in_words(pathway: str, series: str, value: str) -> str:
    shown = Proposal(value).label if value in Proposal else value
    return f"{label_of(pathway, series)}\u00a0: {shown}"


def payload_of(line: dict[str, Any]) -> dict[str, Any]:
    """The columns of a line wait as they came, in text."""
    try:
        read = json.loads(line.get("payload") or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def phase_label(line: dict[str, Any]) -> str:
    phase = line.get("phase")
    return Phase(phase).label if phase in Phase else "–"


def number(line: dict[str, Any]) -> int | None:
    said = str(line.get("eleve_id") or "")
    return int(said) if said.isdecimal() and len(said) < 19 else None
