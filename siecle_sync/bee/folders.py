"""The files of many schools, wherever they lie under some folders: recognised by their content, grouped by UAI."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from siecle_sync.bee.anomalies import Log, RefusedFile
from siecle_sync.bee.archive import Named, is_noise, xml_stream
from siecle_sync.bee.reader import Header, open_file
from siecle_sync.bee.school import checked_uai

Track = Callable[[list[Named]], Iterable[Named]]
OTHER_EXPORTS = {
    "BEE_GEOGRAPHIQUE",
    "BEE_ETABLISSEMENTS",
    "IMPORT_ELEVES",
}  # roots of what lies beside, and is not ours


@dataclass(slots=True)
class Parcel:
    """What was found for one school. `refusal`: a file of its folder is not acceptable, the others wait with it."""

    files: list[Named] = field(default_factory=list)
    refusal: RefusedFile | None = None


@dataclass(slots=True)
class Delivery:
    parcels: dict[str, Parcel] = field(default_factory=dict)  # by UAI, in ascending order
    refused: list[RefusedFile] = field(default_factory=list)  # files that no school can be told of
    aside: list[str] = field(default_factory=list)  # names of the files that are not for this import


def sort_files(paths: Iterable[str | Path], *, track: Track = iter) -> Delivery:
    """Look into every file once. Raise RefusedFile when a path does not exist."""
    delivery, seen = Delivery(), set[tuple[str, str]]()
    failed: list[tuple[Path, RefusedFile]] = []
    schools: dict[Path, set[str]] = {}
    for file in track([*_files(paths)]):
        try:
            uai, digest = _recognised(file)
        except RefusedFile as refusal:
            failed.append((file.path.parent, refusal)) if _counts(file, refusal) else delivery.aside.append(file.name)
            continue
        schools.setdefault(file.path.parent, set()).add(uai)
        if (uai, digest) in seen:  # an archive and what somebody took out of it
            delivery.aside.append(file.name)
        else:
            seen.add((uai, digest))
            delivery.parcels.setdefault(uai, Parcel()).files.append(file)
    for folder, refusal in failed:
        _blame(folder, refusal, schools, delivery)
    delivery.parcels = dict(sorted(delivery.parcels.items()))
    return delivery


def _files(paths: Iterable[str | Path]) -> Iterator[Named]:
    """Neither links nor devices: a folder may have been filled by somebody else."""
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(Path(folder, name) for folder, _, names in os.walk(path) for name in names)
            regular = [file for file in found if file.is_file() and not file.is_symlink() and not is_noise(file.name)]
            yield from (Named(file, str(file.relative_to(path))) for file in regular)
        elif path.is_file():
            yield Named(path, path.name)
        else:
            raise RefusedFile("UNREADABLE", file=path.name)


def _recognised(file: Named) -> tuple[str, str]:
    """(UAI, digest of the XML). Raise RefusedFile."""
    with xml_stream(file) as (name, stream):
        header: Header = open_file(name, stream, Log()).header
        stream.seek(0)
        return checked_uai(header.uai), hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _counts(file: Named, refusal: RefusedFile) -> bool:
    """Whether a refused file was meant for us: what does not claim to be an export is only left aside."""
    return file.path.suffix.lower() in {".xml", ".zip"} and refusal.values.get("root") not in OTHER_EXPORTS


def _blame(folder: Path, refusal: RefusedFile, schools: dict[Path, set[str]], delivery: Delivery) -> None:
    """A bad file stops the school its folder is of; among several schools, nobody knows whose it is."""
    owners = schools.get(folder, set())
    if len(owners) != 1:
        delivery.refused.append(refusal)
        return
    parcel = delivery.parcels[next(iter(owners))]
    parcel.refusal = parcel.refusal or refusal
