"""The files of Siècle that a school hands in through the admin: read for a preview, then imported as it said.

READING → PREVIEW → IMPORTING → DONE. A file may be refused on the way, a person may drop the preview. Once it is over,
the report stays; the files, and the list of the pupils, do not.
"""

import hashlib
import io
import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.db import IntegrityError, transaction

from families.models import School, User
from families.powers import staff_actor
from ledger import clock
from siecle_sync.bee.anomalies import Log, RefusedFile
from siecle_sync.bee.archive import xml_stream
from siecle_sync.bee.load import import_files
from siecle_sync.bee.many import said_of
from siecle_sync.bee.reader import open_file
from siecle_sync.bee.report import ImportReport
from siecle_sync.locks import DESK, IMPORT, alone, wait_for
from siecle_sync.models import ImportState, SiecleImport, SiecleImportFile

logger = logging.getLogger(__name__)

SMALL = 256 * 1024  # bytes handed in, the archives of 600 pupils: up to there the request does it, in a second
LIGHT = 4 * 1024 * 1024  # bytes of XML, once unzipped: a few hundred kilobytes may hold a hundred times more
LIFE = timedelta(days=1)  # of files that nobody confirmed
TRIES = 3  # then these files kill whoever reads them
AT_WORK = [ImportState.READING, ImportState.IMPORTING]
OPEN = [*AT_WORK, ImportState.PREVIEW]
# of a report, what is in other tables once imported, or what nobody needs once dropped
NOT_KEPT = {ImportState.DONE: {"pupils"}, ImportState.DROPPED: {"pupils", "anomalies"}, ImportState.REFUSED: {"pupils"}}

REFUSALS = {
    "UNDER_WAY": "Un import de cet établissement est déjà en cours. Attendez qu’il soit fini, puis recommencez.",
    "OVER": "Cet import n’attend plus de confirmation. Rien n’a été changé.",
    "PREVIEW_CHANGED": "Les données de l’établissement ont changé depuis l’aperçu. Rien n’a été importé. Voici le "
    "nouvel aperçu : relisez-le, puis confirmez.",
}


class UploadRefused(Exception):
    """`code` is a key of REFUSALS; str() is the French sentence."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(REFUSALS[code])


class PreviewChanged(Exception):
    """What would be written is not what was agreed to: the report of what it would be now."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        super().__init__()


class Handed(io.BytesIO):
    """The bytes of one file, under the name it came with."""

    def __init__(self, file: SiecleImportFile) -> None:
        super().__init__(bytes(file.content or b""))
        self.name = file.name


def hand_in(files: Iterable[tuple[str, IO[bytes]]], *, school: School, year: int, user: User) -> SiecleImport:
    """Keep the files (name, stream) of a school. Its preview that nobody confirmed is dropped.

    Raise UploadRefused("UNDER_WAY") while other files of this school are being read or imported.
    """
    try:
        with transaction.atomic():
            wait_for(DESK, school.pk)
            made = SiecleImport.objects.create(school=school, year=year, by=user, created_at=clock.now())
            for old in SiecleImport.objects.filter(school=school, state=ImportState.PREVIEW):
                _close(old, ImportState.DROPPED)
            for name, stream in files:
                _keep(made, name, stream.read())
    except IntegrityError as error:
        raise UploadRefused("UNDER_WAY") from error
    return made


