"""No sequence of acts breaks the rules: the service and an independent model go through them side by side.

`make test` takes about two thousand steps, `make fuzz` a hundred thousand. A failure prints the shortest sequence that
shows it, and the seed to play it again: `SEED=… make test ARGS=tests/machine`
(with `make fuzz`, `SEED=… make fuzz`).
"""

import ast
import logging
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.db import connections, transaction
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from orientation.invariants import check
from orientation.pathways import Choice
from tests.machine import story
from tests.machine.both import PARENTS, STRANGER, Both
from tests.machine.facts import CONSULTATION, DEFINITIVE, ENTRY, PROVISIONAL, PUPIL, Key
from tests.machine.siecle import FAULTS

BOTH = ["default", "siecle_mock"]
SLICES = 4  # as many tests, so that two workers share them
STEPS = 40
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "test")
EXAMPLES = {"test": 12, "fuzz": 625}[PROFILE]
SEED = int(os.environ.get("SEED") or {"test": 20260112}.get(PROFILE, random.randrange(10**9)))
set_hypothesis_home_dir(conf.BASE_DIR / ".data" / "hypothesis")

phases = st.sampled_from([PROVISIONAL, DEFINITIVE])
people = st.sampled_from([*PARENTS, PUPIL, STRANGER])
PAGES = [
    "dossier", f"entry {PROVISIONAL}", f"entry {DEFINITIVE}", f"entry_change {DEFINITIVE}", "opinions", "proposals",
    "agreement", "decision", "history",
]  # fmt: skip
divisions = st.sampled_from(["", "", "3 A", "3 B"])  # "": where Siècle believes that the pupil is
faults = st.sampled_from(["", "", "", *FAULTS])
seldom = st.sampled_from([False, False, False, True])
levels = st.sampled_from(["3E", "3E", "2GT"])
offers = st.sampled_from([frozenset(), frozenset({"MATHS", "PC", "SVT", "NSI"})])
policies = st.fixed_dictionaries(
    {
        "max_choices": st.sampled_from([3, 3, 1, 2, 11]),
        "acknowledgement_by": st.sampled_from(["ANY", "AUTHOR"]),
        "opinion_change": st.sampled_from(["TELL", "AGAIN"]),
        "objection": st.sampled_from(["NONE", "RECORDED"]),
        "answered_by": st.sampled_from(["AUTHOR", "ALL"]),
        "acceptances": st.sampled_from(["SEVERAL", "ONE"]),
        "recap_to": st.sampled_from(["ALL", "AUTHOR"]),
        "recap_when": st.sampled_from(["SIGN_OUT", "VALIDATION"]),
        "free_text": st.sampled_from([True, True, False]),
        "specialties": st.sampled_from([4, 3]),
        "specialties_if_outside": st.sampled_from([5, 4]),
    }
)
births = st.sampled_from([date(2011, 3, 14), date(2011, 3, 14), date(2008, 3, 8), date(2008, 5, 7), date(2008, 6, 6)])
zones = st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Martinique"])


