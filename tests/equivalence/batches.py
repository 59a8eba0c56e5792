"""Random nights over the small world: what Siècle tells, sound or wrong in each coded way, in any order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from orientation.models import CouncilStatement, Submission
from siecle_sync import contract
from tests.equivalence.siecle import Row
from tests.equivalence.world import DEFINITIVE, LISTS, PROVISIONAL, World

Draw = Any
# what a night is about: everything, or what meets
THEMES = [
    contract.RECEIVED, ("STATEMENT", "STATEMENT", "COUNCIL"),
    ("SCHOOL_CHANGE", "SCHOOL_CHANGE", "STATEMENT", "COUNCIL"),
    ("STATEMENT", "SCHOOL_ANSWER", "SCHOOL_ANSWER", "HEAD_DECISION"), ("SCHOOL_ANSWER", "HEAD_DECISION"),
    ("SCHOOL_ENTRY", "SCHOOL_ENTRY", "STATEMENT", "SCHOOL_CHANGE"),
]  # fmt: skip
LEAST, MOST = 5, 16
NUMBERS = st.sampled_from([0, 3, 7, 2, 0, 3, 7, *range(8)])  # those that the councils examine, more often
AGO = [timedelta(0), timedelta(hours=1), timedelta(hours=2), timedelta(hours=30), timedelta(days=4), timedelta(days=9)]
LAST_OF_THE_DAY = timedelta(hours=3, minutes=30)  # the day before at the school overseas, or of the académie


@dataclass
class Known:
    """What Siècle may speak of: the references of the world, of each kind."""

    entries: dict[tuple[int, str], list[str]]
    asked: dict[str, list[dict[str, str]]]  # of each entry
    statements: dict[int, list[str]]
    taken: list[str]
    councils: list[Row]  # told at once, and told again by the night

    @classmethod
    def of(cls, world: World) -> "Known":
        entries, asked, statements = {}, {}, {}
        for number, family in enumerate(world.families):
            for phase in (PROVISIONAL, DEFINITIVE):
                rows = Submission.objects.filter(dossier=family.dossier, phase=phase)
                choices = {one.siecle_ref or str(one.uuid): one.choices.values("pathway", "series") for one in rows}
                entries[number, phase] = list(choices)
                asked |= {ref: list(found) for ref, found in choices.items()}
            said = CouncilStatement.objects.filter(dossier=family.dossier)
            statements[number] = list(said.order_by("-phase", "version").values_list("siecle_ref", flat=True))
        return cls(entries, asked, statements, [str(row["ref"]) for row in world.siecle.feed], world.councils)


@st.composite
def batches(draw: Draw, world: World, known: Known, now: datetime) -> list[Row]:
    """What a night brings: a few lines, most of them about the same few pupils."""
    few, kinds = draw(st.lists(NUMBERS, min_size=1, max_size=3)), draw(st.sampled_from(THEMES))
    count = draw(st.integers(LEAST, MOST))
    rows = [draw(lines(world, known, now, few, kinds, rank)) for rank in range(count)]
    return [{**row, "seq": str(world.seq + 3 * rank)} for rank, row in enumerate(rows, start=1)]


@st.composite
def lines(
    draw: Draw, world: World, known: Known, now: datetime, few: list[int], kinds: Sequence[str], rank: int
) -> Row:
    kind, number = draw(st.sampled_from(kinds)), draw(st.sampled_from(few))
    phase = draw(st.sampled_from([world.phase, world.phase, world.phase, PROVISIONAL, DEFINITIVE]))
    student = world.families[number].student
    place = student.division if kind != contract.COUNCIL else draw(st.sampled_from(world.divisions))
    if kind == contract.COUNCIL and draw(st.booleans()) and known.councils:
        return draw(st.sampled_from(known.councils))
    payload = draw(PAYLOADS[kind](world, known, number, phase, now))
    row = dict.fromkeys(contract.COLUMNS, "") | {
        "kind": kind, "ref": f"new-{rank}", "uai": place.school.uai, "year": "2025", "level": world.level,
        "phase": phase, "division": place.code, "eleve_id": str(student.siecle_id), "version": None,
        "at": (now - draw(st.sampled_from([*AGO, LAST_OF_THE_DAY]))).isoformat(),
        "author_name": "le secrétariat",
    }  # fmt: skip
    flaw = draw(st.sampled_from([sound] * 7 + [broken_envelope, broken_payload]))
    return draw(flaw(world, known, rank, row, payload, now))


# --- what each kind says --------------------------------------------------------------------------------------------
def lists(world: World, phase: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.sampled_from([[one.as_json() for one in choices] for choices in LISTS[world.level, phase]])


def keys(world: World, phase: str, *, most: int = 3) -> st.SearchStrategy[list[dict[str, str]]]:
    every = {(one.pathway, one.series) for choices in LISTS[world.level, phase] for one in choices}
    pairs = st.lists(st.sampled_from(sorted(every)), min_size=1, max_size=most, unique=True)
    return pairs.map(lambda found: [{"pathway": pathway, "series": series} for pathway, series in found])


def council(world: World, known: Known, number: int, phase: str, now: datetime) -> Any:
    held_on = st.sampled_from([None, "2026-06-03", "2026-06-11"])
    return st.fixed_dictionaries({"event": st.sampled_from(contract.COUNCIL_EVENTS), "held_on": held_on})


def entry(world: World, known: Known, number: int, phase: str, now: datetime) -> Any:
    return st.fixed_dictionaries({"choices": lists(world, phase)})


def change(world: World, known: Known, number: int, phase: str, now: datetime) -> Any:
    days = [str((now - timedelta(days=days)).date()) for days in (0, 0, 1)]
    asked = {"asked_by": st.sampled_from(["Awa Diallo", " la mère "]), "asked_on": st.sampled_from(days)}
    return st.fixed_dictionaries({"choices": lists(world, phase), **asked})


def statement(world: World, known: Known, number: int, phase: str, now: datetime) -> Any:
    values = list(world.campaign.opinion_values) if phase == PROVISIONAL else ["OUI", "OUI", "NON"]
    said = {"value": st.sampled_from(values), "requested": st.booleans(), "comment": st.sampled_from(["", "Bravo."])}
    spoken = st.lists(st.fixed_dictionaries(said), min_size=6, max_size=6)
    usual = known.entries[number, phase][-1:]
    refs = [*usual * 8, *known.entries[number, phase], None, *(f"new-{rank}" for rank in range(4))]
    return st.sampled_from(refs).flatmap(
        lambda ref: st.fixed_dictionaries(
            {"submission_ref": st.just(ref), "answers": answers(world, known, phase, ref, spoken)}
        )
    )


def answers(world: World, known: Known, phase: str, ref: str | None, spoken: Any) -> Any:
    """What the council says of each pathway asked for, most of the time, and of others."""
    asked = known.asked.get(ref or "", [])
    whole = st.sampled_from([asked, asked, asked, []])
    return st.builds(say, whole, keys(world, phase), spoken)


def say(asked: list[Any], others: list[Any], words: list[Any]) -> list[Any]:
    every = [*asked, *(one for one in others if one not in asked)]
    return [one | word for one, word in zip(every, words, strict=False)]


def answer(world: World, known: Known, number: int, phase: str, now: datetime) -> Any:
    said = known.statements[number]
    refs = st.sampled_from([*said[-1:] * 8, *said, *(f"new-{rank}" for rank in range(3)), None])
    taken = {"kind": st.just("ACCEPTED"), "statement": refs, "accepted": keys(world, DEFINITIVE, most=2)}
    left = {"kind": st.just("REFUSED"), "statement": refs, "accepted": st.just([])}
    return st.one_of(st.fixed_dictionaries(taken), st.fixed_dictionaries(left))


def decision(world: World, known: Known, number: int, phase: str, now: datetime) -> Any:
    notified = st.sampled_from([None, "2026-06-05"])
    origin = st.sampled_from(["HEAD", "HEAD", "APPEAL", None])
    return st.fixed_dictionaries({"pathways": keys(world, DEFINITIVE), "notified_on": notified, "origin": origin})


PAYLOADS = {
    "COUNCIL": council, "SCHOOL_ENTRY": entry, "SCHOOL_CHANGE": change, "STATEMENT": statement,
    "SCHOOL_ANSWER": answer, "HEAD_DECISION": decision,
}  # fmt: skip


# --- and what may be wrong with it ----------------------------------------------------------------------------------
def sound(world: World, known: Known, rank: int, row: Row, payload: Any, now: datetime) -> Any:
    return st.just({**row, "payload": json.dumps(payload)})


def broken_envelope(world: World, known: Known, rank: int, row: Row, payload: Any, now: datetime) -> Any:
    """One column that is wrong, or that says something else than usual."""
    elsewhere = next(one for one in world.divisions if one.school.uai != row["uai"])
    columns: list[tuple[str, Any]] = [
        ("kind", "BULLETIN"), ("kind", None), ("ref", None), ("ref", "x" * 65), ("year", "2024"), ("year", None),
        ("level", "2GT" if world.level == "3E" else "3E"), ("phase", ""), ("phase", None), ("phase", "FINALE"),
        ("division", "9 Z"), ("division", None), ("division", "3 B"), ("division", "3 A"), ("eleve_id", "987654"),
        ("eleve_id", None), ("eleve_id", "douze"), ("uai", "0000000A"), ("uai", elsewhere.school.uai),
        ("author_name", None), ("author_name", "x" * 211), ("at", None), ("at", "demain"), ("at", "yesterday"),
        ("at", "2026-01-30"), ("at", "2026-01-30T10:00:00"), ("at", "2026-01-30 10:00:00+01"), ("at", "infinity"),
        ("at", "1999-12-31T23:59:59+00:00"), ("at", "2100-01-01T00:00:00+00:00"), ("at", "2026-02-30T10:00:00+00:00"),
        ("at", (now + timedelta(seconds=1)).isoformat()), ("at", (now + timedelta(days=1)).isoformat()),
        ("payload", None), ("payload", ""), ("payload", "{"), ("payload", "[]"), ("payload", "null"),
        ("payload", '"texte"'), ("payload", json.dumps({**payload, "note": "\0"})),
    ]  # fmt: skip
    told = [*known.taken, *(f"new-{other}" for other in range(max(rank, 1)))]
    columns += [("ref", ref) for ref in told]
    return st.sampled_from(columns).map(lambda one: {**row, "payload": json.dumps(payload), one[0]: one[1]})


LISTED = ("choices", "answers", "accepted", "pathways")


def broken_payload(world: World, known: Known, rank: int, row: Row, payload: Any, now: datetime) -> Any:
    """One thing that is wrong in what the line says."""
    name = next((one for one in LISTED if one in payload), None)
    told = [{**payload, **one} for one in odd_fields(payload, now)]
    if name:
        items = payload[name] or [{"pathway": "2GT", "series": ""}]
        told += [{**payload, name: odd} for odd in odd_lists(items, world)]
    return st.sampled_from(told or [payload]).map(lambda one: {**row, "payload": json.dumps(one)})


def odd_fields(payload: Any, now: datetime) -> list[dict[str, Any]]:
    tomorrow = str((now + timedelta(days=1)).date())
    odd: dict[str, list[Any]] = {
        "event": [None, "CLOSED"], "held_on": ["2026/06/03", "infinity", 20260603, "2026-06-31"],
        "asked_by": [None, "  ", "x" * 211, " " * 8 + "x" * 203], "asked_on": [None, "bientôt", tomorrow, "2026-06-31"],
        "submission_ref": ["inconnue", ""], "statement": ["inconnue"], "kind": [None, "PEUT-ÊTRE"],
        "notified_on": ["infinity", "2026-6-5", "2026-06-31"], "origin": ["JURY", "ACCEPTANCE"],
    }  # fmt: skip
    return [{name: value} for name, values in odd.items() if name in payload for value in values]


def odd_lists(items: list[dict[str, Any]], world: World) -> list[Any]:
    first, others = items[0], items[1:]
    changed: list[dict[str, Any]] = [
        {"pathway": "BAC"}, {"pathway": None}, {"series": "STL"}, {"series": None}, {"value": "PEUT-ÊTRE"},
        {"value": None}, {"value": "OUI"}, {"comment": "x" * 1001}, {"comment": "x" * 1000}, {"comment": None},
        {"free_text": "x" * 201}, {"free_text": "Fleuriste"}, {"free_text": None}, {"apprentice_status": True},
        {"school_status": None}, {"details": ["1PRO"]}, {"details": ["MATHS", "MATHS:HORS", "PC"]}, {"details": []},
        {"details": ["MATHS", "PC", "LLCA:HORS"]}, {"details": ["MATHS", "PC", "SVT", "NSI", "LLCA:HORS"]},
        {"details": ["MATHS", "MATHS", "PC"]}, {"details": "MATHS"}, {"details": None}, {"requested": None},
    ]  # fmt: skip
    every = [{"pathway": code, "series": ""} for code in ("2GT", "2PRO", "CAP", "1BTMUS")]
    lists: list[Any] = [[], None, "2GT", [first, *items], ["2GT"], every, [*items, *every[:2]]]
    return lists + [[{**first, **one}, *others] for one in changed]
