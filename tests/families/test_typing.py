"""Slips of the finger in well-known domains are pointed out, not corrected: what was typed may be kept (ACC-09)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from families.models import AddressChange
from families.typing import ALSO_REAL, DOMAINS, likely_domain
from tests import factories

SLIPS = {
    "gmial.com": "gmail.com", "gamil.com": "gmail.com", "gmail.con": "gmail.com", "gmail.fr": "gmail.com",
    "gmaill.com": "gmail.com", "gmail.co": "gmail.com", "hotmial.fr": "hotmail.fr", "hotmal.com": "hotmail.com",
    "orange.f": "orange.fr", "ornage.fr": "orange.fr", "orage.fr": "orange.fr", "wanadoo.ft": "wanadoo.fr",
    "wanado.fr": "wanadoo.fr", "yaho.fr": "yahoo.fr", "yahou.com": "yahoo.com", "outlok.fr": "outlook.fr",
    "outloock.com": "outlook.com", "laposte.fr": "laposte.net", "lapost.net": "laposte.net", "icloud.fr": "icloud.com",
    "fre.fr": "free.fr", "free.f": "free.fr", "sfr.rf": "sfr.fr", "liv.fr": "live.fr", "GMIAL.COM": "gmail.com",
}  # fmt: skip
OTHERS_OWN = (
    "ac-lyon.fr", "ac-orleans-tours.fr", "education.gouv.fr", "hotmail.be", "yahoo.co.uk", "outlook.es", "live.com",
    "mail.com", "email.com", "univ-lyon2.fr", "caf.fr", "exemple.invalid", "paris.fr", "sncf.fr", "safran.fr",
)  # fmt: skip


@pytest.mark.parametrize("typed", SLIPS)
def test_a_common_slip_is_pointed_at(typed: str) -> None:
    assert likely_domain(f"claire@{typed}") == SLIPS[typed]


@given(st.sampled_from([*DOMAINS, *sorted(ALSO_REAL), *OTHERS_OWN]), st.emails(), st.booleans())
def test_no_well_known_domain_is_ever_pointed_at(domain: str, somebody: str, loud: bool) -> None:
    address = f"{somebody.rpartition('@')[0]}@{domain.upper() if loud else domain}"
    assert likely_domain(address) is None


@given(st.sampled_from(DOMAINS), st.data())
def test_one_slip_in_a_well_known_domain_leads_to_a_well_known_domain(domain: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(domain) - 1))
    slipped = data.draw(st.sampled_from(["drop", "double", "swap"]))
    there = domain[place : place + 2]
    written = {"drop": there[1:], "double": there[:1] * 2 + there[1:], "swap": there[::-1]}[slipped]
    typed = domain[:place] + written + domain[place + 2 :]
    if "." in typed.strip(".") and ".." not in typed:  # else no address at all: the form refuses it
        found = likely_domain(f"claire@{typed}")
        assert found in DOMAINS if typed not in (*DOMAINS, *ALSO_REAL) else found is None


# --- on the page ------------------------------------------------------------------------------------------------------
@pytest.fixture
def parent(client: Client) -> Any:
    mother = factories.family().mother
    client.force_login(mother.user)
    return mother


def post(client: Client, **typed: str) -> Any:
    return client.post(reverse("families:address"), typed)


@pytest.mark.django_db
def test_the_page_asks_and_sends_nothing_before_the_answer(client: Client, parent: Any) -> None:
    response = post(client, email="Claire@gmial.com")
    assert response.context["better"] == "Claire@gmail.com"
    assert response.context["form"]["email"].value() == "Claire@gmial.com"
    assert not AddressChange.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"email": "claire@gmail.com"}, "claire@gmail.com"),
        ({"email": "claire@gmial.com", "kept": "claire@gmial.com"}, "claire@gmial.com"),
    ],
)
def test_either_button_is_obeyed(client: Client, parent: Any, answer: dict[str, str], kept: str) -> None:
    assert post(client, **answer).url == reverse("families:address_code")
    assert AddressChange.objects.get().email == kept


@pytest.mark.django_db
def test_keeping_one_address_says_nothing_of_another(client: Client, parent: Any) -> None:
    assert post(client, email="claire@gmial.com", kept="claire@hotmial.fr").context["better"] == "claire@gmail.com"
