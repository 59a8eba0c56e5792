"""The benchmarks measure what they say: a campaign that keeps every rule, and a floor that writes what we write."""

from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from benchmarks import compare, dates, floor
from benchmarks.campaign import generate
from benchmarks.day import change_entries, give_opinions, open_councils
from benchmarks.geography import LEVELS, THIRD, places
from families.models import Academy
from ledger import clock
from orientation.inspection import inspect
from orientation.models import CouncilStatement, SiecleReceipt, Submission
from siecle_sync.mock.models import MockOutbound
from siecle_sync.night import run_night

PUPILS = 400


class Undone(Exception):
    """Takes back what a night wrote."""


def written(seed: int) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            rows = generate(cursor, PUPILS, seed=seed, academies=3, checked=True, quiet=True)
            raise Undone
    except Undone:
        return rows.digest.hexdigest()


@pytest.mark.django_db
def test_the_same_seed_writes_the_same_campaign_and_another_one_another() -> None:
    assert written(7) == written(7) != written(8)


@pytest.mark.django_db
def test_a_generated_campaign_breaks_no_rule_of_the_database_and_no_invariant() -> None:
    with connection.cursor() as cursor:
        generate(cursor, PUPILS, seed=1, academies=3, checked=True, quiet=True)
        changed = change_entries(cursor, share=0.05, seed=1)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert changed > 0
    assert CouncilStatement.objects.exists()
    assert inspect().violations == []


@pytest.mark.parametrize("academies", [1, 5, 34])
def test_a_campaign_has_exactly_the_pupils_asked_for_and_no_school_twice(academies: int) -> None:
    known = list(places(50_000, academies=academies, levels=tuple(LEVELS)))
    assert sum(place.pupils for place in known) == 50_000
    assert len({place.uai for place in known}) == len(known)
    assert len({place.academy for place in known}) == academies


def a_day_before_the_night(at) -> Academy:
    """Siècle knows the pupils; then some families change their entries, and some councils give their opinions."""
    with connection.cursor() as service, connections["siecle_mock"].cursor() as siecle:
        generate(service, PUPILS, seed=3, academies=1, levels=(THIRD,), checked=True, quiet=True)
        at(dates.FIRST_NIGHT)
        assert run_night(Academy.objects.get()).finished
        open_councils(service, siecle)
        assert give_opinions(service, siecle, share=0.1, seed=3) > 0
        assert change_entries(service, share=0.1, seed=3) > 0
    at(dates.NIGHT)
    return Academy.objects.get()


def left_by(night) -> tuple[dict[str, int], dict[str, str]]:
    """What a night leaves in the database, which is then put back as it was."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            night(cursor)
            found = compare.counts(cursor), compare.contents(cursor)
            raise Undone
    except Undone:
        return found


@pytest.mark.django_db(databases=["default", "siecle_mock"])
def test_the_floor_writes_the_same_rows_as_our_night(at, tmp_path: Path) -> None:
    academy = a_day_before_the_night(at)
    files = {name: tmp_path / name for name in ("out", "report", "feed")}
    with connections["siecle_mock"].cursor() as siecle:
        floor.feed(siecle, files)
    before = left_by(lambda cursor: None)
    ours = left_by(lambda cursor: run_night(academy))
    plain = left_by(lambda cursor: floor.play(cursor, files, lambda: None))
    assert ours == plain
    assert ours != before


@pytest.mark.django_db(databases=["default", "siecle_mock"])
def test_the_night_measured_takes_every_line_and_leaves_no_offence(at) -> None:
    academy = a_day_before_the_night(at)
    [run] = run_night(academy).runs
    changed = Submission.objects.filter(version=2).count()
    assert run.counters["out"]["accepted"] == run.counters["out"]["read"] == changed
    assert run.counters["in"]["accepted"] == run.counters["in"]["read"] == MockOutbound.objects.count()
    assert SiecleReceipt.objects.count() == Submission.objects.count()
    assert clock.now() == dates.NIGHT
