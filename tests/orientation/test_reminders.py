"""Reminders, from the hour's task to the letter (MAI-08): to whom, which mornings, once, and nothing false."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection

from families.models import Representative
from ledger.models import JournalEntry, OutgoingEmail, Priority
from orientation import actions, tasks
from orientation.actions import remind_family
from orientation.actions.calendar import extend_window
from orientation.actions.remind import ALONE, REMINDING
from orientation.enums import Phase
from orientation.rules import Refusal, RuleBroken
from tests import factories
from tests.factories import (
    DURING_INTENTIONS,
    INTENTIONS_CLOSE,
    Family,
    actor,
)
from tests.orientation.letter_box import enter, named_family
from tests.orientation.reminded import keys, morning, to

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
PROVISIONAL = Phase.PROVISIONAL


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return named_family()


def test_the_three_mornings_and_no_other(family: Family, at: At) -> None:
    said: dict[int, set[str]] = {}
    for days in range(20, -1, -1):
        at(morning(INTENTIONS_CLOSE, days))
        before = set(OutgoingEmail.objects.values_list("pk", flat=True))
        tasks.remind()
        rows = OutgoingEmail.objects.exclude(pk__in=before)
        said[days] = set(rows.values_list("data__when", flat=True))
    assert {days: when for days, when in said.items() if when} == {7: {"J7"}, 2: {"J2"}, 0: {"J0"}}
    assert OutgoingEmail.objects.count() == 6
    assert set(OutgoingEmail.objects.values_list("priority", flat=True)) == {Priority.REMINDER}


@pytest.mark.parametrize(("hour", "written"), [(5, 0), (6, 0), (7, 2), (8, 2), (10, 2), (11, 0), (18, 0)])
def test_from_eight_at_the_school_and_until_noon_if_the_service_was_stopped(
    family: Family, at: At, hour: int, written: int
) -> None:
    at(morning(INTENTIONS_CLOSE, 2).replace(hour=hour))
    assert tasks.remind() == written == OutgoingEmail.objects.count()


def test_each_school_has_its_own_morning(family: Family, at: At) -> None:
    there = factories.family(of=factories.division(factories.school(own_timezone="Indian/Reunion")))
    at("2026-02-20T08:05+04:00")
    tasks.remind()
    assert keys() == to(there, *there.parents, need="ENTER", when="J0")
    at("2026-02-20T08:05+01:00")
    tasks.remind()
    assert keys() == to(there, *there.parents, need="ENTER", when="J0") | to(
        family, *family.parents, need="ENTER", when="J0"
    )


def test_who_has_validated_is_reminded_of_nothing_and_the_others_are(family: Family, at: At) -> None:
    late = factories.family(of=family.student.division)
    enter(family, family.mother, PROVISIONAL)
    at(morning(INTENTIONS_CLOSE, 2))
    tasks.remind()
    assert keys() == to(late, *late.parents, need="ENTER", when="J2")


def test_a_school_that_is_switched_off_reminds_nobody(family: Family, at: At) -> None:
    school = family.student.school
    head = factories.staff(school)
    at(morning(INTENTIONS_CLOSE, 3))
    off = {"campaign": family.dossier.campaign, "school": school, "user": head, "by": actor(family.mother)}
    actions.switch_service(**off, enabled=False)
    at(morning(INTENTIONS_CLOSE, 2))
    assert tasks.remind() == 0
    actions.switch_service(**off, enabled=True)
    assert tasks.remind() == 2


def test_a_council_already_open_reminds_nobody_of_its_division(family: Family, at: At) -> None:
    factories.council(family, opened_at=INTENTIONS_CLOSE - timedelta(days=4))
    other = factories.family(of=factories.division(family.student.school, "3 B"))
    at(morning(INTENTIONS_CLOSE, 2))
    tasks.remind()
    assert keys() == to(other, *other.parents, need="ENTER", when="J2")


@pytest.mark.parametrize("scope", ["academy", "school", "division"])
def test_an_extension_moves_the_mornings_of_those_it_concerns(family: Family, at: At, scope: str) -> None:
    where = {
        "academy": {}, "school": {"school": family.student.school}, "division": {"division": family.student.division},
    }[scope]  # fmt: skip
    at(morning(INTENTIONS_CLOSE, 1))
    extend_window(
        campaign=family.dossier.campaign, phase=PROVISIONAL, kind="ENTRY", closes_at=INTENTIONS_CLOSE + timedelta(3),
        reason="panne", user=factories.staff(family.student.school), by=actor(family.mother), **where,
    )  # fmt: skip
    at(morning(INTENTIONS_CLOSE))
    assert tasks.remind() == 0
    at(morning(INTENTIONS_CLOSE, -1))
    tasks.remind()
    assert keys() == to(family, *family.parents, need="ENTER", when="J2")


def test_the_school_s_own_closing_moves_its_mornings(family: Family, at: At) -> None:
    other, closing = factories.family(), datetime(2026, 2, 6, 17, tzinfo=UTC)
    actions.set_closing(
        campaign=family.dossier.campaign, school=family.student.school, phase=PROVISIONAL, closes_at=closing,
        user=factories.staff(family.student.school), by=actor(family.mother),
    )  # fmt: skip
    at(morning(closing))
    tasks.remind()
    assert keys() == to(family, *family.parents, need="ENTER", when="J0")
    at(morning(INTENTIONS_CLOSE))
    tasks.remind()
    assert keys() == to(family, *family.parents, need="ENTER", when="J0") | to(
        other, *other.parents, need="ENTER", when="J0"
    )


def test_the_same_morning_again_writes_nothing_more(family: Family, at: At) -> None:
    at(morning(INTENTIONS_CLOSE, 7))
    tasks.remind()
    assert tasks.remind() == 0
    at(morning(INTENTIONS_CLOSE, 7) + timedelta(minutes=40))
    assert tasks.remind() == 0
    assert OutgoingEmail.objects.count() == 2


class Killed(BaseException):
    """As SIGKILL: nothing of ours runs after it."""


def test_killed_half_way_and_run_again_it_writes_the_same_letters_none_twice(
    family: Family, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [factories.family(of=family.student.division) for _ in range(4)]
    whole = {one for of in (family, *more) for one in to(of, *of.parents, need="ENTER", when="J2")}
    at(morning(INTENTIONS_CLOSE, 2))
    monkeypatch.setattr("orientation.actions.remind.SLICE", 2)
    written: list[str] = []

    def dies_at_the_second(execute: Any, sql: str, *rest: Any) -> Any:
        written.extend(["slice"] if 'INSERT INTO "ledger_outgoingemail"' in sql else [])
        if len(written) == 2:
            raise Killed
        return execute(sql, *rest)

    with connection.execute_wrapper(dies_at_the_second), pytest.raises(Killed):
        tasks.remind()
    assert len(keys()) == 4
    assert tasks.remind() == 6
    assert keys() == whole and OutgoingEmail.objects.count() == len(whole)


def test_a_worker_leaves_to_another_the_campaign_where_it_is_already(family: Family, at: At) -> None:
    at(morning(INTENTIONS_CLOSE, 2))
    elsewhere = psycopg2.connect(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    try:
        elsewhere.cursor().execute(ALONE, [REMINDING, family.dossier.campaign_id])
        assert tasks.remind() == 0
        elsewhere.rollback()
        assert tasks.remind() == 2
    finally:
        elsewhere.close()


def test_a_reminder_waits_for_its_school_s_minute_but_not_on_the_last_day(
    family: Family, at: At, settings: Any
) -> None:
    settings.LETTER_WAVE_MINUTES = 90
    others = [factories.family() for _ in range(5)]
    waits: dict[int, set[timedelta]] = {}
    for days in (7, 0):
        now = morning(INTENTIONS_CLOSE, days)
        at(now)
        tasks.remind()
        rows = OutgoingEmail.objects.filter(created_at=now)
        assert rows.count() == 2 * (1 + len(others))
        waits[days] = {one.not_before - now for one in rows}
    assert len(waits[7]) > 1 and max(waits[7]) <= timedelta(minutes=90)
    assert waits[0] == {timedelta(0)}


# --- by the school ------------------------------------------------------------------------------------------------
def asks(family: Family) -> int:
    return remind_family(dossier=family.dossier.uuid, by=actor(family.mother))


def refused(family: Family) -> str:
    with pytest.raises(RuleBroken) as broken:
        asks(family)
    return broken.value.code


def test_a_reminder_by_the_school_takes_the_place_of_the_next_one(family: Family, at: At) -> None:
    at(morning(INTENTIONS_CLOSE, 12))
    assert asks(family) == 2
    assert keys() == to(family, *family.parents, need="ENTER", when="J7")
    at(morning(INTENTIONS_CLOSE, 7))
    tasks.remind()
    assert OutgoingEmail.objects.count() == 2
    at(morning(INTENTIONS_CLOSE, 2))
    tasks.remind()
    assert OutgoingEmail.objects.count() == 4


def test_on_the_day_itself_it_takes_the_place_of_the_following_one_once_the_morning_is_over(
    family: Family, at: At
) -> None:
    at(morning(INTENTIONS_CLOSE, 2) + timedelta(hours=4))
    asks(family)
    assert keys() == to(family, *family.parents, need="ENTER", when="J0")
    at(morning(INTENTIONS_CLOSE))
    tasks.remind()
    assert OutgoingEmail.objects.count() == 2
    assert asks(family) == 2
    assert {when[0] for _, _, _, when in keys()} == {"J", "M"}


def test_who_was_not_reminded_by_the_school_still_is_by_the_service(family: Family, at: At) -> None:
    at(morning(INTENTIONS_CLOSE, 12))
    asks(family)
    newcomer = factories.representative(family.student)
    at(morning(INTENTIONS_CLOSE, 7))
    tasks.remind()
    assert keys() == to(family, *family.parents, newcomer, need="ENTER", when="J7")


def test_the_school_does_not_remind_twice_the_same_day_of_its_own(family: Family, at: At) -> None:
    at("2026-02-03T10:00+01:00")
    asks(family)
    at("2026-02-03T23:50+01:00")
    assert refused(family) == Refusal.ALREADY_REMINDED
    assert OutgoingEmail.objects.count() == 2
    at("2026-02-04T00:10+01:00")
    assert asks(family) == 2
    assert JournalEntry.objects.filter(verb="family_reminded", dossier_uuid=family.dossier.uuid).count() == 2


def test_the_school_reminds_nobody_who_has_nothing_to_do_or_no_address(family: Family, at: At) -> None:
    people = type(family.mother).objects.filter(pk__in=[one.pk for one in family.parents])
    people.update(email_refused_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert refused(family) == Refusal.NOBODY_TO_REMIND
    people.update(email_refused_at=None)
    enter(family, family.mother, PROVISIONAL)
    assert refused(family) == Refusal.NOTHING_TO_REMIND
    assert not OutgoingEmail.objects.filter(kind="reminder").exists()


def test_a_school_that_reminds_before_a_late_run_takes_its_place(family: Family, at: At) -> None:
    at(morning(INTENTIONS_CLOSE, 2) + timedelta(hours=2))
    asks(family)
    at(morning(INTENTIONS_CLOSE, 2) + timedelta(hours=3))
    assert tasks.remind() == 2
    assert keys() == to(family, *family.parents, need="ENTER", when="J2")
    assert OutgoingEmail.objects.count() == 2


def test_a_morning_reminded_at_its_hour_is_not_reminded_again_before_noon(family: Family, at: At) -> None:
    for hours in range(4):
        at(morning(INTENTIONS_CLOSE, 2) + timedelta(hours=hours))
        tasks.remind()
    assert OutgoingEmail.objects.count() == 2


def test_a_pupil_of_age_whose_address_refuses_our_letters_is_not_reached(at: At) -> None:
    at("2026-02-03T12:00+01:00")
    alone = factories.family(parents=1, birth_date="2007-01-01")
    Representative.objects.filter(pk=alone.mother.pk).update(email="")
    account = alone.student.user
    account.email, account.email_refused_at = "eleve@exemple.invalid", datetime(2026, 1, 1, tzinfo=UTC)
    account.save()
    assert refused(alone) == Refusal.NOBODY_TO_REMIND
    account.email_refused_at = None
    account.save()
    assert asks(alone) == 1
