"""A Siècle that says what a test tells it: the contract over real HTTP, and nothing of what the simulator knows."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from siecle_sync import contract
from siecle_sync.partition import Range

Row = dict[str, str | None]
Verdict = tuple[str, str]  # what becomes of a line that we send: outcome, code


def accepted(_line: Row) -> Verdict:
    return contract.ACCEPTED, ""


@dataclass
class Siecle:
    """`feed`: the lines it tells, as texts (None: an empty field). `judge`: what becomes of each line it is sent."""

    feed: list[Row] = field(default_factory=list)
    judge: Callable[[Row], Verdict] = accepted
    sent: list[Row] = field(default_factory=list)
    reports: dict[str, list[Row]] = field(default_factory=dict)
    url: str = ""

    def take(self, deposit: str, body: str) -> None:
        lines = list(csv.DictReader(StringIO(body)))
        self.sent += lines
        self.reports[deposit] = [self.answer(line) for line in lines]

    def answer(self, line: Row) -> Row:
        outcome, code = self.judge(line)
        said = {"outcome": outcome, "code": code, "sentence": contract.SENTENCES.get(code, "")}
        return {"seq": line["seq"], "kind": line["kind"], "ref": line["ref"], **said}

    def counters(self, deposit: str) -> dict[str, int]:
        found = Counter(str(line["outcome"]).lower() for line in self.reports[deposit])
        return {"read": found.total(), "accepted": 0, "rejected": 0, "not_processed": 0, **found}

    def told(self, asked: dict[str, list[str]]) -> list[Row]:
        """The lines after a number, of the schools asked for."""
        after, first, before = (asked.get(name, [""])[0] for name in ("apres", "de", "avant"))
        rows = [line for line in self.feed if int(str(line["seq"])) > int(after)]
        return self.of(rows, Range(first, before))

    def of(self, rows: list[Row], where: Range) -> list[Row]:
        """The lines of the schools of a range."""
        return [row for row in rows if where.meets(Range(row["uai"] or "", (row["uai"] or "") + "\0"))]


def table(columns: Any, rows: list[Row]) -> str:
    """CSV where an absent value is an empty field, and an empty text a quoted one."""
    lines = [[quoted(row[name]) for name in columns] for row in rows]
    return "\n".join(",".join(line) for line in [list(columns), *lines]) + "\n"


def quoted(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'


class Desk(BaseHTTPRequestHandler):
    siecle: Siecle

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        deposit = urlsplit(self.path).path.split("/")[-2]
        self.siecle.take(deposit, body)
        self.say(202, json.dumps({"id": deposit, "digest": self.headers[contract.H_DIGEST]}))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, asked = parts.path.removeprefix(contract.API).strip("/").split("/"), parse_qs(parts.query)
        if path[0] == "reponses":
            self.page(contract.COLUMNS, self.siecle.told(asked))
        elif path[-1] == "lignes":
            self.page(contract.REPORT_COLUMNS, self.siecle.reports[path[1]])
        else:
            self.say(200, json.dumps(self.siecle.counters(path[1])))

    def page(self, columns: Any, rows: list[Row]) -> None:
        """All in one page."""
        body = table(columns, rows)
        digest = hashlib.sha256(body.encode()).hexdigest()
        self.say(200, body, {contract.H_DIGEST: digest, contract.H_LINES: str(len(rows)), contract.H_MORE: "0"})

    def say(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in {**self.usual(content), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def usual(self, content: bytes) -> dict[str, str]:
        return {"Content-Length": str(len(content)), contract.H_VERSION: contract.VERSION}

    def log_message(self, *_said: Any) -> None:
        pass


@contextmanager
def listening() -> Iterator[Siecle]:
    """A Siècle on a port of this machine."""
    siecle = Siecle()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneDesk", (Desk,), {"siecle": siecle}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    siecle.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield siecle
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
