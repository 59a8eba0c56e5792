"""A family goes through the end of each window, morning after morning, and whatever happens in between: those whom the
service reminds are exactly those of whom the model says that they still have something to do (MAI-08).
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ledger.models import OutgoingEmail
from orientation import tasks
from tests.machine import story
from tests.machine.both import PARENTS, Both
from tests.machine.facts import CONSULTATION, DEFINITIVE, ENTRY, PROVISIONAL
from tests.machine.model import Dossier
from tests.machine.test_machine import BOTH, PROFILE, births, levels, phases, policies, zones

SLICES = 2
EXAMPLES = {"test": 4, "fuzz": 100}[PROFILE]
BEFORE = timedelta(days=9)
ENDS = ((PROVISIONAL, ENTRY), (DEFINITIVE, ENTRY), (DEFINITIVE, CONSULTATION))
DAYS = {7: "J7", 2: "J2", 0: "J0"}
Act = Callable[[Both, Any], Any]


# --- what the model says --------------------------------------------------------------------------------------------
def to_remind(model: Dossier) -> set[tuple[str, str, str]]:
    """(who, what, which reminder), this morning."""
    found = {(who, *task) for who in model.people if (task := duty(model, who))}
    return {
        (who, what, DAYS[left]) for who, what, since, end in found if (left := days_left(model, since, end)) in DAYS
    }


def duty(model: Dossier, who: str) -> tuple[str, datetime, datetime] | None:
    """What this person has to do first, since when and until when."""
    if not model.has_a_duty(who):
        return None
    opens, closes = model.window(DEFINITIVE, CONSULTATION)
    said, read = model.visible(DEFINITIVE), model.visible(PROVISIONAL)
    if said:
        return ("AGREE" if said.answer else "ANSWER"), max(opens, said.published), closes
    if read and not model.refusals_to_acknowledge(who):
        since = max(model.window(PROVISIONAL, CONSULTATION)[0], read.published)
        return "ACKNOWLEDGE", since, model.deadline(DEFINITIVE)
    phase = DEFINITIVE if model.must_enter(who, DEFINITIVE) else PROVISIONAL
    return "ENTER", model.window(phase, ENTRY)[0], model.deadline(phase)


def days_left(model: Dossier, since: datetime, end: datetime) -> int | None:
    """Until the last day of which the morning is of some use; none on the day when it began."""
    here = end.astimezone(model.zone)
    last: date = here.date() if here.time() > time(9) else here.date() - timedelta(days=1)
    return None if since.astimezone(model.zone).date() == model.today() else (last - model.today()).days


# --- what happens in a day ------------------------------------------------------------------------------------------
def closes(both: Both, data: Any) -> None:
    hours = data.draw(st.sampled_from([None, 30, 60, 175]))
    both.close(data.draw(phases), None if hours is None else both.model.now + timedelta(hours=hours))


def extends(both: Both, data: Any) -> None:
    phase, kind = data.draw(st.sampled_from(ENDS))
    end = max(both.model.window(phase, kind)[1], both.model.now)
    scope = data.draw(st.sampled_from(["academy", "school", "3 A", "3 C"]))
    both.extend(phase, kind, scope, end + timedelta(days=data.draw(st.integers(1, 4))))


def authority(both: Both, data: Any) -> None:
    who, legal = data.draw(st.sampled_from(PARENTS)), both.model.legal
    if who in legal and len(legal) > 1:
        both.loses_authority(who)
    elif who not in legal:
        both.gains_authority(who)


def says(both: Both, data: Any) -> None:
    phase = data.draw(phases)
    both.say(phase, data.draw(story.values(phase, both.asked(phase), story.keys_of(both.model.level))))


def nothing(both: Both, data: Any) -> None:
    pass


ACTS: list[Act] = [
    *[nothing] * 6, *[story.one_open_act] * 2, closes, extends, authority, says,
    lambda both, data: both.switch(on=data.draw(st.sampled_from([True, True, False]))),
    lambda both, data: both.release_pen(data.draw(phases)),
    lambda both, data: both.lift_gate(),
    lambda both, data: both.moves(data.draw(st.sampled_from(["3 A", "3 B"]))),
    lambda both, data: both.is_enrolled(yes=data.draw(st.sampled_from([True, True, False]))),
    lambda both, data: both.open_council(data.draw(phases)),
    lambda both, data: both.reset_council(data.draw(phases)),
]  # fmt: skip


def a_day(both: Both, data: Any) -> None:
    """Later somebody does something, perhaps; then perhaps the night goes by."""
    both.tick()
    data.draw(st.sampled_from(ACTS))(both, data)
    if data.draw(st.booleans()):
        both.tick()
        both.night()


def mornings(both: Both, data: Any) -> int:
    """Every morning of the end of each window to come; how many reminders were written."""
    for phase, kind in ENDS:
        start = both.model.window(phase, kind)[1] - BEFORE
        if start < both.model.now:
            continue
        both.is_now(start)
        while both.model.now < both.model.window(phase, kind)[1]:
            both.is_now(next_morning(both.model))
            is_reminded(both)
            a_day(both, data)
    return OutgoingEmail.objects.filter(kind="reminder").count()


def next_morning(model: Dossier) -> datetime:
    here = model.now.astimezone(model.zone)
    day = here.date() if here.time() < time(8) else here.date() + timedelta(days=1)
    return datetime.combine(day, time(8, 5), model.zone).astimezone(model.now.tzinfo)


def is_reminded(both: Both) -> None:
    before = set(OutgoingEmail.objects.filter(kind="reminder").values_list("pk", flat=True))
    tasks.remind()
    rows = OutgoingEmail.objects.filter(kind="reminder").exclude(pk__in=before)
    named = {(both.world.name_of(one.recipient_uuid), one.data["need"], one.data["when"]) for one in rows}
    assert (named, len(rows)) == (to_remind(both.model), len(named)), f"at {both.model.now}"
    assert tasks.remind() == 0


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("number", range(SLICES))
def test_each_morning_those_reminded_are_those_who_have_something_to_do(
    number: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="siecle_sync.night")
    written: list[int] = []

    @seed(20260220 + number)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        level=levels, policies=policies, zone=zones, born=births, parents=st.sampled_from([2, 2, 3, 1]),
        chapter=st.sampled_from(list(story.CHAPTERS)), data=st.data(),
    )  # fmt: skip
    def play(level: str, policies: Any, zone: str, born: date, parents: int, chapter: str, data: Any) -> None:
        with ExitStack() as undo:
            for alias in BOTH:
                undo.enter_context(transaction.atomic(using=alias))
            both = Both(
                level=level, offer=frozenset(), zone=zone, born=born, legal=PARENTS[:parents], policies=policies
            )
            story.until(both, chapter)
            written.append(mornings(both, data))
            for alias in BOTH:
                transaction.set_rollback(True, using=alias)

    play()
    assert sum(written) > EXAMPLES  # it was not for nothing
