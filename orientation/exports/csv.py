"""CSV as spreadsheets open it in France: UTF-8 with its mark, « ; », no cell run as a formula (SIE-08)."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from orientation.exports.cells import Cell, Column, Rows, plain

RUN = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would take what begins so for a formula


def write_csv(file: Path, columns: Sequence[Column], rows: Rows) -> int:
    """Write the file row by row. Return the number of rows below the headers."""
    written = 0
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        lines = csv.writer(opened, delimiter=";", lineterminator="\r\n")
        lines.writerow([one.header for one in columns])
        for written, row in enumerate(rows, start=1):  # noqa: B007 (counted)
            lines.writerow([shown(cell) for cell in row])
    return written


def shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{plain(cell)}" if cell.startswith(RUN) else plain(cell)
    return cell.isoformat(" ", "seconds") if isinstance(cell, datetime) else str(cell)
