"""The checker finds nothing in a sound campaign, and names exactly the rule that a corruption breaks."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from ledger import journal, outbox
from ledger.journal import SIECLE
from ledger.models import OutgoingEmail
from orientation.actions import (
    acknowledge,
    answer_proposals,
    open_council,
    release_pen,
    set_closing,
    submit_choices,
    switch_service,
)
from orientation.invariants import INVARIANTS, check
from orientation.models import CouncilStatement, Pen, SiecleReceipt, Submission
from tests.factories import (
    CHOICES_CLOSE,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    INTENTIONS_CLOSE,
    OPINIONS_OPEN,
    PRO,
    PROPOSALS_OPEN,
    Family,
    actor,
    family,
    representative,
    staff,
    statement,
)

pytestmark = pytest.mark.django_db

COUNCIL = INTENTIONS_CLOSE + timedelta(days=2)
SID = "6a2f41a3-c54c-4ce8-a2d9-000000000001"


def accepted(entry: Submission, *, at: datetime) -> None:
    SiecleReceipt.objects.create(dossier=entry.dossier, kind="SUBMISSION", ref=entry.uuid, outcome="ACCEPTED", at=at)


def opened(of: Family, phase: str) -> None:
    open_council(
        uai=of.student.school.uai, year=2025, level="3E", division=of.student.division.code, phase=phase,
        held_on=None, by=SIECLE,
    )  # fmt: skip


def published(of: Family, entry: Submission, values: list[tuple[Any, str]], *, at: datetime) -> CouncilStatement:
    """What the night writes with a statement: its line of history and its letters."""
    made = statement(of, entry.phase, answers=values, published_at=at, submission=entry)
    journal.write(
        verb="statement_published", by=SIECLE, at=made.received_at, dossier=of.dossier.uuid, statement=str(made.uuid)
    )
    kind = "opinions_available" if entry.phase == "PROVISIONAL" else "proposals_available"
    for person in of.parents:
        outbox.post(
            kind=kind, recipient=person.uuid, dossier=of.dossier.uuid, about=made.uuid, at=made.received_at,
            dedup_key=f"{kind}:{made.uuid}:{person.uuid}",
        )  # fmt: skip
    return made


@pytest.fixture
def sound(at: Callable[[datetime], None]) -> Family:
    """A whole dossier, from the intentions to the decision, written by the actions."""
    one = family()
    mother, dossier = actor(one.mother, sid=SID), one.dossier.uuid
    at(DURING_INTENTIONS)
    submit_choices(dossier=dossier, phase="PROVISIONAL", choices=[GT], base_version=0, by=mother)
    intentions = submit_choices(dossier=dossier, phase="PROVISIONAL", choices=[PRO, GT], base_version=1, by=mother)
    for entry in Submission.objects.all():
        accepted(entry, at=DURING_INTENTIONS + timedelta(hours=8))
    at(COUNCIL)
    opened(one, "PROVISIONAL")
    opinions = published(one, intentions, [(PRO, "Favorable"), (GT, "Réservé")], at=OPINIONS_OPEN)
    at(DURING_OPINIONS)
    acknowledge(dossier=dossier, statement=opinions.uuid, by=actor(one.father))
    at(DURING_CHOICES)
    choices = submit_choices(dossier=dossier, phase="DEFINITIVE", choices=[PRO], base_version=0, by=mother)
    accepted(choices, at=DURING_CHOICES + timedelta(hours=8))
    at(CHOICES_CLOSE + timedelta(hours=12))
    opened(one, "DEFINITIVE")
    proposals = published(one, choices, [(PRO, "OUI")], at=PROPOSALS_OPEN + timedelta(days=1))
    at(DURING_PROPOSALS)
    answer_proposals(dossier=dossier, statement=proposals.uuid, kind="ACCEPTED", accepted=[PRO.key], by=mother)
    return one


def broken() -> set[str]:
    return {one.invariant.id for one in check() if one.violations}


@contextmanager
def without_triggers(*tables: str) -> Any:
    """What a careless administrator could do in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rewrite(sql: str, *values: Any) -> None:
    with without_triggers(
        "orientation_submission", "orientation_rankedchoice", "orientation_pen", "orientation_decidedpathway",
        "orientation_acknowledgement", "orientation_familyanswer", "orientation_councilstatement",
        "orientation_statementwithdrawal", "ledger_journalentry", "orientation_sieclereceipt",
        "orientation_councilanswer", "orientation_acceptedpathway", "orientation_serviceswitch",
        "orientation_schoolclosing", "orientation_decision", "orientation_campaign",
    ) as cursor:  # fmt: skip
        cursor.execute(sql, values)
        assert cursor.rowcount >= 1


