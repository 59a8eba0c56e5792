"""Reads any Siècle BEE export as a stream of small records, with a hardened parser and true line numbers."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import IO, Any

from lxml import etree

from siecle_sync.bee.anomalies import Log, RefusedFile
from siecle_sync.bee.archive import CHUNK, MAX_MEGABYTES, MEGABYTE
from siecle_sync.bee.values import cleaned, french_date, is_mojibake, plain, whole_number

# Python's name → the parser's. All contain ASCII as it is: a scan of the bytes sees any DOCTYPE.
ENCODINGS = {
    "utf-8": "UTF-8",
    "iso8859-15": "ISO-8859-15",
    "iso8859-1": "ISO-8859-1",
    "cp1252": "windows-1252",
    "ascii": "US-ASCII",
}
HEAD = 256  # a declaration takes about 50 bytes
DECLARATION = re.compile(rb"""^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']{1,40})["']""")
FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<", b"\0\0")  # UTF-16 and UTF-32, marked or not
HARDENED: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
}
EXACT_LINES = 65_535
MAX_DEPTH = 12
MAX_ELEMENTS_OF_A_RECORD = 2_000
MAX_BYTES_OF_A_RECORD = 1024 * 1024  # of file; a pupil takes 3 kB, the parser itself stops at a text of 10 MB
MAX_ELEMENTS = 5_000_000  # a school of 3,000 pupils has 300,000
MAX_RECORDS = 200_000


class Kind(StrEnum):
    PUPILS = "Élèves"
    PERSONS = "Responsables"
    STRUCTURES = "Structures"
    NOMENCLATURE = "Nomenclature"
    SCHOOL = "Communs"


ROOTS = {
    "BEE_ELEVES": Kind.PUPILS,
    "BEE_EPHC_ELEVES": Kind.PUPILS,
    "BEE_RESPONSABLES": Kind.PERSONS,
    "BEE_STRUCTURES": Kind.STRUCTURES,
    "BEE_NOMENCLATURES": Kind.NOMENCLATURE,
    "BEE_COMMUN": Kind.SCHOOL,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: an element of the tree that lives only until the next one is asked for."""

    file: str
    block: str
    element: Any

    @property
    def tag(self) -> str:
        return self.element.tag

    @property
    def line(self) -> int:
        """Beyond line 65,535 the parser tells where the element's first text ends, not where the element begins."""
        line = self.element.sourceline
        return line if line < EXACT_LINES else line - (self.element.text or "").count("\n")

    @property
    def where(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line}

    def has(self, *tags: str) -> bool:
        return any(self.element.find(tag) is not None for tag in tags)

    def text(self, *tags: str) -> str:
        """The first of these children that holds something; absent and empty both mean no value."""
        return next((value for tag in tags if (value := plain(self.element.findtext(tag)))), "")

    def name(self, *tags: str) -> str:
        """The same for a name: noise at the ends removed. Raise RefusedFile on broken accents."""
        for tag in tags:
            raw = self.element.findtext(tag) or ""
            if is_mojibake(raw):
                raise RefusedFile("ENCODING_BROKEN", file=self.file)
            if value := cleaned(raw):
                return value
        return ""

    def key(self, tag: str) -> int | None:
        """An identifier, written as an attribute or as a child according to the file's age."""
        return whole_number(self.element.get(tag) or self.text(tag))

    def code(self, tag: str) -> str:
        return (self.element.get(tag) or self.element.findtext(tag) or "").strip()

    def inner(self, *tags: str) -> Iterator["Row"]:
        """The descendants with one of these tags."""
        for child in self.element.iterdescendants(*tags):
            yield Row(self.file, self.tag, child)


@dataclass(frozen=True, slots=True)
class Header:
    kind: Kind
    version: str
    uai: str
    year: str
    exported_on: date | None


@dataclass(frozen=True, slots=True)
class BeeFile:
    """A recognised file whose header was read; `rows()` reads it through, from the start, as often as needed."""

    name: str
    stream: IO[bytes]
    encoding: str
    header: Header

    def rows(self) -> Iterator[Row]:
        depth = 3 if self.header.kind is Kind.SCHOOL else 4
        for count, (path, element) in enumerate(_records(self.name, self.stream, self.encoding, depth)):
            if count > MAX_RECORDS:
                raise RefusedFile("OVERSIZED", file=self.name, line=element.sourceline)
            yield Row(self.name, path[-2], element)


def open_file(name: str, stream: IO[bytes], log: Log) -> BeeFile:
    """Inspect the bytes, recognise the root, read PARAMETRES. Raise RefusedFile."""
    encoding = inspect(name, stream)
    return BeeFile(name, stream, encoding, _header(name, stream, encoding, log))


