"""« Accès aux comptes » of a pupil's family: what the school sees, hands out, opens again, and who may."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from families.models import ActivationCode, Guardianship, Identity
from families.renewal import issue
from families.sign_in_throttle import PAIR_MOST, waiting_among
from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from tests import factories
from tests.admin.world import World, client_of, page, world

pytestmark = pytest.mark.django_db
OLD, NEW = "mot-de-passe-solide", "girafe bleue tabouret"
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b")


@pytest.fixture
def here() -> World:
    return world()


@pytest.fixture
def client(here: World) -> Client:
    return client_of(factories.staff(here.school, "SECRETARY"))


def where(family: Any) -> str:
    return reverse("admin:family_access", args=[family.student.pk])


def acts(client: Client, family: Any, act: str, person: Any = None, **more: str) -> Any:
    return client.post(where(family), {"act": act, "person": str((person or family.mother).uuid), **more})


def rows(client: Client, family: Any) -> dict[Any, Any]:
    return {one.person: one for one in client.get(where(family)).context["rows"]}


def enters(name: str, password: str) -> bool:
    return Client().post(reverse("families:sign_in"), {"username": name, "password": password}).status_code == 302


def gets_wrong(name: str) -> None:
    for _ in range(PAIR_MOST):
        enters(name, "faux")


# --- what it says -----------------------------------------------------------------------------------------------------
def test_it_names_the_legal_representatives_of_today_then_the_pupil(client: Client, here: World) -> None:
    family = here.here
    factories.representative(family.student, level=2)
    Guardianship.objects.filter(representative=family.parents[1]).update(ended_on=clock.now().date())
    shown = rows(client, family)
    assert list(shown) == [family.mother, family.student]
    assert shown[family.mother].login == family.mother.user.username


def test_it_says_who_is_shut_out_who_holds_a_code_and_by_which_provider_they_come(
    client: Client, here: World, settings: Any
) -> None:
    settings.AXES_ENABLED = True
    mother, father = here.here.parents
    gets_wrong(mother.user.username)
    issue(father, by=SYSTEM)
    Identity.objects.create(
        user=father.user, provider="educonnect", issuer="https://x", subject="1", linked_at=clock.now()
    )
    shown = rows(client, here.here)
    assert (shown[mother].waits, shown[mother].code_until, shown[mother].providers) == (True, None, "")
    assert (shown[father].waits, bool(shown[father].code_until), shown[father].providers) == (False, True, "EduConnect")


def test_an_account_without_a_password_has_no_login_to_tell_and_nothing_to_open(client: Client, here: World) -> None:
    mother = here.here.mother
    mother.user.set_unusable_password()
    mother.user.save()
    shown = rows(client, here.here)[mother]
    assert (shown.has_account, shown.login) == (True, "")
    assert mother.user.username not in client.get(where(here.here)).content.decode()


def test_reading_it_takes_as_many_queries_for_two_people_as_for_five(client: Client, here: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(where(here.here)).status_code == 200
        return len(seen)

    count()
    before = count()
    for _ in range(3):
        issue(factories.representative(here.here.student), by=SYSTEM)
    assert count() == before


# --- a code -----------------------------------------------------------------------------------------------------------
def test_the_code_is_shown_once_and_lets_the_person_choose_their_password(client: Client, here: World) -> None:
    mother = here.here.mother
    answer = acts(client, here.here, "code", seen="1")
    [code] = set(CODE.findall(answer.content.decode()))
    assert not CODE.findall(client.get(where(here.here)).content.decode())
    typed = {"code": code, "new_password1": NEW, "new_password2": NEW}
    Client().post(reverse("families:renew_password"), typed)
    assert enters(mother.user.username, NEW)
    assert not enters(mother.user.username, OLD)


def test_no_code_without_having_recognised_the_person(client: Client, here: World) -> None:
    assert acts(client, here.here, "code").status_code == 302
    assert not ActivationCode.objects.exists()


def test_what_the_page_does_not_offer_is_refused_all_the_same(client: Client, here: World) -> None:
    user = here.here.mother.user
    user.set_unusable_password()
    user.save()
    page_before = client.get(where(here.here)).content.decode()
    assert f"Remettre un code à {here.here.mother.full_name}" not in page_before
    assert acts(client, here.here, "code", seen="1").status_code == 302
    assert not ActivationCode.objects.exists()


def test_a_code_handed_out_can_be_cancelled(client: Client, here: World) -> None:
    issue(here.here.mother, by=SYSTEM)
    acts(client, here.here, "cancel")
    assert not ActivationCode.objects.exists()
    assert JournalEntry.objects.filter(verb="renewal_cancelled").count() == 1


# --- opening again ----------------------------------------------------------------------------------------------------
def test_the_school_opens_an_account_that_was_shut_and_no_other(client: Client, here: World, settings: Any) -> None:
    settings.AXES_ENABLED = True
    mother, father = here.here.parents
    for person in (mother, father):
        gets_wrong(person.user.username)
    acts(client, here.here, "unlock")
    assert enters(mother.user.username, OLD)
    assert waiting_among([mother.user.username, father.user.username]) == {father.user.username}
    assert not enters(father.user.username, OLD)
    assert JournalEntry.objects.get(verb="account_unlocked").data["school"] == here.school.uai


# --- who --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", ["code", "unlock", "cancel"])
def test_nobody_outside_the_family_of_the_page(client: Client, here: World, act: str) -> None:
    for person in (here.neighbour.mother, here.far.mother, factories.representative(here.here.student, level=2)):
        assert acts(client, here.here, act, person, seen="1").status_code == 404
    assert not ActivationCode.objects.exists()


def test_the_families_of_another_school_are_nowhere(client: Client, here: World) -> None:
    assert client.get(where(here.neighbour)).status_code == 404
    assert acts(client, here.neighbour, "code", seen="1").status_code == 404
    assert not ActivationCode.objects.exists()


@pytest.mark.parametrize("role", ["READER", "ACADEMY"])
def test_who_only_reads_neither_sees_nor_hands_out(here: World, role: str) -> None:
    visitor = client_of(factories.staff(here.lyon if role == "ACADEMY" else here.school, role))
    assert visitor.get(where(here.here)).status_code == 403
    assert acts(visitor, here.here, "code", seen="1").status_code == 403
    assert not ActivationCode.objects.exists()
    assert where(here.here) not in page(visitor, "families_student_changelist").content.decode()


def test_the_page_is_two_clicks_away(client: Client, here: World) -> None:
    pupils = page(client, "families_student_changelist").content.decode()
    dossier = page(client, "orientation_dossier_change", here.here.dossier.pk).content.decode()
    assert where(here.here) in pupils
    assert where(here.here) in dossier
