"""How fast a provider may be spoken to, for all the workers together (its own limit, by contract)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ledger.models import Pace

BURST = timedelta(seconds=2)  # what may leave at once after a silence


def allowed(provider: str, wanted: int, *, per_minute: int) -> int:
    """Grant up to `wanted` letters now, and count them as spoken; `per_minute` 0 = no limit. Real time."""
    if not per_minute:
        return wanted
    each = timedelta(minutes=1) / per_minute
    with transaction.atomic():
        Pace.objects.get_or_create(provider=provider, defaults={"free_at": timezone.now()})
        row = Pace.objects.select_for_update().get(provider=provider)
        now = timezone.now()  # once the others have been counted
        paid = max(row.free_at, now)
        granted = max(0, min(wanted, (now + max(BURST, each) - paid) // each))
        row.free_at = paid + granted * each
        row.save(update_fields=["free_at"])
    return granted