def test_a_sound_dossier_breaks_nothing(sound: Family) -> None:
    assert broken() == set()


def test_every_invariant_has_its_own_id_and_a_sentence() -> None:
    assert len({one.id for one in INVARIANTS}) == len(INVARIANTS)
    assert all(one.sentence.endswith(".") and one.rule for one in INVARIANTS)


CORRUPTIONS = {
    "INV-01": "UPDATE orientation_pen SET representative_id = (SELECT max(id) FROM families_representative)"
    " WHERE phase = 'PROVISIONAL'",
    "INV-04": "UPDATE orientation_submission SET version = 3 WHERE phase = 'PROVISIONAL' AND version = 2",
    "INV-05": "UPDATE orientation_rankedchoice SET rank = 3 WHERE rank = 2",
    "INV-06": "UPDATE orientation_campaign SET max_choices = 1",
    "INV-07": "UPDATE orientation_rankedchoice SET pathway = '1GEN', free_text = '', apprentice_status = false"
    " WHERE rank = 2",
    "INV-09": "UPDATE orientation_rankedchoice SET free_text = 'Boulanger' WHERE pathway = '2GT'",
    "INV-10": "UPDATE families_student SET birth_date = '2007-01-01'",
    "INV-11": "UPDATE orientation_phasewindow SET closes_at = opens_at + interval '1 day'"
    " WHERE phase = 'PROVISIONAL' AND kind = 'ENTRY'",
    "INV-14": "UPDATE ledger_journalentry SET at = '2026-01-15T12:00Z' WHERE verb = 'council_opened'"
    " AND data->>'phase' = 'PROVISIONAL'",
    "INV-20": "UPDATE orientation_acknowledgement SET at = '2026-01-20T12:00Z'",
    "INV-24": "UPDATE orientation_councilstatement SET version = 2 WHERE phase = 'PROVISIONAL'",
    "INV-26": "UPDATE orientation_councilstatement SET published_at = published_at - interval '3 hours'"
    " WHERE phase = 'DEFINITIVE'",
    "INV-27": "UPDATE orientation_councilanswer SET value = 'Peut-être' WHERE value = 'Réservé'",
    "INV-28": "DELETE FROM orientation_sieclereceipt WHERE ref IN"
    " (SELECT uuid FROM orientation_submission WHERE phase = 'DEFINITIVE')",
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
    "INV-71": "UPDATE orientation_sieclereceipt SET outcome = 'NOT_PROCESSED' WHERE ref IN"
    " (SELECT uuid FROM orientation_submission WHERE version = 1 AND phase = 'PROVISIONAL')",
}
# what a corruption breaks besides, since it is the same fact seen from another side
ALSO = {
    "INV-01": {"INV-03"},
    "INV-07": {"INV-27"},
    "INV-14": {"INV-66"},
    "INV-71": {"INV-55"},
}


@pytest.mark.parametrize("expected", CORRUPTIONS)
def test_a_corruption_is_reported_under_the_rule_it_breaks(sound: Family, expected: str) -> None:
    rewrite(CORRUPTIONS[expected])
    assert broken() == {expected} | ALSO.get(expected, set())


def test_two_pens_at_once_are_reported(sound: Family) -> None:
    pen = Pen.objects.get(phase="PROVISIONAL")
    pen.released_at = pen.taken_at + timedelta(hours=2)
    pen.save()
    Pen.objects.create(
        dossier=pen.dossier, phase="PROVISIONAL", representative=pen.representative,
        taken_at=pen.taken_at, released_at=pen.taken_at + timedelta(hours=1),
    )  # fmt: skip
    assert broken() >= {"INV-02", "INV-67"}


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
    assert broken() == {"INV-15"}


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
    assert broken() == {"INV-60"}


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
    rewrite("UPDATE families_student SET birth_date = '2008-02-29'")
    rewrite("UPDATE orientation_submission SET submitted_at = '2026-02-28T12:00Z' WHERE phase = 'PROVISIONAL'")
    late = next(one for one in check() if one.invariant.id == "INV-10")
    assert late.violations == 3  # the parents' acknowledgement, choices and answer, not their intentions of the 28th
