"""What Siècle answers for a line: a receipt when it is final, none when the line is to go again (SIE-01, SIE-03)."""

import pytest
from django.db import connection

from ledger import clock
from ledger.models import JournalEntry, OutgoingEmail
from orientation import receipts
from orientation.models import SiecleReceipt
from tests.factories import DURING_INTENTIONS, Family, family
from tests.orientation.states import entered

pytestmark = pytest.mark.django_db
TABLES = """
CREATE TEMP TABLE siecle_out (seq bigint, kind text, ref text, dossier_id bigint, phase text, version integer)
  ON COMMIT DROP;
CREATE TEMP TABLE siecle_report (seq bigint, outcome text) ON COMMIT DROP
"""


def answered(of: Family, outcome: str) -> None:
    sent = entered(of)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        line = [1, "ENTRY", str(sent.uuid), of.dossier.pk, sent.phase, sent.version]
        cursor.execute("INSERT INTO siecle_out VALUES (%s, %s, %s, %s, %s, %s)", line)
        cursor.execute("INSERT INTO siecle_report VALUES (1, %s)", [outcome])
        receipts.record(cursor, now=clock.now())


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
    assert not JournalEntry.objects.filter(actor_kind="SIECLE").exists()
    assert not OutgoingEmail.objects.filter(kind="entry_not_processed").exists()
