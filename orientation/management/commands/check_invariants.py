"""check_invariants: read the whole database and say whether the rules were followed. Writes nothing."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from orientation.invariants import Finding, check


class Command(BaseCommand):
    help = "Vérifie tous les invariants des dossiers ; code de sortie 1 si l’un d’eux est rompu."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="dernière ligne : un seul objet JSON")
        parser.add_argument("--exemples", type=int, default=20, help="exemples montrés par invariant rompu")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(self._checked(max(1, options["exemples"]), quiet=options["json"]))
        violations = sum(one.violations for one in findings)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(findings), ensure_ascii=False))
        else:
            self.stdout.write(f"{len(findings)} invariants, {violations} violation(s).")
        if violations:
            sys.exit(1)

    def _checked(self, examples: int, *, quiet: bool) -> list[Finding]:
        findings = []
        for one in check(examples=examples):
            findings.append(one)
            if not quiet or one.violations:
                self._show(one, self.stderr if quiet else self.stdout)
        return findings

    def _show(self, one: Finding, out: Any) -> None:
        said = f"{one.violations} violation(s)" if one.violations else "respecté"
        out.write(f"{one.invariant.id}  {said}  {one.invariant.sentence} ({one.invariant.rule})")
        for dossier, detail in one.examples:
            out.write(f"    {dossier}  {detail}")


def as_json(findings: list[Finding]) -> dict[str, Any]:
    return {
        "invariants": len(findings),
        "violations": sum(one.violations for one in findings),
        "broken": {
            one.invariant.id: {"violations": one.violations, "examples": [list(two) for two in one.examples]}
            for one in findings
            if one.violations
        },
    }
