"""The three most delicate kills, of real processes; `make chaos` plays every other one."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from siecle_sync import contract
from siecle_sync.steps import Step
from tests.chaos.dump import differences
from tests.chaos.servers import ROOT
from tests.chaos.stage import Stage, stage
from tests.chaos.victims import VICTIMS
from tests.chaos.without import GUARDS

pytestmark = [pytest.mark.concurrency, pytest.mark.xdist_group("chaos")]
KINDS = """
SELECT DISTINCT jsonb_object_keys((counters->'out'->'by_kind') || (counters->'in'->'by_kind'))
FROM siecle_sync_run WHERE night_on = '2026-04-29'
"""
CODES = """
SELECT DISTINCT l.code FROM siecle_sync_runline l JOIN siecle_sync_run r ON r.id = l.run_id
WHERE r.night_on = '2026-04-29'
"""


@pytest.fixture(scope="module")
def theatre() -> Iterator[Stage]:
    with stage() as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(theatre: Stage) -> Counter[str]:
    return theatre.play()


def test_the_night_of_the_trials_has_every_kind_of_line_to_exchange(theatre, undisturbed):
    kinds = {kind for (kind,) in theatre.ask(KINDS)}
    assert kinds >= {*contract.SENT, *contract.RECEIVED} - {contract.DIVISION}
    codes = {code for (code,) in (*theatre.ask(CODES), *theatre.ask("SELECT code FROM siecle_sync_heldline"))}
    assert codes >= {"COUNCIL_OPEN", "UNKNOWN_PUPIL", "UNKNOWN_PATHWAY"}
    assert theatre.broken() == []


@pytest.mark.parametrize(
    ("step", "victim"), [("DEPOSITED", "simulator"), ("RECORDING", "postgres"), ("MERGED", "worker")]
)
def test_night_killed_at_a_step_ends_as_if_nothing_had_happened(theatre, undisturbed, step, victim):
    assert differences(undisturbed, theatre.play(VICTIMS[victim], step=step)) == []
    assert theatre.broken() == []


def test_documentation_says_what_a_stop_leaves_at_each_step():
    said = (ROOT / "docs" / "echange-siecle.md").read_text().split("## Les étapes, et ce qu’un arrêt y laisse")[1]
    assert re.findall(r"^\| `([A-Z]+)` \|", said, re.MULTILINE) == Step.values


def test_each_guard_that_the_controls_of_make_chaos_take_out_is_still_in_the_program():
    assert [guard.name for guard in GUARDS if guard.text not in (ROOT / guard.file).read_text()] == []
