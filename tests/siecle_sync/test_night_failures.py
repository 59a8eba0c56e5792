"""A night that breaks, a night that runs twice, a Siècle that lies: the old state, or the new one, never between."""

import hashlib
import re
from concurrent.futures import wait
from datetime import timedelta

import pytest
from django.db import connection

from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, OutgoingEmail
from orientation.actions import open_dossiers
from orientation.models import CouncilAnswer, CouncilStatement, SiecleReceipt
from siecle_sync import contract, wire
from siecle_sync.mock.models import MockDeposit, MockEntry
from siecle_sync.models import Run, RunLine, RunPart
from siecle_sync.night import due_academies, run_night
from tests import factories
from tests.concurrency.two import Stop, two
from tests.factories import DURING_INTENTIONS
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, FIRST_NIGHT, SECOND_NIGHT

pytestmark = [pytest.mark.django_db(databases=BOTH, transaction=True), pytest.mark.concurrency]


@pytest.fixture
def family():
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


@pytest.fixture
def said(family):
    """An opinion waits in Siècle."""
    world.enters(family)
    world.night(FIRST_NIGHT)
    world.opens(family)
    world.says(family, ("2GT", "Favorable"))
    return family


class Cut(RuntimeError):
    pass


class Breaking:
    """Cut the night just before the first statement that holds `fragment`."""

    def __init__(self, fragment):
        self.fragment = fragment

    def __call__(self, execute, sql, params, many, context):
        if self.fragment in sql:
            raise Cut(self.fragment)
        return execute(sql, params, many, context)


def written() -> tuple[int, ...]:
    tables = (CouncilStatement, CouncilAnswer, SiecleReceipt, JournalEntry, OutgoingEmail, RunLine)
    return tuple(table.objects.count() for table in tables)


@pytest.mark.parametrize(
    "fragment",
    [
        "INSERT INTO orientation_councilstatement",
        "INSERT INTO orientation_councilanswer",
        "INSERT INTO ledger_outgoingemail",
        "INSERT INTO siecle_sync_runline",
        "SELECT COALESCE(kind, ''), COALESCE(outcome",
    ],
)
def test_night_cut_while_it_merges_leaves_the_old_state_and_the_next_one_finishes(said, fragment):
    before = written()
    with connection.execute_wrapper(Breaking(fragment)):
        run = world.night(SECOND_NIGHT)
    assert (run.state, "in" in run.counters) == ("FAILED", False)
    assert "Cut" in run.error
    assert written() == before
    assert [one.code for one in due_academies()] == ["10"]
    assert world.night(SECOND_NIGHT + timedelta(minutes=15)).state == "FINISHED"
    assert CouncilStatement.objects.count() == 1
    assert OutgoingEmail.objects.filter(kind="opinions_available").count() == 2


def test_night_cut_after_the_deposit_sends_the_same_lines_again_and_siecle_keeps_one(family):
    world.enters(family)
    with connection.execute_wrapper(Breaking("INSERT INTO orientation_sieclereceipt")):
        assert world.night(FIRST_NIGHT).state == "FAILED"
    assert not SiecleReceipt.objects.exists()
    assert world.night(FIRST_NIGHT + timedelta(minutes=15)).state == "FINISHED"
    assert (MockEntry.objects.count(), SiecleReceipt.objects.count(), MockDeposit.objects.count()) == (
        1,
        1,
        1,
    )  # the very same lines: the same deposit


class Losing:
    """Take rows out of an insertion, as a corrupt line would."""

    def __call__(self, execute, sql, params, many, context):
        if "INSERT INTO orientation_councilstatement" in sql:
            sql += " AND false"
        return execute(sql, params, many, context)


def test_counters_that_do_not_add_up_undo_the_night(said):
    before = written()
    with connection.execute_wrapper(Losing()):
        run = world.night(SECOND_NIGHT)
    assert run.state == "FAILED"
    assert run.error.startswith("CountersDiffer")
    assert written() == before


class Tampering:
    """Siècle's replies, changed on their way back; what is announced stays right or not."""

    def __init__(self, fragment, change, *, digest):
        self.fragment, self.change, self.digest = fragment, change, digest
        self.ask = wire.Wire._in_process

    def __call__(self, other, method, path, *sent):
        reply = self.ask(other, method, path, *sent)
        if not re.search(self.fragment, path):
            return reply
        with reply.body as said:
            body = self.change(said.read())
        headers = dict(reply.headers.items())
        if self.digest:
            headers[contract.H_DIGEST] = hashlib.sha256(body).hexdigest()
        return wire.Reply.kept(reply.status, headers, [body], limit=len(body))


