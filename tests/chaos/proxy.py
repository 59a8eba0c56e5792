"""The network between the worker and Siècle: a small TCP relay that may cut the next request, or the next answer."""

import socket
import threading
from contextlib import closing, suppress

from processes import free_port

BLOCK = 65_536


class Proxy:
    """Relays to `port` on loopback, until told to cut something short: once."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, free_port()
        self.cut_answer, self.cut_request = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def mend(self) -> None:
        self.cut_answer.clear()
        self.cut_request.clear()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._relay, args=[client], daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with closing(client), suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self.target))
            with closing(server), suppress(OSError):
                threading.Thread(target=self._ask, args=[client, server], daemon=True).start()
                self._answer(server, client)
            client.shutdown(socket.SHUT_RDWR)  # closing would wait for the thread that reads

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while block := client.recv(BLOCK):
                # of a deposit, the body is cut, not the headers
                if self.cut_request.is_set() and not block.startswith(b"PUT"):
                    self.cut_request.clear()
                    server.sendall(block[: len(block) // 2])
                    break
                server.sendall(block)
            server.shutdown(socket.SHUT_RDWR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        while block := server.recv(BLOCK):
            if self.cut_answer.is_set():
                self.cut_answer.clear()
                client.sendall(block[: len(block) // 3])
                return
            client.sendall(block)
