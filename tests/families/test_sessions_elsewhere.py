"""« Fermer mes autres sessions »: one’s own alone, at once; nothing validated there is lost (ASVS 7.5.2, MAI-01)."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from families.models import Session, User
from families.sessions import open_sessions, others
from ledger.models import ActorKind, JournalEntry, OutgoingEmail
from orientation.enums import Phase
from orientation.models import Draft
from orientation.tasks import sweep_letters
from tests.factories import CAP, DURING_INTENTIONS, GT, Family
from tests.families.test_limits import opens, signed_in
from tests.orientation.letter_box import enter, named_family

pytestmark = pytest.mark.django_db
CLOSE, EVERYWHERE = "/mon-compte/sessions/fermer/", "/mon-compte/sessions/partout/"


def sid_of(client: Client) -> UUID:
    return UUID(client.session["sid"])


@pytest.fixture
def camille(at: Any) -> Family:
    at(DURING_INTENTIONS)
    return named_family()


@pytest.fixture
def mother(camille: Family) -> User:
    return camille.mother.user


def test_every_other_session_is_closed_and_this_one_goes_on(mother: User) -> None:
    here, phone, library = (signed_in(mother) for _ in range(3))
    assert here.post(CLOSE).status_code == 302
    assert opens(here)
    assert not opens(phone) and not opens(library)
    line = JournalEntry.objects.get(verb="sessions_closed")
    assert (line.actor_kind, line.data) == (ActorKind.REPRESENTATIVE, {"account": str(mother.uuid), "count": 2})


def test_one_session_is_closed_and_the_others_go_on(mother: User) -> None:
    here, phone, library = (signed_in(mother) for _ in range(3))
    here.post(CLOSE, {"sid": str(sid_of(library))})
    assert opens(here) and opens(phone)
    assert not opens(library)


def test_the_session_in_use_is_not_closed_as_one_that_is_open_elsewhere(mother: User) -> None:
    here = signed_in(mother)
    here.post(CLOSE, {"sid": str(sid_of(here))})
    assert opens(here)


@pytest.mark.parametrize("typed", ["", "x", "6cb5d958-3e61-4671-bb28-76f9e2b7afac"])
def test_a_forged_number_closes_nothing_and_is_not_taken_for_all_of_them(mother: User, typed: str) -> None:
    here, phone = signed_in(mother), signed_in(mother)
    assert here.post(CLOSE, {"sid": typed}).status_code == 302
    assert opens(here) and opens(phone)
    assert not JournalEntry.objects.filter(verb="sessions_closed").exists()


def test_nobody_closes_somebody_else_s_session(camille: Family) -> None:
    mother, father = signed_in(camille.mother.user), signed_in(camille.father.user)
    father.post(CLOSE, {"sid": str(sid_of(mother))})
    father.post(CLOSE)
    assert opens(mother)


def test_leaving_everywhere_closes_this_session_too(mother: User) -> None:
    here, phone = signed_in(mother), signed_in(mother)
    here.post(EVERYWHERE)
    assert not opens(here) and not opens(phone)


def test_reading_the_address_closes_nothing(mother: User) -> None:
    here, phone = signed_in(mother), signed_in(mother)
    for path in (CLOSE, EVERYWHERE):
        assert here.get(path).status_code == 302
    assert opens(here) and opens(phone)


def test_draft_stays_and_recap_leaves_when_a_session_is_closed_elsewhere(camille: Family, mother: User) -> None:
    here, phone = signed_in(mother), signed_in(mother)
    path = f"/dossiers/{camille.dossier.uuid}/intentions/ajouter/"
    assert phone.post(path, {"pathway": GT.pathway}).status_code == 302
    enter(camille, camille.mother, Phase.PROVISIONAL, sid=sid_of(phone))
    phone.post(path, {"pathway": CAP.pathway})
    assert sweep_letters() == 0 and OutgoingEmail.objects.filter(state="HELD").count() == 2
    here.post(CLOSE)
    assert Draft.objects.filter(user=mother).exists()
    assert sweep_letters() == 2


def test_open_sessions_are_the_live_ones_the_last_used_first(mother: User, at: Any) -> None:
    first = signed_in(mother)
    Session.objects.create(session_key=uuid4().hex, session_data="", expire_date=DURING_INTENTIONS, user=mother)
    at(DURING_INTENTIONS.replace(minute=DURING_INTENTIONS.minute + 5))
    second = signed_in(mother)
    assert [one.sid for one in open_sessions(mother)] == [sid_of(second), sid_of(first)]
    assert [one.sid for one in others(mother, but=second.session.session_key)] == [sid_of(first)]
