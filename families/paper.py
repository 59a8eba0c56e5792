"""What is printed: an accessible PDF, made by Typst of one of our templates.

What it says is data (JSON): no name and no sentence is ever part of the source.
"""

import json
from pathlib import Path
from typing import Any

import typst

STANDARD = "ua-1"  # PDF/UA-1: read aloud by a machine as by a person


def pdf_of(template: Path, data: dict[str, Any]) -> bytes:
    return typst.compile(
        str(template), root=str(template.parent), format="pdf", pdf_standards=STANDARD, ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )  # fmt: skip
