"""Letters that would have stayed, come all at once, or said something false: found by reading, shown, mended."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from families.models import Representative
from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import LetterState, OutgoingEmail
from orientation import posting, tasks
from orientation.actions.calendar import extend_window
from orientation.enums import Phase, WindowKind
from tests import factories
from tests.factories import DURING_INTENTIONS, Family
from tests.orientation import test_posting
from tests.orientation.letter_box import enter, named_family
from tests.orientation.test_posting import Server, to

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
family, server = test_posting.family, test_posting.server  # the fixtures
LONG_AGO = datetime.fromisoformat("2020-01-01T08:00+00:00")


@pytest.mark.parametrize(
    "says", ["554 5.7.1 relay access denied", "550 5.7.1 your address is on a list", "530 sign in"]
)
def test_a_server_that_refuses_us_says_nothing_of_the_family_s_address(
    family: Family, server: Server, says: str
) -> None:
    server.says[family.mother.email] = says
    assert posting.send_ready() == 1
    assert (to(family.mother).state, to(family.mother).delivery) == (LetterState.FAILED, "")
    assert Representative.objects.get(pk=family.mother.pk).email_refused_at is None


@pytest.mark.parametrize("says", ["450 4.2.1 try later", "421 4.7.0 too many letters", "550 5.7.1 not wanted"])
def test_no_address_is_written_in_the_logs(family: Family, server: Server, says: str, caplog: Any) -> None:
    server.says = {parent.email: f"{says} <{parent.email}>" for parent in family.parents}
    with caplog.at_level(logging.INFO, logger=posting.logger.name):
        posting.send_ready()
    ours = [caplog.handler.format(one) for one in caplog.records if one.name == posting.logger.name]
    assert ours
    assert not any(parent.email in line for parent in family.parents for line in ours)


def test_a_slow_pace_is_waited_for_by_the_sweep(server: Server, settings: Any) -> None:
    """Two letters may leave at once, the third a second later: not at the next minute. The time is real."""
    clock.freeze(DURING_INTENTIONS)
    home = named_family(parents=3)
    enter(home, home.mother, Phase.PROVISIONAL)
    settings.MAIL_PER_MINUTE = 60
    assert tasks.sweep_letters() == 3


def test_all_the_old_letters_are_emptied_in_one_night() -> None:
    old = [
        OutgoingEmail(
            kind="recap_author", recipient_uuid=uuid4(), dedup_key=str(number), created_at=LONG_AGO,
            not_before=LONG_AGO, sent_at=LONG_AGO, state=LetterState.SENT, message_id="<1@here>",
        )
        for number in range(10_050)
    ]  # fmt: skip
    OutgoingEmail.objects.bulk_create(old)
    assert tasks.forget_letters() == len(old)
    assert not OutgoingEmail.objects.exclude(message_id="").exists()


def extended(at: At, settings: Any, **scope: object) -> list[datetime]:
    at(DURING_INTENTIONS)
    settings.LETTER_WAVE_MINUTES = 90
    first = factories.family()
    where = first.student.school.academy
    others = [factories.family(of=factories.division(factories.school(academy=where))) for _ in range(5)]
    campaign = first.dossier.campaign
    end = campaign.windows.get(phase=Phase.PROVISIONAL, kind=WindowKind.ENTRY).closes_at
    chosen: dict[str, Any] = dict.fromkeys(scope, first.student.school)
    extend_window(
        campaign=campaign, phase=Phase.PROVISIONAL, kind=WindowKind.ENTRY, closes_at=end + timedelta(days=1),
        reason="grève", user=factories.user("rectorat"), by=SYSTEM, **chosen,
    )  # fmt: skip
    rows = OutgoingEmail.objects.filter(kind="window_extended")
    assert rows.count() >= (len(first.parents) if scope else len([first, *others]))
    return sorted(set(rows.values_list("not_before", flat=True)))


def test_an_extension_of_the_academie_does_not_bring_everyone_at_the_same_minute(at: At, settings: Any) -> None:
    minutes = [one - DURING_INTENTIONS for one in extended(at, settings)]
    assert len(set(minutes)) > 2
    assert all(timedelta() <= one <= timedelta(minutes=90) for one in minutes)


def test_an_extension_of_one_school_is_told_at_once(at: At, settings: Any) -> None:
    assert extended(at, settings, school=True) == [DURING_INTENTIONS]


class Busy(Server):
    """Two letters a connection, then it hangs up; and it thinks before it takes the first one of all."""

    def __init__(self) -> None:
        super().__init__()
        self.thinks = 0.0
        self.on_this_connection = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, responses: list[str]) -> list[str]:
        self.on_this_connection = 0
        return await super().handle_EHLO(server, session, envelope, name, responses)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.on_this_connection += 1
        if self.on_this_connection > 2:
            return "421 4.7.0 too many letters on this connection"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.thinks)
        self.thinks = 0.0
        return said


@pytest.fixture
def busy(settings: Any) -> Iterator[Busy]:
    handler = Busy()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = listening.getsockname()[1]
    running = Controller(handler, hostname="127.0.0.1", port=free)
    running.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    yield handler
    running.stop()


def test_a_server_that_takes_few_letters_a_connection_gets_the_next_over_another(at: At, busy: Busy) -> None:
    at(DURING_INTENTIONS)
    home = named_family(parents=3)
    enter(home, home.mother, Phase.PROVISIONAL)
    assert posting.send_ready() == 3
    assert (busy.connections, len(set(busy.taken))) == (2, 3)
    assert set(OutgoingEmail.objects.values_list("state", "attempts")) == {(LetterState.SENT, 1)}


def test_a_server_that_thinks_before_it_takes_a_letter_gets_it_once(family: Family, busy: Busy, settings: Any) -> None:
    """A mail server reads what it takes, for viruses: to hang up before it has answered is to send the letter twice."""
    settings.EMAIL_TIMEOUT = 1
    busy.thinks = 2.5
    assert posting.send_ready() == 2
    assert sorted(busy.taken) == sorted(parent.email for parent in family.parents)
