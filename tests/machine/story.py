"""A usual year, chapter by chapter, and what may be said in it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from orientation.pathways import Choice
from tests.factories import (
    CAP,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    OPINIONS_OPEN,
    PRO,
)
from tests.machine.both import Both
from tests.machine.facts import DEFINITIVE, PROVISIONAL, PUPIL, Key

Lists = dict[str, tuple[Choice, ...]]
STL, STMG = Choice("1TECHNO", "STL"), Choice("1TECHNO", "STMG")
MUSIC, SHORT = Choice("1BTMUS"), Choice("VOIEPRO", details=("1PRO",), apprentice_status=True)
FOUR = ("MATHS", "PC", "SVT", "NSI")
# lists by a short name, so that a failure reads as a sentence: the first two of a level are what its stories ask for
LISTS: dict[str, Lists] = {
    "3E": {
        "GT": (GT,), "CAP": (CAP,), "pro": (Choice("2PRO"),), "GT pro": (GT, PRO), "CAP GT": (CAP, GT),
        "pro CAP GT": (PRO, CAP, GT),
    },
    "2GT": {
        "STL": (STL,), "STMG": (STMG,), "STL STMG": (STL, STMG), "music STL voc": (MUSIC, STL, SHORT),
        "voc": (SHORT,),
        "4 of general": (Choice("1GEN", details=FOUR),),
        "3 of general": (Choice("1GEN", details=FOUR[:3]),),
        "5 of general, one outside": (Choice("1GEN", details=(*FOUR, "LLCA:HORS")),),
        "3 of general, one outside": (Choice("1GEN", details=("MATHS", "PC", "LLCA:HORS")), STL),
    },
}  # fmt: skip
ODD: dict[str, Lists] = {
    "3E": {
        "nothing": (), "GT twice": (GT, GT), "of 2de GT": (STL,), "GT text": (Choice("2GT", free_text="STHR"),),
        "long text": (Choice("CAP", free_text="x" * 201),), "GT status": (Choice("2GT", apprentice_status=True), PRO),
        "pro kind": (Choice("2PRO", details=("1PRO",)),), "four": (GT, PRO, CAP, GT),
        "GT series": (Choice("2GT", "STL"),),
    },
    "2GT": {
        "nothing": (), "STL twice": (STL, STL), "of 3e": (GT,), "no series": (Choice("1TECHNO"),),
        "odd series": (Choice("1TECHNO", "STX"),), "music kind": (Choice("1BTMUS", details=("1PRO",)),),
        "no kind": (Choice("VOIEPRO"),), "two kinds": (Choice("VOIEPRO", details=("1PRO", "CAP")),),
        "subject twice": (Choice("1GEN", details=("MATHS", "MATHS", "PC", "SVT")),),
        "odd subject": (Choice("1GEN", details=("MATHS", "LATIN", "PC", "SVT")),), "none": (Choice("1GEN"),),
        "same in and out": (Choice("1GEN", details=("MATHS", "MATHS:HORS", "PC")),),
        "music text": (Choice("1BTMUS", free_text="x"),),
    },
}  # fmt: skip
OPINIONS = ("Favorable", "Réservé", "Défavorable")


def values(phase: str, asked: list[Key], usual: list[Key]) -> st.SearchStrategy[dict[Key, str]]:
    """What a council says of each pathway asked for, and perhaps of another one."""
    said = st.sampled_from(OPINIONS if phase == PROVISIONAL else ("OUI", "OUI", "NON"))
    one = dict.fromkeys(asked, said)
    beside = {key: said for key in usual if key not in asked}
    return st.fixed_dictionaries(one or {usual[1]: said}, optional=beside if one else {})


def keys_of(level: str) -> list[Key]:
    """The two pathways of the level's stories."""
    return [choices[0].key for choices in list(LISTS[level].values())[:2]]


def answers(said: Any) -> st.SearchStrategy[tuple[str, frozenset[Key]]]:
    """An answer to what is proposed, seldom to what is not."""
    keys = sorted(said.values) if said else [GT.key]
    yes = [key for key in keys if said and said.values[key] == "OUI"]
    some = st.frozensets(st.sampled_from(yes), min_size=1) if yes else st.just(frozenset())
    odd = st.tuples(st.sampled_from(["ACCEPTED", "REFUSED"]), st.frozensets(st.sampled_from(keys), max_size=2))
    return st.one_of(st.tuples(st.just("ACCEPTED"), some), st.just(("REFUSED", frozenset())), odd)


