"""Somebody's browser, without a screen: our pages by Django's client, the provider's by HTTP."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import requests
from django.test import Client

from tests.oidc.running import PATIENCE, Provider

SERVICE = "http://127.0.0.1:8000"  # settings.PUBLIC_URL of these tests
PASSAGE = re.compile(r'http-equiv="refresh" content="0;\s*url=([^"]+)"')


class Traveller:
    """One browser, with its cookies here and there."""

    def __init__(self, provider: Provider, client: Client | None = None) -> None:
        self.provider, self.client, self.away = provider, client or Client(), requests.Session()

    def opens(self, address: str) -> Any:
        """One page of ours; nothing is followed."""
        parts = urlsplit(address)
        return self.client.get(urlunsplit(("", "", parts.path, parts.query, "")))

    def leaves(self, next_page: str = "") -> str:
        """Press the provider's button; the address where that leads."""
        question = f"?{urlencode({'next': next_page})}" if next_page else ""
        return led_to(self.opens(f"/connexion/{self.provider.kind}/{question}"))

    def is_known(self, address: str, as_: str, *, answer: str = "yes") -> str:
        """Sign in there; the address of ours that the provider sends back to, not yet opened."""
        page = self.until_a_page(address)
        if isinstance(page, str):
            return page
        typed = {"sub": as_, "answer": answer}
        answered = self.away.post(page.url, data=typed, allow_redirects=False, timeout=PATIENCE)
        back = self.until_a_page(urljoin(page.url, answered.headers["Location"]))
        assert isinstance(back, str), back.text
        return back

    def until_a_page(self, address: str) -> str | requests.Response:
        """Follow the provider up to a page of its own, or to an address of ours."""
        while not address.startswith(SERVICE):
            page = self.away.get(address, allow_redirects=False, timeout=PATIENCE)
            if not page.is_redirect:
                return page
            address = urljoin(address, page.headers["Location"])
        return address

    def comes_back(self, as_: str, *, next_page: str = "", answer: str = "yes") -> str:
        """The whole journey up to our callback, not yet opened."""
        return self.is_known(self.leaves(next_page), as_, answer=answer)

    def arrives(self, as_: str, *, next_page: str = "") -> Any:
        """The whole journey; our answer to the callback."""
        return self.opens(self.comes_back(as_, next_page=next_page))

    def signs_out(self) -> str:
        """Press « Se déconnecter »; follow our own pages to the last of them, or to an address of the provider."""
        address = str(self.client.post("/deconnexion/")["Location"])
        while not address.startswith("http"):
            answer = self.opens(address)
            if answer.status_code == 200 and not PASSAGE.search(answer.content.decode()):
                return address
            address = led_to(answer)
        return address

    def confirms_there(self, address: str) -> str:
        """The provider asks whether one really leaves; the address of ours that it sends back to."""
        page = self.away.get(address, timeout=PATIENCE)
        form = re.search(r'action="([^"]+)".*name="xsrf" value="([^"]+)"', page.text)
        assert form, page.text
        typed = {"xsrf": form[2], "logout": "yes"}
        answered = self.away.post(form[1], data=typed, allow_redirects=False, timeout=PATIENCE)
        return str(answered.headers["Location"])

    @property
    def account(self) -> str | None:
        return self.client.session.get("_auth_user_id")


def led_to(answer: Any) -> str:
    """Where a page of ours sends to: by a redirection, or by a page that says so."""
    if answer.status_code in {301, 302, 303}:
        return str(answer["Location"])
    found = PASSAGE.search(answer.content.decode())
    assert found, f"{answer.status_code} {answer.content.decode()[:2000]}"
    return found[1].replace("&amp;", "&")


def asked(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def changed(address: str, **values: str | None) -> str:
    """The same address, with other parameters; None removes one."""
    parts = urlsplit(address)
    question = {**asked(address), **values}
    kept = {name: value for name, value in question.items() if value is not None}
    return urlunsplit(parts._replace(query=urlencode(kept)))
