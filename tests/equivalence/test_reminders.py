"""The dossiers chosen by sets are all those that the rule reminds: two time zones, hour after hour (MAI-08)."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from ledger import clock
from ledger.models import OutgoingEmail
from orientation import tasks
from orientation.models import Dossier
from orientation.reading import load_many
from orientation.reminders import candidates, letters_of_today
from tests import factories
from tests.equivalence.siecle import listening
from tests.equivalence.world import World, tell

HOURS = range(5, 14)  # UTC: 8 h in Paris, winter and summer, and at Saint-Pierre-et-Miquelon
ENDS = {
    "january": factories.INTENTIONS_CLOSE, "march": factories.CHOICES_CLOSE, "june": factories.PROPOSALS_CLOSE,
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("story", "level", "policies"),
    [
        ("january", "3E", {}),
        ("march", "3E", {"acknowledgement_by": "AUTHOR"}),
        ("march", "2GT", {"opinion_change": "AGAIN"}),
        ("june", "3E", {}),
        ("june", "2GT", {"answered_by": "ALL"}),
    ],
)
def test_no_dossier_that_the_rule_reminds_is_left_out(
    story: str, level: str, policies: dict[str, Any], settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="siecle_sync")
    with listening() as siecle:
        settings.SIECLE_BASE_URL = siecle.url
        world = tell(level, story, policies, siecle)
    first = ENDS[story].replace(hour=0, minute=0) - timedelta(days=9)
    written = [hour_by_hour(world, first + timedelta(days=day, hours=hour)) for day in range(12) for hour in HOURS]
    assert {len(one) > 0 for one in written} == {True, False}


def hour_by_hour(world: World, now: datetime) -> set[str]:
    """The letters of this hour: by the rule on every dossier of a school where it is 8 h, and by the service."""
    clock.freeze(now)
    every = load_many(Dossier.objects.values_list("uuid", flat=True)).values()
    here = [one for one in every if now.astimezone(one.timezone).hour == 8]
    expected = letters_of_today(here, now)
    assert {one.dossier_uuid for one in expected} <= set(candidates(world.campaign, now))
    before = set(OutgoingEmail.objects.values_list("dedup_key", flat=True))
    tasks.remind()
    written = set(OutgoingEmail.objects.values_list("dedup_key", flat=True)) - before
    assert written == {one.dedup_key for one in expected}
    return written
