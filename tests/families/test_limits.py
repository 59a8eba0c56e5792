"""Sessions end: idle, or after so many hours whatever is done; an account switched off does nothing more."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from families.models import Session, SignIn, StaffMembership, User
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "mot-de-passe-solide"
MORNING = datetime(2027, 4, 5, 8, 0, tzinfo=ZoneInfo("Europe/Paris"))
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:126.0) Gecko/126.0 Firefox/126.0"


def signed_in(user: User, **headers: str) -> Client:
    client = Client(headers={"user-agent": FIREFOX, **headers})
    client.post("/connexion/", {"username": user.username, "password": PASSWORD})
    return client


def opens(client: Client, path: str = "/mon-compte/") -> bool:
    return client.get(path).status_code == 200


@pytest.fixture
def parent() -> User:
    return factories.user()


def test_half_an_hour_without_a_request_ends_the_session(at: Any, parent: User) -> None:
    at(MORNING)
    client = signed_in(parent)
    at(MORNING + timedelta(minutes=29))
    assert opens(client)
    at(MORNING + timedelta(minutes=58))
    assert opens(client)
    at(MORNING + timedelta(minutes=88, seconds=1))
    assert not opens(client)


@pytest.mark.parametrize(("is_staff", "hours"), [(False, 8), (True, 10)])
def test_whatever_is_done_a_session_ends_some_hours_after_signing_in(
    at: Any, parent: User, is_staff: bool, hours: int
) -> None:
    User.objects.filter(pk=parent.pk).update(is_staff=is_staff)
    at(MORNING)
    client = signed_in(parent)
    for minutes in range(20, hours * 60, 20):
        at(MORNING + timedelta(minutes=minutes))
        assert opens(client), minutes
    at(MORNING + timedelta(hours=hours))
    assert not opens(client)


def test_staying_signed_in_never_puts_off_the_last_hour(at: Any, parent: User) -> None:
    at(MORNING)
    client = signed_in(parent)
    for minutes in range(20, 8 * 60, 20):
        at(MORNING + timedelta(minutes=minutes))
        said = client.post("/session/prolonger/").json()
    assert said == {"seconds": 20 * 60, "final": True}
    at(MORNING + timedelta(hours=8))
    assert client.post("/session/prolonger/").status_code == 302


def test_staying_signed_in_gives_half_an_hour_again(at: Any, parent: User) -> None:
    at(MORNING)
    client = signed_in(parent)
    at(MORNING + timedelta(minutes=29, seconds=30))
    assert client.post("/session/prolonger/").json() == {"seconds": 1800, "final": False}
    at(MORNING + timedelta(minutes=59))
    assert opens(client)


def test_every_page_says_when_the_session_ends_to_who_is_signed_in_alone(at: Any, parent: User) -> None:
    at(MORNING)
    client = signed_in(parent)
    said = client.get("/aide/").context["session_end"]
    assert (said.seconds, said.minutes, said.final) == (1800, 30, False)
    assert Client().get("/aide/").context["session_end"] is None


def test_account_switched_off_does_nothing_more_from_its_next_request(parent: User) -> None:
    client = signed_in(parent)
    assert opens(client)
    User.objects.filter(pk=parent.pk).update(is_active=False)
    assert not opens(client)


def test_role_taken_away_closes_the_pages_of_the_staff_from_the_next_request() -> None:
    user = factories.staff(factories.school())
    client = signed_in(user)
    path = "/admin/families/student/"
    assert opens(client, path)
    StaffMembership.objects.filter(user=user).delete()
    assert not opens(client, path)
    User.objects.filter(pk=user.pk).update(is_staff=False)
    assert not opens(client, "/admin/")


def test_new_password_ends_the_sessions_that_the_former_one_opened(parent: User) -> None:
    elsewhere, here = signed_in(parent), signed_in(parent)
    new = "quatre mots sans rapport 2027"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/mon-compte/mot-de-passe/", typed).status_code == 302
    assert opens(here)
    assert not opens(elsewhere)


def test_a_session_and_its_sign_in_say_when_how_and_on_what_they_began(parent: User) -> None:
    before = timezone.now()
    client = signed_in(parent)
    row = Session.objects.get(session_key=client.session.session_key)
    sign_in = SignIn.objects.get(user=parent)
    assert (row.user, row.way, row.device) == (parent, "", "Firefox sur Android")
    assert row.began_at == sign_in.at >= before
    assert (sign_in.way, sign_in.device) == ("", "Firefox sur Android")
    assert str(row.sid) == client.session["sid"]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox sur Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 "
         "Safari/604.1", "Safari sur iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0",
         "Edge sur Windows"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36",
         "Chrome sur Chromebook"),
        ("Mozilla/5.0 (Linux; Android 14; SM-S901B) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0 Mobile "
         "Safari/537.36", "Samsung Internet sur Android"),
        ("curl/8.5.0", ""),
        ("<script>" * 500, ""),
    ],
)  # fmt: skip
def test_device_is_said_in_known_words_and_never_as_it_says_itself(parent: User, user_agent: str, words: str) -> None:
    signed_in(parent, **{"user-agent": user_agent})
    assert SignIn.objects.get(user=parent).device == words
