"""One family from the first entry to the decision, its letters taken by a real mail server."""

import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller

from orientation.actions import sign_out
from orientation.enums import Phase
from orientation.tasks import send_letters
from tests.factories import (
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    PRO,
    Family,
)
from tests.orientation.letter_box import (
    answer,
    enter,
    gave_opinions,
    gave_proposals,
    named_family,
    read_opinions,
    write,
)

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]


class Sink:
    """A mail server's end: keeps the envelope and the message as they arrived."""

    def __init__(self) -> None:
        self.received: list[tuple[str, list[str], EmailMessage]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        self.received.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 OK"

    def taken(self) -> list[tuple[str, str]]:
        """(recipient, subject) of what arrived since the last look."""
        arrived = sorted((to[0], str(message["Subject"]).strip()) for _, to, message in self.received)
        self.received.clear()
        return arrived


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    handler = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield handler
    server.stop()


def both(family: Family, subject: str) -> list[tuple[str, str]]:
    return sorted((parent.email, f"[ORIENTATION] {subject}") for parent in family.parents)


def written(family: Family, kind: str, about: Any, at: datetime) -> None:
    for parent in family.parents:
        write(family, kind, parent, about, at)


def test_each_step_of_a_journey_is_told_to_both_and_to_nobody_else(at: At, sink: Sink) -> None:
    at(DURING_INTENTIONS)
    family = named_family()
    sid = uuid4()
    enter(family, family.mother, Phase.PROVISIONAL, PRO, sid=sid)
    entry = enter(family, family.mother, Phase.PROVISIONAL, GT, PRO, sid=sid)
    sign_out(sid=sid)
    assert send_letters() == 2
    assert sink.taken() == both(family, "Saisie des intentions d'orientation")

    at(DURING_OPINIONS)
    opinions = gave_opinions(family, (GT, "Réservé"), (PRO, "Favorable"), at=DURING_OPINIONS, entry=entry)
    written(family, "opinions_available", opinions.uuid, DURING_OPINIONS)
    send_letters()
    assert sink.taken() == both(family, "Avis provisoires du conseil de classe disponibles")
    read_opinions(family, opinions, family.father)

    at(DURING_CHOICES)
    sid = uuid4()
    choices = enter(family, family.father, Phase.DEFINITIVE, GT, PRO, sid=sid)
    sign_out(sid=sid)
    send_letters()
    assert sink.taken() == both(family, "Saisie des choix définitifs d’orientation")

    at(DURING_PROPOSALS)
    proposals = gave_proposals(family, choices, DURING_PROPOSALS)
    written(family, "proposals_available", proposals.uuid, DURING_PROPOSALS)
    answer(family, proposals, family.father, PRO)
    assert send_letters() == 4
    assert sink.taken() == sorted(
        both(family, "Propositions du conseil de classe disponibles")
        + both(family, "Réponse aux propositions du conseil de classe")
    )


def test_what_arrives_is_what_was_written(at: At, sink: Sink) -> None:
    at(DURING_INTENTIONS)
    family = named_family()
    enter(family, family.mother, Phase.PROVISIONAL)
    send_letters()
    for envelope_sender, to, message in sink.received:
        assert envelope_sender == "orientation@ac-lyon.invalid" and len(to) == 1
        assert message["From"] == "Service Orientation <orientation@ac-lyon.invalid>"
        assert message["To"] == to[0] and message["Cc"] is None
        assert message["Reply-To"] == family.student.school.email
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None and "Métiers de l’alimentation" in text.get_content()
        assert html is not None and "Métiers de l’alimentation" in html.get_content()
        assert max(len(line) for line in message.as_bytes().splitlines()) <= 998