def one_open_act(both: Both, data: st.DataObject) -> None:
    """One of the acts that the model leaves open now; nothing when there is none."""
    model = both.model
    acts: list[tuple[str, str]] = []
    for who in model.people:
        acts += [(who, phase) for phase in (PROVISIONAL, DEFINITIVE) if not model.refusals_to_enter(who, phase)]
        acts += [
            (who, f"object {phase}") for phase in (PROVISIONAL, DEFINITIVE) if not model.refusals_to_object(who, phase)
        ]
        acts += [(who, "acknowledge")] if not model.refusals_to_acknowledge(who) else []
        acts += [(who, "answer")] if not model.refusals_to_answer(who) else []
        acts += [(who, "agree")] if not model.refusals_to_agree(who) else []
    if not acts:
        return
    who, act = data.draw(st.sampled_from(acts))
    if act == "acknowledge":
        both.acknowledge(who)
    elif act.startswith("object "):
        both.object(who, act.removeprefix("object "))
    elif act == "agree":
        both.agree(who, data.draw(st.sampled_from([True, True, False])))
    elif act == "answer":
        both.answer(who, *data.draw(answers(model.visible(DEFINITIVE))))
    else:
        lists = LISTS[model.level]
        both.enter(who, act, lists[data.draw(st.sampled_from(list(lists)[:2]))])


def until(both: Both, chapter: str) -> None:
    """Where the example begins: after the steps of this chapter."""
    for step in CHAPTERS[chapter]:
        step(both)
        both.agree_on_everything()


def author(both: Both) -> str:
    return PUPIL if both.model.of_age() else "mother"


def first(both: Both) -> tuple[Choice, ...]:
    return next(iter(LISTS[both.model.level].values()))


def second(both: Both) -> tuple[Choice, ...]:
    return list(LISTS[both.model.level].values())[1]


def said(both: Both, *values: str) -> dict[Key, str]:
    return dict(zip(keys_of(both.model.level), values, strict=True))


def _entered(both: Both) -> None:
    both.is_now(DURING_INTENTIONS)
    both.enter(author(both), PROVISIONAL, first(both))


def _opinions(both: Both) -> None:
    both.night()
    both.is_now(OPINIONS_OPEN)
    both.open_council(PROVISIONAL)
    both.tick()
    both.say(PROVISIONAL, said(both, "Réservé", "Favorable"))
    both.night()
    both.is_now(DURING_OPINIONS)


def _acknowledged(both: Both) -> None:
    both.acknowledge(author(both))


def _chosen(both: Both) -> None:
    both.is_now(DURING_CHOICES)
    both.enter(author(both), DEFINITIVE, first(both))


def _proposals(both: Both) -> None:
    both.night()
    both.is_now(DURING_PROPOSALS - timedelta(days=2))
    both.open_council(DEFINITIVE)
    both.tick()
    both.say(DEFINITIVE, said(both, "NON", "OUI"))
    both.night()
    both.is_now(DURING_PROPOSALS)


def _answered(both: Both) -> None:
    both.answer(author(both), "ACCEPTED", frozenset({keys_of(both.model.level)[1]}))


def _too_late(both: Both) -> None:
    """A second version on the day of the council, which Siècle does not process (SIE-03)."""
    both.night()
    both.enter(author(both), PROVISIONAL, second(both))
    both.tick()
    both.open_council(PROVISIONAL)
    both.night()


def _second_version(both: Both) -> None:
    """The entry changed in time: the last version is the one examined (ENT-09)."""
    both.enter(author(both), PROVISIONAL, second(both))
    both.night()
    both.open_council(PROVISIONAL)


def _typed(both: Both) -> None:
    """The family does not use the service: the school types its requests itself (SIE-10)."""
    both.is_now(DURING_INTENTIONS)
    both.type_entry(PROVISIONAL, first(both))


def _typed_choices(both: Both) -> None:
    both.is_now(DURING_CHOICES)
    both.type_entry(DEFINITIVE, first(both))


USUAL = (_entered, _opinions, _acknowledged, _chosen, _proposals, _answered)
CHAPTERS: dict[str, tuple[Callable[[Both], None], ...]] = {
    "start": (),
    "entered": USUAL[:1],
    "second version": (*USUAL[:1], _second_version),
    "too late": (*USUAL[:1], _too_late),
    "opinions": USUAL[:2],
    "acknowledged": USUAL[:3],
    "chosen": USUAL[:4],
    "proposals": USUAL[:5],
    "answered": USUAL,
    "typed opinions": (_typed, _opinions),
    "typed proposals": (_typed, _opinions, _acknowledged, _typed_choices, _proposals),
}
