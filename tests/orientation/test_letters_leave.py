"""When letters leave, and what happens when something breaks (MAI-01, MAI-06, MAI-07)."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery import Celery
from django.core import mail
from django.db import transaction
from django.utils import timezone

from config.celery import app as celery_app
from families.models import Session
from ledger import outbox
from ledger.models import LetterState, OutgoingEmail
from orientation.actions import sign_out
from orientation.enums import Phase
from orientation.models import Submission
from orientation.tasks import send_letters, sweep_letters
from tests.factories import CAP, DURING_INTENTIONS, GT, PRO, Family
from tests.orientation.letter_box import enter, held, named_family, states, write

At = Callable[[datetime | str], None]
pytestmark = pytest.mark.django_db


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return named_family()


def recipients() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def open_session(sid: UUID, *, ends: timedelta) -> None:
    Session.objects.create(session_key=uuid4().hex, session_data="", expire_date=timezone.now() + ends, sid=sid)


def test_recap_leaves_at_sign_out_once_whatever_the_number_of_changes(family: Family) -> None:
    sid = uuid4()
    for choice in (GT, PRO, CAP):
        enter(family, family.mother, Phase.PROVISIONAL, choice, sid=sid)
    open_session(sid, ends=timedelta(minutes=30))
    assert sweep_letters() == 0 and held() == 2
    sign_out(sid=sid)
    assert send_letters() == 2
    assert recipients() == sorted([family.mother.email, family.father.email])
    assert all("1re année de CAP" in message.body for message in mail.outbox)
    assert all("2de professionnelle" not in message.body for message in mail.outbox)
    assert sweep_letters() == 0


def test_two_sessions_make_two_recaps(family: Family) -> None:
    for choice in (GT, PRO):
        sid = uuid4()
        enter(family, family.mother, Phase.PROVISIONAL, choice, sid=sid)
        sign_out(sid=sid)
        send_letters()
    assert len(mail.outbox) == 4


def test_recap_of_a_closed_browser_leaves_when_its_session_expires(family: Family, at: At) -> None:
    sid = uuid4()
    open_session(sid, ends=timedelta(minutes=30))
    open_session(uuid4(), ends=timedelta(days=1))
    Session.objects.create(session_key="anonymous", session_data="", expire_date=timezone.now() + timedelta(days=1))
    enter(family, family.mother, Phase.PROVISIONAL, sid=sid)
    at(DURING_INTENTIONS + timedelta(minutes=29))
    assert sweep_letters() == 0
    at(DURING_INTENTIONS + timedelta(minutes=30))
    assert sweep_letters() == 2


def test_recap_policies_author_only_and_at_validation(at: At) -> None:
    at(DURING_INTENTIONS)
    family = named_family(recap_to="AUTHOR", recap_when="VALIDATION")
    enter(family, family.mother, Phase.PROVISIONAL, sid=uuid4())
    assert send_letters() == 1
    assert recipients() == [family.mother.email]


def test_act_that_is_rolled_back_leaves_no_letter(family: Family) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enter(family, family.mother, Phase.PROVISIONAL)
        _ = 1 / 0
    assert send_letters() == 0 and not OutgoingEmail.objects.exists() and not Submission.objects.exists()


def test_parent_without_address_is_noted_and_the_other_has_the_letter(family: Family) -> None:
    type(family.mother).objects.filter(pk=family.mother.pk).update(email="")
    enter(family, family.mother, Phase.PROVISIONAL)
    assert send_letters() == 1
    assert recipients() == [family.father.email]
    assert states() == [LetterState.NO_ADDRESS, LetterState.SENT]


def test_poison_letter_stops_no_other(family: Family) -> None:
    write(family, "surprise", family.mother, uuid4(), DURING_INTENTIONS - timedelta(days=1))
    enter(family, family.mother, Phase.PROVISIONAL)
    assert send_letters() == 2
    poison = OutgoingEmail.objects.get(kind="surprise")
    assert (poison.state, poison.last_error) == (LetterState.FAILED, "UnknownKind: surprise")


def test_provider_down_is_retried_and_nothing_is_sent_twice(family: Family, settings: Any, at: At) -> None:
    enter(family, family.mother, Phase.PROVISIONAL)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert send_letters() == 0
    assert states() == [LetterState.FAILED, LetterState.READY]  # one pays for all: the provider is away
    settings.EMAIL_BACKEND = working
    assert send_letters() == 1
    at(DURING_INTENTIONS + timedelta(minutes=2))
    assert sweep_letters() == 1
    assert sweep_letters() == 0


def test_letters_of_a_worker_that_was_killed_are_sent_again(family: Family, at: At) -> None:
    enter(family, family.mother, Phase.PROVISIONAL)
    assert len(outbox.claim(now=DURING_INTENTIONS)) == 2  # and the worker dies here
    assert sweep_letters() == 0
    at(DURING_INTENTIONS + outbox.STUCK_AFTER + timedelta(seconds=1))
    assert sweep_letters() == 2


def test_a_letter_sent_again_keeps_its_number(family: Family, at: At) -> None:
    enter(family, family.mother, Phase.PROVISIONAL)
    send_letters()
    OutgoingEmail.objects.update(state=LetterState.SENDING, sent_at=None)  # the record of the sending was lost
    at(DURING_INTENTIONS + outbox.STUCK_AFTER + timedelta(seconds=1))
    send_letters()
    numbers = [message.message()["Message-ID"] for message in mail.outbox]
    assert len(numbers) == 4 and len(set(numbers)) == 2


def test_many_letters_leave_in_one_go(family: Family) -> None:
    for _ in range(25):
        enter(family, family.mother, Phase.PROVISIONAL, GT, PRO)
        enter(family, family.mother, Phase.PROVISIONAL, PRO, GT)
    assert send_letters() == OutgoingEmail.objects.count() == 100


def test_the_timetable_names_tasks_that_exist() -> None:
    celery_app.loader.import_default_modules()
    assert celery_app.conf.beat_schedule["letters"]["task"] == sweep_letters.name
    assert {sweep_letters.name, send_letters.name} <= celery_app.tasks.keys()


@pytest.fixture
def redis_down(settings: Any) -> Iterator[None]:
    """A Celery whose broker is a closed port, with every other setting of ours."""
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    lost = Celery("lost", set_as_current=True)
    lost.config_from_object("django.conf:settings", namespace="CELERY")
    yield
    lost.close()
    celery_app.set_current()
    celery_app.set_default()


@pytest.mark.django_db(transaction=True)
def test_redis_down_breaks_no_act_and_the_sweep_sends_its_letters(family: Family, redis_down: None) -> None:
    started = time.perf_counter()
    enter(family, family.mother, Phase.PROVISIONAL)
    assert time.perf_counter() - started < 5
    assert Submission.objects.count() == 1 and states() == [LetterState.READY, LetterState.READY]
    assert sweep_letters() == 2
