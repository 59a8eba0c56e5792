"""« Mes connexions »: where the account is open, what it was used from, and a way to close each (ASVS 7.5.2)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from families.models import SignIn, User
from families.sessions import open_sessions
from families.templatetags.times import day, moment
from tests import factories
from tests.factories import DURING_INTENTIONS
from tests.families.test_pages import valid_page

pytestmark = pytest.mark.django_db

PAGE, PASSWORD = "/mon-compte/connexions/", "mot-de-passe-solide"
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.fixture
def mother() -> User:
    return factories.family().mother.user


def signed_in(user: User, browser: str) -> Client:
    client = Client(headers={"user-agent": browser})
    client.post("/connexion/", {"username": user.username, "password": PASSWORD})
    return client


def test_each_open_session_is_named_by_its_device_and_the_one_in_use_apart(mother: User) -> None:
    phone, desk = signed_in(mother, PHONE), signed_in(mother, DESK)
    page = phone.get(PAGE)
    assert [one.device for one in page.context["here"]] == ["Firefox sur Android"]
    assert [one.device for one in page.context["elsewhere"]] == ["Chrome sur Windows"]
    assert [one.device for one in desk.get(PAGE).context["elsewhere"]] == ["Firefox sur Android"]
    valid_page(page)


def test_no_key_of_a_session_is_ever_written_on_the_page(mother: User) -> None:
    phone, desk = signed_in(mother, PHONE), signed_in(mother, DESK)
    html = phone.get(PAGE).content.decode()
    assert desk.session.session_key not in html
    assert phone.session.session_key not in html
    assert "192.168" not in html and "127.0.0.1" not in html


def test_the_button_of_a_line_closes_that_session_alone_and_leads_back(mother: User) -> None:
    phone, desk, library = signed_in(mother, PHONE), signed_in(mother, DESK), signed_in(mother, DESK)
    html = phone.get(PAGE).content.decode()
    assert set(re.findall(r'name="sid" value="([^"]+)"', html)) == {desk.session["sid"], library.session["sid"]}
    answer = phone.post("/mon-compte/sessions/fermer/", {"sid": desk.session["sid"]})
    assert answer.url == PAGE
    assert open_sessions(mother).count() == 2
    assert [client.get(PAGE).status_code for client in (phone, desk, library)] == [200, 302, 200]


def test_the_account_says_how_many_others_are_open(mother: User) -> None:
    phone = signed_in(mother, PHONE)
    assert phone.get("/mon-compte/").context["elsewhere"] == 0
    signed_in(mother, DESK)
    assert phone.get("/mon-compte/").context["elsewhere"] == 1


def test_the_last_ten_sign_ins_are_shown_the_latest_first_with_the_way_and_the_device(mother: User) -> None:
    SignIn.objects.bulk_create(
        SignIn(user=mother, at=DURING_INTENTIONS + timedelta(hours=n), way="franceconnect", device=f"appareil {n}")
        for n in range(12)
    )
    shown = signed_in(mother, PHONE).get(PAGE).context["sign_ins"]
    assert [one.device for one in shown] == ["Firefox sur Android", *(f"appareil {n}" for n in range(11, 2, -1))]
    assert [one.provider for one in shown] == ["", *["FranceConnect"] * 9]


def test_hours_are_those_of_the_school_of_the_children() -> None:
    division = factories.division(factories.school(own_timezone="Indian/Reunion"))
    child = factories.student(division)
    parent = factories.representative(child).user
    SignIn.objects.create(user=parent, at=DURING_INTENTIONS)  # 18 h in UTC, 22 h there
    assert "22\u00a0h\u00a000" in signed_in(parent, PHONE).get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("at", "said"),
    [(datetime(2025, 10, 31, 23, 5, tzinfo=UTC), "1er novembre 2025 à 0\u00a0h\u00a005"),
     (datetime(2025, 11, 2, 18, 30, tzinfo=UTC), "2 novembre 2025 à 19\u00a0h\u00a030")],
)  # fmt: skip
def test_a_day_is_said_in_french_and_in_the_zone_in_force(at: datetime, said: str) -> None:
    with timezone.override("Europe/Paris"):
        assert moment(at) == said
        assert day(at) == said.partition(" à")[0]
