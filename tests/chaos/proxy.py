"""The network between the worker and Siècle: a small TCP relay whose next answer may be cut off."""

import socket
import threading
from contextlib import closing, suppress

from processes import free_port

BLOCK = 65_536


class Proxy:
    """Relays to `port` on loopback. After `cut()`, the next request arrives, and its answer never does."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, free_port()
        self.cutting = threading.Event()
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.cutting.set()

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
                threading.Thread(target=self._pump, args=[client, server], daemon=True).start()
                self._answer(server, client)
            client.shutdown(socket.SHUT_RDWR)  # closing would wait for the thread that reads

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(BLOCK):
                target.sendall(block)
            target.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        while block := server.recv(BLOCK):
            if self.cutting.is_set():
                self.cutting.clear()
                self.cuts += 1
                client.sendall(block[: len(block) // 3])
                return
            client.sendall(block)
