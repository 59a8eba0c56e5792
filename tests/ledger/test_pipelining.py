"""Two exchanges or four: the server gets the same letter, and we the same refusal (RFC 2920)."""

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from ledger import pipelining
from tools.processes import free_port

LETTER = b"Subject: Essai\r\n\r\n.un point\r\n..\r\nfin\r\n"
SENDER, READER = "a@ac-lyon.invalid", "p@exemple.invalid"


class Server:
    """aiosmtpd's handler: what it answers, whether it lets commands come together, what it was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.together = True
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.greetings = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greetings += 1
        return [*responses[:-1], *["250-PIPELINING"] * self.together, responses[-1]]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        said = self.answers.get("MAIL", "250 OK")
        if said.startswith("250"):
            envelope.mail_from = address
        return said

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        said = self.answers.get("RCPT", "250 OK")
        if said.startswith("25"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = self.answers.get("DATA", "250 OK")
        if said.startswith("250"):
            self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return said


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port  # type: ignore[attr-defined]
    yield handler
    controller.stop()


def attempt(server: Server, *, together: bool) -> tuple[str, Any]:
    """Send a letter that may be refused, then one that is not, over one connection: what was raised."""
    server.together, raised = together, ("", None)
    with smtplib.SMTP("127.0.0.1", server.port) as line:  # type: ignore[attr-defined]
        try:
            pipelining.send(line, SENDER, READER, LETTER)
        except smtplib.SMTPException as error:
            raised = type(error).__name__, error.args
        if line.sock:
            server.answers = {}
            pipelining.send(line, SENDER, READER, LETTER)
    return raised


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("", ""),
        ("MAIL", "550 no"),
        ("MAIL", "451 later"),
        ("RCPT", "550 nobody here"),
        ("RCPT", "450 mailbox busy"),
        ("RCPT", "251 forwarded"),
        ("DATA", "552 too much"),
        ("DATA", "451 later"),
        ("DATA", "421 closing"),
    ],
)
def test_a_refusal_is_the_same_and_spoils_nothing_that_follows(server: Server, verb: str, answer: str) -> None:
    told = []
    for together in (True, False):
        server.answers, server.letters = {verb: answer}, []
        told.append((attempt(server, together=together), server.letters))
    assert told[0] == told[1]
    left = 2 if answer[:2] in ("", "25") else 0 if answer.startswith("421") else 1
    assert told[0][1] == [(SENDER, [READER], LETTER)] * left


def test_commands_go_together_only_where_the_server_says_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    send = smtplib.SMTP.send
    monkeypatch.setattr(smtplib.SMTP, "send", lambda line, what: (written.append(what), send(line, what))[1])
    counts = []
    for together in (True, False):
        written.clear()
        attempt(server, together=together)
        counts.append(len(written))
    assert counts == [1 + 2 * 2 + 1, 1 + 2 * 4 + 1]  # greeting, exchanges of two letters, farewell


def test_a_server_that_waits_for_a_letter_it_refused_gets_none(server: Server) -> None:
    """aiosmtpd refuses DATA then; others wait for a letter without a reader."""
    sent: list[bytes] = []

    class Line:
        """smtplib's, with a server that answers 354 whatever it said of the reader."""

        replies = iter([(250, b"OK"), (550, b"nobody"), (354, b"go on"), (250, b"OK"), (250, b"OK")])
        close = rset = staticmethod(lambda: None)
        ehlo_or_helo_if_needed = staticmethod(lambda: None)
        has_extn = staticmethod(lambda name: name == "pipelining")
        send = staticmethod(sent.append)

        def getreply(self) -> tuple[int, bytes]:
            return next(self.replies)

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        pipelining.send(Line(), SENDER, READER, LETTER)  # type: ignore[arg-type]
    assert sent[1:] == [b".\r\n"]


def test_an_address_never_adds_a_command(server: Server) -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as line, pytest.raises(ValueError, match="not an address"):  # type: ignore[attr-defined]
        pipelining.send(line, SENDER, "p@exemple.invalid>\r\nRCPT TO:<autre@exemple.invalid", LETTER)
    assert not server.letters
