"""What is printed: an accessible PDF, made by Typst of one of our templates, and how it is handed over.

What it says is data (JSON): no name and no sentence is ever part of the source.
"""

import json
from typing import Any, Literal

import typst
from django.conf import settings
from django.http import HttpResponse

from families.models import School

TEMPLATES = settings.BASE_DIR / "templates" / "print"
STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA-1: read aloud by a machine as by a person


def pdf_of(template: str, data: dict[str, Any]) -> bytes:
    """One document, after which nothing is kept."""
    return typst.compile(
        str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), format="pdf", pdf_standards=STANDARD,
        ignore_system_fonts=True, sys_inputs={"data": json.dumps(data)},
    )  # fmt: skip


def as_pdf(document: bytes, name: str) -> HttpResponse:
    """The answer that hands it over; `name` without its ending, in plain ASCII."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(document, content_type="application/pdf", headers=headers)


def how_to_reach(school: School) -> list[str]:
    """The lines under a school's name at the top of a letter."""
    lines = (school.address, f"Téléphone\u00a0: {school.phone}" if school.phone else "", school.email)
    return [line for line in lines if line]
