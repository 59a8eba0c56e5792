"""The launcher, the demo's refusals, the sandbox's mail: run for real, in processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

PRINT_URLS = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
SERVERS = {"DATABASE_URL", "REDIS_URL", "SIECLE_MOCK_DATABASE_URL"}
OF_THE_BROWSER_TESTS = {"DJANGO_ALLOW_ASYNC_UNSAFE"}  # they may have run before, in this process


def environment(**values: str) -> dict[str, str]:
    """The environment without any server in it, and with `values`."""
    unwanted = SERVERS | OF_THE_BROWSER_TESTS
    return {name: value for name, value in os.environ.items() if name not in unwanted} | values


def tool(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "tools" / name), *arguments]


def run(command: list[str], **values: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment(**values), cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=90
    )


def children(pid: int) -> set[int]:
    """Every process that descends from `pid` (Linux)."""
    found = {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return found.union(*(children(child) for child in found))


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if (state := process_state(pid)) is not None and state != "Z"}


def process_state(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


@pytest.fixture
def launched() -> Iterator[subprocess.Popen[str]]:
    """with_servers.py around a command that waits; its servers answer when this fixture is given."""
    script = f"{PRINT_URLS}; import time; print('up', flush=True); time.sleep(120)"
    command = tool("with_servers.py", sys.executable, "-c", script)
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline() == "up\n"
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_launcher_leaves_no_process_however_it_is_stopped(launched: subprocess.Popen[str], number: int) -> None:
    servers = children(launched.pid)
    assert len(servers) > 3
    launched.send_signal(number)
    launched.wait(30)
    limit = time.monotonic() + 15
    while alive(servers) and time.monotonic() < limit:
        time.sleep(0.1)
    assert not alive(servers)


def test_launcher_passes_the_exit_code_on_and_removes_its_data() -> None:
    before = set((settings.BASE_DIR / ".data").glob("throwaway-*"))
    script = f"import os, sys; {PRINT_URLS}; print(os.getppid()); sys.exit(7)"
    done = run(tool("with_servers.py", sys.executable, "-c", script))
    assert done.returncode == 7
    launcher = done.stdout.split()[-1]
    left = set((settings.BASE_DIR / ".data").glob("throwaway-*")) - before
    assert not [folder for folder in left if f"throwaway-{launcher}-" in folder.name]


def test_servers_named_by_the_environment_win_and_none_is_started() -> None:
    named = {"DATABASE_URL": "postgres://elsewhere/x", "REDIS_URL": "redis://elsewhere/0"}
    done = run(tool("with_servers.py", sys.executable, "-c", PRINT_URLS), **named)
    assert done.stdout.split() == ["postgres://elsewhere/x", "redis://elsewhere/0"]


def test_demo_on_a_port_already_taken_says_so_and_exits_with_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(tool("demo.py", "--port", port))
    assert done.returncode == 2
    assert port in done.stderr
    assert "Traceback" not in done.stderr


def manage_check(**values: str) -> subprocess.CompletedProcess[str]:
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "ORIENTATION_DEV": "1", "SANDBOX": "1"}
    return run([sys.executable, "manage.py", "check"], **(own | values))


SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    "mail",
    [
        {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "smtp.example.org"},
        {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "localhost.example.org"},
        {"EMAIL_BACKEND": "anymail.backends.brevo.EmailBackend", "ANYMAIL_BREVO_API_KEY": "x"},
    ],
)
def test_sandbox_refuses_any_mail_that_could_leave_the_machine(mail: dict[str, str]) -> None:
    done = manage_check(**mail)
    assert done.returncode != 0
    assert "orientation.E001" in done.stderr


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_sandbox_accepts_a_mail_server_on_this_machine(host: str) -> None:
    assert manage_check(EMAIL_BACKEND=SMTP, EMAIL_HOST=host).returncode == 0


def test_web_server_itself_refuses_a_sandbox_whose_mail_could_leave() -> None:
    unsafe = {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "smtp.example.org", "SANDBOX": "1", "ORIENTATION_DEV": "1"}
    done = run([sys.executable, "-c", "import config.wsgi"], DJANGO_SETTINGS_MODULE="config.settings", **unsafe)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr


def test_production_settings_pass_the_deployment_checks() -> None:
    done = run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        DJANGO_SETTINGS_MODULE="config.settings",
        ORIENTATION_DEV="0",
        SECRET_KEY="".join(chr(33 + n % 90) for n in range(60)),
        ALLOWED_HOSTS="orientation.example.org",
    )
    assert done.returncode == 0, done.stderr


def test_production_without_a_secret_key_does_not_start() -> None:
    done = run(
        [sys.executable, "manage.py", "check"],
        DJANGO_SETTINGS_MODULE="config.settings",
        ORIENTATION_DEV="0",
        SECRET_KEY="",
    )
    assert "SECRET_KEY" in done.stderr
    assert done.returncode != 0