def inspect(name: str, stream: IO[bytes]) -> str:
    """One pass over the bytes, before any parser sees them: size, declared encoding, no DTD, no broken accents.

    Return the encoding, under the parser's name: the parser is told it, and never guesses another by itself.
    """
    stream.seek(0)
    declared = _declared_encoding(name, stream.read(HEAD))
    stream.seek(0)
    decoder, is_utf8, is_ascii, size, tail = codecs.getincrementaldecoder("utf-8")(), True, True, 0, b""
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > MAX_MEGABYTES * MEGABYTE:
            raise RefusedFile("TOO_BIG", file=name, limit=MAX_MEGABYTES)
        if FORBIDDEN.search(tail + chunk):
            raise RefusedFile("DTD", file=name)
        is_ascii = is_ascii and chunk.removeprefix(codecs.BOM_UTF8).isascii()
        is_utf8 = is_utf8 and _decodes(decoder, chunk)
        tail = (tail + chunk)[-16:]
    if not size:
        raise RefusedFile("EMPTY", file=name)
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    if not is_ascii and is_utf8 != (declared == "utf-8"):
        raise RefusedFile("ENCODING_BROKEN", file=name)
    return ENCODINGS[declared]


def _declared_encoding(name: str, head: bytes) -> str:
    if head.startswith(WIDE):
        raise RefusedFile("ENCODING_UNKNOWN", file=name, encoding="UTF-16")
    head = head.removeprefix(codecs.BOM_UTF8)
    if head.strip() and not head.lstrip().startswith(b"<"):
        raise RefusedFile("MALFORMED", file=name, line=1)
    found = DECLARATION.match(head)
    declared = found[1].decode("ascii", "replace") if found else "utf-8"
    if found is None and head.startswith(b"<?xml") and (b"?>" not in head or b"encoding" in head[: head.index(b"?>")]):
        declared = "?"  # a declaration that hides its end, or what it declares
    try:
        encoding = codecs.lookup(declared).name
    except LookupError:
        encoding = ""
    if encoding not in ENCODINGS:
        raise RefusedFile("ENCODING_UNKNOWN", file=name, encoding=declared)
    return encoding


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _events(name: str, stream: IO[bytes], encoding: str) -> Iterator[tuple[str, Any]]:
    stream.seek(0)
    try:
        yield from etree.iterparse(stream, events=("start", "end"), encoding=encoding, **HARDENED)
    except etree.XMLSyntaxError as error:
        raise RefusedFile("MALFORMED", file=name, line=error.lineno or 1) from error


def _records(name: str, stream: IO[bytes], encoding: str, depth: int) -> Iterator[tuple[list[str], Any]]:
    """Each element at this depth (the root is 1) once complete, then forgotten: memory does not grow with the file."""
    path: list[str] = []
    count = weight = begun = 0
    for event, element in _events(name, stream, encoding):
        if event == "start":
            path.append(element.tag)
            count, weight = count + 1, weight + 1
            if weight > MAX_ELEMENTS_OF_A_RECORD or len(path) > MAX_DEPTH or count > MAX_ELEMENTS:
                raise RefusedFile("OVERSIZED", file=name, line=element.sourceline)
            continue
        if stream.tell() - begun > MAX_BYTES_OF_A_RECORD:
            raise RefusedFile("OVERSIZED", file=name, line=element.sourceline)
        if len(path) == depth:
            yield path, element
        if len(path) <= depth:
            _forget(element)
            weight, begun = 0, stream.tell()
        path.pop()


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _header(name: str, stream: IO[bytes], encoding: str, log: Log) -> Header:
    root: Any = None
    for weight, (event, element) in enumerate(_events(name, stream, encoding)):
        if root is None:
            root = element
            if root.tag not in ROOTS:
                raise RefusedFile("WRONG_ROOT", file=name, root=str(root.tag)[:60])
        if weight > MAX_ELEMENTS_OF_A_RECORD or (event == "start" and element.tag == "DONNEES"):
            break
        if event == "end" and element.tag == "PARAMETRES":
            return _parameters(root, Row(name, root.tag, element), log)
    raise RefusedFile("NO_PARAMETERS", file=name)


def _parameters(root: Any, row: Row, log: Log) -> Header:
    return Header(
        kind=ROOTS[root.tag],
        version=(root.get("VERSION") or "")[:20],
        uai=row.text("UAJ").upper(),
        year=row.text("ANNEE_SCOLAIRE"),
        exported_on=_export_date(row, log),
    )


def _export_date(row: Row, log: Log) -> date | None:
    """DATE_EXPORT, else the day of HORODATAGE, else None: a stripped file of 2019 has neither."""
    for text in (row.text("DATE_EXPORT"), row.text("HORODATAGE")[:10]):
        try:
            if text:
                return french_date(text)
        except ValueError:
            log.add("EXPORT_DATE_INVALID", **row.where, value=text)
    return None
