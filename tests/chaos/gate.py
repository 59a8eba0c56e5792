"""Stops a worker at a step: it comes to this socket, says so, and waits there until it is told to go on, or dies."""

import os
import socket
from pathlib import Path


class Gate:
    """Opens once: who comes later finds nobody, and does not wait."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.listener.setblocking(False)
        self.visitor: socket.socket | None = None
        self.pid = 0

    def reached(self) -> bool:
        """Whether a worker waits here; `pid` is then its process."""
        try:
            self.visitor, _ = self.listener.accept()
        except BlockingIOError:
            return False
        self.visitor.setblocking(True)
        self.pid = int(self.visitor.recv(32))
        self.close()
        return True

    def release(self) -> None:
        if self.visitor is not None:
            self.visitor.close()

    def close(self) -> None:
        """Nobody stops here any more; who stands here stays."""
        self.listener.close()
        self.path.unlink(missing_ok=True)


def wait_at(path: str) -> None:
    """The worker's side: wait until released; go on at once when nobody listens any more."""
    with socket.socket(socket.AF_UNIX) as gate:
        try:
            gate.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            return
        gate.sendall(str(os.getpid()).encode())
        gate.recv(1)


class Turnstile:
    """The worker's side too, where a step comes many times: the variable says « STEP:n », n from 1."""

    def __init__(self, variable: str) -> None:
        self.variable, self.passed = variable, 0

    def passes(self, step: str) -> None:
        """Wait at the gate the n-th time that the step is reached, else go on."""
        wanted, _, number = os.environ.get(self.variable, "").partition(":")
        if step == wanted:
            self.passed += 1
            if self.passed == int(number):
                wait_at(os.environ["CHAOS_GATE"])
