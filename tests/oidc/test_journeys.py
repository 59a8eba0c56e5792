"""The way back from the provider is walked once, by the browser that left, within a quarter of an hour."""

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests import factories
from tests.oidc.journeys import Traveller, asked, changed
from tests.oidc.people import SUBJECT, introduces, knows
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db
UNKNOWN = (400, "OIDC_STATE", "UNKNOWN")


def said(answer: Any) -> tuple[int, str, str]:
    return answer.status_code, answer.context["code"], answer.context["detail"]


@pytest.fixture
def traveller(provider: Provider) -> Traveller:
    knows(provider)
    return Traveller(provider)


@pytest.mark.parametrize("state", [None, "", "a" * 64])
def test_coming_back_from_a_journey_that_nobody_began_is_refused(traveller: Traveller, state: str | None) -> None:
    back = traveller.comes_back(SUBJECT)
    assert said(traveller.opens(changed(back, state=state))) == UNKNOWN
    assert traveller.account is None


def test_a_way_back_is_walked_once(traveller: Traveller) -> None:
    back = traveller.comes_back(SUBJECT)
    traveller.opens(back)
    before = traveller.client.session.session_key
    assert said(traveller.opens(back)) == UNKNOWN
    assert traveller.client.session.session_key == before


def test_a_way_back_walked_again_after_leaving_opens_nothing(traveller: Traveller) -> None:
    back = traveller.comes_back(SUBJECT)
    traveller.opens(back)
    traveller.client.logout()
    assert said(traveller.opens(back)) == UNKNOWN
    assert traveller.account is None


def test_a_way_back_is_worth_nothing_in_another_browser(traveller: Traveller) -> None:
    """And the one that left still comes back: nobody was locked out by it."""
    back = traveller.comes_back(SUBJECT)
    other = Traveller(traveller.provider)
    assert said(other.opens(back)) == UNKNOWN
    assert other.account is None
    traveller.opens(back)
    assert traveller.account is not None


def test_somebody_signed_in_is_given_nobody_else_s_identity(traveller: Traveller) -> None:
    """A link of an attacker, who comes back from their own journey in the browser of somebody else."""
    victim = Traveller(traveller.provider)
    me = factories.user()
    victim.client.force_login(me)
    assert said(victim.opens(traveller.comes_back(SUBJECT))) == UNKNOWN
    assert victim.client.get("/mon-compte/relier/")["Location"] == "/mon-compte/"  # nothing waits to be linked
    assert (victim.account, me.identities.count()) == (str(me.pk), 0)


@pytest.mark.parametrize(("seconds", "enters"), [(-3600, False), (0, True)])
def test_who_proves_it_again_must_have_signed_in_there_again(
    franceconnect: Provider, seconds: int, enters: bool
) -> None:
    """The provider says when: a session that was open there since an hour proves nothing of now."""
    account = knows(franceconnect)
    traveller = Traveller(franceconnect)
    traveller.client.force_login(account)
    franceconnect.obey(fault={"in": "id_token", "from_now": {"auth_time": seconds}})
    answer = traveller.arrives(SUBJECT)
    assert (answer.status_code == 302) is enters
    assert enters or said(answer) == (403, "OIDC_TOKEN", "AUTH_TIME")


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("educonnect", (400, "OIDC_STATE", "CODE")),  # its proof key stays in the browser that left
        ("franceconnect", (403, "OIDC_TOKEN", "NONCE")),
        ("proconnect", (403, "OIDC_TOKEN", "NONCE")),
    ],
)
def test_code_of_another_browser_is_refused_in_one_s_own_journey(
    request: pytest.FixtureRequest, kind: str, refusal: tuple[int, str, str]
) -> None:
    provider: Provider = request.getfixturevalue(kind)
    knows(provider)
    stolen = asked(Traveller(provider).comes_back(SUBJECT))["code"]
    thief = Traveller(provider)
    assert said(thief.opens(changed(thief.comes_back(SUBJECT), code=stolen))) == refusal
    assert thief.account is None


def test_code_that_the_provider_never_gave_is_refused(traveller: Traveller) -> None:
    back = changed(traveller.comes_back(SUBJECT), code="invente")
    assert said(traveller.opens(back)) == (400, "OIDC_STATE", "CODE")
    assert traveller.account is None


def test_journey_begun_with_one_provider_does_not_end_with_another(
    educonnect: Provider, franceconnect: Provider
) -> None:
    knows(educonnect)
    traveller = Traveller(educonnect)
    back = traveller.comes_back(SUBJECT).replace("/educonnect/", "/franceconnect/")
    assert said(traveller.opens(back)) == (400, "OIDC_STATE", "PROVIDER")
    assert traveller.account is None


