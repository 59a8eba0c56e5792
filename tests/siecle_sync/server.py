"""The simulated Siècle as people run it apart: gunicorn, in a process of its own, on the databases of the tests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.db import connections

TLS = Path(__file__).parent / "tls"
AUTHORITY, PROGRAM = str(TLS / "authority.pem"), str(TLS / "program.pem")  # of localhost, until 2126
SECURE = ("--certfile", PROGRAM, "--keyfile", PROGRAM, "--ca-certs", AUTHORITY, "--cert-reqs", "2")
PATIENCE = 60  # seconds


def url_of(alias: str) -> str:
    said = connections[alias].settings_dict
    user, password = quote(said["USER"], safe=""), quote(said["PASSWORD"], safe="")
    return f"postgres://{user}:{password}@{said['HOST']}:{said['PORT']}/{said['NAME']}"


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url_of("default"),
        "SIECLE_MOCK_DATABASE_URL": url_of("siecle_mock"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ORIENTATION_DEV": "1",
        "SANDBOX": "1",  # the date of the tests is in their database
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "SIECLE_BASE_URL": "",
        "SIECLE_TOKEN": settings.SIECLE_TOKEN,
        "SIECLE_CALLBACK_TOKEN": settings.SIECLE_CALLBACK_TOKEN,
        "LOG_LEVEL": "WARNING",
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def siecle_apart(*options: str) -> Iterator[str]:
    """Run the second process; yield its address."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4",
        "--worker-tmp-dir", "/tmp", "--no-control-socket", *options,
    ]  # fmt: skip
    with (
        TemporaryFile("w+") as said,  # a pipe that nobody reads would stop it
        subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment(), stderr=said) as one,
    ):
        try:
            wait_for(one, port, said)
            yield f"{'https' if options else 'http'}://localhost:{port}"
        finally:
            one.terminate()
            one.wait(timeout=PATIENCE)


def wait_for(process: subprocess.Popen[bytes], port: int, said: IO[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said.seek(0)
            raise RuntimeError(said.read())
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the simulated Siècle did not start")
