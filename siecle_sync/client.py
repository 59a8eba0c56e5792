"""What we ask of Siècle Orientation: take a deposit, say what became of it, tell what the schools did."""

import hashlib
import json
import time
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from orientation.models import Campaign
from siecle_sync import contract
from siecle_sync.wire import Reply, Unreachable, Wire, siecle_token

POLLS = 120
PAUSE = 5  # seconds between two questions about a deposit being processed


class ExchangeFailed(Exception):
    """Siècle did not answer, or its answer cannot be trusted: the night changes nothing more."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{contract.SENTENCES.get(code, code)} {detail}".strip())
        self.code = code


class Siecle:
    """One campaign's conversation with Siècle."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.wire = Wire(base_url=settings.SIECLE_BASE_URL, token=siecle_token())

    def deposit(self, uuid: UUID, body: BinaryIO, *, length: int, digest: str, lines: int) -> None:
        """Deposit `lines` lines (`length` bytes, sha256 `digest`). Raises ExchangeFailed."""
        headers = {
            contract.H_ACADEMY: self.campaign.academy_id,
            contract.H_YEAR: str(self.campaign.year),
            contract.H_LEVEL: self.campaign.level,
            contract.H_DIGEST: digest,
            contract.H_LINES: str(lines),
        }
        path = contract.deposit_path(uuid)
        self.ask("PUT", path, expected=(202,), body=body, length=length, headers=headers)

    def counters(self, uuid: UUID) -> dict[str, int]:
        """Wait for the report of a deposit and return its counters. Raises ExchangeFailed."""
        for _ in range(POLLS):
            reply = self.ask("GET", contract.report_path(uuid), expected=(200, 202))
            if reply.status == 200:
                return {name: int(value) for name, value in json.loads(reply.body).items()}
            time.sleep(PAUSE)
        raise ExchangeFailed("UNAVAILABLE", "le compte rendu n’est pas venu")

    def report_pages(self, uuid: UUID) -> Iterator[BytesIO]:
        return self.pages(lambda after: contract.report_lines_path(uuid, after=after))

    def feed_pages(self, *, after: int, first: str = "", before: str = "") -> Iterator[BytesIO]:
        """What the schools whose UAI is in [first, before) did after the line `after`, page by page."""
        scope = {"academy": self.campaign.academy_id, "year": self.campaign.year, "level": self.campaign.level}
        scope |= {"first": first, "before": before}
        return self.pages(lambda seq: contract.feed_path(**scope, after=seq), after=after)

    def pages(self, path, *, after: int = 0) -> Iterator[BytesIO]:
        """Yield pages of lines, each whole: its digest and its number of lines are those announced."""
        more = True
        while more:
            reply = self.ask("GET", path(after), expected=(200,))
            if hashlib.sha256(reply.body).hexdigest() != reply.headers.get(contract.H_DIGEST):
                raise ExchangeFailed("WRONG_DIGEST")
            page = Page(reply)
            yield page
            after, more = page.last, page.more

    def ask(self, method: str, path: str, *, expected: tuple[int, ...], headers=None, **sent) -> Reply:
        headers = {contract.H_VERSION: contract.VERSION, **(headers or {})}
        try:
            reply = self.wire.request(method, path, headers=headers, **sent)
        except Unreachable as error:
            raise ExchangeFailed("UNAVAILABLE", str(error)) from error
        if reply.status not in expected:
            raise ExchangeFailed(code_of(reply), f"({reply.status})")
        if reply.headers.get(contract.H_VERSION) != contract.VERSION:
            raise ExchangeFailed("WRONG_VERSION")
        return reply


class Page(BytesIO):
    """A page of lines. Whoever copies it sets `last`, the number of its last line, and checks `lines`."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.body)
        self.lines = int(reply.headers.get(contract.H_LINES, "-1"))
        self.more = reply.headers.get(contract.H_MORE) == "1"
        self.last = 0


def code_of(reply: Reply) -> str:
    try:
        return str(json.loads(reply.body)["code"])
    except (ValueError, KeyError, TypeError):
        return "UNAVAILABLE"
