"""« Confirmez que c’est vous » by the provider, for who has no password; what was being sent comes back (ENT-07)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from families.models import AddressChange, User
from families.sessions import PROVED
from tests import factories
from tests.families.laptop import Browser, is_filled
from tests.oidc.journeys import Traveller, asked
from tests.oidc.people import SUBJECT, introduces, linked
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db
CONFIRM, ADDRESS, NEW = "/connexion/confirmer/", "/mon-compte/adresse/", "nouvelle@exemple.invalid"


@pytest.fixture
def mother(educonnect: Provider) -> User:
    account = factories.family().mother.user
    account.set_unusable_password()
    account.save()
    introduces(educonnect)
    linked(account, educonnect, SUBJECT)
    return account


def signed_in_long_ago(client: Client) -> None:
    session = client.session
    session[PROVED] = (timezone.now() - timedelta(hours=1)).isoformat()
    session.save()


def test_who_has_no_password_proves_it_by_the_provider_and_loses_nothing(educonnect: Provider, mother: User) -> None:
    traveller = Traveller(educonnect, Client(enforce_csrf_checks=True))
    traveller.arrives(SUBJECT)
    laptop = Browser(traveller.client)
    form = laptop.form(laptop.reads(ADDRESS), ADDRESS)
    signed_in_long_ago(traveller.client)
    refused = laptop.sends(form, email=NEW)
    assert refused.status_code == 302 and refused["Location"].startswith(CONFIRM)
    page = laptop.reads(refused["Location"])
    assert page.context["form"] is None and [one.slug for one in page.context["parties"]] == ["educonnect"]
    leaving = traveller.leaves(page.context["next"])
    assert asked(leaving)["prompt"] == "login"
    back = traveller.opens(traveller.is_known(leaving, SUBJECT))
    assert (back.status_code, back["Location"]) == (302, ADDRESS)
    page = laptop.reads(ADDRESS)
    assert is_filled(page) and not AddressChange.objects.exists()
    again = laptop.form(page, ADDRESS)
    assert again.data["email"] == [NEW]
    assert laptop.sends(again).status_code == 302
    assert AddressChange.objects.get().email == NEW


def test_somebody_else_known_there_proves_nothing(educonnect: Provider, mother: User) -> None:
    traveller = Traveller(educonnect)
    traveller.arrives(SUBJECT)
    signed_in_long_ago(traveller.client)
    educonnect.obey(people={"another": {"claims": {"FrEduCtPersonAffiliation": ["resp2d"]}}})
    traveller.away.cookies.clear()
    traveller.opens(traveller.comes_back("another", next_page=ADDRESS))
    assert traveller.opens(ADDRESS)["Location"].startswith(CONFIRM)
