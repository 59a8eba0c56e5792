"""The letter about the calendar: a window made longer (CAL-03)."""

from datetime import datetime

from orientation.enums import Phase, WindowKind
from orientation.letters.envelope import Envelope, Wording
from orientation.letters.words import ENTRY, EXAMINED, consultation_until, open_until


def window_extended(envelope: Envelope) -> Wording:
    """What lasts longer, and the deadline of today: the school's own closing may come first (CAL-09)."""
    phase, kind = Phase(envelope.data["phase"]), WindowKind(envelope.data["kind"])
    is_entry = kind == WindowKind.ENTRY
    values = {
        "is_entry": is_entry,
        "what": ENTRY[phase] if is_entry else EXAMINED[phase],
        "extended_until": envelope.until(datetime.fromisoformat(envelope.data["closes_at"])),
        "pupil_acts": envelope.pupil_acts and envelope.reader != envelope.facts.student,
        "until": open_until(envelope, phase) if is_entry else consultation_until(envelope, phase),
    }
    return Wording("Dates prolongées", "window_extended", values)
