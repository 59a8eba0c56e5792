"""Pages anyone may read, the pages of errors, and what every page owes: valid HTML, no detail of an inside."""

from typing import Any

import html5lib
import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories

PUBLIC = ["home", "sign_in", "activate", "lost_password", "help", "sign_in_help", "accessibility", "privacy", "legal"]
OWN = ["account", "connections", "address", "attach", "change_password"]
CONTROLS = {"input", "select", "textarea"}
INLINE = ("<script>", " style=", " onclick=", " onload=", "javascript:")

pytestmark = pytest.mark.django_db


def valid_page(response: Any) -> str:
    html = response.content.decode()
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    assert tree.get("lang") == "fr"
    assert len(tree.findall(".//h1")) == 1
    assert tree.findtext(".//title").strip().endswith("– Orientation")
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {label.get("for") for label in tree.iter("label")}
    fields = [one for one in tree.iter() if one.tag in CONTROLS and one.get("type") != "hidden"]
    assert {field.get("id") for field in fields} <= labelled
    assert not [trace for trace in INLINE if trace in html]
    return str(html)


@pytest.fixture
def parent(client: Client) -> Any:
    family = factories.family()
    client.force_login(family.mother.user)
    return family.mother


@pytest.mark.parametrize("name", PUBLIC)
def test_anyone_reads_the_public_pages_and_their_html_is_valid(client: Client, name: str) -> None:
    response = client.get(reverse(f"families:{name}"))
    assert response.status_code == 200
    valid_page(response)


@pytest.mark.parametrize("name", OWN)
def test_the_account_pages_are_valid_and_ask_to_sign_in_first(client: Client, parent: Any, name: str) -> None:
    valid_page(client.get(reverse(f"families:{name}")))
    client.logout()
    response = client.get(reverse(f"families:{name}"))
    assert response.status_code == 302
    assert response.url.startswith("/connexion/?next=")


@pytest.mark.parametrize("name", ["sign_in", "activate", "lost_password"])
def test_a_form_sent_empty_comes_back_valid_with_its_errors_tied_to_the_fields(client: Client, name: str) -> None:
    html = valid_page(client.post(reverse(f"families:{name}"), {"code": "", "name": "", "username": ""}))
    assert 'role="alert"' in html
    assert 'aria-invalid="true"' in html
    assert "<title>Erreur – " in html


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_costs_one_query_the_sandbox_date(
    client: Client, name: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(1):
        client.get(reverse(f"families:{name}"))


@pytest.mark.parametrize(("name", "budget"), [("account", 11), ("connections", 10)])
def test_the_pages_of_the_account_cost_the_same_whatever_the_number_of_children_and_of_schools(
    client: Client, parent: Any, name: str, budget: int
) -> None:
    def cost() -> int:
        client.get(reverse(f"families:{name}"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse(f"families:{name}"))
        return len(captured)

    one = cost()
    for _ in range(4):
        child = factories.student(factories.division(factories.school()), user=factories.user())
        factories.representative(child, user=parent.user)
        factories.representative(child)
    assert one == cost() <= budget


@pytest.mark.parametrize("path", ["/nulle-part/", "/dossiers/00000000-0000-0000-0000-000000000000/"])
def test_what_does_not_exist_and_what_is_not_yours_look_the_same(client: Client, parent: Any, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert path not in valid_page(response)


def test_another_family_s_dossier_gives_the_same_page_as_none(client: Client, parent: Any) -> None:
    other = factories.family()
    theirs = client.get(f"/dossiers/{other.dossier.uuid}/")
    nobody_s = client.get("/dossiers/00000000-0000-0000-0000-000000000000/")
    assert theirs.status_code == nobody_s.status_code == 404
    assert body(theirs) == body(nobody_s)


def body(response: Any) -> str:
    return str(response.content.decode().partition("<main")[2].partition("</main>")[0])


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_last_resort_pages_need_neither_request_nor_database(name: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(0):
        html = render_to_string(name)
    html5lib.HTMLParser(strict=True).parse(html)


def test_a_stale_form_says_what_was_kept_and_what_to_do(parent: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(parent.user)
    response = client.post(reverse("families:address"), {"email": "autre@exemple.invalid"})
    assert response.status_code == 403
    assert response.templates[0].name == "403_csrf.html"
    valid_page(response)
    parent.refresh_from_db()
    assert parent.email != "autre@exemple.invalid"


def test_the_pages_forbid_inline_scripts_and_styles(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_a_neutral_installation_shows_nothing_of_the_state(client: Client, settings: Any) -> None:
    settings.OFFICIAL_THEME = False
    html = client.get("/").content.decode()
    assert "Service non officiel" in html
    assert "fr-logo" not in html
    assert "css/neutral.css" in html
    settings.OFFICIAL_THEME = True
    official = client.get("/").content.decode()
    assert "fr-logo" in official
    assert "css/neutral.css" not in official


def test_the_banner_of_the_sandbox_shows_the_pretended_date_and_only_there(client: Client, settings: Any) -> None:
    assert "date simulée" in client.get("/").content.decode()
    settings.SANDBOX = False
    assert "date simulée" not in client.get("/").content.decode()


def test_every_page_leads_to_the_help_and_to_the_assistance(client: Client, settings: Any) -> None:
    html = client.get(reverse("families:legal")).content.decode()
    assert settings.ASSISTANCE_URL in html
    assert f'href="{settings.HELP_URL}"' in html
