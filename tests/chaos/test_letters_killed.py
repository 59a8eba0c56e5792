"""The three most delicate kills of a letter’s way out, of real processes; `make chaos` plays the others (MAI-07)."""

from collections.abc import Iterator

import pytest

from ledger.mail_steps import LetterStep
from tests.chaos.letters import GUARDS, VICTIMS
from tests.chaos.post_office import IN_WORKER, PostOffice, post_office
from tests.chaos.servers import ROOT

pytestmark = [pytest.mark.concurrency, pytest.mark.xdist_group("chaos")]


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with post_office() as made:
        yield made


@pytest.mark.parametrize(("step", "victim"), [("HANDED", "worker"), ("STORED", "sink"), ("HANDED", "postgres")])
def test_letters_killed_at_a_step_are_never_lost_and_at_most_one_arrives_twice(office, step, victim):
    posted = office.play(VICTIMS[victim], step=step)
    assert posted.wrong() == []
    assert posted.duplicated == 1  # at these steps, the repetition that physics asks for


def test_letters_that_nothing_disturbs_arrive_once(office):
    posted = office.play()
    assert (posted.wrong(), posted.duplicated, len(posted.taken)) == ([], 0, len(posted.told))


def test_every_step_of_a_letter_has_its_kill():
    assert set(IN_WORKER) == set(LetterStep.values)


def test_each_guard_that_the_controls_take_out_is_still_in_the_program():
    assert [guard.name for guard in GUARDS if guard.text not in (ROOT / guard.file).read_text()] == []
