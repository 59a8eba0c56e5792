"""« Aide »: a guide for each role of the staff, and one for families (DOC-02)."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from families.models import User
from families.views.pages import GUIDES
from tests import factories
from tests.families.test_pages import valid_page

pytestmark = pytest.mark.django_db
FIRST = {
    "READER": "secretariat", "SECRETARY": "secretariat", "HEAD": "chef", "ACADEMY": "academie",
    "NATIONAL": "academie", "SUPPORT": "famille",
}  # fmt: skip


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def guide(client: Client, name: str) -> str:
    return valid_page(client.get(reverse("families:guide", args=[name])))


@pytest.mark.parametrize(("role", "first"), FIRST.items())
def test_staff_read_the_guide_of_their_role_first(role: str, first: str) -> None:
    of = None if role in ("NATIONAL", "SUPPORT") else factories.academy() if role == "ACADEMY" else factories.school()
    shown = signed_in(factories.staff(of, role)).get(reverse("families:help"))
    assert shown.context["guide"] == first
    assert set(shown.context["others"]) == set(GUIDES) - {first}


def test_families_find_no_guide_of_the_staff(client: Client) -> None:
    parent = signed_in(factories.family().mother.user)
    for name in GUIDES:
        assert parent.get(reverse("families:guide", args=[name])).status_code == 404
        assert client.get(reverse("families:guide", args=[name])).status_code == 302
    assert "guide" not in parent.get(reverse("families:help")).context


def test_no_guide_has_another_name() -> None:
    staff = signed_in(factories.staff(factories.school()))
    assert staff.get(reverse("families:guide", args=["guide"])).status_code == 404


@pytest.mark.parametrize("name", GUIDES)
def test_every_link_of_a_guide_leads_somewhere(name: str) -> None:
    html = guide(signed_in(factories.staff(factories.school())), name)
    main = html.partition("<main")[2].partition("</main>")[0]
    links, ids = re.findall(r'href="([^"]+)"', main), set(re.findall(r'id="([^"]+)"', main))
    assert len([one for one in links if one.startswith("#")]) >= 8
    for link in links:
        if link.startswith("#"):
            assert link[1:] in ids
        elif link.startswith("/"):
            assert not isinstance(resolve(urlsplit(link).path), Resolver404)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_says_what_happens_if_nothing_is_done_and_whom_to_call(name: str) -> None:
    html = guide(signed_in(factories.staff(factories.school())), name)
    assert 'id="rien"' in html and "assistance" in html
