"""Words made an accessible PDF (PDF/UA-1) by Typst; each template is read and laid out by one compiler, kept.

What a document says is data (JSON) for its template: no name and no sentence is ever part of the source.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from threading import Lock
from typing import Any

import typst

from families.paper import STANDARD, TEMPLATES
from orientation.documents.appeal import AppealForm
from orientation.documents.attestation import Attestation
from orientation.documents.flyer import Flyer
from orientation.documents.sheet import TITLE, Sheet

AUTHOR = "Service Orientation"
BEFORE_A_MARK, AFTER_A_QUOTE = re.compile(r" (?=[:;!?»])"), re.compile(r"« ")
KEPT = 10  # compilations
ONE_AT_A_TIME = Lock()  # a compiler serves one thread at a time


def sheets_pdf(sheets: Iterable[Sheet], *, title: str = TITLE) -> bytes:
    """A pupil each, in this order, on pages of their own."""
    rows = [asdict(one) for one in sheets]
    made = compiled("sheet", {"title": title, "sheets": rows})
    if len(rows) > 1:
        _forget_what_was_laid_out(title)
    return made


def _forget_what_was_laid_out(title: str) -> None:
    """Typst keeps what it lays out for ten compilations more: a process that prints divisions would take 600 MB."""
    for _ in range(KEPT + 1):
        compiled("sheet", {"title": title, "sheets": []})


def attestation_pdf(attestation: Attestation) -> bytes:
    return compiled("attestation", asdict(attestation))


def appeal_pdf(form: AppealForm) -> bytes:
    return compiled("appeal", asdict(form))


def flyer_pdf(flyer: Flyer) -> bytes:
    return compiled("flyer", asdict(flyer))


def compiled(template: str, data: Mapping[str, Any]) -> bytes:
    inputs = {"data": json.dumps(printed({"author": AUTHOR, **data}))}
    with ONE_AT_A_TIME:
        made = _compiler(template).compile(format="pdf", pdf_standards=STANDARD, sys_inputs=inputs)
    assert isinstance(made, bytes)
    return made


@cache
def _compiler(template: str) -> typst.Compiler:
    return typst.Compiler(str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), ignore_system_fonts=True)


def printed(value: Any) -> Any:
    """The same words with the unbreakable spaces of a French printer."""
    if isinstance(value, str):
        return AFTER_A_QUOTE.sub("«\u00a0", BEFORE_A_MARK.sub("\u00a0", value))
    if isinstance(value, Mapping):
        return {key: printed(one) for key, one in value.items()}
    return [printed(one) for one in value] if isinstance(value, list | tuple) else value
