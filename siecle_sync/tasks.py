from uuid import UUID

from celery import shared_task

from families.models import Academy
from ledger import clock
from siecle_sync import parts, uploads
from siecle_sync.night import due_academies, is_due, prepare, rehearse_academy
from siecle_sync.watch import watch


@shared_task
def start_nights() -> list[str]:
    """Every minute: begin the night of each académie where it is night, and go on with those that are not finished."""
    codes = [academy.code for academy in due_academies()]
    for code in codes:
        night.delay(code)
    return codes


@shared_task
def night(academy_code: str) -> list[int]:
    """Begin the night of an académie, or go on with it: hand out the parts that no worker has."""
    academy = Academy.objects.get(pk=academy_code)
    if not is_due(academy, clock.now()):  # this message waited, and the night has ended since
        return []
    keys = parts.ready(prepare(academy, again=False) or [])
    for key in keys:
        part.delay(key)
    return keys


@shared_task
def part(pk: int) -> bool:
    """One part of a night. Whatever kills it, the next `start_nights` hands it out again."""
    return parts.play_part(pk)


@shared_task
def rehearse(academy_code: str) -> list[int]:
    """« Ce que cette nuit ferait », asked for in the admin."""
    return [run.pk for run in rehearse_academy(Academy.objects.get(pk=academy_code))]


@shared_task
def watch_nights() -> list[str]:
    """Every ten minutes: tell operators what is late, failed or refused too much; in the morning, the whole country."""
    return [alert.key for alert in watch()]


@shared_task
def play_upload(pk: str) -> str:
    """Read the files that a school handed in, or import them: what they wait for."""
    return uploads.play(UUID(pk))


@shared_task
def sweep_uploads() -> int:
    """Every minute: go on with what a killed worker left; after a day, the files that nobody confirmed are emptied."""
    forgotten = uploads.forget(clock.now())
    for pk in uploads.waiting():
        play_upload.delay(str(pk))
    return forgotten
