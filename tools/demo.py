"""demo.py --port 8000 [--reset]: the whole service on this machine, until Ctrl-C.

Servers, migrations, invented data the first time, then web, worker and timetable. Everything it makes is in .data.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from demo_data import MANAGE, ensure_databases, has_command, load_once, migrate, prepare
from embedded import DATA, ROOT, Unavailable, demo_settings, sole_servers
from processes import Interrupted, end_with_parent, interrupt, listens, on_signals, stop

LOGS = DATA / "logs"
PATIENCE = 60  # seconds for the first page


@contextmanager
def step(sentence: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"· {sentence} … ", end="", flush=True)
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def check_port(port: int) -> None:
    if listens(port):
        raise Unavailable(f"Le port {port} est déjà pris. Choisissez-en un autre : « make demo PORT={port + 1} ».")


def commands(port: int) -> dict[str, list[str]]:
    """Name → command, in the order of starting (stopped in the reverse order)."""
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "config.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{port}"),
            *("--access-logfile", "-", "--graceful-timeout", "5", "--worker-tmp-dir", str(LOGS)),
            *("--timeout", "300"),  # the sandbox plays up to sixty nights in one request
        ],
        "worker": [*celery, "worker", "--pool", "solo", "--loglevel", "INFO", *quiet],
        "beat": [*celery, "beat", "--schedule", str(LOGS / "beat-schedule"), "--pidfile", "", "--loglevel", "INFO"],
    }


def spawn(name: str, command: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
    with (LOGS / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(signal.SIGTERM),
        )


def check_alive(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Raises Unavailable, with the end of its log, when a child has died."""
    for name, process in children.items():
        if process.poll() is not None:
            tail = "\n".join((LOGS / f"{name}.log").read_text(errors="replace").splitlines()[-15:])
            raise Unavailable(f"Le processus « {name} » s’est arrêté (code {process.returncode}) :\n{tail}")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def wait_until_served(port: int, children: dict[str, subprocess.Popen[bytes]]) -> None:
    limit = time.monotonic() + PATIENCE
    while not answers(f"http://127.0.0.1:{port}/sante/"):
        check_alive(children)
        if time.monotonic() > limit:
            raise Unavailable(f"Le service ne répond pas. Voyez {LOGS / 'web.log'}.")
        time.sleep(0.1)


def summary(port: int, variables: dict[str, str]) -> None:
    if has_command("demo_accounts"):
        subprocess.run([*MANAGE, "demo_accounts"], cwd=ROOT, env=variables)
    print(f"\nLe service : http://127.0.0.1:{port}/   (Ctrl-C pour arrêter ; journaux : {LOGS})", flush=True)


def serve(port: int, variables: dict[str, str]) -> None:
    """Run the three processes until a signal (Interrupted) or the death of one of them (Unavailable)."""
    LOGS.mkdir(parents=True, exist_ok=True)
    children: dict[str, subprocess.Popen[bytes]] = {}
    with ExitStack() as stack:
        with step("Mise en route du service"):
            for name, command in commands(port).items():
                children[name] = spawn(name, command, variables)
                stack.callback(stop, children[name], wait=10)
            wait_until_served(port, children)
        summary(port, variables)
        while True:
            check_alive(children)
            time.sleep(0.3)


def demo(port: int, *, reset_asked: bool) -> None:
    """Raises Unavailable with a sentence, or Interrupted when asked to stop."""
    check_port(port)
    with ExitStack() as stack:
        with step("Démarrage de PostgreSQL et de Redis"):
            urls = stack.enter_context(sole_servers(prepare=lambda: prepare(reset_asked)))
        variables = {
            **demo_settings(),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            **os.environ,
            **urls,
        }
        with step("Base de données"):
            ensure_databases(variables)
            migrate(variables)
        load_once(variables)
        (DATA / "mail").mkdir(exist_ok=True)
        serve(port, variables)


def main() -> int:
    """Exit code 0 when stopped by a signal, 2 when it cannot start or when one of its processes died."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--reset", action="store_true")
    options = parser.parse_args()
    on_signals(interrupt)
    try:
        demo(options.port, reset_asked=options.reset)
    except Unavailable as sentence:
        print(f"\n{sentence}", file=sys.stderr)
        return 2
    except Interrupted:
        print("\nArrêté.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
