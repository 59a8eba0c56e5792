from celery import shared_task

from families.models import Academy
from siecle_sync.night import due_academies, run_night


@shared_task
def start_nights() -> list[str]:
    """Every quarter of an hour: start the night of each académie where it is night and where it is not yet done."""
    codes = [academy.code for academy in due_academies()]
    for code in codes:
        night.delay(code)
    return codes


@shared_task
def night(academy_code: str) -> bool:
    """The night of one académie, alone. False when it failed or when another one was running."""
    return run_night(Academy.objects.get(pk=academy_code)).finished
