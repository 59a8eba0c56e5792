"""What a cell of a spreadsheet holds, whatever the format of the file (SIE-08)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Cell = str | int | date | datetime | None
Rows = Iterator[Sequence[Cell]]
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no XML may hold them


class Kind(StrEnum):
    """Of a whole column. A moment is naive, in the school's time."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DAY = "DAY"
    MOMENT = "MOMENT"


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is in characters."""

    header: str
    kind: Kind = Kind.TEXT
    width: int = 16


def plain(text: str) -> str:
    """A text that every format can hold, its lines ended by « \\n »."""
    return UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
