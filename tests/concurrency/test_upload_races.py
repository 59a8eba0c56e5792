"""The files of Siècle of a school in several hands at once, on real connections; a worker killed in the middle."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from families.models import School, Student
from ledger import clock
from ledger.models import JournalEntry
from siecle_sync import uploads
from siecle_sync.locks import IMPORT, held
from siecle_sync.models import SiecleImport
from siecle_sync.uploads import UploadRefused, fingerprint
from tests import factories
from tests.concurrency.two import LOCKS, Stop, outcome, two, waits
from tests.siecle_sync.bee_builder import UAI, YEAR, eleve, pupils

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
WITH_AND_WITHOUT_LOCKS = pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])
DECIDED = 'UPDATE "siecle_sync_siecleimport"'
PLAY = "import sys, uuid, django; django.setup(); from siecle_sync import uploads; uploads.play(uuid.UUID(sys.argv[1]))"


@pytest.fixture
def school() -> School:
    clock.pretend(factories.DURING_INTENTIONS)
    return factories.school(uai=UAI)


def hands_in(school: School) -> SiecleImport:
    files = [("eleves.xml", pupils(eleve(1)))]
    return uploads.hand_in(files, school=school, year=YEAR, user=factories.staff(school))


def previewed(school: School) -> Callable[[], SiecleImport]:
    """A preview; how to confirm it."""
    pk = hands_in(school).pk
    uploads.play(pk)
    seen, user = fingerprint(SiecleImport.objects.get(pk=pk).report), factories.staff(school)
    return partial(uploads.confirm, pk, seen=seen, user=user)


class Desk(Stop):
    """Halts as Stop does; with `locks=False`, the rows keep their locks and the school's own lock is taken out."""

    def __init__(self, fragment: str, *, locks: bool) -> None:
        super().__init__(fragment)
        self.locks = locks

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        pattern, replacement = LOCKS[1]
        sql = sql if self.locks else pattern.sub(replacement, sql)
        return super().__call__(execute, sql, params, many, context)


@WITH_AND_WITHOUT_LOCKS
def test_a_preview_that_two_people_confirm_at_once_is_agreed_to_by_one(locks: bool, school: School) -> None:
    confirm, stop = previewed(school), Stop(DECIDED)
    with two(locks=locks) as run:
        one = run.start(confirm, stop)
        assert stop.reached.wait(10)
        other = run.start(confirm)
        assert waits(other) or not locks
        stop.go.set()
        results = [outcome(one), outcome(other)]
    assert isinstance(results[0], SiecleImport)
    assert (getattr(results[1], "code", "agreed") == "OVER") is locks


@WITH_AND_WITHOUT_LOCKS
def test_who_confirms_and_who_hands_other_files_in_never_wait_for_each_other_in_a_circle(
    locks: bool, school: School
) -> None:
    confirm, stop = previewed(school), Desk(DECIDED, locks=locks)
    with two() as run:
        confirming = run.start(confirm, stop)
        assert stop.reached.wait(10)
        handing = run.start(lambda: hands_in(school), Desk("never", locks=locks))
        assert waits(handing)
        stop.go.set()
        results = [outcome(confirming), outcome(handing)]
    if locks:
        assert isinstance(results[0], SiecleImport)
        assert isinstance(results[1], UploadRefused) and results[1].code == "UNDER_WAY"
        assert SiecleImport.objects.get().state == "IMPORTING"
    else:
        assert any(isinstance(one, OperationalError) for one in results)


def worker(pk: UUID) -> subprocess.Popen[bytes]:
    """Another process at the same work, on the same database."""
    here = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}"))
    return subprocess.Popen(
        [sys.executable, "-c", PLAY, str(pk)], cwd=settings.BASE_DIR, env={**os.environ, "DATABASE_URL": here}
    )


def until(told: Callable[[], bool]) -> None:
    for _ in range(1200):
        if told():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def blocked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_an_import_whose_worker_is_killed_in_the_middle_is_undone_then_done_once(school: School) -> None:
    pk = previewed(school)().pk
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:  # it has written the pupils, and cannot write the journal
            cursor.execute("LOCK TABLE ledger_journalentry IN EXCLUSIVE MODE")
        killed = worker(pk)
        until(blocked)
        assert held(IMPORT) == {school.pk}
        killed.kill()
        killed.wait()
    finally:
        other.close()
    until(lambda: not held(IMPORT))
    assert not Student.objects.exists()
    assert SiecleImport.objects.get().state == "IMPORTING"
    assert uploads.waiting() == [pk]
    assert uploads.play(pk) == "DONE"
    assert Student.objects.get().siecle_id == 1
    assert JournalEntry.objects.filter(verb="siecle_import").count() == 1
    assert SiecleImport.objects.get().report["tries"] == 2
