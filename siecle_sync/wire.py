"""How one request crosses, whoever asks: over the network, or inside this process, same protocol and no port.

Transport only: it knows neither the lines nor the people.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hmac import compare_digest
from io import BytesIO
from typing import Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

TIMEOUT = 60  # seconds, for a connection or a read


class Unreachable(OSError):
    """The other side did not answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class NoRedirect(HTTPRedirectHandler):
    """A token never follows a redirection."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


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
    ) -> Reply:
        """Send `length` bytes of `body` and return the whole reply, whatever its status. Raises Unreachable."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        send = self._over_http if self.base_url else self._in_process
        return send(method, path, body or BytesIO(), length, sent)

    def _over_http(self, method: str, path: str, body: BinaryIO, length: int, headers: dict[str, str]) -> Reply:
        url = self.base_url + path
        if urlsplit(url).scheme not in {"http", "https"}:
            raise Unreachable(f"not an HTTP address: {self.base_url}")
        data = body if length else None
        sized = {**headers, "Content-Length": str(length), "Content-Type": "text/csv; charset=utf-8"}
        request = Request(url, data=data, headers=sized, method=method)  # noqa: S310 (scheme checked above)
        try:
            with build_opener(NoRedirect).open(request, timeout=TIMEOUT) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())
        except (URLError, OSError, EOFError) as error:
            raise Unreachable(str(error)) from error

    def _in_process(self, method: str, path: str, body: BinaryIO, length: int, headers: dict[str, str]) -> Reply:
        request = WSGIRequest(environ(method, path, body, length, headers))
        # neither request_started nor response.close(): these signals would close the connections of the caller,
        # and with them its transaction and its advisory lock
        response = handler().get_response(request)
        return Reply(response.status_code, response.headers, response.content)


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
        "CONTENT_TYPE": "text/csv; charset=utf-8",
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
