"""The hand-made mutants of the actions and of the night: each lock, check, journal row and letter, taken away in turn.

`mutants.py` calls it on a copy of the tree. The list is action_mutants.toml.
"""

import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """`before` stands exactly once in `file`; `tests` must fail once it is replaced by `after`.

    `explained` says why none can: something else refuses first.
    """

    what: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    explained: str = ""


def survivors(tree: Path) -> int:
    """Print what becomes of each mutant; return how many survived or are out of date."""
    from_list = mutants()
    sound(tree, sorted({test for one in from_list for test in one.tests}))
    left = [one for one in from_list if not caught(tree, one)]
    unexplained = [one for one in left if not one.explained]
    print(
        f"Actes : {len(from_list)} mutants, {len(from_list) - len(left)} tués, "
        f"{len(left) - len(unexplained)} expliqués, {len(unexplained)} survivants."
    )
    return len(unexplained)


def mutants() -> tuple[Mutant, ...]:
    """The list: `after` is empty unless said; `tests` are given without their folder and their ending."""
    listed = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["mutant"]
    return tuple(
        Mutant(**{"after": "", **one, "tests": tuple(f"tests/{test}.py" for test in one["tests"])}) for one in listed
    )


def sound(tree: Path, tests: list[str]) -> None:
    """The negative control: without a mutant all these tests pass. It makes the database that the others take again."""
    done = pytest(tree, tests, "--create-db")
    if done.returncode:
        sys.exit(f"Ces tests échouent déjà sans mutant :\n{done.stdout[-3000:]}")


def caught(tree: Path, mutant: Mutant) -> bool:
    path, started = tree / mutant.file, time.monotonic()
    text = path.read_text()
    if text.count(mutant.before) != 1:
        print(f"  périmé : {mutant.what} ({text.count(mutant.before)} fois dans {mutant.file})", flush=True)
        return False
    path.write_text(text.replace(mutant.before, mutant.after))
    try:
        done = pytest(tree, list(mutant.tests))
    finally:
        path.write_text(text)
    verdict = {0: "SURVIT", 1: "tué"}.get(done.returncode, "illisible")
    print(f"  {verdict} : {mutant.what} ({time.monotonic() - started:.0f} s)", flush=True)
    if verdict == "illisible":
        print(done.stdout[-1500:])
    return verdict == "tué"


def pytest(tree: Path, tests: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--reuse-db", "--tb=line", *options, *tests]
    return subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
