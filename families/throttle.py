"""How often a secret may be typed wrong, from one place or for one account, before one has to wait.

Real time. Neither an address nor a name is kept: a keyed hash stands for it (families.models.Guesses).
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from families.models import Guesses

LONGEST = timedelta(days=1)  # no window is longer: older rows are erased every night


@transaction.atomic
def spend(use: str, key: str, *, most: int, over: timedelta) -> bool:
    """Count one try of `key`; False once more than `most` were made in the window `over` that began with the first.

    To call outside the transaction that a refusal undoes: the count would be undone with it.
    """
    now = timezone.now()
    which = {"use": use, "key": hashed(use, key)}
    Guesses.objects.bulk_create([Guesses(**which, since=now)], ignore_conflicts=True)  # two at once: one row
    row = Guesses.objects.select_for_update().get(**which)
    if row.since <= now - over:
        row.since, row.count = now, 0
    row.count += 1
    row.save(update_fields=["since", "count"])
    return row.count <= most


def is_spent(use: str, key: str, *, most: int, over: timedelta) -> bool:
    """Would the next try be one too many? Counts nothing."""
    return bool(spent_among(use, [key], most=most, over=over))


def spent_among(use: str, keys: Iterable[str], *, most: int, over: timedelta) -> set[str]:
    """The same of several keys at once: those whose next try would be one too many."""
    known = {hashed(use, key): key for key in keys}
    rows = Guesses.objects.filter(use=use, key__in=known, since__gt=timezone.now() - over, count__gte=most)
    return {known[one] for one in rows.values_list("key", flat=True)}


def forget(use: str, key: str) -> None:
    """What was typed was right in the end, or somebody entitled to it says so."""
    Guesses.objects.filter(use=use, key=hashed(use, key)).delete()


def forget_old() -> int:
    """Every night: the windows that are over; return how many."""
    return Guesses.objects.filter(since__lt=timezone.now() - LONGEST).delete()[0]


def hashed(use: str, key: str) -> str:
    return salted_hmac(f"families.throttle.{use}", key, algorithm="sha256").hexdigest()
