"""The night, by sets, and the single acts write the same: rows, history, letters, and what becomes of each line.

`make test` plays some dozens of random nights, `make fuzz` thousands. A failure prints the shortest batch that shows
it, and the seed to play it again: `SEED=… make test ARGS=tests/equivalence`.
"""

import logging
import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as conf
from django.db import transaction
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from ledger import clock
from ledger.journal import SYSTEM
from orientation.actions import decide_agreed, open_dossiers, place_acts, release_lost_pens
from siecle_sync import contract
from siecle_sync.models import HeldLine, RunLine
from siecle_sync.partition import ranges_of
from tests.equivalence.batches import Known, batches
from tests.equivalence.dump import Dump, differences, dump
from tests.equivalence.evenings import Judge, evenings, judges
from tests.equivalence.reading import Line
from tests.equivalence.receipts import exchange, identity, of_families
from tests.equivalence.reference import merge
from tests.equivalence.siecle import Row, listening
from tests.equivalence.world import World, tell

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "test")
EXAMPLES = {"test": 8, "fuzz": 800}[PROFILE]
SEED = int(os.environ.get("SEED") or {"test": 20260301}.get(PROFILE, random.randrange(10**9)))
set_hypothesis_home_dir(conf.BASE_DIR / ".data" / "hypothesis")
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
TOTALS = ("read", "accepted", "rejected", "unchanged")
# refused for a reason that may cease: asked again the next night
WAITS = {
    "UNKNOWN_PUPIL", "UNKNOWN_DIVISION", "UNKNOWN_ENTRY", "UNKNOWN_STATEMENT", "UNKNOWN_VALUE", "TOO_MANY",
    "FUTURE_DATE", "COUNCIL_NOT_OPEN", "NOTHING_TO_CHANGE", "NOTHING_TO_APPEAL",
}  # fmt: skip
NIGHTS = {
    "january": [datetime(2026, 2, 19, 1, tzinfo=UTC)],
    "march": [
        datetime(2026, 2, 26, 1, tzinfo=UTC),  # before the consultation begins
        datetime(2026, 3, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 3, 16, tzinfo=UTC),  # by day
    ],
    "june": [
        datetime(2026, 6, 6, 0, tzinfo=UTC),
        datetime(2026, 6, 6, 3, 30, tzinfo=UTC),  # the school overseas is in its turn the day when its pupil is of age
        datetime(2026, 6, 8, 14, tzinfo=UTC),
        datetime(2026, 6, 14, 0, tzinfo=UTC),  # after the consultation
    ],
}
ALL_AT_ONCE, A_PART_A_SCHOOL = 20_000, 1
ONE = {"acceptances": "ONE", "max_choices": 2, "opinion_change": "AGAIN", "recap_when": "VALIDATION"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("story", "level", "pupils", "policies"),
    [
        ("january", "3E", A_PART_A_SCHOOL, {}),
        ("march", "3E", ALL_AT_ONCE, {}),
        ("march", "2GT", A_PART_A_SCHOOL, {}),
        ("june", "3E", A_PART_A_SCHOOL, ONE),
        ("june", "3E", ALL_AT_ONCE, {"answered_by": "ALL"}),
        ("june", "2GT", ALL_AT_ONCE, {}),
    ],
)
def test_a_night_writes_what_the_single_acts_write(
    story: str, level: str, pupils: int, policies: dict[str, Any], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="siecle_sync")
    print(f"SEED={SEED}")  # noqa: T201 (shown when the test fails)
    settings.NIGHT_PART_PUPILS = pupils
    with listening() as siecle:
        settings.SIECLE_BASE_URL = siecle.url
        world = tell(level, story, policies, siecle)
        play(world, Known.of(world), NIGHTS[story])


def play(world: World, known: Known, nights: list[datetime]) -> None:
    @SETTINGS
    @seed(SEED)
    @given(data=st.data(), at=st.sampled_from(nights))
    def one(data: st.DataObject, at: datetime) -> None:
        with transaction.atomic():
            clock.freeze(at - timedelta(hours=1))
            for act in data.draw(evenings(world)):
                act.done(world)
            clock.freeze(at)
            rows, judge = data.draw(batches(world, known, at)), data.draw(judges())
            by_sets = undone(lambda: by_the_night(world, rows, judge, at))
            by_acts = undone(lambda: by_the_reference(world, rows, judge, at))
            transaction.set_rollback(True)
        found = differences(by_sets, by_acts)
        assert not found, found

    one()


def undone(act: Callable[[], Dump]) -> Dump:
    with transaction.atomic():
        said = act()
        transaction.set_rollback(True)
    return said


def by_the_night(world: World, rows: list[Row], judge: Judge, at: datetime) -> Dump:
    world.siecle.feed[world.seq :] = rows
    run = world.night(at, lambda line: judge(identity(line)))
    del world.siecle.feed[world.seq :]
    signalled = RunLine.objects.filter(run=run, direction="IN").values_list("seq", "outcome", "code")
    refused = RunLine.objects.filter(run=run, direction="OUT").exclude(kind__in=contract.ROSTER)
    return {
        **dump(),
        "sent": of_families(world.siecle.sent),
        "not accepted": Counter(refused.values_list("kind", "eleve_id", "outcome", "code")),
        "schools": Counter(run.schools.filter(direction="IN").values_list("uai", *TOTALS)),
        "signalled": Counter(signalled),
        "waiting": Counter(HeldLine.objects.values_list("seq", "code")),
    }


def by_the_reference(world: World, rows: list[Row], judge: Judge, at: datetime) -> Dump:
    """What the night does before any line crosses is done by actions."""
    open_dossiers(by=SYSTEM, academy=world.campaign.academy_id)
    release_lost_pens(by=SYSTEM, academy=world.campaign.academy_id)
    decide_agreed(campaign=world.campaign, by=SYSTEM)
    place_acts(world.campaign)
    sent = [one.identity for one in exchange(world.campaign, judge, at)]
    refused = [(one, judge(one)) for one in sent if judge(one)[0] != contract.ACCEPTED]
    parts = [world.siecle.of(rows, where) for where in ranges_of(world.campaign)]
    lines = [line for part in parts for line in merge(part, world.campaign)]
    return {
        **dump(),
        "sent": Counter(sent),
        "not accepted": Counter((one[0], one[3], *verdict) for one, verdict in refused),
        "schools": Counter(school(uai, lines) for uai in {line.uai for line in lines}),
        "signalled": Counter((line.seq, line.outcome, line.code) for line in lines if line.code),
        "waiting": Counter((line.seq, line.code) for line in lines if line.code in WAITS),
    }


def school(uai: str, lines: list[Line]) -> tuple[str | int, ...]:
    """What became of its lines, in the order of TOTALS."""
    fates = Counter(line.outcome.lower() for line in lines if line.uai == uai)
    return (uai, fates.total(), *(fates[name] for name in TOTALS[1:]))
