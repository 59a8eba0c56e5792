"""Bombs and disguises: each refused with its code, in bounded memory, before the database is touched."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from families.models import Academy, School
from ledger.models import JournalEntry
from siecle_sync.bee import archive
from siecle_sync.bee.anomalies import RefusedFile
from siecle_sync.bee.load import import_files
from tests.siecle_sync.bee_builder import UAI, YEAR, eleve, zipped
from tests.siecle_sync.bee_builder import pupils_text as text

pytestmark = pytest.mark.django_db
GOOD = text([eleve(1)])
BYTES = GOOD.encode("iso8859-15")
BODY = GOOD.partition("?>\n")[2]
MEGABYTE = 1024 * 1024
ENOUGH = 24 * MEGABYTE


def refusal(content: bytes) -> str:
    """The code; the memory never held what the file would unfold to."""
    tracemalloc.start()
    try:
        with pytest.raises(RefusedFile) as caught:
            import_files([io.BytesIO(content)], uai=UAI, year=YEAR)
        assert tracemalloc.get_traced_memory()[1] < ENOUGH + 2 * len(content)
    finally:
        tracemalloc.stop()
    assert not (School.objects.exists() or Academy.objects.exists() or JournalEntry.objects.exists())
    return caught.value.code


# --- archives ---------------------------------------------------------------------------------------------------------
def unfolding(megabytes: int, method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as opened, opened.open("e.xml", "w") as member:
        for _ in range(megabytes):
            member.write(b" " * MEGABYTE)
    return made.getvalue()


def declared_as(bomb: bytes, real: int, declared: int) -> bytes:
    """The same archive, whose two headers lie about the size of its member."""
    assert bomb.count(struct.pack("<L", real)) == 2
    return bomb.replace(struct.pack("<L", real), struct.pack("<L", declared))


def test_bomb_of_high_ratio_is_stopped_by_the_size_it_declares():
    assert refusal(unfolding(archive.MAX_MEGABYTES + 1, zipfile.ZIP_DEFLATED)) == "TOO_BIG"


@pytest.mark.parametrize("declared", [0, 10, 1000])
def test_bomb_that_declares_a_small_size_is_stopped_after_that_size(declared):
    bomb = unfolding(archive.MAX_MEGABYTES + 1, zipfile.ZIP_DEFLATED)
    lying = declared_as(bomb, (archive.MAX_MEGABYTES + 1) * MEGABYTE, declared)
    assert refusal(lying) == "ZIP_DAMAGED"


def test_file_that_declares_more_than_it_holds_is_a_damaged_archive():
    assert refusal(declared_as(zipped({"e.xml": GOOD}).getvalue(), len(BYTES), len(BYTES) + 10)) == "ZIP_DAMAGED"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unfold_a_whole_block_at_once_are_not_opened(method):
    """A 64 kB block of bzip2 may hold gigabytes: nothing counts them while they unfold."""
    assert refusal(unfolding(64, method)) == "ZIP_METHOD"


def test_archives_three_deep_are_refused():
    nested = zipped({"e.xml": GOOD}).getvalue()
    for _ in range(archive.MAX_NESTING):
        nested = zipped({"export.zip": nested}).getvalue()
    assert refusal(nested) == "ZIP_NESTED"


def test_archive_that_contains_itself_a_thousand_times_is_refused():
    inner = zipped({"e.xml": b" " * 1000}).getvalue()
    assert refusal(zipped({f"{number}.zip": inner for number in range(1000)}).getvalue()) == "ZIP_TOO_MANY"


def test_directory_of_a_million_files_is_not_even_read():
    entry = b"PK\x01\x02" + b"\0" * 42
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) * 200_000, 0, 0)
    assert refusal(entry * 200_000 + end) == "ZIP_TOO_MANY"


def test_several_xml_in_one_archive_of_an_archive_are_refused():
    assert refusal(zipped({"export.zip": zipped({"a.xml": GOOD, "b.xml": GOOD}).getvalue()}).getvalue()) == (
        "ZIP_SEVERAL_XML"
    )


@pytest.mark.parametrize("member", ["a/../../e.xml", "..", "\\\\serveur\\e.xml", "/e.xml", "d:e.xml", "a\\..\\e.xml"])
def test_no_path_of_an_archive_leaves_it(member):
    assert refusal(zipped({member: GOOD}).getvalue()) == "ZIP_UNSAFE"


def test_other_kinds_of_archive_are_not_xml():
    for magic in (b"\x1f\x8b\x08\0", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\0", b"%PDF-1.7\n\xe2\xe3", b"\x89PNG\r\n"):
        assert refusal(magic + b"\0" * 100) == "MALFORMED"


# --- entities ---------------------------------------------------------------------------------------------------------
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = {
    "billion laughs": f'<!DOCTYPE b [<!ENTITY a0 "ha">{LAUGHS}]>',
    "quadratic": f'<!DOCTYPE b [<!ENTITY a "{"A" * 50_000}">]>',
    "external file": '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "external address": '<!DOCTYPE b [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
    "parameter": '<!DOCTYPE b [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
    "retrieved": '<!DOCTYPE BEE_ELEVES SYSTEM "http://127.0.0.1:9/bee.dtd">',
    "public": '<!DOCTYPE BEE_ELEVES PUBLIC "-//X//Y//FR" "http://127.0.0.1:9/bee.dtd">',
    "attributes": '<!DOCTYPE b [<!ATTLIST ELEVE ELEVE_ID CDATA "7">]>',
    "odd case": "<!docTYPE b []>",
}


@pytest.mark.parametrize("kind", DOCTYPES)
def test_no_document_type_is_ever_read(kind):
    assert refusal(GOOD.replace("?>\n", f"?>\n{DOCTYPES[kind]}\n", 1).encode("iso8859-15")) == "DTD"


def test_document_type_across_two_blocks_of_reading_is_seen():
    start = BYTES.index(b"?>\n") + 3
    padding = b"<!--" + b" " * (archive.CHUNK - start - 4 - 3 - 5) + b"-->"
    cut = BYTES[:start] + padding + b"<!DOCTYPE b []>" + BYTES[start:]
    assert cut[archive.CHUNK - 5 : archive.CHUNK] == b"<!DOC"
    assert refusal(cut) == "DTD"


def test_entity_that_nobody_declared_is_malformed():
    assert refusal(BYTES.replace(b"DURAND", b"&a9;")) == "MALFORMED"


# --- encodings --------------------------------------------------------------------------------------------------------
def wide(encoding: str, doctype: str = "") -> bytes:
    return f'<?xml version="1.0"?>{doctype}{BODY}'.replace("é", "e").encode(encoding)


@pytest.mark.parametrize("doctype", ["", DOCTYPES["billion laughs"]])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_characters_hide_nothing_with_or_without_their_mark(encoding, doctype):
    assert refusal(wide(encoding, doctype)) == "ENCODING_UNKNOWN"


@pytest.mark.parametrize(
    "declaration",
    [
        '<?xml version="1.0" encoding="UTF-7"?>',
        f'<?xml version="1.0"{" " * 300}encoding="UTF-7"?>',
        f'<?xml version="1.0" encoding="{"U" * 60}"?>',
        '<?xml version="1.0" encoding="UTF-16"?>',
        '<?xml version="1.0" encoding="EBCDIC-CP-FR"?>',
        '<?xml version="1.0" encoding="rot13"?>',
        '<?xml version="1.0" encoding=""?>',
        '<?xml version="1.0" encoding=UTF-7?>',
    ],
)
def test_declared_encoding_is_one_of_those_siecle_uses_and_in_plain_sight(declaration):
    hidden = "+ADwAIQ-DOCTYPE b [+ADw-!ENTITY x 'boum'+AD4-]+AD4-"
    assert refusal((declaration + hidden + BODY).replace("é", "e").encode()) == "ENCODING_UNKNOWN"


def test_encoding_declared_after_its_place_is_not_believed():
    assert refusal(b"\n" + BYTES) in {"MALFORMED", "ENCODING_BROKEN"}


@pytest.mark.parametrize(
    ("declared", "real"),
    [
        ("UTF-8", "iso8859-15"),
        ("UTF-8", "cp1252"),
        ("ISO-8859-15", "utf-8"),
        ("US-ASCII", "utf-8"),
        ("UTF-8", "mac-roman"),
    ],
)
def test_lying_encoding_is_told_as_such(declared, real):
    assert refusal(GOOD.replace("ISO-8859-15", declared).encode(real)) == "ENCODING_BROKEN"


@pytest.mark.parametrize("bad", [b"\0", b"\x1b", b"&#0;", b"&#8;", b"&#xD800;"])
def test_characters_that_xml_forbids_are_malformed(bad):
    assert refusal(BYTES.replace(b"DURAND", b"DUR" + bad + b"AND")) == "MALFORMED"


# --- sizes ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", [b"DURAND", b'ELEVE_ID="1"', b"<BOURSES/>"])
def test_enormous_value_is_refused(place):
    big = b"A" * 3 * MEGABYTE
    grown = {b"DURAND": big, b'ELEVE_ID="1"': b'ELEVE_ID="1" X="' + big + b'"', b"<BOURSES/>": b"<B>" + big + b"</B>"}
    assert refusal(BYTES.replace(place, grown[place], 1)) == "OVERSIZED"


def test_many_elements_that_hold_no_record_are_refused(monkeypatch):
    monkeypatch.setattr("siecle_sync.bee.reader.MAX_ELEMENTS", 10_000)
    assert refusal(BYTES.replace(b"<BOURSES/>", b"<B/>" * 20_000)) == "OVERSIZED"


def test_many_records_are_refused(monkeypatch):
    monkeypatch.setattr("siecle_sync.bee.reader.MAX_RECORDS", 100)
    assert refusal(text([eleve(number) for number in range(200)]).encode("iso8859-15")) == "OVERSIZED"


@pytest.mark.parametrize(
    ("cut", "code"),
    [
        (0, "EMPTY"),
        (1, "MALFORMED"),
        (20, "ENCODING_UNKNOWN"),
        (50, "WRONG_ROOT"),
        (100, "MALFORMED"),
        (len(BYTES) // 2, "MALFORMED"),
        (len(BYTES) - 3, "MALFORMED"),
    ],
)
def test_truncated_file_is_refused_wherever_it_stops(cut, code):
    assert refusal(BYTES[:cut]) == code
