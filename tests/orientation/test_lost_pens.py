"""A pen that is lost when nothing waits for it any more: nobody is told that they may still act (ACC-08, ANS-04)."""

from datetime import timedelta

import pytest

from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import OutgoingEmail
from orientation import actions
from orientation.access import access_dossier
from orientation.letters.addressing import address_of
from orientation.letters.entries import pen_released
from orientation.models import Pen
from orientation.reading import load_facts
from orientation.rules import may_enter
from tests import factories
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_PROPOSALS, GT, Family, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposed() -> Family:
    """The mother has entered the definitive choices; the proposals can be answered."""
    clock.freeze(DURING_CHOICES)
    family = factories.family()
    opinions = factories.statement(family, answers=[(GT, "Favorable")], published_at=factories.OPINIONS_OPEN)
    actions.acknowledge(dossier=family.dossier.uuid, statement=opinions.uuid, by=actor(family.mother))
    entry = actions.submit_choices(
        dossier=family.dossier.uuid, phase="DEFINITIVE", choices=[GT], base_version=0, by=actor(family.mother)
    )
    published_at = factories.PROPOSALS_OPEN
    factories.statement(family, "DEFINITIVE", answers=[(GT, "OUI")], published_at=published_at, submission=entry)
    clock.freeze(DURING_PROPOSALS)
    return family


def said_to_the_father(family: Family) -> dict:
    factories.loses_authority(family, family.mother)
    assert actions.release_lost_pens(by=SYSTEM) == 1
    letter = OutgoingEmail.objects.get(kind="pen_released")
    assert letter.recipient_uuid == family.father.uuid
    return pen_released(address_of(letter)).values


def test_an_answer_still_wanted_is_asked_of_who_remains(proposed: Family) -> None:
    assert said_to_the_father(proposed)["answer_until"]


def test_an_answer_given_is_asked_of_nobody_again(proposed: Family) -> None:
    said = proposed.dossier.statements.get(phase="DEFINITIVE")
    actions.answer_proposals(
        dossier=proposed.dossier.uuid, statement=said.uuid, kind="REFUSED", accepted=[], by=actor(proposed.mother)
    )
    assert said_to_the_father(proposed)["answer_until"] == ""


def test_nothing_is_asked_for_a_pupil_who_has_left(proposed: Family) -> None:
    factories.leaves(proposed)
    values = said_to_the_father(proposed)
    assert (values["open_until"], values["answer_until"]) == ("", "")


def test_an_entry_of_another_year_waits_for_nobody() -> None:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    actions.submit_choices(
        dossier=family.dossier.uuid, phase="PROVISIONAL", choices=[GT], base_version=0, by=actor(family.mother)
    )
    clock.freeze(DURING_INTENTIONS + timedelta(days=300))
    family.student.year += 1
    family.student.save()
    factories.loses_authority(family, family.mother)
    assert actions.release_lost_pens(by=SYSTEM) == 0
    assert Pen.objects.get().released_at is None
    assert not OutgoingEmail.objects.filter(kind="pen_released").exists()


def test_who_is_twice_in_siecle_is_not_sent_back_to_themselves() -> None:
    clock.freeze(DURING_INTENTIONS)
    family = factories.family()
    again = factories.representative(family.student, user=family.mother.user)
    links = family.student.guardianships.filter(representative=family.mother)
    links.update(ended_on=DURING_INTENTIONS.date())
    entered = {"dossier": family.dossier.uuid, "phase": "PROVISIONAL", "choices": [GT]}
    by = access_dossier(family.mother.user, family.dossier.uuid).actor
    assert by.uuid == again.uuid
    actions.submit_choices(**entered, base_version=0, by=by)
    links.update(ended_on=None)
    facts, by = load_facts(family.dossier.uuid), access_dossier(family.mother.user, family.dossier.uuid).actor
    assert may_enter(facts, "PROVISIONAL", by.uuid, clock.now()) is None