def _keep(upload: SiecleImport, name: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    SiecleImportFile.objects.create(upload=upload, name=name[-200:], size=len(content), digest=digest, content=content)


def is_small(upload: SiecleImport) -> bool:
    if sum(upload.files.values_list("size", flat=True)) > SMALL:
        return False
    return sum(map(_unzipped, _sources(upload))) <= LIGHT


def _unzipped(source: Handed) -> int:
    """Bytes, as they are and not as they are announced; a file that is refused at once weighs nothing."""
    try:
        with xml_stream(source) as (_, stream):
            stream.seek(0, io.SEEK_END)
            return stream.tell()
    except RefusedFile:
        return 0


def confirm(pk: UUID, *, seen: str, user: User) -> SiecleImport:
    """Agree to the preview that was seen (`fingerprint`). Raise UploadRefused when there is none, or another one."""
    try:
        with transaction.atomic():
            upload = _previewed(pk)
            if seen != fingerprint(upload.report):
                raise UploadRefused("PREVIEW_CHANGED")
            upload.state = ImportState.IMPORTING
            upload.report = {**upload.report, "notice": "", "tries": 0, "confirmed_by": user.pk}
            upload.save(update_fields=["state", "report"])
    except IntegrityError as error:
        raise UploadRefused("UNDER_WAY") from error
    return upload


def drop(pk: UUID) -> None:
    """Raise UploadRefused when there is nothing to drop: what is being imported is imported."""
    with transaction.atomic():
        _close(_previewed(pk), ImportState.DROPPED)


def _previewed(pk: UUID) -> SiecleImport:
    """A preview to decide on. Who hands other files in holds the same lock first: never one row each, in a circle."""
    wait_for(DESK, SiecleImport.objects.values_list("school_id", flat=True).get(pk=pk))
    upload = SiecleImport.objects.select_for_update().get(pk=pk)
    if upload.state != ImportState.PREVIEW:
        raise UploadRefused("OVER")
    return upload


def play(pk: UUID) -> str:
    """Read, or import, if that is what these files wait for and nobody else is at it. Return their state."""
    school = SiecleImport.objects.values_list("school_id", flat=True).get(pk=pk)
    with alone(IMPORT, school) as free:
        upload = SiecleImport.objects.select_related("school", "by").get(pk=pk)
        if free and upload.state in AT_WORK:
            _count_try(upload)
            _play(upload)
    return SiecleImport.objects.values_list("state", flat=True).get(pk=pk)


def _count_try(upload: SiecleImport) -> None:
    upload.report = {**upload.report, "tries": upload.report.get("tries", 0) + 1}
    SiecleImport.objects.filter(pk=upload.pk, state=upload.state).update(report=upload.report)


def _play(upload: SiecleImport) -> None:
    try:
        if upload.report["tries"] > TRIES:
            raise RefusedFile("UNEXPECTED", uai=upload.school.uai)
        _import(upload) if upload.state == ImportState.IMPORTING else _preview(upload)
    except PreviewChanged as changed:
        _show(upload, changed.report, notice="PREVIEW_CHANGED")
    except RefusedFile as refusal:
        _refuse(upload, refusal)
    except Exception:
        logger.exception("the import of %s stopped", upload.school.uai)
        _refuse(upload, RefusedFile("UNEXPECTED", uai=upload.school.uai))


def _preview(upload: SiecleImport) -> None:
    _show(upload, import_files(_sources(upload), uai=upload.school.uai, year=upload.year, dry_run=True))


def _import(upload: SiecleImport) -> None:
    """Written, and said to be written, in one transaction; whoever agreed signs the journal."""

    def agree(report: ImportReport) -> None:
        if not _says_the_same(upload.report, report):
            raise PreviewChanged(report)
        upload.report = {**upload.report, **_told(report)}
        if not _close(upload, ImportState.DONE):
            raise UploadRefused("OVER")

    by = staff_actor(User.objects.get(pk=upload.report["confirmed_by"]))
    import_files(_sources(upload), uai=upload.school.uai, year=upload.year, by=by, agree=agree)


def _sources(upload: SiecleImport) -> list[Handed]:
    return [Handed(one) for one in upload.files.all()]


def _show(upload: SiecleImport, report: ImportReport, *, notice: str = "") -> None:
    said = {**_told(report), "notice": notice}
    SiecleImport.objects.filter(pk=upload.pk, state=upload.state).update(state=ImportState.PREVIEW, report=said)


def _refuse(upload: SiecleImport, refusal: RefusedFile) -> None:
    files = [] if refusal.code == "UNEXPECTED" else [_looked_at(one, refusal) for one in _sources(upload)]
    upload.report = {"code": refusal.code, "files": files}
    upload.refusal = refusal.sentence[:300]
    _close(upload, ImportState.REFUSED)


def _looked_at(source: Handed, why: RefusedFile) -> dict[str, Any]:
    """What one file is, or why it is refused: `why` names it, or it is refused by itself, whatever the others are."""
    told: dict[str, Any] = {"name": source.name, "kind": "", "exported_on": None}
    if why.values.get("file") == source.name:
        return {**told, "refused": said_of(why)}
    try:
        with xml_stream(source) as (name, stream):
            header = open_file(name, stream, Log()).header
    except RefusedFile as refusal:
        return {**told, "refused": said_of(refusal)}
    day = header.exported_on.isoformat() if header.exported_on else None
    return {**told, "kind": header.kind.value, "exported_on": day}


def _close(upload: SiecleImport, state: ImportState) -> bool:
    """Over, once: its files are emptied."""
    kept = {name: said for name, said in upload.report.items() if name not in NOT_KEPT[state]}
    with transaction.atomic():
        closed = SiecleImport.objects.filter(pk=upload.pk, state__in=OPEN).update(
            state=state, done_at=clock.now(), report=kept, refusal=upload.refusal
        )
        if closed:
            upload.files.update(content=None)
    return bool(closed)


def _told(report: ImportReport) -> dict[str, Any]:
    """As the database gives it back: JSON."""
    told: dict[str, Any] = json.loads(report.as_json())
    return told


def _says_the_same(shown: dict[str, Any], report: ImportReport) -> bool:
    return all(shown.get(name) == said for name, said in _told(report).items() if name != "dry_run")


def fingerprint(report: dict[str, Any]) -> str:
    """What tells one preview from another."""
    return hashlib.sha256(json.dumps(report, sort_keys=True).encode()).hexdigest()


def waiting() -> list[UUID]:
    """The imports that a worker should be at."""
    return list(SiecleImport.objects.filter(state__in=AT_WORK).values_list("pk", flat=True))


def forget(now: datetime) -> int:
    """End what was handed in more than a day ago and is not over; return how many."""
    old = SiecleImport.objects.filter(state__in=OPEN, created_at__lte=now - LIFE)
    return sum(_close(one, ImportState.DROPPED) for one in old)
