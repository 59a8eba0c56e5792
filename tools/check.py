"""check.py [--static | --format-templates] [pytest arguments…]: every check of `make test`, one line each.

Stops at the first failure. Runs under with_servers.py: migrations and tests need PostgreSQL.
"""

import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from ensure_chromium import chromium

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
MANAGE = [sys.executable, "manage.py"]


def templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]


def djade(*options: str) -> list[str]:
    return [str(BIN / "djade"), "--target-version", "5.2", *options, *templates()] if templates() else []


def strict_modules() -> list[str]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["orientation"]["strict_modules"]
    return [name for name in declared if (ROOT / name).exists()]


def steps() -> dict[str, list[str]]:
    return {
        "mise en forme (ruff)": [str(BIN / "ruff"), "format", "--check", "-q", "."],
        "relecture (ruff)": [str(BIN / "ruff"), "check", "-q", "."],
        "gabarits (djade)": djade("--check"),
        "imports à sens unique": [str(BIN / "lint-imports"), "--no-cache"],
        "types (mypy strict)": [str(BIN / "mypy"), *strict_modules()],
        "vérifications de Django": [*MANAGE, "check", "--fail-level", "WARNING"],
        "migrations à jour": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    }


def run_step(name: str, command: list[str]) -> bool:
    """Print one line; the output of the command only when it fails."""
    started = time.monotonic()
    print(f"· {name} … ", end="", flush=True)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print("échec" if done.returncode else "bon", f"({time.monotonic() - started:.1f} s)", flush=True)
    if done.returncode:
        print(f"\n{done.stdout}\nÉCHEC à l’étape « {name} » : {' '.join(command)[:200]}", file=sys.stderr)
    return done.returncode == 0


def run_tests(arguments: list[str]) -> int:
    print("· tests", flush=True)
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", "2", *arguments]
    return subprocess.run(pytest, cwd=ROOT, env={**os.environ, "CHROMIUM": chromium()}).returncode


def main(arguments: list[str]) -> int:
    os.environ.update({"ORIENTATION_DEV": "1", "DJANGO_SETTINGS_MODULE": "config.settings_test"})
    if arguments == ["--format-templates"]:
        return subprocess.run(djade(), cwd=ROOT).returncode if templates() else 0
    for name, command in steps().items():
        if command and not run_step(name, command):
            return 1
    return 0 if arguments == ["--static"] else run_tests(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
