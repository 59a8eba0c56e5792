"""What we ask of Siècle Orientation: take a deposit, say what became of it, tell what the schools did.

Nothing of a reply is believed before it is checked: version, size, digest, number and order of the lines, shape.
"""

import json
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, BinaryIO, Self
from uuid import UUID

from django.conf import settings

from orientation.models import Campaign
from siecle_sync import contract
from siecle_sync.wire import Reply, Unreachable, Wire, siecle_token

POLLS = 120
PAUSE = 5  # seconds between two questions about a deposit being processed
COUNTERS = {"read", "accepted", "rejected", "not_processed"}


class ExchangeFailed(Exception):
    """Siècle did not answer, or its answer cannot be trusted: the night changes nothing more."""

    def __init__(self, code: str, detail: str = "") -> None:
        detail = detail.replace("\0", "\N{REPLACEMENT CHARACTER}")[:500]  # the database takes no such character
        super().__init__(f"{contract.SENTENCES.get(code, code)} {detail}".strip())
        self.code = code


class Page:
    """A page of lines, as a file, announced truly. Who copies it sets `last`, its last number, and checks `lines`.

    Raises ExchangeFailed.
    """

    def __init__(self, reply: Reply, *, after: int) -> None:
        self.file = reply.body
        try:
            if reply.digest != reply.headers.get(contract.H_DIGEST):
                raise ExchangeFailed("WRONG_DIGEST")
            self.lines = number(reply.headers.get(contract.H_LINES, ""))
        except ExchangeFailed:
            self.file.close()
            raise
        self.more = reply.headers.get(contract.H_MORE) == "1"
        self.after = self.last = after

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


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
        receipt = read(self.ask("PUT", path, expected=(202,), body=body, length=length, headers=headers))
        if receipt != {"id": str(uuid), "digest": digest}:
            raise ExchangeFailed("MISMATCH")

    def counters(self, uuid: UUID) -> dict[str, int]:
        """Wait for the report of a deposit and return its counters. Raises ExchangeFailed."""
        for _ in range(POLLS):
            reply = self.ask("GET", contract.report_path(uuid), expected=(200, 202))
            if reply.status == 200:
                return counters_of(read(reply))
            reply.body.close()
            time.sleep(PAUSE)
        raise ExchangeFailed("UNAVAILABLE", "le compte rendu n’est pas venu")

    def report_pages(self, uuid: UUID) -> Iterator[Page]:
        return self.pages(lambda after: contract.report_lines_path(uuid, after=after))

    def feed_pages(self, *, after: int, first: str = "", before: str = "") -> Iterator[Page]:
        """What the schools whose UAI is in [first, before) did after the line `after`, page by page."""
        scope = {"academy": self.campaign.academy_id, "year": self.campaign.year, "level": self.campaign.level}
        scope |= {"first": first, "before": before}
        return self.pages(lambda seq: contract.feed_path(**scope, after=seq), after=after)

    def pages(self, path: Callable[[int], str], *, after: int = 0) -> Iterator[Page]:
        """Yield pages of lines, each whole, for the caller to close. Raises ExchangeFailed."""
        for _ in range(contract.PAGES):
            reply = self.ask("GET", path(after), expected=(200,), limit=contract.PAGE_BYTES)
            page = Page(reply, after=after)
            yield page
            if not page.more:
                return
            if page.last <= after:
                raise ExchangeFailed("OUT_OF_ORDER", "page vide, suivie d’une autre")
            after = page.last
        raise ExchangeFailed("TOO_BIG", f"plus de {contract.PAGES} pages")

    def ask(
        self, method: str, path: str, *, expected: tuple[int, ...], headers: dict[str, str] | None = None, **sent: Any
    ) -> Reply:
        headers = {contract.H_VERSION: contract.VERSION, **(headers or {})}
        try:
            reply = self.wire.request(method, path, headers=headers, **sent)
        except Unreachable as error:
            raise ExchangeFailed(error.code, str(error)) from error
        if reply.status not in expected:
            raise ExchangeFailed(code_of(reply), f"({reply.status})")
        if reply.headers.get(contract.H_VERSION) != contract.VERSION:
            reply.body.close()
            raise ExchangeFailed("WRONG_VERSION")
        return reply


def number(said: str) -> int:
    """Raises ExchangeFailed."""
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        raise ExchangeFailed("WRONG_LINES")
    return int(said)


def read(reply: Reply) -> Any:
    """The JSON of a reply. Raises ExchangeFailed."""
    with reply.body as body:
        try:
            return json.loads(body.read())
        except (ValueError, RecursionError) as error:
            raise ExchangeFailed("MISMATCH") from error


def counters_of(said: Any) -> dict[str, int]:
    """Raises ExchangeFailed."""
    if not isinstance(said, dict) or said.keys() != COUNTERS:
        raise ExchangeFailed("MISMATCH")
    if not all(type(value) is int and 0 <= value < 2**31 for value in said.values()):
        raise ExchangeFailed("MISMATCH")
    return said


def code_of(reply: Reply) -> str:
    """The code of a refusal; what is not of the contract is no code."""
    try:
        code = read(reply)["code"]
    except (ExchangeFailed, KeyError, TypeError):
        return "UNAVAILABLE"
    return code if isinstance(code, str) and code in contract.SENTENCES else "UNAVAILABLE"
