"""The verbs. Each locks, reads the clock, asks the rules, writes, journals and posts letters in one transaction."""

from orientation.actions.answer import agree, answer_proposals, decide_agreed
from orientation.actions.contact import contact_family
from orientation.actions.council import UnknownCouncil, move_council, open_council, reset_council
from orientation.actions.disagreement import record_appeal, record_meeting
from orientation.actions.dossiers import open_dossiers, place_acts
from orientation.actions.draft import (
    add_choice,
    add_choices,
    cancel_draft,
    change_choice,
    move_choice,
    remove_choice,
    validate_draft,
)
from orientation.actions.entry import submit_choices
from orientation.actions.latecomers import ask_latecomers
from orientation.actions.objection import object_to_entry
from orientation.actions.offers import set_specialty_offer
from orientation.actions.opinions import acknowledge, lift_gate
from orientation.actions.pens import release_lost_pens, release_pen
from orientation.actions.policies import are_frozen, create_campaign, set_policies
from orientation.actions.remind import remind_families, remind_family, reminder_refusals
from orientation.actions.school import set_closing, sign_out, switch_service
from orientation.actions.scope import is_to_settle, settle_scope

__all__ = [
    "UnknownCouncil",
    "acknowledge",
    "add_choice",
    "add_choices",
    "agree",
    "answer_proposals",
    "are_frozen",
    "ask_latecomers",
    "cancel_draft",
    "change_choice",
    "contact_family",
    "create_campaign",
    "decide_agreed",
    "is_to_settle",
    "lift_gate",
    "move_choice",
    "move_council",
    "object_to_entry",
    "open_council",
    "open_dossiers",
    "place_acts",
    "record_appeal",
    "record_meeting",
    "release_lost_pens",
    "release_pen",
    "remind_families",
    "remind_family",
    "reminder_refusals",
    "remove_choice",
    "reset_council",
    "set_closing",
    "set_policies",
    "set_specialty_offer",
    "settle_scope",
    "sign_out",
    "submit_choices",
    "switch_service",
    "validate_draft",
]
