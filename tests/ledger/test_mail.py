"""A sandbox's mail never reaches a real mailbox, whatever path it takes."""

from typing import Any

import pytest
from django.core import mail as outbox_of_django

from ledger.mail import Letter, SandboxMail, deliver

LETTER = Letter("[ORIENTATION] Essai", "Bonjour", "<p>Bonjour</p>", "a@ac-lyon.invalid", "p@exemple.fr", "ce@x.invalid")


def test_sandbox_never_names_a_real_mailbox_to_a_server(settings: Any) -> None:
    settings.SANDBOX = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(SandboxMail):
        deliver(LETTER)


def test_production_does(settings: Any) -> None:
    settings.SANDBOX = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        deliver(LETTER)


def test_a_letter_has_one_recipient_two_readings_and_an_answer_address() -> None:
    assert deliver(LETTER, message_id="<1@here>") == "<1@here>"
    (sent,) = outbox_of_django.outbox
    assert (sent.to, sent.cc, sent.bcc, sent.reply_to) == (["p@exemple.fr"], [], [], ["ce@x.invalid"])
    assert [kind for _, kind in sent.alternatives] == ["text/html"]
    assert sent.message()["Message-ID"] == "<1@here>"
    assert sent.message()["Auto-Submitted"] == "auto-generated"
