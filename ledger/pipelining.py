"""A letter in two exchanges instead of four, where the mail server allows it (RFC 2920): it may be far away."""

import re
import smtplib
from contextlib import suppress

DOTS = re.compile(rb"^\.", re.MULTILINE)
OK, FORWARDED, GO_ON, CLOSING = 250, 251, 354, 421
Reply = tuple[int, bytes]


def send(server: smtplib.SMTP, sender: str, reader: str, letter: bytes) -> None:
    """As SMTP.sendmail to one reader: the same refusals raised, and the server ready for the next letter."""
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("pipelining"):
        server.sendmail(sender, [reader], letter)
        return
    if "\r" in (both := sender + reader) or "\n" in both:
        raise ValueError(f"not an address: {both!r}")
    asked, took, waits = _envelope(server, sender, reader, len(letter))
    refused = _refusal(asked, took, sender, reader)
    answer = waits
    if waits[0] == GO_ON:  # a server that refused the reader may wait for a letter all the same: it gets none
        server.send(b".\r\n" if refused else DOTS.sub(b"..", letter.removesuffix(b"\r\n")) + b"\r\n.\r\n")
        answer = server.getreply()
    if refused or answer[0] != OK:
        _start_again(server, asked, took, answer)
        raise refused or smtplib.SMTPDataError(*answer)


def _envelope(server: smtplib.SMTP, sender: str, reader: str, size: int) -> tuple[Reply, Reply, Reply]:
    """From whom, to whom, and that a letter follows: what the server says to each."""
    extent = f" size={size}" if server.has_extn("size") else ""
    origin, end = smtplib.quoteaddr(sender), smtplib.quoteaddr(reader)
    server.send(f"MAIL FROM:{origin}{extent}\r\nRCPT TO:{end}\r\nDATA\r\n")
    return server.getreply(), server.getreply(), server.getreply()


def _refusal(asked: Reply, took: Reply, sender: str, reader: str) -> smtplib.SMTPException | None:
    if asked[0] != OK:
        return smtplib.SMTPSenderRefused(*asked, sender)
    if took[0] not in (OK, FORWARDED):
        return smtplib.SMTPRecipientsRefused({reader: took})
    return None


def _start_again(server: smtplib.SMTP, *replies: Reply) -> None:
    """Nothing of a refused letter is left in the session; a server that hangs up is taken at its word."""
    if any(code == CLOSING for code, _ in replies):
        server.close()
        return
    with suppress(smtplib.SMTPServerDisconnected):
        server.rset()
