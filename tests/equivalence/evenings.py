"""What families, the school and imports do an hour before a night; and what Siècle then answers of what goes out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from django.core.exceptions import ObjectDoesNotExist
from hypothesis import strategies as st

from families.models import Guardianship
from ledger import clock
from orientation import actions
from orientation.reading import load_facts
from orientation.rules import RuleBroken
from siecle_sync import contract
from tests import factories
from tests.equivalence.siecle import Verdict
from tests.equivalence.world import PROVISIONAL, World, answers, statement

Judge = Callable[[tuple[str, ...]], Verdict]
VERDICTS = [
    (contract.ACCEPTED, ""), (contract.ACCEPTED, ""), (contract.REJECTED, "UNKNOWN_PUPIL"),
    (contract.NOT_PROCESSED, "COUNCIL_OPEN"),
]  # fmt: skip


def judges() -> st.SearchStrategy[Judge]:
    """Siècle’s answer to each line: the same whatever the number and the place of the line in the deposit."""
    verdicts = st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=5)
    return verdicts.map(lambda said: lambda told: said[crc32(repr(told).encode()) % len(said)])


@dataclass(frozen=True)
class Act:
    """One act about a pupil; the rules may refuse it."""

    verb: str
    number: int
    which: int

    def done(self, world: World) -> None:
        try:
            VERBS[self.verb](world, self.number, self.which)
        except (RuleBroken, LookupError, ObjectDoesNotExist):
            pass


def enters(world: World, number: int, which: int) -> None:
    world.enters(number, PROVISIONAL, which)


def acknowledges(world: World, number: int, which: int) -> None:
    said = statement(world, number, PROVISIONAL)
    dossier = world.families[number].dossier.uuid
    actions.acknowledge(dossier=dossier, statement=said.uuid, by=world.actor(number))


def answers_proposals(world: World, number: int, which: int) -> None:
    answers(world, number, "ACCEPTED", which) if which else answers(world, number, "REFUSED")


def agrees(world: World, number: int, which: int) -> None:
    """Another representative says « oui », seldom « non »."""
    family = world.families[number]
    said = load_facts(family.dossier.uuid).statements[-1].family_answer
    if said is not None:
        by = factories.actor(family.father)
        actions.agree(dossier=family.dossier.uuid, answer=said.uuid, agrees=which > 0, by=by)


def moves(world: World, number: int, which: int) -> None:
    factories.changes_division(world.families[number], ("3 A", "3 B", "3 D", "3 C")[which])


def leaves(world: World, number: int, which: int) -> None:
    factories.leaves(world.families[number])


def loses_authority(world: World, number: int, which: int) -> None:
    """As an import of Siècle’s files does; the pen of who lost it is released by the night."""
    family = world.families[number]
    Guardianship.objects.filter(student=family.student, representative=family.parents[which % 2]).update(
        ended_on=clock.now().date()
    )


VERBS: dict[str, Callable[[World, int, int], Any]] = {
    "enters": enters, "acknowledges": acknowledges, "answers": answers_proposals, "agrees": agrees, "moves": moves,
    "leaves": leaves, "loses": loses_authority,
}  # fmt: skip


@st.composite
def evenings(draw: Any, world: World) -> list[Act]:
    acts = st.builds(Act, st.sampled_from(list(VERBS)), st.integers(0, 7), st.integers(0, 3))
    return draw(st.lists(acts, max_size=4))
