"""The witness: a copy of the program with one guard taken out. If nothing differs then, the trials prove nothing."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.servers import ROOT

PROGRAM = ("config", "siecle_sync", "orientation", "families", "ledger", "static", "templates", "tests", "tools")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "e2e", "data", "snapshots")


@dataclass(frozen=True, slots=True)
class Guard:
    """`text` of `file` is what protects from `victim` at `step`; in the copy, `instead` takes its place."""

    name: str
    file: str
    text: str
    instead: str
    step: str
    victim: str


GUARDS = (
    Guard("what was sent is not sent again", "siecle_sync/parts.py",
          'if "out" not in part.counters:', "if True:", "MERGED", "worker"),
    Guard("a part ends with what it writes", "siecle_sync/parts.py",
          "    with transaction.atomic():\n        part.counters[\"in\"]",
          "    RunPart.objects.filter(pk=part.pk).update(state=PartState.FINISHED)\n"
          "    with transaction.atomic():\n        part.counters[\"in\"]", "LOCKED", "worker"),
    Guard("a worker given up for dead writes nothing", "siecle_sync/parts.py",
          "filter(pk=part.pk, attempts=part.attempts).exclude(state=PartState.FINISHED)", "filter(pk=part.pk)",
          "FETCHED", "late"),
)  # fmt: skip


def copy_without(guard: Guard, folder: Path) -> Path:
    """Make the copy in `folder`; raises LookupError when the guard is no longer where it was."""
    root = folder / "program"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for name in PROGRAM:
        shutil.copytree(ROOT / name, root / name, ignore=LEFT_OUT)
    file = root / guard.file
    text = file.read_text()
    if guard.text not in text:
        raise LookupError(f"{guard.name}: {guard.file} no longer holds {guard.text!r}")
    file.write_text(text.replace(guard.text, guard.instead))
    return root
