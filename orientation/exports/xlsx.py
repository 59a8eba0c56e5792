"""Excel workbook, a row at a time in constant memory: texts are texts, never formulas nor links (SIE-08)."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from orientation.exports.cells import Cell, Column, Rows, plain


def write_xlsx(file: Path, columns: Sequence[Column], rows: Rows) -> int:
    """Write the file. Return the number of rows below the headers."""
    written = 0
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Export")
        looks: dict[type, Any] = {date: book.add_format({"num_format": "dd/mm/yyyy"})}
        looks[datetime] = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for place, one in enumerate(columns):
            sheet.set_column(place, place, one.width)
        _write(sheet, 0, [one.header for one in columns], {str: book.add_format({"bold": True})})
        sheet.freeze_panes(1, 0)
        for written, row in enumerate(rows, start=1):
            _write(sheet, written, row, looks)
        sheet.autofilter(0, 0, written, len(columns) - 1)
    return written


def _write(sheet: Any, number: int, row: Sequence[Cell], looks: dict[type, Any]) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(number, place, plain(cell), looks.get(str))
        elif isinstance(cell, date):
            sheet.write_datetime(number, place, cell, looks[type(cell)])
        elif cell is not None:
            sheet.write_number(number, place, cell)
