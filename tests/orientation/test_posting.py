"""What the worker does when a mail server refuses, hangs up, or when a letter cannot be written (MAI-06, MAI-07)."""

import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller

from families.models import Guardianship
from ledger import mail, outbox
from ledger.mail_steps import LetterStep, letter_step
from ledger.models import Delivery, LetterState, OutgoingEmail, Priority
from orientation import posting
from orientation.enums import Phase
from tests.factories import DURING_INTENTIONS, Family
from tests.orientation.letter_box import enter, named_family, states, write

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]


class Server:
    """A mail server that says `says[address]` when it is spoken of, « 250 OK » otherwise."""

    def __init__(self) -> None:
        self.says: dict[str, str] = {}
        self.says_at_once = ""
        self.taken: list[str] = []
        self.connections = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, responses: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = name
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.says_at_once:
            return self.says_at_once
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.says:
            return self.says[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    handler = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Controller(handler, hostname="127.0.0.1", port=port)
    running.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler
    running.stop()


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    home = named_family()
    enter(home, home.mother, Phase.PROVISIONAL)
    return home


def to(person: Any) -> OutgoingEmail:
    return OutgoingEmail.objects.get(recipient_uuid=person.uuid)


def test_an_address_refused_for_good_is_set_aside_told_and_stops_no_other(family: Family, server: Server) -> None:
    told: list[tuple[UUID, str]] = []

    def hear(sender: Any, recipient: UUID, address: str, **more: Any) -> None:
        told.append((recipient, address))

    mail.letter_refused.connect(hear)
    server.says[family.mother.email] = "550 5.1.1 no such user"
    assert posting.send_ready() == 1
    mail.letter_refused.disconnect(hear)
    assert server.taken == [family.father.email]
    assert (to(family.mother).state, to(family.mother).delivery) == (LetterState.ASIDE, Delivery.BOUNCED)
    assert told == [(family.mother.uuid, family.mother.email)]


def test_an_address_refused_for_now_is_tried_again_and_stops_no_other(family: Family, server: Server) -> None:
    server.says[family.mother.email] = "450 4.2.1 try later"
    assert posting.send_ready() == 1
    assert (to(family.mother).state, to(family.mother).delivery) == (LetterState.FAILED, "")


def test_a_server_that_hangs_up_costs_one_try_of_one_letter(family: Family, server: Server) -> None:
    server.says = {parent.email: "421 4.7.0 too many connections" for parent in family.parents}
    assert posting.send_ready() == 0
    assert sorted((row.state, row.attempts) for row in OutgoingEmail.objects.all()) == [
        (LetterState.FAILED, 1),
        (LetterState.READY, 0),
    ]


def test_a_server_that_wants_us_to_sign_in_first_costs_one_try_of_one_letter(family: Family, server: Server) -> None:
    server.says_at_once = "530 5.7.0 authentication required"
    assert posting.send_ready() == 0
    assert states() == [LetterState.FAILED, LetterState.READY]


def test_what_the_family_has_just_done_is_a_receipt(family: Family) -> None:
    assert set(OutgoingEmail.objects.values_list("priority", flat=True)) == {Priority.RECEIPT}


def test_a_batch_goes_over_one_connection(family: Family, server: Server) -> None:
    assert posting.send_ready() == 2
    assert (len(server.taken), server.connections) == (2, 1)


def test_a_letter_that_cannot_be_written_is_set_aside_after_a_few_tries(family: Family, server: Server) -> None:
    write(family, "surprise", family.mother, uuid4(), DURING_INTENTIONS)
    assert posting.send_ready() == 2
    poison = OutgoingEmail.objects.get(kind="surprise")
    assert (poison.state, poison.attempts) == (LetterState.FAILED, 1)
    OutgoingEmail.objects.filter(pk=poison.pk).update(state=LetterState.READY, attempts=posting.POISON - 1)
    assert posting.send_ready() == 0
    poison.refresh_from_db()
    assert (poison.state, poison.last_error) == (LetterState.ASIDE, "UnknownKind: surprise")


def test_a_worker_too_slow_gives_back_what_it_has_not_begun(
    family: Family, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "FRESH", 0)
    assert posting.send(outbox.claim(now=DURING_INTENTIONS)) == 1
    assert sorted(OutgoingEmail.objects.values_list("state", flat=True)) == [LetterState.READY, LetterState.SENT]


@pytest.mark.parametrize(("seconds", "left"), [(0, 1), (posting.FRESH, 2)], ids=["slow server", "negative control"])
def test_who_loses_their_rights_while_a_slow_server_takes_its_time_is_written_nothing(
    family: Family, server: Server, monkeypatch: pytest.MonkeyPatch, seconds: float, left: int
) -> None:
    def meanwhile(step: LetterStep, row: OutgoingEmail, **_: Any) -> None:
        other = family.father if row.recipient_uuid == family.mother.uuid else family.mother
        if step == LetterStep.RECORDED and left_so_far() == 1:
            Guardianship.objects.filter(representative=other).update(ended_on="2026-01-01")

    monkeypatch.setattr(posting, "FRESH", seconds)
    letter_step.connect(meanwhile)
    try:
        assert posting.send_ready() == left == left_so_far()
    finally:
        letter_step.disconnect(meanwhile)
    assert OutgoingEmail.objects.filter(state=LetterState.NO_ADDRESS).count() == 2 - left


def left_so_far() -> int:
    return OutgoingEmail.objects.filter(state=LetterState.SENT).count()


def test_no_more_letters_leave_than_the_provider_allows(family: Family, server: Server, settings: Any) -> None:
    settings.MAIL_PER_MINUTE = 1
    assert posting.send_ready() == 1
    assert OutgoingEmail.objects.filter(state=LetterState.READY).count() == 1
