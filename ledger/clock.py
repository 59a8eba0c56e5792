"""The only « now » of the procedure (CAL-08): read it after the lock, never before."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from ledger.models import SandboxClock


def now() -> datetime:
    """Return the aware UTC instant of the procedure. In a sandbox, one query reads the pretended date."""
    if not settings.SANDBOX:
        return timezone.now()
    row = SandboxClock.objects.filter(pk=1).values_list("offset", "frozen_at").first()
    if row is None:
        return timezone.now()
    offset, frozen_at = row
    return frozen_at or timezone.now() + offset


def pretend(at: datetime) -> None:
    """Make the sandbox believe that it is `at` (aware), from where time goes on."""
    _set(offset=at - timezone.now(), frozen_at=None)


def freeze(at: datetime) -> None:
    """Stop the sandbox's time at `at` (aware): the simulated campaign and its dump are reproducible."""
    _set(offset=at - timezone.now(), frozen_at=at)


def _set(**values: object) -> None:
    if not settings.SANDBOX:
        raise RuntimeError("The pretended date exists in a sandbox only.")
    SandboxClock.objects.update_or_create(pk=1, defaults=values)
