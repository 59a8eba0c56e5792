"""mutants.py [rules | actions]: are the tests worth anything? Break the code a little, and see a test fail.

The rules are changed by mutmut, everywhere ([tool.mutmut] in pyproject.toml) and judged by tests/rules; the actions, by
the hand-made list of action_mutants.py. Everything happens in a copy of the tree. Exit code 1: something survived.
`make mutants` runs it with PostgreSQL and Redis.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import action_mutants
from mutants_explained import EXPLAINED

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "staticfiles", "mutants")
LEFT = (": survived", ": no tests", ": suspicious")


@contextmanager
def copy_of_the_tree() -> Iterator[Path]:
    with TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        yield tree


def mutmut(tree: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "mutmut"), *arguments]
    done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(done.stdout[-3000:])
    return done.stdout


def rules(tree: Path) -> int:
    """Print the score and each survivor that is not explained; return how many these are."""
    mutmut(tree, "run", "--max-children", str(os.cpu_count() or 1))
    mutmut(tree, "export-cicd-stats")
    counted = json.loads((tree / "mutants" / "mutmut-cicd-stats.json").read_text())
    left = [line.split(":")[0].strip() for line in mutmut(tree, "results").splitlines() if line.endswith(LEFT)]
    unexplained = [one for one in left if not explained(one, changed_line(tree, one))]
    for one in unexplained:
        print(f"  survit : {one}\n{mutmut(tree, 'show', one)}")
    print(
        f"Règles : {counted['total']} mutants, {counted['total'] - len(left)} tués, "
        f"{len(left) - len(unexplained)} équivalents expliqués, {len(unexplained)} survivants."
    )
    return len(unexplained)


def changed_line(tree: Path, mutant: str) -> str:
    lines = mutmut(tree, "show", mutant).splitlines()
    return next(line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++"))


def explained(mutant: str, line: str) -> bool:
    """The key is the function and the line as it became: both outlive the numbering of the mutants."""
    function = mutant.rsplit("__mutmut_", 1)[0].replace(".x_", ".").removeprefix("orientation.rules.")
    return (function, line) in EXPLAINED


def main(arguments: list[str]) -> int:
    os.environ["ORIENTATION_DEV"] = "1"
    survivors = 0
    with copy_of_the_tree() as tree:
        if arguments in ([], ["rules"]):
            survivors += rules(tree)
    with copy_of_the_tree() as tree:
        if arguments in ([], ["actions"]):
            survivors += action_mutants.survivors(tree)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
