"""What Siècle says through its callback while a night merges what it fetched before (SIE-01, SIE-05, CAL-06)."""

from datetime import timedelta

import pytest
from django.db.models import F

from ledger import clock
from orientation.models import CouncilStatement, StatementWithdrawal
from siecle_sync.mock import desk, feed
from siecle_sync.models import Run, RunLine
from tests import factories
from tests.concurrency.two import Stop, outcome, two, waits
from tests.siecle_sync import world
from tests.siecle_sync.world import SECOND_NIGHT

pytestmark = [pytest.mark.django_db(transaction=True, databases=world.BOTH), pytest.mark.concurrency]
THIRD_NIGHT = SECOND_NIGHT + timedelta(days=1)
# the lines are checked, the dossiers not locked yet; then the opinions are about to be written
BEFORE_LOCKING, BEFORE_WRITING = "FOR UPDATE) locked", "INSERT INTO orientation_councilstatement "


def of_another_division(home: factories.Family) -> factories.Family:
    """A pupil of « 3 B » in the same school, whose opinion is known too."""
    clock.freeze(SECOND_NIGHT + timedelta(hours=10))
    other = factories.family(of=factories.division(home.student.school, "3 B"))
    world.night(SECOND_NIGHT + timedelta(hours=24))
    world.opens(other, at=SECOND_NIGHT + timedelta(hours=34))
    world.says(other, ("2GT", "Favorable"))
    world.night(THIRD_NIGHT + timedelta(days=1))
    clock.freeze(THIRD_NIGHT + timedelta(days=1, hours=10))
    return other


@pytest.mark.parametrize("told", [pytest.param(True, id="told while it waits"), pytest.param(False, id="control")])
def test_a_reset_that_the_callback_brings_while_the_night_waits_is_known_to_it(told, settings):
    """Its school's opinions change in mass: what was taken already is not said to wait with them."""
    settings.NIGHT_MASS_CHANGE_LEAST, settings.NIGHT_MASS_CHANGE_SHARE = 2, 0.5
    homes = world.four_read_their_opinions()
    other = of_another_division(homes[0])
    for one in homes:
        world.says(one, ("2GT", "Réservé"))
    settings.SIECLE_BASE_URL = settings.PUBLIC_URL = "http://127.0.0.1:9"
    desk.reset_council(world.division(other), phase="PROVISIONAL")
    settings.SIECLE_BASE_URL = ""
    stop = Stop(BEFORE_LOCKING)
    with two() as run:
        night = run.start(lambda: world.night(THIRD_NIGHT + timedelta(days=2)), stop)
        assert stop.reached.wait(10)
        confirmed = feed.confirm_councils() if told else 0
        stop.go.set()
        played = outcome(night)
    held = list(RunLine.objects.filter(run=played, code="MASS_CHANGE").order_by("seq").values_list("kind", flat=True))
    assert (confirmed, held) == ((1, ["STATEMENT"] * 4) if told else (0, ["STATEMENT"] * 4 + ["COUNCIL"]))
    assert StatementWithdrawal.objects.filter(reason="RESET").count() == confirmed


WITH_AND_WITHOUT_LOCKS = pytest.mark.parametrize(
    "locks",
    [pytest.param(True, id="with locks"), pytest.param(False, id="negative control", marks=pytest.mark.corrupts)],
)


@pytest.fixture
def homes() -> list[factories.Family]:
    """Four pupils of one division: Siècle says another opinion of the first two."""
    four = world.four_read_their_opinions()
    for one in four[:2]:
        world.says(one, ("2GT", "Réservé"))
    return four


@WITH_AND_WITHOUT_LOCKS
def test_a_reset_withdraws_the_opinions_that_a_night_is_writing(homes, locks):
    where = world.division(homes[0])
    stop = Stop(BEFORE_WRITING)
    with two(locks=locks) as run:
        night = run.start(lambda: world.night(THIRD_NIGHT), stop)
        assert stop.reached.wait(10)
        reset = run.start(lambda: desk.reset_council(where, phase="PROVISIONAL"))
        assert waits(reset) is locks
        stop.go.set()
        assert isinstance(outcome(night), Run)
        assert outcome(reset).confirmed_at is not None
    standing = CouncilStatement.objects.filter(withdrawal__isnull=True).count()
    assert standing == (0 if locks else 2)


@WITH_AND_WITHOUT_LOCKS
def test_a_night_waits_for_a_reset_that_has_begun_and_writes_no_opinion_of_that_council(homes, locks):
    where = world.division(homes[0])
    fetched, begun = Stop(BEFORE_LOCKING), Stop('UPDATE "orientation_classcouncil"')
    with two(locks=locks) as run:
        night = run.start(lambda: world.night(THIRD_NIGHT), fetched)
        assert fetched.reached.wait(10)
        reset = run.start(lambda: desk.reset_council(where, phase="PROVISIONAL"), begun)
        assert begun.reached.wait(10)
        fetched.go.set()
        assert waits(night) is locks
        begun.go.set()
        outcome(reset)
        played = outcome(night)
    codes = list(RunLine.objects.filter(run=played).values_list("code", flat=True))
    assert codes == (["COUNCIL_NOT_OPEN"] * 2 if locks else [])
    before = StatementWithdrawal.objects.filter(at__lt=F("statement__received_at"))  # withdrawn before it was known
    assert before.exists() is not locks