class DossierMachine(RuleBasedStateMachine):
    """One dossier from its first day, or from a later chapter of a usual year."""

    def __init__(self) -> None:
        super().__init__()
        self.sound = True
        self.undo = ExitStack()
        for alias in BOTH:
            self.undo.enter_context(transaction.atomic(using=alias))

    @initialize(
        level=levels, offer=offers, policies=policies, zone=zones, born=births, parents=st.sampled_from([2, 2, 3, 1]),
        chapter=st.sampled_from(list(story.CHAPTERS)),
    )  # fmt: skip
    def a_family(
        self, level: str, offer: frozenset[str], policies: dict[str, Any], zone: str, born: date, parents: int,
        chapter: str,
    ) -> None:  # fmt: skip
        with self.step():
            legal = PARENTS[:parents]
            self.both = Both(level=level, offer=offer, zone=zone, born=born, legal=legal, policies=policies)
            story.until(self.both, chapter)

    @contextmanager
    def step(self) -> Iterator[None]:
        """A step that breaks leaves the database as it is: the end of the example then asks nothing of it."""
        self.sound = False
        if hasattr(self, "both"):
            self.both.tick()
        yield
        self.both.agree_on_everything()
        self.sound = True

    def teardown(self) -> None:
        try:
            if self.sound and hasattr(self, "both"):
                self.last_words()
        finally:
            for alias in BOTH:
                transaction.set_rollback(True, using=alias)
            self.undo.close()

    def last_words(self) -> None:
        """A last night, then nothing written offends an invariant or a deferred constraint."""
        self.both.night()
        self.both.agree_on_everything()
        connections["default"].check_constraints()
        offences = [(one.invariant.id, one.examples) for one in check() if one.violations]
        assert not offences

    # --- the family ---------------------------------------------------------------------------------------------------
    @rule(who=people, phase=phases, data=st.data(), stale=seldom)
    def enters(self, who: str, phase: str, data: st.DataObject, stale: bool) -> None:
        with self.step():
            self.both.enter(who, phase, self.one_of(story.LISTS, data), stale=stale)

    @rule(data=st.data())
    def enters_something_odd(self, data: st.DataObject) -> None:
        with self.step():
            who, phase = data.draw(st.sampled_from(self.open_entries() or [("mother", PROVISIONAL)]))
            self.both.enter(who, phase, self.one_of(story.ODD, data))

    def one_of(self, lists: dict[str, story.Lists], data: st.DataObject) -> tuple[Choice, ...]:
        mine = lists[self.both.model.level]
        return mine[data.draw(st.sampled_from(list(mine)))]

    @rule(who=people, stale=seldom)
    def acknowledges(self, who: str, stale: bool) -> None:
        with self.step():
            self.both.acknowledge(who, stale=stale)

    @rule(who=people, data=st.data(), stale=seldom)
    def answers(self, who: str, data: st.DataObject, stale: bool) -> None:
        with self.step():
            kind, accepted = data.draw(story.answers(self.both.model.visible(DEFINITIVE)))
            self.both.answer(who, kind, accepted, stale=stale)

    @rule(who=people, agrees=st.booleans(), stale=seldom)
    def agrees(self, who: str, agrees: bool, stale: bool) -> None:
        with self.step():
            self.both.agree(who, agrees, stale=stale)

    @rule(data=st.data())
    def somebody_does_what_they_may(self, data: st.DataObject) -> None:
        with self.step():
            story.one_open_act(self.both, data)

    @rule(who=people, phase=phases)
    def objects(self, who: str, phase: str) -> None:
        with self.step():
            self.both.object(who, phase)

    @rule(who=people)
    def signs_out(self, who: str) -> None:
        with self.step():
            self.both.sign_out(who)

    @rule(who=people, page=st.sampled_from(PAGES))
    def reads(self, who: str, page: str) -> None:
        with self.step():
            self.both.read(who, page)

    @rule(who=people)
    def acknowledges_over_http(self, who: str) -> None:
        with self.step():
            self.both.acknowledge_over_http(who)

    @rule(who=people, agrees=st.booleans())
    def agrees_over_http(self, who: str, agrees: bool) -> None:
        with self.step():
            self.both.agree_over_http(who, agrees)

    def open_entries(self) -> list[tuple[str, str]]:
        model = self.both.model
        pairs = [(who, phase) for who in model.people for phase in (PROVISIONAL, DEFINITIVE)]
        return [pair for pair in pairs if not model.refusals_to_enter(*pair)]

    # --- time ---------------------------------------------------------------------------------------------------------
    @rule(which=st.sampled_from([0, 0, 0, 1, 2]), seconds=st.sampled_from([-2, -1, 0, 3600]))
    def time_passes(self, which: int, seconds: int) -> None:
        with self.step():
            coming = self.both.milestones()
            at = coming[min(which, len(coming) - 1)] + timedelta(seconds=seconds)
            self.both.is_now(max(at, self.both.model.now))

    @rule(hours=st.sampled_from([3, 16]))
    def a_while_passes(self, hours: int) -> None:
        with self.step():
            self.both.is_now(self.both.model.now + timedelta(hours=hours))

    @rule(fault=faults)
    def night(self, fault: str) -> None:
        with self.step():
            self.both.night(fault)

    # --- the school ---------------------------------------------------------------------------------------------------
    @rule(phase=phases)
    def head_releases_the_pen(self, phase: str) -> None:
        with self.step():
            self.both.release_pen(phase)

    @rule()
    def head_lifts_the_gate(self) -> None:
        with self.step():
            self.both.lift_gate()

    @rule(on=st.sampled_from([True, True, False]))
    def service_is_switched(self, on: bool) -> None:
        with self.step():
            self.both.switch(on=on)

    @rule(phase=phases, hours=st.sampled_from([None, 1, 30]))
    def school_sets_its_closing(self, phase: str, hours: int | None) -> None:
        with self.step():
            self.both.close(phase, None if hours is None else self.both.model.now + timedelta(hours=hours))

    @rule(phase=phases, kind=st.sampled_from([ENTRY, CONSULTATION]), days=st.integers(0, 4),
          scope=st.sampled_from(["academy", "school", "3 A", "3 C"]))  # fmt: skip
    def academy_extends(self, phase: str, kind: str, days: int, scope: str) -> None:
        with self.step():
            end = max(self.both.model.window(phase, kind)[1], self.both.model.now)
            self.both.extend(phase, kind, scope, end + timedelta(days=days))

    @rule(who=st.sampled_from(PARENTS))
    def authority_is_lost_or_given(self, who: str) -> None:
        with self.step():
            legal = self.both.model.legal
            if who in legal and len(legal) > 1:
                self.both.loses_authority(who)
            elif who not in legal:
                self.both.gains_authority(who)

    @rule(division=st.sampled_from(["3 A", "3 B"]))
    def pupil_moves(self, division: str) -> None:
        with self.step():
            self.both.moves(division)

    @rule(yes=st.sampled_from([True, True, False]))
    def pupil_is_enrolled(self, yes: bool) -> None:
        with self.step():
            self.both.is_enrolled(yes=yes)

    @rule()
    def head_meets_the_family(self) -> None:
        with self.step():
            self.both.meet()

    @rule()
    def family_appeals(self) -> None:
        with self.step():
            self.both.appeal()

    # --- the school in Siècle -----------------------------------------------------------------------------------------
    @rule(division=divisions, phase=phases, told=st.sampled_from([True, True, False]))
    def council_opens(self, division: str, phase: str, told: bool) -> None:
        with self.step():
            self.both.open_council(phase, division=division, told=told)

    @rule(division=divisions, phase=phases, told=st.sampled_from([True, True, False]))
    def council_is_reset(self, division: str, phase: str, told: bool) -> None:
        with self.step():
            self.both.reset_council(phase, division=division, told=told)

    @rule(phase=phases, data=st.data())
    def school_changes_the_entry(self, phase: str, data: st.DataObject) -> None:
        with self.step():
            self.both.change_entry(phase, self.one_of(story.LISTS, data))

    @rule(phase=phases, which=st.integers(0, 1))
    def school_types_an_entry(self, phase: str, which: int) -> None:
        with self.step():
            self.both.type_entry(phase, list(story.LISTS[self.both.model.level].values())[which])

    @rule(phase=phases, data=st.data())
    def council_says(self, phase: str, data: st.DataObject) -> None:
        with self.step():
            self.both.say(phase, data.draw(story.values(phase, self.both.asked(phase), self.usual_keys())))

    @rule(data=st.data())
    def school_records_the_answer(self, data: st.DataObject) -> None:
        with self.step():
            self.both.record_answer(*data.draw(story.answers(self.both.siecle.standing(DEFINITIVE))))

    @rule(origin=st.sampled_from(["HEAD", "APPEAL"]), which=st.integers(0, 1), notified=st.booleans())
    def head_decides(self, origin: str, which: int, notified: bool) -> None:
        with self.step():
            self.both.record_decision(origin, self.usual_keys()[which], notified=notified)

    # a usual year goes on more often than it is upset
    more_of_it = somebody_does_what_they_may
    and_more = somebody_does_what_they_may
    more_time = time_passes
    more_nights = night
    more_councils = council_says

    def usual_keys(self) -> list[Key]:
        return story.keys_of(self.both.model.level)


SETTINGS = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, print_blob=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("number", range(SLICES))
def test_no_sequence_of_acts_breaks_the_rules(number: int, caplog: pytest.LogCaptureFixture) -> None:
    for noisy in ("siecle_sync.night", "django.request"):  # nights that break and acts that are refused, by hundreds
        caplog.set_level(logging.CRITICAL, logger=noisy)
    print(f"SEED={SEED}")  # noqa: T201 (shown when the test fails)
    run_state_machine_as_test(seed(SEED + number)(DossierMachine), settings=SETTINGS)


KNOWN = {
    "dataclasses",
    "datetime",
    "typing",
    "zoneinfo",
    "tests.machine.facts",
    "tests.machine.terms",
    "tests.machine.model",
}


def test_the_model_knows_nothing_of_the_program() -> None:
    for name in ("facts.py", "terms.py", "model.py", "siecle.py"):
        tree = ast.parse((Path(__file__).parent / name).read_text())
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported <= KNOWN
        assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