@pytest.mark.parametrize("issuer", [None, "https://autre.invalid"])
def test_answer_that_names_another_issuer_is_refused(traveller: Traveller, issuer: str | None) -> None:
    back = changed(traveller.comes_back(SUBJECT), iss=issuer)
    assert said(traveller.opens(back)) == (403, "OIDC_TOKEN", "ISS_PARAMETER")
    assert traveller.account is None


@pytest.mark.parametrize(("minutes", "enters"), [(13, True), (16, False)])
def test_journey_lasts_a_quarter_of_an_hour(franceconnect: Provider, minutes: int, enters: bool) -> None:
    knows(franceconnect)
    traveller = Traveller(franceconnect)
    with time_machine.travel(time.time() - timedelta(minutes=minutes).total_seconds(), tick=True):
        back = traveller.comes_back(SUBJECT)
    answer = traveller.opens(back)
    assert (traveller.account is not None) is enters
    assert enters or said(answer) == (400, "OIDC_STATE", "OVER")


def test_person_who_says_no_finds_the_other_ways_in(traveller: Traveller) -> None:
    answer = traveller.opens(traveller.comes_back(SUBJECT, answer="no"))
    assert said(answer) == (403, "OIDC_DENIED", "ACCESS_DENIED")
    assert 'href="/connexion/' in answer.content.decode()
    assert traveller.account is None


def test_forged_refusal_of_nobody_s_journey_says_nothing(traveller: Traveller) -> None:
    answer = traveller.opens(f"/connexion/{traveller.provider.kind}/retour/?error=access_denied")
    assert said(answer) == UNKNOWN


# --- where one was going ----------------------------------------------------------------------------------------------
def test_page_that_was_asked_for_is_reached_in_the_end(traveller: Traveller) -> None:
    assert traveller.arrives(SUBJECT, next_page="/mon-compte/?a=b")["Location"] == "/mon-compte/?a=b"


@pytest.mark.parametrize("elsewhere", ["https://autre.invalid/", "//autre.invalid/", "javascript:alert(1)", "/\\autre"])
def test_page_of_another_site_is_not_followed(traveller: Traveller, elsewhere: str) -> None:
    assert "autre" not in traveller.arrives(SUBJECT, next_page=elsewhere)["Location"]
    assert traveller.account is not None


def test_two_tabs_each_come_back(traveller: Traveller) -> None:
    first, second = traveller.leaves("/mon-compte/"), traveller.leaves("/mes-services/")
    assert traveller.opens(traveller.is_known(second, SUBJECT))["Location"] == "/mes-services/"
    traveller.client.logout()
    assert said(traveller.opens(traveller.is_known(first, SUBJECT))) == UNKNOWN  # signing out forgets the journeys


def test_journeys_never_pile_up_in_a_session(traveller: Traveller) -> None:
    first = traveller.leaves()
    addresses = [traveller.leaves() for _ in range(5)]
    assert said(traveller.opens(traveller.is_known(first, SUBJECT))) == UNKNOWN
    assert traveller.opens(traveller.is_known(addresses[0], SUBJECT)).status_code == 302


def test_another_site_cannot_begin_a_journey(franceconnect: Provider) -> None:
    traveller = Traveller(franceconnect)
    answer = traveller.client.get("/connexion/franceconnect/", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer["Location"] == "/connexion/"
    assert traveller.client.get("/connexion/franceconnect/")["Location"].startswith(franceconnect.issuer)


def test_key_of_the_session_changes_when_one_comes_back(traveller: Traveller) -> None:
    back = traveller.comes_back(SUBJECT)
    before = traveller.client.session.session_key
    traveller.opens(back)
    assert traveller.client.session.session_key != before


# --- what is asked ----------------------------------------------------------------------------------------------------
SCOPES = {
    "educonnect": "openid profile",
    "franceconnect": "openid given_name family_name preferred_username",
    "proconnect": "openid given_name usual_name",
}


def test_no_more_is_asked_than_what_is_shown(traveller: Traveller) -> None:
    """No address, no e-mail, no birth date."""
    assert asked(traveller.leaves())["scope"] == SCOPES[traveller.provider.kind]


def test_two_journeys_never_ask_the_same_question(traveller: Traveller) -> None:
    one, two = asked(traveller.leaves()), asked(traveller.leaves())
    assert {len(one["state"]), len(one["nonce"])} == {64}
    assert not {one["state"], one["nonce"]} & {two["state"], two["nonce"]}


def test_provider_that_is_not_configured_is_not_there(franceconnect: Provider) -> None:
    introduces(franceconnect)
    assert Traveller(franceconnect).opens("/connexion/educonnect/").status_code == 404
