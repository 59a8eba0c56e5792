"""The two cookies of production: of this host alone, never in plain HTTP, unseen by scripts, gone with the browser."""

import json
import os
import subprocess
import sys
from http.cookies import Morsel
from typing import Any

import pytest
from django.conf import settings as deployed
from django.test import Client

from tests.factories import DURING_INTENTIONS, Family
from tests.families.laptop import PASSWORD
from tests.orientation.letter_box import enter, named_family

pytestmark = pytest.mark.django_db
READ = """
import json
from config import settings
marks = ("COOKIE", "MESSAGE_STORAGE", "SESSION_", "REAUTHENTICATE")
print(json.dumps({name: said for name, said in vars(settings).items() if any(one in name for one in marks)}))
"""


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    """What config.settings says where nothing is said of development."""
    own = {name: value for name, value in os.environ.items() if name not in {"ORIENTATION_DEV", "SANDBOX", "DEBUG"}}
    done = subprocess.run(
        [sys.executable, "-c", READ], env={**own, "SECRET_KEY": "x" * 50}, cwd=deployed.BASE_DIR, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.fixture
def camille(at: Any, settings: Any, production: dict[str, Any]) -> Family:
    for name, value in production.items():
        setattr(settings, name, value)
    at(DURING_INTENTIONS)
    return named_family()


def visitor() -> Client:
    return Client(headers={"user-agent": "essai"})


def signs_in(client: Client, who: Family) -> Any:
    typed = {"username": who.mother.user.username, "password": PASSWORD}
    return client.post("/connexion/", typed, secure=True)


def attributes(cookie: Morsel[str]) -> dict[str, Any]:
    return {name: cookie[name] for name in ("secure", "httponly", "samesite", "path", "domain", "max-age", "expires")}


def test_both_cookies_hold_every_lock_of_a_browser(camille: Family) -> None:
    client = visitor()
    cookies = {**client.get("/connexion/", secure=True).cookies, **signs_in(client, camille).cookies}
    locked = {"secure": True, "httponly": True, "samesite": "Lax", "path": "/", "domain": ""}
    until_the_browser_closes = {"max-age": "", "expires": ""}
    assert {name: attributes(one) for name, one in cookies.items()} == {
        "__Host-sessionid": locked | until_the_browser_closes,
        "__Host-csrftoken": locked | until_the_browser_closes,
    }


def test_what_a_page_says_once_travels_in_no_third_cookie(camille: Family) -> None:
    client = visitor()
    signs_in(client, camille)
    client.get("/mes-services/", secure=True)
    enter(camille, camille.mother, "PROVISIONAL", sid=client.session["sid"])
    left = client.post("/deconnexion/", secure=True)
    assert set(left.cookies) <= {"__Host-sessionid", "__Host-csrftoken"}
    page = client.get(left["Location"], secure=True)
    assert [one.level_tag for one in page.context["messages"]] == ["success"]


def test_cookie_says_nothing_of_the_person(camille: Family) -> None:
    client = visitor()
    signs_in(client, camille)
    client.get("/mes-services/", secure=True)
    written = "; ".join(one.OutputString() for one in client.cookies.values())
    mother = camille.mother
    for known in (mother.user.username, str(mother.user.uuid), str(mother.uuid), client.session["sid"]):
        assert known not in written


def test_leaving_asks_the_browser_to_forget_its_pages_and_keeps_the_page_that_says_so(camille: Family) -> None:
    for path in ("/deconnexion/", "/mon-compte/sessions/partout/"):
        client = visitor()
        signs_in(client, camille)
        answer = client.post(path, secure=True)
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert client.get(answer["Location"], secure=True).status_code == 200


def test_production_asks_again_before_the_final_answer(production: dict[str, Any]) -> None:
    assert 0 < production["REAUTHENTICATE_MINUTES"] <= 30
    assert (production["SESSION_HOURS_FAMILIES"], production["SESSION_HOURS_STAFF"]) == (8, 10)
    assert production["SESSION_COOKIE_AGE"] == 30 * 60
