"""« Mon compte »: the address, the children, the password."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from families.activation import issue_codes
from families.sessions import open_sessions
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from tests import factories
from tests.factories import DURING_INTENTIONS

PASSWORD, NEW = "mot-de-passe-solide", "une-autre-phrase-longue"

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(client: Client) -> factories.Family:
    made = factories.family()
    client.force_login(made.mother.user)
    return made


def page(client: Client) -> str:
    return client.get(reverse("families:account")).content.decode()


def test_a_parent_sees_their_address_and_children_and_of_the_other_parent_the_name_alone(
    client: Client, family: factories.Family
) -> None:
    html = page(client)
    assert family.mother.email in html
    assert family.student.full_name in html
    assert family.father.full_name in html
    for secret in (family.father.email, family.father.user.username, str(family.father.uuid), family.student.ine):
        assert secret not in html


def test_a_missing_address_is_said_loudly(client: Client, family: factories.Family) -> None:
    type(family.mother).objects.filter(pk=family.mother.pk).update(email="")
    assert client.get(reverse("families:account")).context["address"].state == "NONE"
    assert "fr-alert--warning" in page(client)


def test_an_address_that_refuses_our_letters_is_said_loudly_and_a_missing_one_first(
    client: Client, family: factories.Family
) -> None:
    def state() -> str:
        return client.get(reverse("families:account")).context["address"].state

    here, elsewhere = type(family.mother).objects, factories.family()
    here.filter(pk=elsewhere.mother.pk).update(user=family.mother.user)
    here.filter(user=family.mother.user).update(email_confirmed_at=DURING_INTENTIONS)
    assert state() == "CONFIRMED"
    here.filter(pk=elsewhere.mother.pk).update(email_refused_at=DURING_INTENTIONS)
    assert state() == "REFUSED"
    assert "fr-alert--warning" in page(client)
    assert elsewhere.mother.email in page(client)
    here.filter(pk=family.mother.pk).update(email="")
    assert state() == "NONE"


def test_an_address_that_is_not_one_changes_nothing(client: Client, family: factories.Family) -> None:
    response = client.post(reverse("families:address"), {"email": "claire@"})
    assert response.context["form"].errors.as_data()["email"][0].code == "invalid"
    before = family.mother.email
    family.mother.refresh_from_db()
    assert (family.mother.email, family.mother.email_confirmed_at) == (before, None)


def test_a_child_of_another_school_joins_the_account_with_a_code(client: Client, family: factories.Family) -> None:
    division = factories.division(factories.school())
    child = factories.student(division, first_name="Noé", user=factories.user())
    factories.representative(child, account=False)
    code = issue_codes(division, by=SYSTEM)[0].code
    assert client.post(reverse("families:attach"), {"code": code}).url == reverse("families:attach_confirm")
    assert "Noé" not in page(client)
    assert client.post(reverse("families:attach_confirm")).url == reverse("families:account")
    assert "Noé" in page(client)


def test_a_code_that_does_not_exist_attaches_nobody(client: Client, family: factories.Family) -> None:
    response = client.post(reverse("families:attach"), {"code": "AAAA-AAAA-AAAA"})
    assert "code" in response.context["form"].errors
    assert family.mother.user.representatives.count() == 1


def change(client: Client, old: str, new: str = NEW) -> Any:
    typed = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("families:change_password"), typed)


def test_a_new_password_keeps_this_session_and_ends_the_others(client: Client, family: factories.Family) -> None:
    elsewhere = Client()
    elsewhere.force_login(family.mother.user)
    assert change(client, PASSWORD).url == reverse("families:account")
    assert client.get(reverse("families:account")).status_code == 200
    assert elsewhere.get(reverse("families:account")).status_code == 302
    assert open_sessions(family.mother.user).count() == 1
    assert Client().login(username=family.mother.user.username, password=NEW)


def test_a_new_password_is_journaled_without_it(client: Client, family: factories.Family) -> None:
    change(client, PASSWORD)
    line = JournalEntry.objects.get(verb="password_changed")
    assert (line.actor_uuid, line.data) == (family.mother.uuid, {"account": str(family.mother.user.uuid)})


def test_the_password_is_not_changed_without_the_current_one(client: Client, family: factories.Family) -> None:
    response = change(client, "faux")
    assert response.context["form"].errors.as_data()["old_password"][0].code == "password_incorrect"
    family.mother.user.refresh_from_db()
    assert family.mother.user.check_password(PASSWORD)


def test_the_current_password_is_not_guessed_from_a_session_left_open(
    client: Client, family: factories.Family, settings: Any
) -> None:
    settings.AXES_ENABLED = True
    name = family.mother.user.username
    client.post(reverse("families:sign_in"), {"username": name, "password": PASSWORD})
    answers = [change(client, f"faux {n}").status_code for n in range(6)]
    assert answers[-1] == 429
    assert change(client, PASSWORD).status_code == 429
    family.mother.user.refresh_from_db()
    assert family.mother.user.check_password(PASSWORD)
