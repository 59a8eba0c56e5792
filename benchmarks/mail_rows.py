"""So many letters that wait, in a campaign just written: recaps and opinions, to families who gave an address."""

from typing import Any

from benchmarks.campaign import CHECKED, UNCHECKED, generate
from benchmarks.people import Shares

PER_PUPIL = 2.8  # letters: 1 to 2 representatives, most with an address, a recap and opinions each
# The day when opinions can be read: letters say until when.
TODAY = """
UPDATE orientation_phasewindow SET opens_at = opens_at + today.late, closes_at = closes_at + today.late
FROM (SELECT date_trunc('day', now()) - interval '2 days' - min(opens_at) AS late FROM orientation_phasewindow
      WHERE kind = 'CONSULTATION' AND phase = 'PROVISIONAL') today
"""
# As many as asked, ready; nothing of the others.
KEPT = """
WITH kept AS (
  SELECT letter.uuid FROM ledger_outgoingemail letter
  JOIN families_representative reader ON reader.uuid = letter.recipient_uuid
  WHERE reader.email <> '' ORDER BY hashtext(letter.dedup_key) LIMIT %s
), gone AS (
  DELETE FROM ledger_outgoingemail WHERE uuid NOT IN (SELECT uuid FROM kept)
)
UPDATE ledger_outgoingemail
SET state = 'READY', sent_at = NULL, attempts = 0, not_before = created_at,
    priority = CASE WHEN kind ^@ 'recap_' THEN 1 ELSE 2 END
WHERE uuid IN (SELECT uuid FROM kept)
"""


def write_letters(cursor: Any, messages: int, *, seed: int, quiet: bool = False) -> None:
    """Write a campaign large enough, with `messages` letters to send."""
    generate(cursor, round(messages / PER_PUPIL) + 20, seed=seed, shares=Shares(opened=1.0, published=1.0), quiet=quiet)
    cursor.execute(UNCHECKED)
    cursor.execute(TODAY)
    cursor.execute(KEPT, [messages])
    cursor.execute(CHECKED)
    cursor.execute("SELECT count(*) FROM ledger_outgoingemail WHERE state = 'READY'")
    found = cursor.fetchone()[0]
    if found != messages:
        raise SystemExit(f"{messages} lettres demandées, {found} écrites")
