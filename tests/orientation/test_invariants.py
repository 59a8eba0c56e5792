"""The checker finds nothing in a sound campaign, and names exactly the rule that a corruption breaks."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from ledger import journal
from ledger.journal import SIECLE
from ledger.models import OutgoingEmail
from orientation.actions import release_pen, set_closing, switch_service
from orientation.invariants import INVARIANTS, check
from orientation.models import FamilyAnswer
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_PROPOSALS, Family, representative, staff
from tests.orientation.invariant_stories import broken, plain, rewrite
from tests.orientation.whole_year import said_by_council

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]


@pytest.fixture
def sound(at: Callable[[datetime], None]) -> Family:
    """A whole dossier, from the intentions to the decision, written by the actions."""
    return plain(at)


def test_every_invariant_has_its_own_id_and_a_sentence() -> None:
    assert len({one.id for one in INVARIANTS}) == len(INVARIANTS)
    assert all(one.sentence.endswith(".") and one.rule for one in INVARIANTS)


def test_an_entry_after_the_school_closed_or_switched_off_is_reported(
    sound: Family, at: Callable[[datetime], None]
) -> None:
    at(DURING_PROPOSALS + timedelta(days=1))
    campaign, school, head = sound.dossier.campaign, sound.student.school, staff(sound.student.school)
    told = {"campaign": campaign, "school": school, "user": head, "by": SIECLE}
    set_closing(phase="PROVISIONAL", closes_at=DURING_INTENTIONS - timedelta(hours=2), **told)
    switch_service(enabled=False, **told)
    assert broken() == set()
    rewrite("UPDATE orientation_schoolclosing SET at = '2026-01-12T08:00Z'")
    assert broken() == {"INV-12"}
    rewrite("UPDATE orientation_serviceswitch SET at = '2026-06-01T08:00Z'")
    assert broken() == {"INV-12", "INV-13"}


def test_choices_without_acknowledgement_are_reported(sound: Family) -> None:
    rewrite(
        "WITH gone AS (DELETE FROM ledger_journalentry WHERE verb = 'opinions_acknowledged')"
        " DELETE FROM orientation_acknowledgement"
    )
    assert broken() == {"INV-15", "INV-77"}


def test_an_answer_by_the_other_parent_is_reported(sound: Family) -> None:
    rewrite("UPDATE orientation_familyanswer SET representative_id = %s", sound.father.pk)
    assert broken() == {"INV-32"}


def test_a_decision_without_the_agreement_of_all_is_reported(sound: Family) -> None:
    rewrite("UPDATE orientation_campaign SET answered_by = 'ALL'")
    assert broken() == {"INV-36"}


def test_a_letter_to_someone_who_is_only_a_contact_is_reported(sound: Family) -> None:
    aunt = representative(sound.student, level=3)
    assert broken() == set()
    rewrite(
        "UPDATE ledger_outgoingemail SET recipient_uuid = %s WHERE uuid IN"
        " (SELECT uuid FROM ledger_outgoingemail WHERE kind = 'recap_author' LIMIT 1)",
        aunt.uuid,
    )
    assert broken() == {"INV-50", "INV-56"}


def test_the_same_letter_twice_is_reported(sound: Family) -> None:
    one = OutgoingEmail.objects.filter(kind="proposals_available").first()
    assert one is not None
    one.pk, one.dedup_key = None, "another"
    OutgoingEmail.objects.bulk_create([one])
    assert broken() == {"INV-53"}


def test_a_line_of_history_without_its_act_is_reported(sound: Family) -> None:
    journal.write(
        verb="entry_validated", by=SIECLE, at=DURING_CHOICES, dossier=sound.dossier.uuid,
        submission="00000000-0000-4000-8000-000000000000",
    )  # fmt: skip
    assert broken() == {"INV-60", "INV-76"}


def test_a_pen_released_by_the_head_breaks_nothing_and_is_kept_in_the_history(sound: Family) -> None:
    assert release_pen(dossier=sound.dossier.uuid, phase="PROVISIONAL", reason="accord des parents", by=SIECLE)
    assert broken() == set()
    rewrite("DELETE FROM ledger_journalentry WHERE verb = 'pen_released'")
    assert broken() == {"INV-67"}


def test_the_command_prints_each_invariant_and_fails_when_one_is_broken(sound: Family) -> None:
    said = StringIO()
    call_command("check_invariants", stdout=said)
    assert said.getvalue().count("respecté") == len(INVARIANTS)
    rewrite("UPDATE orientation_decidedpathway SET pathway = 'CAP'")
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("check_invariants", "--json", stdout=out, stderr=StringIO())
    assert stopped.value.code == 1
    result = json.loads(out.getvalue().splitlines()[-1])
    assert result["violations"] == 2  # one decided without being accepted, one accepted without being decided
    assert list(result["broken"]) == ["INV-38"]


def test_a_pupil_born_on_29_february_is_of_age_on_1_march(sound: Family) -> None:
    rewrite("""UPDATE ledger_journalentry SET data = jsonb_set(data, '{then,born}', '"2008-02-29"')
            WHERE data->'then' ? 'born'""")
    rewrite("UPDATE orientation_submission SET submitted_at = '2026-02-28T12:00Z' WHERE phase = 'PROVISIONAL'")
    late = next(one for one in check() if one.invariant.id == "INV-10")
    assert late.violations == 3  # the parents' acknowledgement, choices and answer, not their intentions of the 28th


def test_a_second_answer_that_stands_is_reported(sound: Family) -> None:
    other = said_by_council(sound, "DEFINITIVE", DURING_PROPOSALS)
    FamilyAnswer.objects.create(
        statement=other, kind="REFUSED", author_kind="REPRESENTATIVE", representative=sound.mother, at=DURING_PROPOSALS
    )
    assert "INV-33" in broken()
