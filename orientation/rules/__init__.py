"""The rules of the procedure, as a jurist reads them. Pure: facts and `now` come in, an answer goes out.

Nothing here reads a database or a clock.
"""

from orientation.rules.acknowledgement import (
    Gate,
    acknowledgement_deadline,
    acknowledgement_ends,
    acknowledgement_is_due,
    gate,
    gate_is_open,
    may_acknowledge,
    may_lift_gate,
)
from orientation.rules.answer import (
    agreements_awaited,
    answerer,
    calls_for_a_meeting,
    check_answer,
    makes_a_decision,
    may_agree,
    may_answer,
    proposed,
)
from orientation.rules.calendar import (
    ClosedBy,
    EntryState,
    EntryStatus,
    campaign_is_on,
    consultation_is_closed,
    council_is_open,
    deadline,
    entry_status,
    service_off,
)
from orientation.rules.council import (
    entry_in_force,
    entry_to_show,
    family_versions,
    last_entry,
    last_statement,
    not_processed,
    visible_statement,
)
from orientation.rules.entry import check_choice, check_choices, may_enter
from orientation.rules.journey import Need, Standing, Step, has_a_duty, standing
from orientation.rules.refusal import Refusal, RuleBroken
from orientation.rules.who import lacks_authority, may_act, pen_holder, student_acts

__all__ = [
    "ClosedBy",
    "EntryState",
    "EntryStatus",
    "Gate",
    "Need",
    "Refusal",
    "RuleBroken",
    "Standing",
    "Step",
    "acknowledgement_deadline",
    "acknowledgement_ends",
    "acknowledgement_is_due",
    "agreements_awaited",
    "answerer",
    "calls_for_a_meeting",
    "campaign_is_on",
    "check_answer",
    "check_choice",
    "check_choices",
    "consultation_is_closed",
    "council_is_open",
    "deadline",
    "entry_in_force",
    "entry_status",
    "entry_to_show",
    "family_versions",
    "gate",
    "gate_is_open",
    "has_a_duty",
    "lacks_authority",
    "last_entry",
    "last_statement",
    "makes_a_decision",
    "may_acknowledge",
    "may_act",
    "may_agree",
    "may_answer",
    "may_enter",
    "may_lift_gate",
    "not_processed",
    "pen_holder",
    "proposed",
    "service_off",
    "standing",
    "student_acts",
    "visible_statement",
]
