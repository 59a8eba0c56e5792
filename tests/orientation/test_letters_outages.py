"""The mail server away for hours, a letter that nobody can write, Redis killed: what waits, who sees it (MAI-07)."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from django.db.models import F, Max
from django.test import Client
from django.utils import timezone

from config.celery import app as celery_app
from ledger import outbox
from ledger.models import JournalEntry, LetterState, OutgoingEmail
from orientation.enums import Phase
from orientation.posting import POISON
from orientation.tasks import send_letters, sweep_letters
from tests import factories
from tests.admin.world import client_of, page
from tests.chaos.servers import Program, Redis, free_port, listens, wait_until
from tests.factories import DURING_INTENTIONS, GT, PRO, Family
from tests.orientation.letter_box import enter, named_family, states, write

At = Callable[[datetime | str], None]
pytestmark = pytest.mark.django_db
HOURS = 12


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return named_family()


class MailServer:
    """A real one, in a process of its own, that may be away."""

    def __init__(self, folder: Path) -> None:
        self.port, self.taken = free_port(), folder / "taken.jsonl"
        command = ["-m", "tests.chaos.sink", str(self.port), str(self.taken)]
        self.program = Program("sink", command, dict(os.environ), folder / "sink.log")

    def start(self) -> None:
        self.program.start()
        wait_until(lambda: self.program.dead or listens(self.port), "the mail server")

    def count(self) -> int:
        return len(self.taken.read_text().splitlines())


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[MailServer]:
    made = MailServer(tmp_path)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", made.port
    yield made
    made.program.kill()


def pass_time(delay: timedelta) -> None:
    """The technical times of mail are real ones: they are moved back."""
    OutgoingEmail.objects.filter(claimed_at__isnull=False).update(claimed_at=F("claimed_at") - delay)


# --- the mail server --------------------------------------------------------------------------------------------------
def test_a_mail_server_away_for_hours_loses_nothing_and_is_asked_less_and_less(
    family: Family, server: MailServer
) -> None:
    for choice in (GT, PRO, GT, PRO):
        enter(family, family.mother, Phase.PROVISIONAL, choice)
    written = OutgoingEmail.objects.count()
    for _ in range(HOURS * 60):  # the sweep of each minute
        assert sweep_letters() == 0
        pass_time(timedelta(minutes=1))
    tried = OutgoingEmail.objects.aggregate(most=Max("attempts"))["most"]
    assert len(outbox.BACKOFF) < tried < outbox.MAX_ATTEMPTS
    assert set(states()) <= {LetterState.READY, LetterState.FAILED}
    server.start()
    pass_time(outbox.BACKOFF[-1])
    assert sweep_letters() == written == server.count()
    assert set(states()) == {LetterState.SENT}


def test_each_try_waits_longer_than_the_one_before(family: Family, server: MailServer) -> None:
    enter(family, family.mother, Phase.PROVISIONAL)
    waits = []
    for _ in outbox.BACKOFF:
        assert send_letters() == 0
        failed = OutgoingEmail.objects.get(state=LetterState.FAILED)  # one pays for all: the server is away
        assert failed.claimed_at is not None
        waits.append(failed.claimed_at - timezone.now())
        pass_time(outbox.BACKOFF[-1])
    assert waits == sorted(waits) and waits[-1] > timedelta(hours=3)


# --- a letter that nobody can write -----------------------------------------------------------------------------------
def test_a_poison_letter_is_set_aside_after_a_few_tries_and_stops_no_other(family: Family) -> None:
    write(family, "surprise", family.mother, uuid4(), DURING_INTENTIONS - timedelta(days=1))
    for number in range(POISON):
        enter(family, family.mother, Phase.PROVISIONAL, *((GT, PRO) if number % 2 else (PRO, GT)))
        assert sweep_letters() == 2
        pass_time(timedelta(days=1))
    poison = OutgoingEmail.objects.get(kind="surprise")
    assert (poison.state, poison.attempts, poison.last_error) == (LetterState.ASIDE, POISON, "UnknownKind: surprise")
    sweep_letters()
    poison.refresh_from_db()
    assert poison.attempts == POISON


# --- who sees it, and sets it going again -----------------------------------------------------------------------------
def shown(client: Client, **query: Any) -> set[Any]:
    return {one.pk for one in page(client, "ledger_outgoingemail_changelist", **query).context["cl"].result_list}


def ask_again(client: Client, *rows: OutgoingEmail) -> int:
    chosen = {"action": "try_again", "_selected_action": [str(row.pk) for row in rows]}
    return client.post("/admin/ledger/outgoingemail/", chosen).status_code


def stopped(family: Family) -> list[OutgoingEmail]:
    """One failed, one set aside, whose error holds an address."""
    enter(family, family.mother, Phase.PROVISIONAL)
    first, second = OutgoingEmail.objects.filter(dossier_uuid=family.dossier.uuid)
    error = "SMTPRecipientsRefused: {'someone@exemple.invalid': (550, b'no')}"
    for row, state in ((first, LetterState.FAILED), (second, LetterState.ASIDE)):
        OutgoingEmail.objects.filter(pk=row.pk).update(
            state=state, attempts=9, last_error=error, claimed_at=timezone.now() + timedelta(hours=4)
        )
    return [first, second]


def test_the_school_sees_what_did_not_leave_never_the_address_and_no_other_school_does(family: Family) -> None:
    rows, other = stopped(family), factories.family(of=factories.division(factories.school(uai="0690099Z")))
    client = client_of(factories.staff(family.student.school, "READER"))
    assert shown(client, state__exact="ASIDE") == {rows[1].pk}
    for response in (
        page(client, "ledger_outgoingemail_changelist"), page(client, "ledger_outgoingemail_change", rows[1].pk)
    ):  # fmt: skip
        assert b"SMTPRecipientsRefused" in response.content and b"someone@" not in response.content
    stranger = client_of(factories.staff(other.student.school, "HEAD"))
    assert shown(stranger) == set()


def test_the_academie_sets_them_going_again_and_the_history_says_who(family: Family) -> None:
    rows = stopped(family)
    academy = factories.staff(family.student.school.academy, "ACADEMY")
    assert ask_again(client_of(academy), *rows) == 302
    assert states() == [LetterState.READY, LetterState.READY]
    lines = JournalEntry.objects.filter(verb="letter_sent_again", actor_uuid=academy.uuid)
    assert {line.data["letter"] for line in lines} == {str(row.pk) for row in rows}
    assert send_letters() == 2
    assert ask_again(client_of(academy), *rows) == 302  # sent: they stay so
    assert states() == [LetterState.SENT, LetterState.SENT] and lines.count() == 2


@pytest.mark.parametrize("role", ["READER", "SECRETARY", "HEAD"])
def test_a_school_does_not_set_them_going_again(family: Family, role: str) -> None:
    rows = stopped(family)
    ask_again(client_of(factories.staff(family.student.school, role)), *rows)
    assert states() == [LetterState.ASIDE, LetterState.FAILED]


def test_an_academie_does_not_set_those_of_another_going_again(family: Family) -> None:
    rows = stopped(family)
    ask_again(client_of(factories.staff(factories.academy("28", name="La Réunion"), "ACADEMY")), *rows)
    assert states() == [LetterState.ASIDE, LetterState.FAILED]


# --- Redis ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    """One of our own, which the pages have already spoken to."""
    folder = Path(tempfile.mkdtemp(prefix="orientation-redis-"))
    folder.chmod(0o711)  # Redis is « nobody » when we are root
    made = Redis(folder)
    made.start()
    settings.CELERY_BROKER_URL = made.url
    ours = Celery("ours", set_as_current=True)
    ours.config_from_object("django.conf:settings", namespace="CELERY")
    yield made
    made.kill()
    ours.close()
    celery_app.set_current()
    celery_app.set_default()
    shutil.rmtree(folder, ignore_errors=True)


def tasks_waiting(redis: Redis) -> int:
    with Celery("look", broker=redis.url, set_as_current=False).connection_for_read() as line:
        return line.default_channel.client.llen("celery")


@pytest.mark.django_db(transaction=True)
def test_redis_killed_under_the_pages_breaks_none_and_the_sweep_catches_up(family: Family, redis: Redis) -> None:
    enter(family, family.mother, Phase.PROVISIONAL, GT)
    assert tasks_waiting(redis) >= 1
    redis.kill()
    enter(family, family.mother, Phase.PROVISIONAL, PRO)
    assert set(states()) == {LetterState.READY} and len(states()) == 4
    assert sweep_letters() == 4
    redis.start()
    enter(family, family.mother, Phase.PROVISIONAL, GT)
    assert tasks_waiting(redis) >= 1  # told again at once
