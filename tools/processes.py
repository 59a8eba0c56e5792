"""Children that never outlive us, and signals turned into a clean end."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from types import FrameType

LIBC = ctypes.CDLL(None)
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Interrupted(BaseException):
    """A signal asked us to stop; its argument is the number."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """Signal handler: stop once, and let nothing disturb the stopping."""
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number)


def on_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def end_with_parent(number: int = signal.SIGINT) -> None:
    """Ask Linux to signal this child when its parent dies, even killed by SIGKILL (PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        LIBC.prctl(1, number)


def stop(
    process: subprocess.Popen[bytes], *, gentle: int = signal.SIGTERM, rough: int = signal.SIGKILL, wait: int = 20
) -> None:
    """Ask a child that leads its own session to end, wait, then insist on its whole group."""
    if process.poll() is not None:
        return
    process.send_signal(gentle)
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, rough)
        process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
