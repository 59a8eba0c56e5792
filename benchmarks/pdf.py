"""pdf.py [--pupils 600]: « fiches de dialogue » made by one process, at the end of the year, when they are longest.

One at a time, as a pupil's is downloaded; then by divisions of 30. The last line is JSON. Goal: 40 sheets a second.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from orientation.documents.pdf import sheets_pdf  # noqa: E402
from orientation.documents.sheet import sheet  # noqa: E402
from orientation.documents.words import Where  # noqa: E402
from orientation.enums import DecisionOrigin, Phase  # noqa: E402
from orientation.facts import CouncilFact, Facts  # noqa: E402
from orientation.letters import sample_facts as family  # noqa: E402

DIVISION = 30
NOW = family.at(6, 15, 19)
REFUSED = replace(family.PROPOSED, family_answer=family.answer())
FACTS = replace(
    family.FACTS,
    councils=((Phase.PROVISIONAL, CouncilFact(None, family.CLOSED)), (Phase.DEFINITIVE, CouncilFact(None, NOW))),
    submissions=(family.ENTRY, family.CHOSEN),
    statements=(family.GIVEN, REFUSED),
    decisions=(family.decision(DecisionOrigin.HEAD, notified_on=date(2026, 6, 15)),),
)


def pupil(number: int) -> Facts:
    return replace(FACTS, student_name=f"Camille Diallo {number}")


def pdf_of(numbers: range) -> int:
    """Bytes of the sheets of these pupils, in one PDF."""
    where = Where(family.school(), "3 A", 2025)
    return len(sheets_pdf([sheet(pupil(number), where, NOW, family=False) for number in numbers]))


def pace(make: Callable[[], int], pupils: int) -> dict[str, Any]:
    """Sheets a second of clock, and of processor: what a busy machine changes less."""
    clock, cpu = time.monotonic(), time.process_time()
    size = make()
    return {
        "a_second": round(pupils / (time.monotonic() - clock), 1),
        "a_second_of_processor": round(pupils / (time.process_time() - cpu), 1),
        "bytes_a_sheet": size // pupils,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pupils", type=int, default=600)
    pupils = parser.parse_args().pupils
    pdf_of(range(1))  # the template is read once a process
    told = {
        "pupils": pupils,
        "one": pace(lambda: sum(pdf_of(range(number, number + 1)) for number in range(pupils)), pupils),
        "division": pace(
            lambda: sum(pdf_of(range(start, min(start + DIVISION, pupils))) for start in range(0, pupils, DIVISION)),
            pupils,
        ),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(f"un par un : {told['one']['a_second']} fiches par seconde ; par division : {told['division']['a_second']}")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
