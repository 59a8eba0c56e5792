"""The nightly check of every dossier against every invariant, kept so that somebody looks at it (ANS-09)."""

import logging
from typing import Any

from ledger import clock
from orientation.invariants import Finding, check
from orientation.models import Dossier, InvariantRun

MOST = 200  # offences kept of one invariant; the others are counted
log = logging.getLogger(__name__)


def inspect() -> InvariantRun:
    """Check, and keep what is broken: one row, begun then ended. A run without an end is a check that failed."""
    run = InvariantRun.objects.create(started_at=clock.now(), dossiers=Dossier.objects.count())
    found = list(check(examples=MOST))
    known = _dossiers(found)
    run.violations = [one for finding in found for one in _kept(finding, known)]
    run.ended_at = clock.now()
    run.save()
    if run.violations:
        log.error("%s dossiers checked: %s offences", run.dossiers, sum(one.violations for one in found))
    return run


def _dossiers(found: list[Finding]) -> set[str]:
    """Offences are told by dossier; a few by council, which has no page."""
    told = {dossier for one in found for dossier, _ in one.examples if dossier != "None"}
    return {str(one) for one in Dossier.objects.filter(uuid__in=told).values_list("uuid", flat=True)}


def _kept(finding: Finding, known: set[str]) -> list[dict[str, Any]]:
    said = {"invariant": finding.invariant.id}
    rows = [
        {
            **said,
            "dossier": dossier if dossier in known else None,
            "sentence": f"{finding.invariant.sentence} ({detail})",
        }
        for dossier, detail in finding.examples
    ]
    more = finding.violations - len(rows)
    return [*rows, {**said, "dossier": None, "sentence": f"{more} autres."}] if more > 0 else rows
