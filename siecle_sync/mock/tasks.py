from celery import shared_task

from siecle_sync.mock import feed


@shared_task
def confirm_councils() -> int:
    """Repeat what the service has not confirmed: a council's opening reaches it at once, or as soon as it is back."""
    return feed.confirm_councils()
