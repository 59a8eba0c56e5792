"""The letter that reminds, whole: what remains to do at the instant it leaves, and nothing that is false (MAI-08)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from ledger.models import LetterState, OutgoingEmail
from orientation import actions, letters, tasks
from orientation.actions import remind_family
from orientation.enums import Phase
from tests import factories
from tests.factories import (
    CHOICES_CLOSE,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    GT,
    INTENTIONS_CLOSE,
    PRO,
    PROPOSALS_CLOSE,
    Family,
    actor,
)
from tests.orientation.letter_box import (
    answer,
    enter,
    gave_opinions,
    gave_proposals,
    letter,
    matches_snapshot,
    named_family,
    read_opinions,
)
from tests.orientation.reminded import keys, morning, to

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
PROVISIONAL, DEFINITIVE = Phase.PROVISIONAL, Phase.DEFINITIVE


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return named_family()


def written(at: At, end: datetime, days: int = 2) -> None:
    at(morning(end, days))
    tasks.remind()


def test_letter_of_an_entry(family: Family, at: At) -> None:
    written(at, INTENTIONS_CLOSE)
    matches_snapshot(letter("reminder", family.father), "reminder_intentions")


def opinions_of(family: Family, at: At) -> Any:
    entry = enter(family, family.mother, PROVISIONAL, GT, PRO)
    at(DURING_OPINIONS)
    return gave_opinions(family, (GT, "Réservé"), (PRO, "Favorable"), at=DURING_OPINIONS, entry=entry)


@pytest.mark.corrupts("INV-54")
def test_letter_of_an_acknowledgement_then_of_the_choices(family: Family, at: At) -> None:
    given = opinions_of(family, at)
    written(at, CHOICES_CLOSE, 7)
    matches_snapshot(letter("reminder", family.father), "reminder_opinions")
    read_opinions(family, given, family.father)
    matches_snapshot(letter("reminder", family.father), "reminder_choices")


@pytest.mark.corrupts("INV-71")
def test_letter_of_a_list_left_aside_says_to_validate_it_again(family: Family, at: At) -> None:
    entry = enter(family, family.mother, PROVISIONAL)
    factories.left_aside(family, entry, at=DURING_INTENTIONS + timedelta(days=3))
    written(at, INTENTIONS_CLOSE)
    assert keys() == to(family, family.mother, need="ENTER", when="J2")
    matches_snapshot(letter("reminder", family.mother), "reminder_left_aside")


@pytest.mark.corrupts("INV-54", "INV-68")
def test_letter_of_a_second_acknowledgement_says_that_what_is_chosen_stands(at: At) -> None:
    at(DURING_INTENTIONS)
    family = named_family(opinion_change="AGAIN")
    read_opinions(family, opinions_of(family, at), family.father)
    at(factories.DURING_CHOICES)
    enter(family, family.mother, DEFINITIVE, GT)
    first = family.dossier.submissions.get(phase=PROVISIONAL)
    after = factories.DURING_CHOICES + timedelta(days=2)
    gave_opinions(family, (GT, "Favorable"), (PRO, "Favorable"), at=after, entry=first)
    written(at, CHOICES_CLOSE)
    assert keys() == to(family, *family.parents, need="ACKNOWLEDGE", when="J2")
    matches_snapshot(letter("reminder", family.father), "reminder_opinions_again")


@pytest.mark.corrupts("INV-54")
def test_letter_to_who_has_no_account_and_need_not_acknowledge_to_choose(family: Family, at: At) -> None:
    head = factories.staff(family.student.school)
    at(DURING_OPINIONS - timedelta(days=3))
    actions.lift_gate(dossier=family.dossier.uuid, reason="pas d’avis", user=head, by=actor(family.mother))
    at(DURING_OPINIONS)
    gave_opinions(family, (GT, "Réservé"), at=DURING_OPINIONS)
    type(family.father).objects.filter(pk=family.father.pk).update(user=None)
    at(DURING_OPINIONS + timedelta(days=1))
    remind_family(dossier=family.dossier.uuid, by=actor(family.mother))
    matches_snapshot(letter("reminder", family.father), "reminder_opinions_lifted")


def proposals_of(family: Family, at: At) -> Any:
    given = opinions_of(family, at)
    read_opinions(family, given, family.father)
    at(factories.DURING_CHOICES)
    entry = enter(family, family.mother, DEFINITIVE, GT, PRO)
    at(factories.DURING_PROPOSALS)
    return gave_proposals(family, entry, factories.DURING_PROPOSALS)


@pytest.mark.corrupts("INV-54")
def test_letter_of_an_answer_to_its_author_alone(family: Family, at: At) -> None:
    proposals_of(family, at)
    written(at, PROPOSALS_CLOSE)
    assert keys() == to(family, family.mother, need="ANSWER", when="J2")
    matches_snapshot(letter("reminder", family.mother), "reminder_proposals")


@pytest.mark.corrupts("INV-54")
@pytest.mark.parametrize(("accepted", "name"), [((PRO,), "reminder_agreement"), ((), "reminder_agreement_refused")])
def test_letter_of_an_agreement_to_who_is_awaited(at: At, accepted: Any, name: str) -> None:
    at(DURING_INTENTIONS)
    family = named_family(answered_by="ALL")
    answer(family, proposals_of(family, at), family.mother, *accepted)
    written(at, PROPOSALS_CLOSE, 0)
    assert keys() == to(family, family.father, need="AGREE", when="J0")
    matches_snapshot(letter("reminder", family.father), name)


def test_a_pupil_of_age_is_reminded_and_not_the_parents(at: At) -> None:
    at(DURING_INTENTIONS)
    family = named_family(birth_date=date(2008, 1, 20))
    written(at, INTENTIONS_CLOSE)
    assert keys() == to(family, family.student, need="ENTER", when="J2")
    matches_snapshot(letter("reminder", family.student), "reminder_pupil_of_age")


def test_what_was_done_meanwhile_is_not_asked_again_and_the_row_says_why(family: Family, at: At) -> None:
    written(at, INTENTIONS_CLOSE)
    enter(family, family.mother, PROVISIONAL)
    with pytest.raises(letters.NothingToSay):
        letter("reminder", family.father)
    tasks.send_letters()
    assert [one.subject for one in mail.outbox if "Rappel" in one.subject] == []
    rows = OutgoingEmail.objects.filter(kind="reminder")
    assert set(rows.values_list("state", "last_error")) == {(LetterState.POINTLESS, "plus rien à faire")}


def test_a_deadline_that_has_passed_reminds_of_nothing(family: Family, at: At) -> None:
    written(at, INTENTIONS_CLOSE, 0)
    at(INTENTIONS_CLOSE)
    with pytest.raises(letters.NothingToSay):
        letter("reminder", family.father)
