"""What Siècle answers for a line: a receipt when it is final, none when the line is to go again (SIE-01, SIE-03)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ledger import clock
from ledger.models import JournalEntry, OutgoingEmail
from orientation import receipts
from orientation.models import SiecleReceipt, Submission
from tests.factories import CAP, DURING_INTENTIONS, Family, council, family
from tests.orientation.screens import address, signed_in, text_of
from tests.orientation.states import At, entered
from tests.orientation.states import answered as answered_proposals

pytestmark = pytest.mark.django_db
TABLES = """
CREATE TEMP TABLE siecle_out (seq bigint, kind text, ref text, dossier_id bigint, phase text, version integer)
  ON COMMIT DROP;
CREATE TEMP TABLE siecle_report (seq bigint, outcome text, code text) ON COMMIT DROP
"""


def answered(of: Family, outcome: str) -> None:
    reported(of, entered(of), outcome)


def reported(of: Family, sent: Submission, outcome: str, code: str | None = None) -> None:
    told(["ENTRY", str(sent.uuid), of.dossier.pk, sent.phase, sent.version], outcome, code)


def told(sent: list[Any], outcome: str, code: str | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS siecle_out, siecle_report")
        cursor.execute(TABLES)
        line = [1, *sent]
        cursor.execute("INSERT INTO siecle_out VALUES (%s, %s, %s, %s, %s, %s)", line)
        cursor.execute("INSERT INTO siecle_report VALUES (1, %s, %s)", [outcome, code])
        receipts.record(cursor, now=clock.now())


def refusals(of: Family) -> list[str]:
    rows = JournalEntry.objects.filter(verb="line_rejected", dossier_uuid=of.dossier.uuid).order_by("pk")
    return [row.data["code"] for row in rows]


@pytest.fixture
def home() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return family()


@pytest.mark.corrupts("INV-71")  # no council has opened: only the answer of Siècle counts here
@pytest.mark.parametrize(
    ("outcome", "verb"), [("ACCEPTED", "entry_accepted"), ("NOT_PROCESSED", "entry_not_processed")]
)
def test_a_final_answer_makes_a_receipt_and_a_line_of_the_history(home: Family, outcome: str, verb: str) -> None:
    answered(home, outcome)
    assert SiecleReceipt.objects.get().outcome == outcome
    assert JournalEntry.objects.filter(verb=verb, dossier_uuid=home.dossier.uuid).count() == 1


def test_a_line_that_siecle_rejects_has_no_receipt_so_that_it_goes_again(home: Family) -> None:
    answered(home, "REJECTED")
    assert not SiecleReceipt.objects.exists()
    assert not JournalEntry.objects.filter(actor_kind="SIECLE").exclude(verb="line_rejected").exists()
    assert not OutgoingEmail.objects.filter(kind="entry_not_processed").exists()


def test_a_refusal_is_in_the_history_once_for_a_reason_however_many_nights_it_comes_back(home: Family) -> None:
    sent, other = entered(home), family()
    for code in ("UNKNOWN_PUPIL", "UNKNOWN_PUPIL", None, None, "MALFORMED", "UNKNOWN_PUPIL"):
        reported(home, sent, "REJECTED", code)
    assert refusals(home) == ["UNKNOWN_PUPIL", "", "MALFORMED"]
    reported(other, entered(other), "REJECTED", "UNKNOWN_PUPIL")
    reported(other, entered(other, choices=(CAP,), base_version=1), "REJECTED", "UNKNOWN_PUPIL")
    assert refusals(other) == ["UNKNOWN_PUPIL", "UNKNOWN_PUPIL"]


def test_a_refusal_is_looked_for_in_its_own_dossier_by_the_index(home: Family) -> None:
    reported(home, entered(home), "REJECTED", "UNKNOWN_PUPIL")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {receipts.JOURNAL_REJECTED}", {"now": clock.now()})
        plan = "\n".join(row for (row,) in cursor)
    assert "journal_by_dossier" in plan
    assert "Anti Join" not in plan


def test_the_family_reads_that_its_entry_waits_until_siecle_takes_it(home: Family) -> None:
    sent = entered(home)
    reported(home, sent, "REJECTED", "UNKNOWN_PUPIL")
    for who in ("mother", "father", "student"):
        assert "Pas encore transmis à l’établissement La dernière saisie" in reads(home, who, "dossier")
        assert "remise à la nuit suivante : intentions, version 1" in reads(home, who, "history")
    reported(home, sent, "ACCEPTED")
    assert "Pas encore transmis" not in reads(home, "mother", "dossier")
    assert "saisie transmise à l’établissement" in reads(home, "mother", "history")


def test_the_refusal_of_a_version_that_another_replaced_worries_nobody(home: Family) -> None:
    reported(home, entered(home), "REJECTED", "MALFORMED")
    entered(home, choices=(CAP,), base_version=1)
    assert "Pas encore transmis" not in reads(home, "mother", "dossier")


def test_a_refused_entry_that_the_council_came_before_is_not_processed_and_waits_no_more(home: Family) -> None:
    reported(home, entered(home), "REJECTED", "MALFORMED")
    council(home, opened_at=DURING_INTENTIONS + timedelta(hours=1))
    clock.freeze(DURING_INTENTIONS + timedelta(hours=2))
    page = reads(home, "mother", "dossier")
    assert "Saisie non traitée" in page and "Pas encore transmis" not in page


def test_a_refused_answer_is_said_to_wait_even_once_it_made_the_decision(at: At) -> None:
    camille = family()
    answered_proposals(camille, at)
    proposals = camille.dossier.statements.get(phase="DEFINITIVE")
    for what, ref in (
        ("L’accusé de réception", camille.dossier.statements.get(phase="PROVISIONAL").acknowledgement.uuid),
        ("La réponse aux propositions", proposals.family_answer.uuid),
    ):
        assert what not in reads(camille, "father", "dossier")
        told(["ANSWER", str(ref), camille.dossier.pk, "", None], "REJECTED", "UNKNOWN_STATEMENT")
        assert f"Pas encore transmis à l’établissement {what}" in reads(camille, "father", "dossier")
    assert "remise à la nuit suivante : réponse aux propositions" in reads(camille, "father", "history")


def reads(of: Family, who: str, screen: str) -> str:
    return text_of(signed_in(getattr(of, who)).get(address(of, screen)))
