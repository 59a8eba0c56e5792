"""What each side says of the dossier after a step, in the same words."""

from typing import Any

from orientation.facts import Facts, StatementFact
from orientation.reading import load_facts
from orientation.rules import (
    acknowledgement_is_due,
    agreements_awaited,
    duty,
    entry_in_force,
    gate_is_open,
    last_statement,
    may_acknowledge,
    may_agree,
    may_answer,
    may_enter,
    may_object,
    pen_holder,
    standing_disagreement,
    visible_statement,
)
from tests.machine.facts import DEFINITIVE, PROVISIONAL, Statement
from tests.machine.model import Dossier
from tests.machine.world import World

PHASES = (PROVISIONAL, DEFINITIVE)
Seen = dict[str, Any]


def of_the_service(world: World) -> tuple[Facts, Seen]:
    facts, now = load_facts(world.dossier.uuid), world.now
    standing = last_statement(facts, DEFINITIVE)
    answer = standing.family_answer if standing else None
    seen: Seen = {
        "entries": [
            (
                one.phase, one.version, world.name_of(one.author) or "school", one.choices, one.outcome,
                bool(one.asked_by), {world.name_of(signed.author) for signed in one.objections},
            )
            for one in facts.submissions
        ],
        "acknowledgement wanted": acknowledgement_is_due(facts, now),
        "gate open": gate_is_open(facts, now),
        "answer": answer
        and (
            world.name_of(answer.author) or "school", answer.kind, set(answer.accepted),
            {world.name_of(one.author): one.agrees for one in answer.agreements},
        ),
        "awaited": {world.name_of(one) for one in agreements_awaited(facts, answer, now)} if answer else set(),
        "decisions": {one.origin: (set(one.pathways), one.notified_on) for one in facts.decisions},
        "meetings": {one.held_on for one in facts.meetings},
        "appeal": facts.appealed_on,
        "disagreement": standing_disagreement(facts, now) is not None,
        "recaps waiting": world.held_recaps(),
    }  # fmt: skip
    for phase in PHASES:
        entry = entry_in_force(facts, phase)
        seen[f"in force {phase}"] = entry and entry.version
        seen[f"pen {phase}"] = world.name_of(pen_holder(facts, phase, now))
        seen[f"standing {phase}"] = _statement(last_statement(facts, phase), world)
        shown = visible_statement(facts, phase, now)
        seen[f"visible {phase}"] = shown and shown.version
    for name, person in world.people.items():
        seen[f"duty of {name}"] = duty(facts, person.uuid, now) is not None
    return facts, seen


def _statement(said: StatementFact | None, world: World) -> Any:
    if said is None:
        return None
    signed = said.acknowledgement
    values = {one.key: one.value for one in said.answers}
    return said.version, said.division, values, world.name_of(signed.author) if signed else ""


def of_the_model(model: Dossier, held: set[Any]) -> Seen:
    standing = model.standing(DEFINITIVE)
    answer = standing.answer if standing else None
    seen: Seen = {
        "entries": [
            (one.phase, one.version, one.by, one.choices, one.fate, one.asked, one.objectors)
            for phase in PHASES
            for one in model.of_phase(phase)
        ],
        "acknowledgement wanted": model.acknowledgement_wanted(),
        "gate open": model.gate_is_open(),
        "answer": answer and (answer.by, answer.kind, set(answer.accepted), answer.said),
        "awaited": set(model.awaited()),
        "decisions": {one.origin: (set(one.pathways), one.notified) for one in model.decisions},
        "meetings": model.meetings,
        "appeal": model.appealed,
        "disagreement": model.disagreement(),
        "recaps waiting": held,
    }
    for phase in PHASES:
        entry = model.in_force(phase)
        seen[f"in force {phase}"] = entry and entry.version
        seen[f"pen {phase}"] = model.holder(phase)
        seen[f"standing {phase}"] = _told(model.standing(phase))
        shown = model.visible(phase)
        seen[f"visible {phase}"] = shown and shown.version
    for name in model.people:
        seen[f"duty of {name}"] = model.has_a_duty(name)
    return seen


def _told(said: Statement | None) -> Any:
    return said and (said.version, said.division, said.values, said.acknowledged_by)


def refusals(world: World, facts: Facts) -> dict[tuple[str, str], str]:
    """What each person would be refused now, act by act; "" when they may."""
    asked: dict[tuple[str, str], Any] = {}
    for name, person in world.people.items():
        for phase in PHASES:
            asked[name, phase] = may_enter(facts, phase, person.uuid, world.now)
            asked[name, f"object to {phase}"] = may_object(facts, phase, person.uuid, world.now)
        asked[name, "acknowledge"] = may_acknowledge(facts, person.uuid, world.now)
        asked[name, "answer"] = may_answer(facts, person.uuid, world.now)
        asked[name, "agree"] = may_agree(facts, person.uuid, world.now)
    return {key: str(code or "") for key, code in asked.items()}


def expected_refusals(model: Dossier) -> dict[tuple[str, str], set[str]]:
    asked: dict[tuple[str, str], set[str]] = {}
    for name in model.people:
        for phase in PHASES:
            asked[name, phase] = model.refusals_to_enter(name, phase)
            asked[name, f"object to {phase}"] = model.refusals_to_object(name, phase)
        asked[name, "acknowledge"] = model.refusals_to_acknowledge(name)
        asked[name, "answer"] = model.refusals_to_answer(name)
        asked[name, "agree"] = model.refusals_to_agree(name)
    return asked


def compare(world: World, model: Dossier, held: set[Any]) -> None:
    """Both sides say the same, and refuse the same to the same persons."""
    facts, said = of_the_service(world)
    told = of_the_model(model, held)
    differences = {name: (said[name], told[name]) for name in told if said[name] != told[name]}
    assert not differences, f"(service, model) differ: {differences}"
    expected = expected_refusals(model)
    wrong = {
        key: (code, expected[key]) for key, code in refusals(world, facts).items() if not fits(code, expected[key])
    }
    assert not wrong, f"(service, model) refuse differently: {wrong}"


def fits(code: str, expected: set[str]) -> bool:
    return code in expected if expected else not code
