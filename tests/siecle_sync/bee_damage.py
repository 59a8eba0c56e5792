"""Ways to spoil a Siècle BEE export: its bytes, its elements, its encoding, its archive. Strategies for Hypothesis."""

import codecs
import io
import zipfile
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from lxml import etree

SAMPLES = Path(__file__).parents[1] / "data" / "siecle"
NAMES = ("ElevesSansAdresses", "ResponsablesAvecAdresses", "Structures", "Nomenclature", "Communs")
ODD_BYTES = (
    b"", b"\0", b"<", b">", b"&", b"]]>", b"<!DOCTYPE x []>", b"<!ENTITY", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04",
    b"<![CDATA[", b"<!--", b"?>", b"\x80", b"\xa4", b"&#0;", b"&#x1F600;", b"xmlns='u'", b"<a:b/>", b"'", b'"',
)  # fmt: skip
ODD_NUMBERS = ("", "0", "-1", "1", "3001", "3002", "501", "502", "9" * 18, "9" * 30, "٣", "3001 ", "A12")
ODD_DATES = (
    "",
    "31/02/2011",
    "31/12/9999",
    "01/01/0001",
    "29/02/2012",
    "12/01/2026",
    "13/01/2026",
    "2011-03-14",
    "0/0/0",
)
ODD_TEXTS = (
    "", " ", "1", "2", "3", "4", "3 A", "Inactifs", "D", "G", "'", '""', "?", "Ã©", "É", "\u00a0", "x" * 300, "🂡",
    "10310019110", "20010018110", "99999999990", "070832327JA", "a@b.fr", "a@b", "M.", "10", "70", "0990001N", "2025",
)  # fmt: skip
READ = {
    "ELEVE_ID", "PERSONNE_ID", "CODE_STRUCTURE", "TYPE_STRUCTURE", "DATE_NAISS", "DATE_SORTIE", "CODE_MEF",
    "ID_NATIONAL", "NOM_DE_FAMILLE", "NOM_USAGE", "PRENOM", "MEL", "NIVEAU_RESPONSABILITE", "CODE_PARENTE",
    "LIBELLE_LONG", "CODE_MEFSTAT",
}  # fmt: skip
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-32-be",
    "cp1252",
    "iso8859-1",
    "iso8859-15",
    "cp500",
    "utf-7",
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
GOOD_MEMBERS = ("e.xml", "e", "d/e.XML", "é.xml")
MEMBERS = (*GOOD_MEMBERS, "__MACOSX/._e.xml", "d/", "../e.xml", "/e.xml", "C:e.xml", "xl/workbook.xml")


@cache
def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.xml").read_bytes()


# --- bytes ------------------------------------------------------------------------------------------------------------
@st.composite
def spoilt_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Cut, inserted, repeated, replaced: up to four times, anywhere."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.one_of(st.integers(0, 12), st.integers(0, len(content))))
        kept, cut, rest = content[:start], content[start : start + length], content[start + length :]
        put = draw(st.one_of(st.sampled_from(ODD_BYTES), st.binary(max_size=8), st.just(cut * 2), st.just(cut[::-1])))
        content = kept + put + rest if draw(st.booleans()) else kept + put + cut + rest
    return content


# --- structure --------------------------------------------------------------------------------------------------------
@st.composite
def spoilt_structure(draw: st.DrawFn, content: bytes) -> bytes:
    """Many values made odd or another's; a few elements dropped, repeated, swapped, moved, renamed."""
    root = etree.fromstring(content)
    read: dict[str, list[Any]] = {}
    for one in root.iter():
        if one.tag in READ or (one.attrib and one.getparent() is not None):
            read.setdefault(one.tag, []).append(one)
    for _ in range(draw(st.integers(0, 40)) if read else 0):
        retype(draw, draw(st.sampled_from(read[draw(st.sampled_from(sorted(read)))])))
    for _ in range(draw(st.integers(0, 4))):
        inner = list(root.iter())[1:]
        if inner:
            one, other = draw(st.sampled_from(inner)), draw(st.sampled_from(inner))
            draw(st.sampled_from(CHANGES))(one, other)
    encoding = draw(st.sampled_from(["ISO-8859-15", "UTF-8"]))
    return etree.tostring(root, xml_declaration=True, encoding=encoding)


def retype(draw: st.DrawFn, one: Any) -> None:
    """The value of a leaf, or the identifiers that a record carries."""
    for name in one.attrib:
        one.set(name, draw(st.sampled_from(odd(name))))
    if not len(one):
        one.text = draw(st.sampled_from(odd(one.tag)))


def odd(tag: str) -> tuple[str, ...]:
    if tag.startswith("DATE_"):
        return ODD_DATES
    return ODD_NUMBERS if tag.endswith("_ID") else ODD_TEXTS


def drop(one: Any, other: Any) -> None:
    one.getparent().remove(one)


def repeat(one: Any, other: Any) -> None:
    one.addnext(deepcopy(one))


def swap(one: Any, other: Any) -> None:
    copies = deepcopy(one), deepcopy(other)
    if one not in other.iter() and other not in one.iter():
        one.getparent().replace(one, copies[1])
        other.getparent().replace(other, copies[0])


def move(one: Any, other: Any) -> None:
    other.append(deepcopy(one))


def rename(one: Any, other: Any) -> None:
    one.tag = other.tag


CHANGES = (drop, repeat, swap, move, rename)


# --- encodings --------------------------------------------------------------------------------------------------------
@st.composite
def spoilt_encoding(draw: st.DrawFn, content: bytes) -> bytes:
    """Read in the right encoding, declared in a second one, written in a third, with or without a mark."""
    text = content.decode("iso8859-15")
    declared = draw(st.sampled_from(["ISO-8859-15", "", "x", *(codecs.lookup(name).name for name in ENCODINGS)]))
    text = text.replace('encoding="ISO-8859-15"', f'encoding="{declared}"' if declared else "", 1)
    if draw(st.booleans()):
        text = text.replace("É", "Ã‰").replace("œ", draw(st.sampled_from(["oe", "?", "Å“"])))
    made = text.encode(draw(st.sampled_from(ENCODINGS)), "replace")
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b" "])) + made


# --- archives ---------------------------------------------------------------------------------------------------------
@st.composite
def spoilt_archive(draw: st.DrawFn, content: bytes) -> bytes:
    """One to three members of any name and method, the archive zipped again, then its bytes spoilt."""
    for _ in range(draw(st.integers(1, 3))):
        made = io.BytesIO()
        several = st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=3, unique=True)
        names = draw(st.one_of(st.sampled_from(GOOD_MEMBERS).map(lambda name: [name]), several))
        method = draw(st.one_of(st.just(zipfile.ZIP_DEFLATED), st.sampled_from(METHODS)))
        with zipfile.ZipFile(made, "w") as archive:
            for name in names:  # a ZipInfo has no hour: the same draws give the same bytes
                archive.writestr(zipfile.ZipInfo(name), content, method)
        content = made.getvalue()
        if draw(st.booleans()):
            break
    return content if draw(st.booleans()) else draw(spoilt_bytes(content))


KINDS = {"bytes": spoilt_bytes, "structure": spoilt_structure, "encoding": spoilt_encoding, "archive": spoilt_archive}


@st.composite
def deliveries(draw: st.DrawFn, kind: str) -> list[io.BytesIO]:
    """The five files of the samples, some of them left out, one or two of them spoilt in this way."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    spoilt = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    return [io.BytesIO(draw(KINDS[kind](sample(name))) if name in spoilt else sample(name)) for name in names]
