"""How one request crosses, whoever asks: over the network, or inside this process, same protocol and no port.

Transport only: it knows neither the lines nor the people. What comes back is written to disk as it comes, bounded in
size and in time.
"""

import hashlib
import ipaddress
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from hmac import compare_digest
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, Self
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from siecle_sync.leash import Leash, Leashed

BLOCK: Final = 2**16  # bytes read at a time
IN_MEMORY: Final = 2**20  # bytes of a reply beyond which it goes to disk
CSV: Final = "text/csv; charset=utf-8"


class Unreachable(OSError):
    """The other side did not answer, or not as it may."""

    code = "UNAVAILABLE"


class TooBig(Unreachable):
    """The reply is bigger than what was asked may be."""

    code = "TOO_BIG"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply. `body` is a file at its beginning, `digest` its sha256 in hexadecimal."""

    status: int
    headers: Mapping[str, str]
    body: BinaryIO
    digest: str

    @classmethod
    def kept(cls, status: int, headers: Mapping[str, str], blocks: Iterable[bytes], *, limit: int) -> Self:
        """Keep what comes, at most `limit` bytes. Raises TooBig."""
        body: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed by who reads the reply)
        try:
            digest = spool(blocks, body, limit)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return cls(status, headers, body, digest)


def spool(blocks: Iterable[bytes], body: BinaryIO, limit: int) -> str:
    """Write the blocks; return their sha256. Raises TooBig."""
    sha256, length = hashlib.sha256(), 0
    for block in blocks:
        length += len(block)
        if length > limit:
            raise TooBig(f"more than {limit} bytes")
        sha256.update(block)
        body.write(block)
    return sha256.hexdigest()


class Wire:
    """One way to the other side. `base_url` empty: this very process answers."""

    def __init__(self, *, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.token = token

    def request(
        self,
        method: str,
        path: str,
        *,
        body: BinaryIO | None = None,
        length: int = 0,
        headers: Mapping[str, str] | None = None,
        limit: int = IN_MEMORY,
    ) -> Reply:
        """Send `length` bytes of `body`; return the reply, whatever its status, of `limit` bytes at most.

        Raises Unreachable.
        """
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        send = self._over_http if self.base_url else self._in_process
        return send(method, path, body or BytesIO(), length, sent, limit)

    def _over_http(
        self, method: str, path: str, body: BinaryIO, length: int, headers: dict[str, str], limit: int
    ) -> Reply:
        if not is_safe(self.base_url):
            raise Unreachable(f"https is required: {self.base_url}")
        # what is digested is what was sent: no compression on the way
        sent = {"Content-Type": CSV, "Accept-Encoding": "identity", **headers}
        request = requests.Request(method, self.base_url + path, headers=sent, data=body if length else None)
        with Leash(settings.SIECLE_TIMEOUT_TOTAL) as leash, closing(Leashed(leash)) as adapter:
            try:
                reply = exchange(adapter, request.prepare(), limit)
            except Unreachable:
                raise
            except (requests.RequestException, HTTPError, OSError, EOFError) as error:
                raise Unreachable("too slow" if leash.cut else f"{type(error).__name__}: {error}") from error
            if leash.cut:  # a body without a length looks whole when it is cut
                reply.body.close()
                raise Unreachable("too slow")
            return reply

    def _in_process(
        self, method: str, path: str, body: BinaryIO, length: int, headers: dict[str, str], limit: int
    ) -> Reply:
        request = WSGIRequest(environ(method, path, body, length, headers))
        # neither request_started nor response.close(): these signals would close the connections of the caller,
        # and with them its transaction and its advisory lock
        response = handler().get_response(request)
        return Reply.kept(response.status_code, response.headers, response, limit=limit)


def exchange(adapter: HTTPAdapter, request: requests.PreparedRequest, limit: int) -> Reply:
    """One request, one reply: a token follows no redirection, and nothing of the environment counts."""
    proxy = settings.SIECLE_PROXY
    key = settings.SIECLE_CLIENT_KEY or settings.SIECLE_CLIENT_CERT
    answer = adapter.send(
        request,
        stream=True,
        timeout=(settings.SIECLE_TIMEOUT_CONNECT, settings.SIECLE_TIMEOUT_READ),
        verify=settings.SIECLE_CA_FILE or True,
        cert=(settings.SIECLE_CLIENT_CERT, key) if settings.SIECLE_CLIENT_CERT else None,
        proxies={"http": proxy, "https": proxy} if proxy else None,
    )
    with closing(answer):
        blocks = answer.raw.stream(BLOCK, decode_content=False)
        return Reply.kept(answer.status_code, answer.headers, blocks, limit=limit)


def is_safe(base_url: str) -> bool:
    """Say whether a token and names may cross to this address: https, or this machine, or a development."""
    parts = urlsplit(base_url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and (settings.DEV or is_loopback(parts.hostname or ""))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def handler() -> BaseHandler:
    made = BaseHandler()
    made.load_middleware()
    return made


def environ(method: str, path: str, body: BinaryIO, length: int, headers: dict[str, str]) -> dict[str, Any]:
    parts = urlsplit(path)
    host = urlsplit(settings.PUBLIC_URL)
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": host.hostname,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host.netloc,
        "CONTENT_TYPE": CSV,
        "CONTENT_LENGTH": str(length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",  # it never leaves this process: nothing to redirect
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }


def siecle_token() -> str:
    """What we show to Siècle. Not set: both sides are this program, and derive the same one from its secret key."""
    return settings.SIECLE_TOKEN or derived("siecle")


def callback_token() -> str:
    """What Siècle shows to us."""
    return settings.SIECLE_CALLBACK_TOKEN or derived("callback")


def derived(use: str) -> str:
    return salted_hmac("siecle_sync.wire", use, algorithm="sha256").hexdigest()


def bears(request: HttpRequest, token: str) -> bool:
    """Say whether the request carries this bearer token (compared in constant time)."""
    sent = request.headers.get("Authorization", "").encode()
    return compare_digest(sent, f"Bearer {token}".encode())