def without_last_line(body: bytes) -> bytes:
    return b"".join(body.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize(
    ("fragment", "change", "digest", "error"),
    [
        ("reponses", lambda body: body[: len(body) // 2], False, "WRONG_DIGEST"),
        ("reponses", without_last_line, False, "WRONG_DIGEST"),
        ("reponses", without_last_line, True, "WRONG_LINES"),
        ("reponses", lambda body: body[:-20], True, "UNREADABLE"),
        ("lignes", without_last_line, True, "WRONG_LINES"),
        ("lignes", lambda body: body.replace(b"ACCEPTED", b"REJECTED", 1), True, "MISMATCH"),
        ("compte-rendu/$", lambda body: body.replace(b'"accepted": 1', b'"accepted": 0'), True, "MISMATCH"),
    ],
)
def test_answer_of_siecle_cut_short_or_untrue_is_refused(said, monkeypatch, fragment, change, digest, error):
    factories.student(said.student.division)  # something to send, too
    open_dossiers(by=SYSTEM)
    before = written()
    tampering = Tampering(fragment, change, digest=digest)
    monkeypatch.setattr(wire.Wire, "_in_process", lambda self, *sent: tampering(self, *sent))
    run = world.night(SECOND_NIGHT)
    assert run.state == "FAILED"
    assert contract.SENTENCES[error] in run.error
    assert written() == before


def test_siecle_out_of_reach_fails_the_night_and_says_so(family, settings):
    settings.SIECLE_BASE_URL = "http://127.0.0.1:9"
    world.enters(family)
    run = world.night(FIRST_NIGHT)
    assert run.state == "FAILED"
    assert contract.SENTENCES["UNAVAILABLE"] in run.error


def one_night(academy):
    return lambda: run_night(academy)


@pytest.mark.parametrize("lock", [True, False], ids=["with its lock", "negative control"])
def test_two_nights_of_an_academy_at_once_run_once(family, monkeypatch, lock):
    world.enters(family)
    clock.freeze(FIRST_NIGHT)
    academy = family.dossier.campaign.academy
    if not lock:
        monkeypatch.setattr("siecle_sync.locks.TRY", "SELECT true OR %s = %s")
        monkeypatch.setattr("siecle_sync.locks.FREE", "SELECT %s, %s")
    stop = Stop("ANALYZE siecle_out")
    with two() as threads:
        first = threads.start(one_night(academy), stop)
        assert stop.reached.wait(10)
        second = threads.start(one_night(academy))
        busy = second.result(20).busy
        stop.go.set()
        assert first.result(20).finished
    assert busy is lock
    assert RunPart.objects.get().attempts == (1 if lock else 2)


def test_dry_run_writes_and_sends_nothing(said):
    factories.student(said.student.division)
    open_dossiers(by=SYSTEM)
    before = (*written(), Run.objects.count(), MockDeposit.objects.count())
    clock.pretend(SECOND_NIGHT)
    [run] = run_night(said.dossier.campaign.academy, dry_run=True).runs
    assert run.state == "DRY"
    assert run.counters["in"]["accepted"] == 1
    assert run.counters["out"]["by_kind"] == {"PUPIL": 1}  # who is not told yet
    assert (*written(), Run.objects.count(), MockDeposit.objects.count()) == before


@pytest.mark.parametrize("locks", [True, False], ids=["with the locks", "negative control"])
def test_family_that_acknowledges_while_the_night_withdraws_waits_and_is_told(said, locks):
    """The night locks the dossiers it changes: an acknowledgement is before it, or refused after it (CAL-08)."""
    world.night(SECOND_NIGHT)
    clock.freeze(factories.DURING_OPINIONS)
    first = CouncilStatement.objects.get()
    world.says(said, ("2GT", "Réservé"))
    clock.freeze(factories.DURING_OPINIONS + timedelta(hours=7))
    stop = Stop("INSERT INTO orientation_councilstatement")
    with two(locks=locks) as threads:
        night = threads.start(one_night(said.dossier.campaign.academy), stop)
        assert stop.reached.wait(10)
        family = threads.start(lambda: world.acknowledges(said, first.uuid))
        waited = not wait([family], timeout=1).done
        stop.go.set()
        assert night.result(20).finished
        refused = family.exception(20)
    assert (waited, refused is not None) == (locks, locks)
    if refused is not None:
        assert refused.code == "NOTHING_PUBLISHED"  # the new version is read from six o’clock
