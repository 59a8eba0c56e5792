"""New passwords: what is refused, with one sentence, and everything that is not."""

import secrets
import string

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from families.models import User
from families.strength import LEAST, REFUSALS
from tests import factories

CLAIRE = User(username="claire.martin75", first_name="Claire", last_name="Roüault-Lebon", email="crl@exemple.invalid")


def refusal(password: str, user: User | None = None) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        assert len(error.error_list) == 1
        return str(error.error_list[0].code)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "girafe bleue tabouret",
        "tabouretgirafe",
        "ПОЕЗД едет на север",
        "🐢 sous 🌧️ et 🍒🥖🧦🪁🎺",
        "k7x92m4qp83z",
        "7294816390521748",
        "  deux espaces devant  ",
        "Le bonjour de la girafe",
        "une phrase bien plus longue que soixante-quatre caractères, avec ses virgules et ses espaces",
    ],
)
def test_any_characters_are_accepted_when_there_are_enough(password: str) -> None:
    assert refusal(password, CLAIRE) == ""


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("girafe bleu", "PASSWORD_SHORT"),
        ("passwordpassword", "PASSWORD_KNOWN"),
        ("Chocolat2026!", "PASSWORD_KNOWN"),
        ("2026-Chocolat", "PASSWORD_KNOWN"),
        ("P@ssw0rd2026", "PASSWORD_KNOWN"),
        ("Mot de passe 1234", "PASSWORD_KNOWN"),
        ("Doudou Doudou Doudou", "PASSWORD_KNOWN"),
        ("aaaaaaaaaaaaaaaa", "PASSWORD_KNOWN"),
        ("abababababab", "PASSWORD_KNOWN"),
        ("1234567890123456", "PASSWORD_KNOWN"),
        ("qsdfghjklm2026", "PASSWORD_KNOWN"),
        ("mlkjhgfdsq2026", "PASSWORD_KNOWN"),
        ("orientation-lycee-2026", "PASSWORD_KNOWN"),
        ("clairemartin75", "PASSWORD_KNOWN"),
        ("Rouault-Lebon-75", "PASSWORD_ABOUT_YOU"),
        ("CRL claire 2011", "PASSWORD_KNOWN"),
    ],
)
def test_what_anybody_would_try_first_is_refused(password: str, code: str) -> None:
    assert refusal(password, CLAIRE) == code


def test_the_account_s_own_names_are_nothing_to_another_account() -> None:
    assert refusal("Rouault-Lebon-75", User(username="awa")) == refusal("Rouault-Lebon-75") == ""


def test_the_limits_are_those_that_the_pages_say() -> None:
    assert refusal("x7kq2m9zr4tw"[:LEAST]) == ""
    assert refusal("x7kq2m9zr4tw"[: LEAST - 1]) == "PASSWORD_SHORT"
    assert str(LEAST) in REFUSALS["PASSWORD_SHORT"]


def test_what_a_password_manager_draws_is_accepted() -> None:
    letters = string.ascii_letters + string.digits
    drawn = ["".join(secrets.choice(letters) for _ in range(16)) for _ in range(100)]
    assert [one for one in drawn if refusal(one, CLAIRE)] == []


def test_a_very_long_password_is_looked_at_quickly_and_accepted() -> None:
    assert refusal("girafe bleue tabouret " * 20_000) == ""


@pytest.mark.django_db
def test_the_names_of_the_children_and_of_their_school_are_no_password() -> None:
    school = factories.school()
    type(school).objects.filter(pk=school.pk).update(name="Collège Zéphyrine Quinault", address="2 rue X, Pontarlier")
    pupil = factories.student(factories.division(school), first_name="Wilhelmine", family_name="Abgrall")
    parent = factories.representative(pupil)
    for password in ("Wilhelmine-Abgrall", "Zephyrine Quinault", "pontarlier25300", "Pontarlier Abgrall"):
        assert refusal(password, parent.user) == "PASSWORD_ABOUT_YOU"
        assert refusal(password, factories.user()) == ""


@pytest.mark.django_db
def test_the_same_is_asked_when_a_password_is_changed(client: Client) -> None:
    user = factories.user("claire.martin")
    client.force_login(user)
    typed = {
        "old_password": "mot-de-passe-solide",
        "new_password1": "claire.martin.75",
        "new_password2": "claire.martin.75",
    }
    response = client.post(reverse("families:change_password"), typed)
    assert [one.code for one in response.context["form"].errors.as_data()["new_password1"]] == ["PASSWORD_KNOWN"]


@pytest.mark.django_db
def test_an_old_password_shorter_than_today_s_still_opens_its_account(client: Client) -> None:
    user = factories.user()
    user.set_password("d'avant8")
    user.save()
    assert (
        client.post(reverse("families:sign_in"), {"username": user.username, "password": "d'avant8"}).status_code == 302
    )


@pytest.mark.django_db
def test_a_password_is_compared_as_it_was_typed_to_the_last_character(client: Client) -> None:
    user, password = factories.user(), " " + "Girafe bleue " * 8
    user.set_password(password)
    user.save()
    for wrong in (password.strip(), password.lower(), password[:-1], password[:72]):
        assert not user.check_password(wrong)
        assert (
            client.post(reverse("families:sign_in"), {"username": user.username, "password": wrong}).status_code == 200
        )
    assert (
        client.post(reverse("families:sign_in"), {"username": user.username, "password": password}).status_code == 302
    )
