"""How the tests of the screens read a page and press its buttons."""

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from families.models import Representative, Student, User
from orientation.enums import Phase
from tests.factories import Family


def signed_in(person: Representative | Student | User) -> Client:
    client = Client()
    client.force_login(person if isinstance(person, User) else person.user)
    return client


def address(of: Family, name: str, **path: Any) -> str:
    return reverse(f"orientation:{name}", kwargs={"uuid": of.dossier.uuid, **path})


def text_of(response: HttpResponse) -> str:
    """What one reads: no tags, plain spaces."""
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    text = unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def hidden(response: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, f"no hidden field {name}"
    return found[1]


def add(client: Client, of: Family, pathway: str, phase: str = Phase.PROVISIONAL, **typed: Any) -> HttpResponse:
    return client.post(address(of, "entry_add", phase=phase), {"pathway": pathway, **typed})


def press(client: Client, of: Family, name: str, phase: str = Phase.PROVISIONAL, **path: Any) -> HttpResponse:
    """Press a button of the entry screen, as the page shows it now."""
    page = client.get(address(of, "entry", phase=phase))
    return client.post(address(of, name, phase=phase, **path), {"shown": hidden(page, "shown")})
