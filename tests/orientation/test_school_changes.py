"""What a family reads once the school has changed its entry, or the council its opinions (SIE-04, MAI-05, OPI-04)."""

from datetime import date, datetime, timedelta

import pytest

from ledger import journal
from ledger.journal import SIECLE
from orientation.enums import Phase, WithdrawalReason
from orientation.models import CouncilStatement, StatementWithdrawal, Submission
from tests.factories import CAP, DURING_INTENTIONS, DURING_OPINIONS, GT, PRO, Family, council
from tests.orientation.letter_box import (
    enter,
    gave_opinions,
    letter,
    matches_snapshot,
    named_family,
    read_opinions,
    write,
)
from tests.orientation.states import At, accepted

pytestmark = pytest.mark.django_db
PROVISIONAL = Phase.PROVISIONAL
LATER = DURING_OPINIONS + timedelta(days=3)


def withdrawn(statement: CouncilStatement, at: datetime, reason: str) -> None:
    StatementWithdrawal.objects.create(statement=statement, at=at, reason=reason)


def changed_by_school(
    of: Family, at: At, when: datetime = DURING_OPINIONS, *, asked_by: str = "Awa Diallo"
) -> Submission:
    """What a night writes when the school has changed the provisional entry at the family's request."""
    made = Submission.objects.create(
        dossier=of.dossier, phase=PROVISIONAL, version=of.dossier.submissions.count() + 1, author_kind="SCHOOL",
        author_name="le secrétariat", choice_count=1, submitted_at=when, asked_by=asked_by,
        asked_on=date(2026, 3, 9), siecle_ref="changed",
    )  # fmt: skip
    made.choices.create(rank=1, pathway=CAP.pathway, free_text="Fleuriste")
    journal.write(
        verb="entry_changed_by_school", by=SIECLE, at=when, dossier=of.dossier.uuid, submission=str(made.uuid),
        phase=PROVISIONAL, version=made.version, asked_by=asked_by, asked_on="2026-03-09",
    )  # fmt: skip
    at(when)
    return made


def entered(at: At, **policies: object) -> tuple[Family, Submission]:
    at(DURING_INTENTIONS)
    of = named_family(**policies)
    made = enter(of, of.mother, PROVISIONAL, GT, PRO)
    accepted(of, made)
    council(of, opened_at=DURING_INTENTIONS)
    return of, made


@pytest.mark.corrupts("INV-14", "INV-54", "INV-68", "INV-71", "INV-76")
def test_both_parents_read_the_new_list_the_first_one_and_who_asked(at: At) -> None:
    of, first = entered(at)
    gave = gave_opinions(of, (GT, "Favorable"), (PRO, "Réservé"), at=DURING_OPINIONS - timedelta(days=1), entry=first)
    change = changed_by_school(of, at)
    withdrawn(gave, DURING_OPINIONS, WithdrawalReason.ENTRY_CHANGED)
    for reader, name in ((of.mother, "author"), (of.father, "other")):
        write(of, "entry_changed_by_school", reader, change.uuid, DURING_OPINIONS, phase=PROVISIONAL)
        matches_snapshot(letter("entry_changed_by_school", reader), f"entry_changed_by_school_{name}")


@pytest.mark.corrupts("INV-14", "INV-41", "INV-71", "INV-76")
def test_a_change_before_any_opinion_withdraws_none_in_the_letter(at: At) -> None:
    of, _ = entered(at)
    change = changed_by_school(of, at, DURING_INTENTIONS + timedelta(days=1))
    write(of, "entry_changed_by_school", of.father, change.uuid, DURING_INTENTIONS, phase=PROVISIONAL)
    assert "retirés" not in letter("entry_changed_by_school", of.father).text


@pytest.mark.corrupts("INV-14", "INV-54", "INV-68", "INV-71")
def test_the_letter_of_new_opinions_compares_with_those_that_were_read(at: At) -> None:
    of, first = entered(at)
    read = gave_opinions(of, (GT, "Favorable"), (PRO, "Réservé"), at=DURING_OPINIONS, entry=first)
    at(DURING_OPINIONS)
    read_opinions(of, read, of.mother)
    withdrawn(read, LATER - timedelta(hours=5), WithdrawalReason.CHANGED)
    never_read = gave_opinions(of, (GT, "Défavorable"), (PRO, "Réservé"), at=LATER, entry=first)
    withdrawn(never_read, LATER - timedelta(hours=4), WithdrawalReason.CHANGED)
    last = gave_opinions(of, (GT, "Favorable"), (PRO, "Favorable"), at=LATER, entry=first)
    at(LATER)
    write(of, "opinions_changed", of.father, last.uuid, LATER, phase=PROVISIONAL)
    text = letter("opinions_changed", of.father).text
    assert "Avant\u00a0: Réservé" in text and "Maintenant\u00a0: Favorable" in text
    assert "Défavorable" not in text
