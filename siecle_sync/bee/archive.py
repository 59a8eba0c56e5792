"""From what a person gives (a path, an upload; bare XML or zip) to one readable XML stream. Nothing is extracted."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from siecle_sync.bee.anomalies import RefusedFile

MEGABYTE = 1024 * 1024
MAX_MEGABYTES = 128  # a school of 3,000 pupils exports about 8
IN_MEMORY = 2 * MEGABYTE  # beyond, the unzipped XML waits on disk
MAX_MEMBERS = 64
MAX_NESTING = 2  # a zip that was zipped once more by a mail client
CHUNK = 64 * 1024
ZIP_MAGIC = b"PK"
DIRECTORY_ENTRY = b"PK\x01\x02"  # begins each file's line in the directory of a zip
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others unfold a whole block at once, of any size
SPREADSHEETS = ("xl/", "content.xml")  # inside a spreadsheet of Excel, of LibreOffice
OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
NOISE = {".ds_store", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class Named:
    """A file and what to call it, when its own name would not tell it from those of other schools."""

    path: Path
    name: str


Source = str | Path | Named | IO[bytes]


@contextmanager
def xml_stream(source: Source) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield (display name, seekable XML stream). Raise RefusedFile when the source cannot be read or is not safe."""
    name, stream, ours = _open(source)
    opened = [stream] if ours else []
    try:
        for _ in range(MAX_NESTING):
            if not _begins_with(ZIP_MAGIC, stream):
                break
            stream = _member(name, stream)
            opened.append(stream)
        if _begins_with(ZIP_MAGIC, stream):
            raise RefusedFile("ZIP_NESTED", file=name)
        if _begins_with(OLD_SPREADSHEET, stream):
            raise RefusedFile("SPREADSHEET", file=name)
        yield name, stream
    finally:
        for each in opened:
            each.close()


def _open(source: Source) -> tuple[str, IO[bytes], bool]:
    if not isinstance(source, str | Path | Named):
        name = Path(str(getattr(source, "name", None) or "Le fichier")).name
        return (name, source, False) if source.seekable() else (name, _copied(name, source), True)
    named = source if isinstance(source, Named) else Named(Path(source), Path(source).name)
    try:
        return named.name, named.path.open("rb"), True
    except OSError as error:
        raise RefusedFile("UNREADABLE", file=named.name) from error


def _begins_with(magic: bytes, stream: IO[bytes]) -> bool:
    stream.seek(0)
    found = stream.read(len(magic))
    stream.seek(0)
    return found == magic


def _member(name: str, stream: IO[bytes]) -> IO[bytes]:
    _count_members(name, stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            info = _only_xml(name, archive)
            if info.flag_bits & 0x1:
                raise RefusedFile("ZIP_ENCRYPTED", file=name)
            if info.compress_type not in METHODS:
                raise RefusedFile("ZIP_METHOD", file=name)
            if info.file_size > MAX_MEGABYTES * MEGABYTE:
                raise RefusedFile("TOO_BIG", file=name, limit=MAX_MEGABYTES)
            with archive.open(info) as member:
                return _copied(name, member, size=info.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
        raise RefusedFile("ZIP_DAMAGED", file=name) from error


def _count_members(name: str, stream: IO[bytes]) -> None:
    """Before the directory is read: a million entries would already fill the memory."""
    found, tail = 0, b""
    stream.seek(0)
    for size, chunk in _counted(stream):
        found += (tail + chunk).count(DIRECTORY_ENTRY)
        tail = chunk[1 - len(DIRECTORY_ENTRY) :]
        if found > MAX_MEMBERS:
            raise RefusedFile("ZIP_TOO_MANY", file=name)
        if size > MAX_MEGABYTES * MEGABYTE:
            raise RefusedFile("TOO_BIG", file=name, limit=MAX_MEGABYTES)


def _only_xml(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file of the archive, whatever its name: the XML, or the only file left once the noise is put aside."""
    members = archive.infolist()
    for info in members:
        if _escapes(info.filename):
            raise RefusedFile("ZIP_UNSAFE", file=name, member=info.filename[:80])
    if any(info.filename.startswith(SPREADSHEETS) for info in members):
        raise RefusedFile("SPREADSHEET", file=name)
    files = [info for info in members if not info.is_dir() and not is_noise(info.filename)]
    found = [info for info in files if info.filename.lower().endswith(".xml")] or files
    if not found:
        raise RefusedFile("ZIP_NO_XML", file=name)
    if len(found) > 1:
        raise RefusedFile("ZIP_SEVERAL_XML", file=name)
    return found[0]


def _escapes(member: str) -> bool:
    path = member.replace("\\", "/")
    return path.startswith("/") or ":" in path or ".." in path.split("/")


def is_noise(member: str) -> bool:
    parts = member.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1].lower() in NOISE


def _copied(name: str, stream: IO[bytes], *, size: int | None = None) -> IO[bytes]:
    """A seekable copy, counted as it is made: the size written in a zip's directory is not to be believed."""
    copy = cast(IO[bytes], SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 (closed by xml_stream)
    try:
        for read, chunk in _counted(stream):
            if read > MAX_MEGABYTES * MEGABYTE:
                raise RefusedFile("TOO_BIG", file=name, limit=MAX_MEGABYTES)
            copy.write(chunk)
        if size not in {None, copy.tell()}:
            raise RefusedFile("ZIP_DAMAGED", file=name)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy


def _counted(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Chunks, each with the size read so far."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        yield size, chunk
