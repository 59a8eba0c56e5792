"""« Je n’arrive pas à me connecter »: the ways in that this deployment offers, each with its own way back."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve, reverse

from config.providers import identity_providers
from tests import factories
from tests.families.test_pages import valid_page

pytestmark = pytest.mark.django_db

SLUGS = ("educonnect", "franceconnect", "proconnect")


def offered(*slugs: str) -> dict[str, dict[str, Any]]:
    values = {"ISSUER": "https://exemple.invalid", "CLIENT_ID": "nous", "CLIENT_SECRET": "secret"}
    return identity_providers({f"{slug.upper()}_{name}": value for slug in slugs for name, value in values.items()})


def shown(client: Client, settings: Any, *slugs: str) -> str:
    settings.IDENTITY_PROVIDERS = offered(*slugs)
    html = valid_page(client.get(reverse("families:sign_in_help")))
    return html.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("slugs", [(), SLUGS[:1], SLUGS[1:], SLUGS])
def test_each_way_in_that_is_offered_has_its_part_and_no_other(
    client: Client, settings: Any, slugs: tuple[str, ...]
) -> None:
    html = shown(client, settings, *slugs)
    assert {slug for slug in SLUGS if f'id="{slug}"' in html} == set(slugs)
    for slug, described in offered(*SLUGS).items():
        assert (f'href="{described["help_url"]}"' in html) == (slug in slugs)


@pytest.mark.parametrize("slugs", [(), SLUGS])
def test_every_link_of_the_page_leads_somewhere(client: Client, settings: Any, slugs: tuple[str, ...]) -> None:
    html = shown(client, settings, *slugs)
    links, ids = re.findall(r'href="([^"]+)"', html), set(re.findall(r'id="([^"]+)"', html))
    inside = [one[1:] for one in links if one.startswith("#")]
    assert len(inside) == 8 + len({*slugs} - {"proconnect"}) and set(inside) <= ids
    assert all(resolve(one) for one in links if one.startswith("/"))


@pytest.mark.parametrize("name", ["families:sign_in", "families:help"])
def test_who_cannot_come_in_finds_the_page_from_where_they_are(client: Client, name: str) -> None:
    assert f'href="{reverse("families:sign_in_help")}"' in client.get(reverse(name)).content.decode()


def test_who_is_refused_a_page_finds_it_too(client: Client) -> None:
    client.force_login(factories.staff(factories.school()))
    refused = client.get(reverse("admin:families_user_changelist"))
    assert refused.status_code == 403
    assert f'href="{reverse("families:sign_in_help")}"' in refused.content.decode()
