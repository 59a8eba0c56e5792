"""A mail server that keeps nothing but the number of each letter (Message-ID), in a process of its own.

    python -m benchmarks.mail_sink PORT [bare]

aiosmtpd, or with `bare` a few lines of asyncio that know just enough of SMTP to cost next to nothing. At each line of
its standard input it says how many it has received; the line may name a file where to write their numbers.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

NUMBER = b"\r\nmessage-id: "
received: list[bytes] = []


def note(body: bytes) -> None:
    """Keep the Message-ID of a letter, whatever the case of the header's name."""
    head, _, _ = (b"\r\n" + body).partition(b"\r\n\r\n")
    at = head.lower().find(NUMBER) + len(NUMBER)
    received.append(head[at:].split(b"\r\n", 1)[0])


class Noted:
    """aiosmtpd's handler."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        note(envelope.original_content)
        return "250 OK"


class Bare(asyncio.Protocol):
    """Just enough of SMTP for smtplib: no check, no limit."""

    said = {
        b"EHLO": b"250-bare\r\n250 8BITMIME\r\n",
        b"DATA": b"354 go on\r\n",
        b"QUIT": b"221 bye\r\n",
    }

    def __init__(self) -> None:
        self.read, self.in_letter = b"", False

    def connection_made(self, transport: Any) -> None:
        self.line = transport
        self.line.write(b"220 bare\r\n")

    def data_received(self, data: bytes) -> None:
        self.read += data
        while self._one():
            pass

    def _one(self) -> bool:
        """Answer one command, or one letter, if it is whole."""
        found, end, self.read = self.read.partition(b"\r\n.\r\n" if self.in_letter else b"\r\n")
        if not end:
            self.read = found
            return False
        if self.in_letter:
            note(found)
        verb = b"" if self.in_letter else found[:4].upper()
        self.in_letter = verb == b"DATA"
        self.line.write(self.said.get(verb, b"250 OK\r\n"))
        return True


def tell() -> None:
    """Say how many letters have come; write their numbers where the line just read says, and forget them."""
    line = sys.stdin.readline()
    if not line:
        sys.exit()
    print(len(received), flush=True)
    if file := line.strip():
        Path(file).write_bytes(b"".join(one + b"\n" for one in received))
        received.clear()
        print("written", flush=True)


async def listen(port: int, kind: str) -> None:
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, tell)
    server = await loop.create_server(
        Bare if kind == "bare" else lambda: SMTP(Noted(), hostname="sink"), "127.0.0.1", port
    )
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1]), "".join(sys.argv[2:])))
