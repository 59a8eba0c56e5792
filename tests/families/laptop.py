"""One browser as it is in life: cookies, forms read in the page, the CSRF check; and a session that ends."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from lxml import html

from families.models import Session, User
from ledger import clock

PASSWORD = "mot-de-passe-solide"


@dataclass
class Form:
    """A form as the browser holds it: `data` is what it would send now."""

    path: str
    data: dict[str, Any]


@dataclass
class Browser:
    """One browser: its cookies, and the CSRF check as in real life."""

    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def reads(self, path: str) -> HttpResponse:
        return self.client.get(path, follow=True)

    def form(self, page: HttpResponse, path: str) -> Form:
        """The form that is sent to this path."""
        tree = html.fromstring(page.content.decode())
        here = page.request["PATH_INFO"]
        found = [one for one in tree.forms if (one.action or here) == path and one.method == "POST"]
        assert found, f"no form for {path}"
        return Form(path, _values(found[0]))

    def sends(self, form: Form, **typed: Any) -> HttpResponse:
        return self.client.post(form.path, {**form.data, **typed})

    def signs_in(self, user: User, next: str = "") -> HttpResponse:
        page = self.reads(f"/connexion/?next={next}")
        form = self.form(page, "/connexion/")
        return self.client.post(
            "/connexion/", {**form.data, "next": next, "username": user.username, "password": PASSWORD}, follow=True
        )

    def signs_in_again(self, user: User, after: HttpResponse) -> HttpResponse:
        """Follow the redirection to the sign-in page, sign in, and return the page one is led to."""
        assert after.status_code == 302 and after["Location"].startswith("/connexion/?next="), after
        return self.signs_in(user, after["Location"].removeprefix("/connexion/?next="))


def _values(form: Any) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value.removeprefix("\n"))  # as a browser does in a <textarea>
    return data


def ends(user: User) -> None:
    """Half an hour passes without a request."""
    ended = Session.objects.filter(user=user).update(expire_date=clock.now() - timedelta(seconds=1))
    assert ended


def note(page: HttpResponse) -> str:
    found = html.fromstring(page.content.decode()).find_class("o-kept")
    return " ".join(found[0].text_content().split()) if found else ""


def is_filled(page: HttpResponse) -> bool:
    return "de nouveau dans le formulaire" in note(page)
