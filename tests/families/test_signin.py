"""Signing in, opening an account with a code, and the lost password."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from families.activation import issue_codes
from families.models import PasswordResetCode, User
from families.passwords import FROM_ADDRESS, FROM_ADDRESS_MOST
from families.sign_in_throttle import HOUR, PAIR_MOST
from families.throttle import spend
from ledger.journal import SYSTEM
from ledger.models import JournalEntry
from orientation.tasks import send_letters
from tests import factories

PASSWORD, NEW = "mot-de-passe-solide", "une-autre-phrase-longue"
PORTAL = "/mes-services/"

pytestmark = pytest.mark.django_db


def sign_in(client: Client, user: User | str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("families:sign_in"), {"username": str(user), "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- sign-in ----------------------------------------------------------------------------------------------------------
def test_a_parent_signs_in_and_lands_on_their_services(client: Client) -> None:
    response = sign_in(client, factories.family().mother.user)
    assert response.url == PORTAL
    assert is_signed_in(client)


def test_a_member_of_staff_lands_on_their_own_screens(client: Client) -> None:
    assert sign_in(client, factories.staff(factories.school())).url == "/admin/"


def test_sign_in_goes_on_to_the_page_asked_for(client: Client) -> None:
    assert sign_in(client, factories.user(), next="/mon-compte/").url == "/mon-compte/"


@pytest.mark.parametrize("outside", ["https://ailleurs.invalid/", "//ailleurs.invalid/", "javascript:alert(1)"])
def test_sign_in_never_leads_outside_this_site(client: Client, outside: str) -> None:
    assert sign_in(client, factories.user(), next=outside).url == PORTAL


def test_a_wrong_password_and_an_unknown_login_are_refused_alike(client: Client) -> None:
    known, unknown = sign_in(client, factories.user("connu"), "faux"), sign_in(client, "inconnu", "faux")
    assert known.context["form"].errors.as_data()["__all__"][0].code == "invalid_login"
    assert known.context["form"].errors == unknown.context["form"].errors
    assert not is_signed_in(client)


def test_five_wrong_passwords_stop_the_sign_in_even_with_the_right_one(client: Client, settings: Any) -> None:
    settings.AXES_ENABLED = True
    user = factories.user()
    for _ in range(PAIR_MOST - 1):
        assert sign_in(client, user, "faux").status_code == 200
    assert sign_in(client, user, "faux").status_code == 429
    response = sign_in(client, user)
    assert response.status_code == 429
    assert "families/locked_out.html" in [one.name for one in response.templates]
    assert not is_signed_in(client)


def test_a_person_of_level_2_sees_no_child(client: Client) -> None:
    child = factories.family().student
    client.force_login(factories.representative(child, level=2).user)
    assert child.full_name not in client.get("/mon-compte/").content.decode()
    assert child.full_name not in client.get(PORTAL).content.decode()


def test_a_link_that_ended_shows_the_child_no_more(client: Client) -> None:
    family = factories.family()
    family.mother.guardianships.update(ended_on=timezone.now().date())
    client.force_login(family.mother.user)
    assert family.student.full_name not in client.get("/mon-compte/").content.decode()


# --- activation -------------------------------------------------------------------------------------------------------
@pytest.fixture
def code() -> str:
    """The code of a legal representative without account."""
    division = factories.division(factories.school())
    factories.representative(factories.student(division, user=factories.user()), account=False)
    return issue_codes(division, by=SYSTEM)[0].code


def activate(client: Client, code: str, **more: str) -> Any:
    typed = {"code": code, "username": "claire.martin", "new_password1": NEW, "new_password2": NEW, **more}
    return client.post(reverse("families:activate"), typed)


def test_the_school_s_code_opens_an_account_and_signs_in(client: Client, code: str) -> None:
    assert activate(client, code.lower().replace("-", " ")).url == PORTAL
    assert is_signed_in(client)
    assert User.objects.get(username="claire.martin").representatives.count() == 1


def test_a_code_serves_once(client: Client, code: str) -> None:
    activate(client, code)
    client.logout()
    response = activate(client, code, username="quelqu.un.d.autre")
    assert "code" in response.context["form"].errors
    assert not is_signed_in(client)
    assert not User.objects.filter(username="quelqu.un.d.autre").exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "code"),
        ({"new_password2": "une-tout-autre-phrase"}, "new_password2"),
        ({"new_password1": "12345678", "new_password2": "12345678"}, "new_password1"),
        ({"username": "déjà pris"}, "username"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_code_still_serves(
    client: Client, code: str, typed: dict[str, str], field: str
) -> None:
    response = activate(client, **{"code": code, **typed})
    assert list(response.context["form"].errors) == [field]
    assert activate(client, code).url == PORTAL


# --- lost password ----------------------------------------------------------------------------------------------------
def ask(client: Client, name: str) -> Any:
    response = client.post(reverse("families:lost_password"), {"name": name})
    send_letters()
    return response


def received() -> str:
    found = re.search(r"\d{4} \d{4}", str(mail.outbox[-1].body))
    assert found
    return found[0]


def type_code(client: Client, code: str) -> Any:
    return client.post(reverse("families:reset_code"), {"code": code})


def choose(client: Client, password: str = NEW) -> Any:
    return client.post(reverse("families:reset_password"), {"new_password1": password, "new_password2": password})


@pytest.mark.parametrize("by", ["login", "address"])
def test_a_typed_code_gives_a_new_password_and_signs_nobody_in(client: Client, by: str) -> None:
    parent = factories.family().mother
    ask(client, parent.user.username if by == "login" else parent.email.upper())
    assert mail.outbox[-1].to == [parent.email]
    assert "http" not in mail.outbox[-1].body
    assert type_code(client, received()).url == reverse("families:reset_password")
    assert choose(client).url == reverse("families:sign_in")
    assert not is_signed_in(client)
    assert sign_in(client, parent.user).status_code == 200
    assert sign_in(client, parent.user, NEW).url == PORTAL
    assert JournalEntry.objects.filter(verb="password_reset", actor_uuid=parent.uuid).count() == 1


def test_nothing_tells_whether_the_account_exists(client: Client) -> None:
    known = factories.family().mother.user
    pages = []
    for name in (known.username, "personne", "personne@exemple.invalid"):
        visitor = Client()
        answer = ask(visitor, name)
        wrong = [type_code(visitor, "00000000").context["form"].errors for _ in range(6)]
        pages.append((answer.status_code, answer.url, wrong))
    assert pages[0] == pages[1] == pages[2]
    assert len(mail.outbox) == 1


def test_five_wrong_codes_spend_the_right_one(client: Client) -> None:
    ask(client, factories.family().mother.user.username)
    for _ in range(5):
        type_code(client, "0000")
    assert type_code(client, received()).status_code == 200
    assert choose(client).url == reverse("families:lost_password")


def test_a_code_lives_fifteen_minutes(client: Client) -> None:
    ask(client, factories.family().mother.user.username)
    PasswordResetCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert type_code(client, received()).status_code == 200


def test_a_code_serves_once_and_in_the_browser_that_asked(client: Client) -> None:
    ask(client, factories.family().mother.user.username)
    assert type_code(Client(), received()).url == reverse("families:lost_password")
    type_code(client, received())
    assert type_code(client, received()).status_code == 200
    choose(client)
    assert choose(client, "encore-une-autre-phrase").url == reverse("families:lost_password")


def test_the_third_step_is_closed_without_the_code(client: Client) -> None:
    assert choose(client).url == reverse("families:lost_password")
    ask(client, factories.family().mother.user.username)
    assert choose(client).url == reverse("families:lost_password")


def test_no_table_holds_the_code(client: Client) -> None:
    ask(client, factories.family().mother.user.username)
    digits = received().replace(" ", "")
    row = PasswordResetCode.objects.values().get()
    assert digits not in str(row)
    assert digits not in str(dict(client.session))


def test_an_account_gets_three_codes_an_hour_at_most(client: Client) -> None:
    name = factories.family().mother.user.username
    answers = {ask(client, name).status_code for _ in range(5)}
    assert answers == {302}
    assert len(mail.outbox) == 3


def test_an_address_of_the_network_has_so_many_codes_sent_an_hour_and_another_goes_on(client: Client) -> None:
    name, asked = factories.family().mother.user.username, reverse("families:reset_code")
    for _ in range(FROM_ADDRESS_MOST):
        spend(FROM_ADDRESS, "127.0.0.1", most=FROM_ADDRESS_MOST, over=HOUR)
    assert ask(client, name).url == asked
    assert mail.outbox == []
    assert ask(Client(REMOTE_ADDR="198.51.100.7"), name).url == asked
    assert len(mail.outbox) == 1


def test_an_address_of_two_accounts_opens_neither(client: Client) -> None:
    family = factories.family()
    type(family.mother).objects.update(email="commun@exemple.invalid")
    ask(client, "commun@exemple.invalid")
    assert mail.outbox == []


def test_a_new_password_ends_the_wait_of_a_locked_account(client: Client, settings: Any) -> None:
    settings.AXES_ENABLED = True
    user = factories.family().mother.user
    for _ in range(6):
        sign_in(client, user, "faux")
    ask(client, user.username)
    type_code(client, received())
    choose(client)
    assert sign_in(client, user, NEW).url == PORTAL
