"""A limit on the whole of an exchange: time-outs of one read at a time never end against a slow drip."""

import socket
from contextlib import suppress
from threading import Timer
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import ConnectionPool


class Leash:
    """Cut, after `seconds`, every connection made under it, whatever it is doing: sending, waiting, reading."""

    def __init__(self, seconds: float) -> None:
        self.cut = False
        self.timer = Timer(seconds, self.pull)
        self.timer.daemon = True
        self.sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self.timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.timer.cancel()
        for one in self.sockets:
            one.close()

    def hold(self, made: socket.socket) -> None:
        """Keep a way to shut this connection down: TLS takes the socket itself over."""
        self.sockets.append(made.dup())
        if self.cut:
            self.pull()

    def pull(self) -> None:
        self.cut = True
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Leashed(HTTPAdapter):
    """A way out for `requests`, whose connections a leash holds."""

    def __init__(self, leash: Leash) -> None:
        super().__init__()
        self.leash = leash

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = leashed(pool.ConnectionCls, self.leash)
        return pool


def leashed(kind: type[HTTPConnection], leash: Leash) -> type[HTTPConnection]:
    class Held(kind):  # type: ignore[misc, valid-type]
        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            leash.hold(made)
            return made

    return Held
