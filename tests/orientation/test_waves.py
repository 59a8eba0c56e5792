"""Results are announced school after school, not to a whole académie at the same minute (MAI-09)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import OutgoingEmail, Priority
from orientation.actions.calendar import set_calendar
from tests import factories
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, FIRST_NIGHT, SECOND_NIGHT

pytestmark = [pytest.mark.django_db(databases=BOTH)]
SIX = datetime(2026, 3, 3, 5, tzinfo=UTC)  # in Paris


@pytest.fixture
def homes() -> list[factories.Family]:
    """Two families of one school, one of each of four others, whose councils have spoken."""
    clock.freeze(DURING_INTENTIONS)
    first = factories.family()
    where = first.student.school.academy
    others = [factories.family(of=factories.division(factories.school(academy=where))) for _ in range(4)]
    homes = [first, factories.family(of=first.student.division), *others]
    for one in homes:
        world.enters(one)
    world.night(FIRST_NIGHT)
    for one in homes:
        world.opens(one)
        world.says(one, ("2GT", "Favorable"))
    return homes


def hours(homes: list[factories.Family]) -> list[set[datetime]]:
    letters = OutgoingEmail.objects.filter(kind="opinions_available")
    return [set(letters.filter(dossier_uuid=one.dossier.uuid).values_list("not_before", flat=True)) for one in homes]


def test_each_school_has_its_minute_and_its_families_the_same(homes: list[factories.Family], settings: Any) -> None:
    settings.LETTER_WAVE_MINUTES = 90
    world.night(SECOND_NIGHT)
    told = hours(homes)
    assert told[0] == told[1]
    assert all(len(one) == 1 for one in told)
    minutes = [one.pop() - SIX for one in told]
    assert all(timedelta() <= one <= timedelta(minutes=90) for one in minutes)
    assert len(set(minutes)) > 2


def test_without_a_wave_everybody_is_told_at_six(homes: list[factories.Family]) -> None:
    world.night(SECOND_NIGHT)
    assert hours(homes) == [{SIX}] * len(homes)
    assert {one.priority for one in OutgoingEmail.objects.filter(not_before=SIX)} == {Priority.RESULT}


def test_a_reading_put_off_keeps_each_school_s_minute(homes: list[factories.Family], settings: Any) -> None:
    settings.LETTER_WAVE_MINUTES = 90
    world.night(SECOND_NIGHT)
    before = hours(homes)
    campaign = homes[0].dossier.campaign
    windows = {(one.phase, one.kind): (one.opens_at, one.closes_at) for one in campaign.windows.all()}
    opens_at = SIX + timedelta(days=1)
    _, closes_at = windows["PROVISIONAL", "CONSULTATION"]
    set_calendar(
        campaign=campaign, windows={**windows, ("PROVISIONAL", "CONSULTATION"): (opens_at, closes_at)}, by=SYSTEM
    )
    assert hours(homes) == [{one + timedelta(days=1) for one in said} for said in before]
