"""Spreadsheets, read back by a reader that is not ours, types included (SIE-08)."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from python_calamine import CalamineWorkbook

from orientation.exports.cells import Column, Kind
from orientation.exports.csv import write_csv
from orientation.exports.ods import write_ods
from orientation.exports.xlsx import write_xlsx

COLUMNS = [Column("Nom"), Column("Rang", Kind.NUMBER), Column("Notifiée le", Kind.DAY), Column("Le", Kind.MOMENT)]
LONG = "é" * 300 + " ; « très bien »"
ROWS = [
    ["Étienne Œuvré", 1, date(2026, 6, 15), datetime(2026, 1, 20, 19, 5, 7)],
    [LONG, 11, None, None],
    ['=HYPERLINK("http://exemple.invalid")', None, None, None],
    ["http://exemple.invalid", 2, None, None],
    ["deux lignes\net  deux espaces", 3, None, None],
    ["0123", 4, None, None],
]
HEADERS = [one.header for one in COLUMNS]
WORKBOOKS = [write_xlsx, write_ods]


def read(file: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()


def flat(rows: list[list[Any]]) -> list[list[Any]]:
    return [["" if cell is None else cell for cell in row] for row in rows]


@pytest.mark.parametrize("write", WORKBOOKS)
def test_a_workbook_is_read_back_to_the_letter_with_its_types(write: Callable[..., int], tmp_path: Path) -> None:
    assert write(tmp_path / "export", COLUMNS, iter(ROWS)) == len(ROWS)
    found = read(tmp_path / "export")
    assert found == [HEADERS, *flat(ROWS)]
    assert [type(one) for one in found[1]] == [str, float, date, datetime]


@pytest.mark.parametrize("write", [*WORKBOOKS, write_csv])
def test_an_export_of_nothing_has_its_headers(write: Callable[..., int], tmp_path: Path) -> None:
    file = tmp_path / "export"
    assert write(file, COLUMNS, iter([])) == 0
    if write is write_csv:
        assert file.read_bytes() == ("\ufeff" + ";".join(HEADERS) + "\r\n").encode()
    else:
        assert read(file) == [HEADERS]


@pytest.mark.parametrize("write", WORKBOOKS)
def test_no_text_is_a_formula_or_a_link(write: Callable[..., int], tmp_path: Path) -> None:
    write(tmp_path / "export", COLUMNS, iter(ROWS))
    with ZipFile(tmp_path / "export") as package:
        text = b"".join(package.read(one) for one in package.namelist())
    assert not any(one in text for one in (b"<f>", b"<hyperlink", b"table:formula", b"text:a"))


@pytest.mark.parametrize("write", WORKBOOKS)
def test_what_no_file_may_hold_is_left_out(write: Callable[..., int], tmp_path: Path) -> None:
    write(tmp_path / "export", COLUMNS[:1], iter([["a\x0bb\ufffe\r\nc"]]))
    assert read(tmp_path / "export")[1] == ["ab\nc"]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_run_as_a_formula(begins: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "export", COLUMNS[:2], iter([[f"{begins}cmd", -1]]))
    with (tmp_path / "export").open(encoding="utf-8-sig", newline="") as opened:
        [_, [text, number]] = csv.reader(opened, delimiter=";")
    assert text[0] == "'"
    assert number == "-1"


def test_a_csv_holds_the_same_values(tmp_path: Path) -> None:
    write_csv(tmp_path / "export", COLUMNS, iter(ROWS))
    text = (tmp_path / "export").read_bytes().decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert found[1] == ["Étienne Œuvré", "1", "2026-06-15", "2026-01-20 19:05:07"]
    assert found[2][0] == LONG
    assert found[5][0] == "deux lignes\net  deux espaces"


def test_an_open_document_says_first_what_it_is(tmp_path: Path) -> None:
    write_ods(tmp_path / "export", COLUMNS, iter(ROWS))
    with ZipFile(tmp_path / "export") as package:
        first = package.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
