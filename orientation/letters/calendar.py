"""The letter about the calendar: a window made longer (CAL-03)."""

from datetime import datetime

from orientation.enums import Phase, WindowKind
from orientation.letters.envelope import Envelope, Wording
from orientation.letters.words import ENTRY, EXAMINED, consultation_until, deadline_words, open_until
from orientation.rules import acknowledgement_deadline


def window_extended(envelope: Envelope) -> Wording:
    """What lasts longer, and the deadline of today: the school's own closing may come first (CAL-09)."""
    phase, kind = Phase(envelope.data["phase"]), WindowKind(envelope.data["kind"])
    is_entry = kind == WindowKind.ENTRY
    is_acknowledgement = not is_entry and phase == Phase.PROVISIONAL
    values = {
        "is_entry": is_entry,
        "what": ENTRY[phase] if is_entry else EXAMINED[phase],
        "extended_until": envelope.until(datetime.fromisoformat(envelope.data["closes_at"])),
        "pupil_acts": envelope.pupil_acts and envelope.reader != envelope.facts.student,
        "is_acknowledgement": is_acknowledgement,
        "until": _deadline(envelope, phase, kind),
    }
    return Wording("Dates prolongées", "window_extended", values)


def _deadline(envelope: Envelope, phase: Phase, kind: WindowKind) -> str:
    """The opinions can be acknowledged after their consultation, until the definitive entry closes (OPI-05)."""
    if kind == WindowKind.ENTRY:
        return open_until(envelope, phase)
    if phase == Phase.PROVISIONAL:
        return deadline_words(envelope, acknowledgement_deadline(envelope.facts))
    return consultation_until(envelope, phase)
