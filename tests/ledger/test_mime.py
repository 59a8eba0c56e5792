"""What we write ourselves is what Django would have written: same headers, same parts, same refusals."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import BadHeaderError, sanitize_address
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import mime

END = "\r\n"
DRAWN = {"Content-Type", "Date"}  # the boundary is drawn, and a second may pass
ONE_LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=300)
# a body of several lines, some too long for mail; what a template never leaves in a letter is left out (\v, \f, …)
LINES = st.lists(
    st.one_of(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=80), st.just("é" * 600)),
    max_size=6,
).map(lambda lines: "\n".join(["Bonjour,", *lines]))


def message(subject: str, text: str, html: str, **headers: str) -> EmailMultiAlternatives:
    made = EmailMultiAlternatives(
        subject, text, "Service Orientation <a@ac-lyon.invalid>", ["p@exemple.invalid"],
        reply_to=["ce@x.invalid"], headers={"Message-ID": "<1@here>", "Auto-Submitted": "auto-generated"} | headers,
    )  # fmt: skip
    made.attach_alternative(html, "text/html")
    return made


def read(written: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(written, policy=default))


def headers(of: EmailMessage) -> dict[str, str]:
    return {
        name: value.strip() for name, value in of.items() if name not in DRAWN
    }  # Django may fold before a long word


def parts(of: EmailMessage) -> list[tuple[str, str]]:
    return [(part.get_content_type(), part.get_content()) for part in of.iter_parts()]


@settings(deadline=None)
@given(ONE_LINE, LINES, LINES)
def test_a_message_is_the_one_that_django_would_write(subject: str, text: str, html: str) -> None:
    made = message(subject, text, html)
    ours, theirs = read(mime.written(made)), read(made.message().as_bytes(linesep=END))
    assert headers(ours) == headers(theirs)
    assert parts(ours) == parts(theirs)


@settings(deadline=None)
@given(LINES)
def test_no_line_is_longer_than_mail_allows_and_each_ends_as_it_must(text: str) -> None:
    written = mime.written(message("Essai", text, text))
    lines = written.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line for line in lines)


@pytest.mark.parametrize("subject", ["Essai\nBcc: autre@exemple.invalid", "Essai\rBcc: autre@exemple.invalid"])
def test_no_value_makes_a_header_of_its_own(subject: str) -> None:
    with pytest.raises(BadHeaderError):
        mime.written(message(subject, "", ""))
    with pytest.raises(BadHeaderError):
        mime.written(message("Essai", "", "", **{"Message-ID": subject}))


@pytest.mark.parametrize("address", ["p@exemple.fr", "Élève <p@exemple.fr>", "p@élève.fr", '"p p"@exemple.fr'])
def test_the_server_is_told_of_the_address_that_django_would_tell(address: str) -> None:
    assert mime.address(address) == sanitize_address(address, "utf-8")


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid address"):
        mime.address("p@exemple.fr, autre@exemple.fr")
