"""A real HTTP server between the service and the simulated Siècle: it hands over true answers, altered on their way."""

import hashlib
import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from siecle_sync import contract

HOP = {"connection", "transfer-encoding", "server", "date", "content-length"}


@dataclass(frozen=True)
class Answer:
    """`pause` seconds between two bytes; `kept` bytes written of those announced; not `sized`: ended by hanging up."""

    status: int
    headers: dict[str, str]
    body: bytes
    pause: float = 0
    kept: int | None = None
    sized: bool = True

    def says(self, body: bytes, *, lines: int | None = None, **changed: str) -> "Answer":
        """Another body, announced as it should be."""
        headers = {**self.headers, contract.H_DIGEST: hashlib.sha256(body).hexdigest(), **changed}
        if lines is not None:
            headers[contract.H_LINES] = str(lines)
        return replace(self, body=body, headers=headers)

    def with_header(self, name: str, value: str) -> "Answer":
        return replace(self, headers={**self.headers, name: value})

    def as_json(self, **changed: Any) -> "Answer":
        return replace(self, body=json.dumps({**json.loads(self.body), **changed}).encode())


Alter = Callable[[Answer], Answer]


class Between(ThreadingHTTPServer):
    daemon_threads = True
    upstream = ""
    fragment = ""
    alter: Alter = staticmethod(lambda answer: answer)
    altered = 0
    whole = 0  # answers written to their last byte


class Handler(BaseHTTPRequestHandler):
    server: Between

    def do(self) -> None:
        answer = self.ask()
        if re.search(self.server.fragment, f"{self.command} {self.path}"):
            self.server.altered += 1
            answer = self.server.alter(answer)
        with suppress(ConnectionError):
            self.give(answer)
            self.server.whole += 1

    do_GET = do_PUT = do_POST = do

    def ask(self) -> Answer:
        where = http.client.HTTPConnection(urlsplit(self.server.upstream).netloc, timeout=20)
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {*HOP, "host"}}
        try:
            where.request(self.command, self.path, body=sent or None, headers=headers)
            reply = where.getresponse()
            said = {name: value for name, value in reply.getheaders() if name.lower() not in HOP}
            return Answer(reply.status, said, reply.read())
        finally:
            where.close()

    def give(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.sized:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        body = answer.body if answer.kept is None else answer.body[: answer.kept]
        for block in drops(body) if answer.pause else [body]:
            self.wfile.write(block)
            self.wfile.flush()
            time.sleep(answer.pause)
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        pass


def drops(body: bytes) -> Iterator[bytes]:
    return (body[i : i + 1] for i in range(len(body)))


@contextmanager
def between(upstream: str) -> Iterator[Between]:
    with Between(("127.0.0.1", 0), Handler) as server:
        server.upstream = upstream
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def address(server: Between) -> str:
    return f"http://127.0.0.1:{server.server_port}"
