"""From what a person gives (a path, an upload; bare XML or zip) to one readable XML stream. Nothing is extracted."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
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
NOISE = {".ds_store", "thumbs.db", "desktop.ini"}

Source = str | Path | IO[bytes]


@contextmanager
def xml_stream(source: Source) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield (display name, seekable XML stream). Raise RefusedFile when the source cannot be read or is not safe."""
    name, stream, ours = _open(source)
    opened = [stream] if ours else []
    try:
        for _ in range(MAX_NESTING):
            if not _is_zip(stream):
                break
            stream = _member(name, stream)
            opened.append(stream)
        yield name, stream
    finally:
        for each in opened:
            each.close()


def _open(source: Source) -> tuple[str, IO[bytes], bool]:
    if not isinstance(source, str | Path):
        name = Path(str(getattr(source, "name", None) or "Le fichier")).name
        return (name, source, False) if source.seekable() else (name, _copied(name, source), True)
    path = Path(source)
    try:
        return path.name, path.open("rb"), True
    except OSError as error:
        raise RefusedFile("UNREADABLE", file=path.name) from error


def _is_zip(stream: IO[bytes]) -> bool:
    stream.seek(0)
    magic = stream.read(2)
    stream.seek(0)
    return magic == ZIP_MAGIC


def _member(name: str, stream: IO[bytes]) -> IO[bytes]:
    try:
        with zipfile.ZipFile(stream) as archive:
            info = _only_xml(name, archive)
            if info.flag_bits & 0x1:
                raise RefusedFile("ZIP_ENCRYPTED", file=name)
            if info.file_size > MAX_MEGABYTES * MEGABYTE:
                raise RefusedFile("TOO_BIG", file=name, limit=MAX_MEGABYTES)
            with archive.open(info) as member:
                return _copied(name, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, lzma.LZMAError, RuntimeError, ValueError, OSError) as error:
        raise RefusedFile("ZIP_DAMAGED", file=name) from error


def _only_xml(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file of the archive, whatever its name: the XML, or the only file left once the noise is put aside."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise RefusedFile("ZIP_TOO_MANY", file=name)
    for info in members:
        if _escapes(info.filename):
            raise RefusedFile("ZIP_UNSAFE", file=name, member=info.filename[:80])
    files = [info for info in members if not info.is_dir() and not _is_noise(info.filename)]
    found = [info for info in files if info.filename.lower().endswith(".xml")] or files
    if not found:
        raise RefusedFile("ZIP_NO_XML", file=name)
    if len(found) > 1:
        raise RefusedFile("ZIP_SEVERAL_XML", file=name)
    return found[0]


def _escapes(member: str) -> bool:
    path = member.replace("\\", "/")
    return path.startswith("/") or ":" in path or ".." in path.split("/")


def _is_noise(member: str) -> bool:
    parts = member.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1].lower() in NOISE


def _copied(name: str, stream: IO[bytes]) -> IO[bytes]:
    """A seekable copy, counted as it is made: the size written in a zip's directory is not to be believed."""
    copy = cast(IO[bytes], SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 (closed by xml_stream)
    try:
        for size, chunk in _counted(stream):
            if size > MAX_MEGABYTES * MEGABYTE:
                raise RefusedFile("TOO_BIG", file=name, limit=MAX_MEGABYTES)
            copy.write(chunk)
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
