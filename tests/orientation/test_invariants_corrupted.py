"""Each invariant, seen broken: a sound dossier, a corruption with the triggers asleep, the ids it is told under."""

from collections.abc import Callable
from datetime import datetime

import pytest

from orientation.invariants import INVARIANTS
from tests.orientation import test_invariants
from tests.orientation.invariant_stories import after_second, broken, contested, plain, rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]

PLAIN = {
    "INV-01": "UPDATE orientation_pen SET representative_id = (SELECT max(id) FROM families_representative)"
    " WHERE phase = 'PROVISIONAL'",
    "INV-02": "INSERT INTO orientation_pen"
    " (dossier_id, phase, representative_id, taken_at, released_at, release_reason)"
    " SELECT dossier_id, phase, representative_id, taken_at, taken_at + interval '1 hour', ''"
    " FROM orientation_pen WHERE phase = 'PROVISIONAL'",
    "INV-03": "UPDATE orientation_pen SET taken_at = taken_at - interval '1 minute' WHERE phase = 'PROVISIONAL'",
    "INV-04": "UPDATE orientation_submission SET version = 3 WHERE phase = 'PROVISIONAL' AND version = 2",
    "INV-05": "UPDATE orientation_rankedchoice SET rank = 3 WHERE rank = 2",
    "INV-06": "UPDATE orientation_campaign SET max_choices = 1",
    "INV-07": "UPDATE orientation_rankedchoice SET pathway = '1TECHNO', free_text = '', apprentice_status = false"
    " WHERE rank = 2",
    "INV-08": "ALTER TABLE orientation_rankedchoice DROP CONSTRAINT pathway_asked_once;"
    " UPDATE orientation_rankedchoice SET pathway = '2PRO' WHERE rank = 2",
    "INV-09": "UPDATE orientation_rankedchoice SET free_text = 'Boulanger' WHERE pathway = '2GT'",
    "INV-10": """UPDATE ledger_journalentry SET data = jsonb_set(data, '{then,born}', '"2007-01-01"')"""
    " WHERE data->'then' ? 'born'",
    "INV-11": "UPDATE orientation_phasewindow SET closes_at = opens_at + interval '1 day'"
    " WHERE phase = 'PROVISIONAL' AND kind = 'ENTRY'",
    "INV-14": "UPDATE ledger_journalentry SET at = '2026-01-15T12:00Z' WHERE verb = 'council_opened'"
    " AND data->>'phase' = 'PROVISIONAL'",
    "INV-20": "UPDATE orientation_acknowledgement SET at = '2026-01-20T12:00Z'",
    "INV-22": "UPDATE orientation_acknowledgement SET at = '2026-06-05T12:00Z'",
    "INV-24": "UPDATE orientation_councilstatement SET version = 2 WHERE phase = 'PROVISIONAL'",
    "INV-25": "WITH moved AS (UPDATE orientation_classcouncil SET opened_at = opened_at + interval '30 days'"
    " WHERE phase = 'DEFINITIVE') UPDATE ledger_journalentry SET at = at + interval '30 days'"
    " WHERE verb = 'council_opened' AND data->>'phase' = 'DEFINITIVE'",
    "INV-26": "UPDATE orientation_councilstatement SET published_at = published_at - interval '3 hours'"
    " WHERE phase = 'DEFINITIVE'",
    "INV-27": "UPDATE orientation_councilanswer SET value = 'Peut-être' WHERE value = 'Réservé'",
    "INV-28": "DELETE FROM orientation_sieclereceipt WHERE ref IN"
    " (SELECT uuid FROM orientation_submission WHERE phase = 'DEFINITIVE')",
    "INV-29": "UPDATE families_division SET year = 2024",
    "INV-30": "UPDATE orientation_familyanswer SET at = '2026-06-02T12:00Z'",
    "INV-31": "UPDATE orientation_councilanswer SET value = 'NON' WHERE value = 'OUI'",
    "INV-34": "UPDATE orientation_familyanswer SET at = '2026-06-20T12:00Z'",
    "INV-35": "UPDATE orientation_decision SET at = at - interval '1 hour'",
    "INV-37": "WITH gone AS (DELETE FROM ledger_journalentry WHERE verb = 'decision_made'),"
    " none AS (DELETE FROM orientation_decidedpathway) DELETE FROM orientation_decision",
    "INV-38": "UPDATE orientation_decidedpathway SET pathway = 'CAP'",
    "INV-50": "DELETE FROM ledger_outgoingemail WHERE kind = 'recap_author' AND data->>'phase' = 'DEFINITIVE'",
    "INV-51": "DELETE FROM ledger_outgoingemail WHERE kind = 'recap_other' AND data->>'phase' = 'PROVISIONAL'",
    "INV-52": "DELETE FROM ledger_outgoingemail WHERE kind = 'answer_accepted_other'",
    "INV-54": "DELETE FROM ledger_outgoingemail WHERE kind = 'opinions_available'",
    "INV-60": "DELETE FROM ledger_journalentry WHERE verb = 'entry_validated' AND data->>'phase' = 'DEFINITIVE'",
    "INV-61": "DELETE FROM ledger_journalentry WHERE verb = 'opinions_acknowledged'",
    "INV-62": "DELETE FROM ledger_journalentry WHERE verb = 'proposals_answered'",
    "INV-64": "DELETE FROM ledger_journalentry WHERE verb = 'decision_made'",
    "INV-65": "DELETE FROM ledger_journalentry WHERE verb = 'statement_published' AND data->>'phase' = 'DEFINITIVE'",
    "INV-66": "UPDATE orientation_classcouncil SET opened_at = opened_at + interval '1 minute'"
    " WHERE phase = 'DEFINITIVE'",
    "INV-70": "UPDATE orientation_sieclereceipt SET ref = gen_random_uuid() WHERE ref IN"
    " (SELECT uuid FROM orientation_submission WHERE version = 1 AND phase = 'PROVISIONAL')",
    "INV-71": "UPDATE orientation_sieclereceipt SET outcome = 'NOT_PROCESSED' WHERE ref IN"
    " (SELECT uuid FROM orientation_submission WHERE version = 1 AND phase = 'PROVISIONAL')",
}
CONTESTED = {
    "INV-21": "UPDATE orientation_campaign SET opinion_change = 'TELL'",
    "INV-23": "UPDATE orientation_statementwithdrawal SET at = at + interval '60 days' WHERE reason = 'CHANGED'",
    "INV-36": "UPDATE orientation_decision SET origin = 'ACCEPTANCE', answer_id ="
    " (SELECT max(id) FROM orientation_familyanswer)",
    "INV-39": "UPDATE orientation_agreement SET at = at - interval '1 hour'",
    "INV-40": "UPDATE orientation_entryobjection SET at = at - interval '1 day'",
    "INV-41": "UPDATE orientation_submission SET asked_on = asked_on + 30 WHERE asked_by <> ''",
    "INV-42": "UPDATE orientation_statementwithdrawal SET at = at + interval '1 minute' WHERE reason = 'ENTRY_CHANGED'",
    "INV-43": "UPDATE orientation_meeting SET held_on = '2026-01-02'",
    "INV-44": "UPDATE orientation_appeal SET filed_on = '2026-01-02'",
    "INV-55": "DELETE FROM ledger_outgoingemail WHERE kind = 'entry_not_processed'",
    "INV-57": "DELETE FROM ledger_outgoingemail WHERE kind = 'agreement_outcome'",
    "INV-58": "DELETE FROM ledger_outgoingemail WHERE kind = 'decision_recorded'",
    "INV-59": "DELETE FROM ledger_outgoingemail WHERE kind = 'entry_changed_by_school'",
    "INV-63": "DELETE FROM ledger_journalentry WHERE verb = 'answer_disagreed'",
    "INV-68": "DELETE FROM ledger_journalentry WHERE verb = 'statement_withdrawn' AND data->>'version' = '1'",
    "INV-72": "UPDATE ledger_journalentry SET at = '2026-01-15T12:00Z' WHERE verb = 'entry_changed_by_school'",
    "INV-73": "DELETE FROM ledger_journalentry WHERE verb = 'entry_objected'",
    "INV-74": "DELETE FROM ledger_journalentry WHERE verb = 'meeting_held'",
    "INV-75": "DELETE FROM ledger_journalentry WHERE verb = 'appeal_filed'",
    "INV-76": "UPDATE ledger_journalentry SET data = data - 'then' WHERE verb = 'decision_made'",
    "INV-77": "DELETE FROM orientation_acttosend",
}
SECOND = {
    "INV-16": "UPDATE orientation_rankedchoice SET details = details - 0 WHERE pathway = '1GEN'",
    "INV-17": """UPDATE orientation_specialtyoffer SET specialties = '["MATHS"]', at = at - interval '1 day'""",
}
# told by a story of their own, in test_invariants.py
ELSEWHERE = {
    "INV-12": "test_an_entry_after_the_school_closed_or_switched_off_is_reported",
    "INV-13": "test_an_entry_after_the_school_closed_or_switched_off_is_reported",
    "INV-15": "test_choices_without_acknowledgement_are_reported",
    "INV-32": "test_an_answer_by_the_other_parent_is_reported",
    "INV-33": "test_a_second_answer_that_stands_is_reported",
    "INV-53": "test_the_same_letter_twice_is_reported",
    "INV-56": "test_a_letter_to_someone_who_is_only_a_contact_is_reported",
    "INV-67": "test_a_pen_released_by_the_head_breaks_nothing_and_is_kept_in_the_history",
}
# what a corruption breaks besides, since it is the same fact seen from another side
ALSO = {
    "INV-01": {"INV-03"},
    "INV-02": {"INV-67"},
    "INV-07": {"INV-27"},
    "INV-14": {"INV-66"},
    "INV-22": {"INV-15"},
    "INV-28": {"INV-77"},
    "INV-34": {"INV-35"},
    "INV-36": {"INV-38", "INV-43", "INV-44", "INV-77"},
    "INV-37": {"INV-77"},
    "INV-60": {"INV-10"},
    "INV-61": {"INV-10"},
    "INV-62": {"INV-10"},
    "INV-63": {"INV-10"},
    "INV-70": {"INV-77"},
    "INV-71": {"INV-55"},
    "INV-73": {"INV-10"},
}


@pytest.mark.parametrize("story", [plain, contested, after_second])
def test_a_sound_dossier_breaks_nothing(at: Callable[[datetime], None], story: Callable) -> None:
    story(at)
    assert broken() == set()


@pytest.mark.parametrize("expected", [*PLAIN, *CONTESTED, *SECOND])
def test_a_corruption_is_reported_under_the_rule_it_breaks(at: Callable[[datetime], None], expected: str) -> None:
    for story, corruptions in ((plain, PLAIN), (contested, CONTESTED), (after_second, SECOND)):
        if expected in corruptions:
            story(at)
            rewrite(corruptions[expected])
    assert broken() == {expected} | ALSO.get(expected, set())


def test_every_invariant_is_seen_broken() -> None:
    assert sorted([*PLAIN, *CONTESTED, *SECOND, *ELSEWHERE]) == sorted(one.id for one in INVARIANTS)
    assert all(hasattr(test_invariants, name) for name in ELSEWHERE.values())
