"""OpenDocument spreadsheet 1.3, a row at a time in constant memory, each cell with its type (SIE-08)."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from lxml import etree

from orientation.exports.cells import Cell, Column, Rows, plain

NAMES = {
    one: f"urn:oasis:names:tc:opendocument:xmlns:{one}:1.0" for one in ("office", "table", "text", "style", "number")
}
NAMES["fo"] = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
MIME = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIME}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
DAY = '<number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/>'
DAY += '<number:text>/</number:text><number:year number:style="long"/>'
HOUR = '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>'
HOUR += '<number:minutes number:style="long"/>'
LOOKS = f"""<office:automatic-styles {" ".join(f'xmlns:{key}="{value}"' for key, value in NAMES.items())}>
<number:date-style style:name="day">{DAY}</number:date-style>
<number:date-style style:name="moment">{DAY}{HOUR}</number:date-style>
<style:style style:name="d" style:family="table-cell" style:data-style-name="day"/>
<style:style style:name="m" style:family="table-cell" style:data-style-name="moment"/>
<style:style style:name="h" style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style>
</office:automatic-styles>"""
SPACES = re.compile(r"( {2,}|^ | $|\t)")


def named(space: str, name: str) -> str:
    return f"{{{NAMES[space]}}}{name}"


def write_ods(file: Path, columns: Sequence[Column], rows: Rows) -> int:
    """Write the file. Return the number of rows below the headers."""
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        package.writestr("mimetype", MIME, ZIP_STORED)  # first and not compressed, as OpenDocument asks
        package.writestr("META-INF/manifest.xml", MANIFEST)
        with (
            package.open("content.xml", "w", force_zip64=True) as part,
            etree.xmlfile(part, encoding="utf-8") as content,
            content.element(named("office", "document-content"), {named("office", "version"): "1.3"}, nsmap=NAMES),
        ):
            content.write(etree.fromstring(LOOKS))
            with content.element(named("office", "body")), content.element(named("office", "spreadsheet")):
                return _table(content, columns, rows)


def _table(content: Any, columns: Sequence[Column], rows: Rows) -> int:
    written = 0
    with content.element(named("table", "table"), {named("table", "name"): "Export"}):
        content.write(etree.Element(named("table", "table-column"), {REPEATED: str(len(columns))}, nsmap=NAMES))
        content.write(_row([one.header for one in columns], look="h"))
        for written, row in enumerate(rows, start=1):  # noqa: B007 (counted)
            content.write(_row(row))
    return written


REPEATED = named("table", "number-columns-repeated")
TYPE, LOOK = named("office", "value-type"), named("table", "style-name")


def _row(cells: Sequence[Cell], look: str = "") -> Any:
    row = etree.Element(named("table", "table-row"), nsmap=NAMES)
    for cell in cells:
        _fill(etree.SubElement(row, named("table", "table-cell"), {LOOK: look} if look else {}), cell)
    return row


def _fill(one: Any, cell: Cell) -> None:
    if cell is None:
        return
    one.set(TYPE, "string" if isinstance(cell, str) else "date" if isinstance(cell, date) else "float")
    if isinstance(cell, date):
        one.set(LOOK, "m" if isinstance(cell, datetime) else "d")
        one.set(named("office", "date-value"), cell.isoformat())
    elif not isinstance(cell, str):
        one.set(named("office", "value"), str(cell))
    for line in plain(str(cell)).split("\n"):
        _paragraph(etree.SubElement(one, named("text", "p")), line)


def _paragraph(into: Any, line: str) -> None:
    """White space that XML readers would fold is written as elements."""
    pieces = SPACES.split(line)
    into.text = pieces[0]
    for gap, then in zip(pieces[1::2], pieces[2::2], strict=True):
        tab = gap == "\t"
        one = etree.SubElement(into, named("text", "tab" if tab else "s"))
        if not tab:
            one.set(named("text", "c"), str(len(gap)))
        one.tail = then
