"""python -m tests.chaos.sink PORT FILE: a mail server that keeps what it accepts, one JSON line a message.

CHAOS_SINK, « STEP:n », names where it stops the n-th time, at the gate of CHAOS_GATE: ENVELOPE (before DATA), STORED
(kept, not yet said), ANSWERED (said: the letter is ours). Kept means handed to the system: a SIGKILL loses nothing.
"""

import asyncio
import json
import os
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.chaos.gate import Turnstile

STEPS = ("ENVELOPE", "STORED", "ANSWERED")
TAKEN = "250 Taken"
turnstile = Turnstile("CHAOS_SINK")


class Keeper:
    """What the mail server does with a message: writes it down."""

    def __init__(self, file: Path) -> None:
        self.file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        turnstile.passes("ENVELOPE")
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        os.write(self.file, json.dumps(read(envelope), ensure_ascii=False).encode() + b"\n")
        turnstile.passes("STORED")
        return TAKEN


def read(envelope: Any) -> dict[str, Any]:
    """The message as it arrived: its envelope, every header, each part's text by type."""
    message = message_from_bytes(envelope.content, policy=default)
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": [[name, str(value)] for name, value in message.items()],
        "parts": {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()},
    }


class Server(SMTP):
    """Stops, if asked to, just after its client was told that the message is taken."""

    async def push(self, status: Any) -> None:
        await super().push(status)
        if status == TAKEN:
            turnstile.passes("ANSWERED")


async def serve(port: int, file: Path) -> None:
    keeper = Keeper(file)
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(keeper, enable_SMTPUTF8=True), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
