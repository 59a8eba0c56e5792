"""Letters are ready: the worker is told after the commit. Whoever writes them is above us, hence a task by its name."""

from celery import current_app
from django.db import transaction

SEND_LETTERS = "orientation.tasks.send_letters"


def nudge() -> None:
    """Tell the worker once committed. Redis down breaks no page: the sweep finds the rows (MAI-07)."""
    transaction.on_commit(tell_worker, robust=True)


def tell_worker() -> None:
    current_app.send_task(SEND_LETTERS, retry=False, ignore_result=True)
