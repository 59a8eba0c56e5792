"""Keys of a provider change: people come in all the same, and a withdrawn key opens nothing for long."""

import time
from datetime import timedelta

import pytest
import time_machine

from families.oidc import discovery
from families.oidc.parties import party
from tests.oidc.journeys import Traveller
from tests.oidc.people import SUBJECT, knows
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db


def enters(provider: Provider) -> bool:
    traveller = Traveller(provider)
    traveller.arrives(SUBJECT)
    return traveller.account is not None


@pytest.fixture
def known(provider: Provider) -> Provider:
    """Somebody has come already: we hold the keys of that moment."""
    knows(provider)
    assert enters(provider)
    return provider


@pytest.mark.parametrize("how", ["new", "same name", "beside"])
def test_provider_changes_its_key(known: Provider, how: str) -> None:
    known.obey(keys=how)
    assert enters(known)


def test_provider_changes_its_key_in_mid_flow(known: Provider) -> None:
    traveller = Traveller(known)
    back = traveller.comes_back(SUBJECT)
    known.obey(keys="new")
    traveller.opens(back)
    assert traveller.account is not None


def test_withdrawn_key_opens_nothing_once_the_new_one_has_been_seen(known: Provider) -> None:
    known.obey(keys="new")
    assert enters(known)
    known.obey(fault={"in": "id_token", "signed": "by the withdrawn key"})
    assert not enters(known)


@pytest.mark.parametrize(("minutes", "believed"), [(58, True), (61, False)])
def test_withdrawn_key_is_believed_one_hour_at_most(franceconnect: Provider, minutes: int, believed: bool) -> None:
    """We read the keys so many minutes ago, and nobody has come since."""
    knows(franceconnect)
    with time_machine.travel(time.time() - timedelta(minutes=minutes).total_seconds(), tick=True):
        discovery.keys(party("franceconnect"))
    franceconnect.obey(keys="new", fault={"in": "id_token", "signed": "by the withdrawn key"})
    assert enters(franceconnect) is believed
