"""Whatever the provider, or who speaks in its name, sends that is not for us, not from it, or not of now: no session.

Every answer is the real provider's, altered in one thing just before it leaves.
"""

import json
from typing import Any

import pytest

from config.providers import identity_providers
from tests.oidc.journeys import Traveller, asked
from tests.oidc.people import SUBJECT, knows
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db
Fault = dict[str, Any]
OTHER = "https://autre.invalid"

ID_TOKENS: dict[str, tuple[Fault, str]] = {
    "of another question": ({"claims": {"nonce": "n" * 64}}, "NONCE"),
    "of no question": ({"drop": ["nonce"]}, "NONCE"),
    "for somebody else": ({"claims": {"aud": "quelqu-un"}}, "AUD"),
    "for us and somebody else": ({"claims": {"aud": ["franceconnect", "quelqu-un"], "azp": "franceconnect"}}, "AUD"),
    "for nobody": ({"drop": ["aud"]}, "AUD"),
    "asked for by somebody else": ({"claims": {"azp": "quelqu-un"}}, "AZP"),
    "from somebody else": ({"claims": {"iss": OTHER}}, "ISS"),
    "from a longer name": ({"claims": {"iss": "http://localhost:1/x"}}, "ISS"),
    "from nobody": ({"drop": ["iss"]}, "ISS"),
    "of half a minute ago": ({"from_now": {"exp": -30}}, "EXP"),
    "without end": ({"drop": ["exp"]}, "EXP"),
    "of tomorrow": ({"from_now": {"iat": 86400}}, "IAT"),
    "of no moment": ({"drop": ["iat"]}, "IAT"),
    "not valid yet": ({"from_now": {"nbf": 60}}, "NBF"),
    "about nobody": ({"drop": ["sub"]}, "SUB"),
    "about an empty name": ({"claims": {"sub": ""}}, "SUB"),
    "about a name too long to be kept": ({"claims": {"sub": "1" * 256}}, "SUB"),
    "with another access token": ({"claims": {"at_hash": "A" * 22}}, "AT_HASH"),
    "not there": ({"absent": True}, "MISSING"),
    "signed by nobody": ({"signed": "by nobody"}, "ALGORITHM"),
    "signed by a foreign key": ({"signed": "by a foreign key"}, "SIGNATURE"),
    "signed by a key of an unknown name": ({"signed": "by a key of an unknown name"}, "KEY"),
    "signed by a key that it brings": ({"signed": "by a key of its own header"}, "SIGNATURE"),
    "signed with the public key as a secret": ({"signed": "with the public key as a secret"}, "ALGORITHM"),
    "signed with our secret": ({"signed": "with the secret of the client"}, "ALGORITHM"),
    "changed after it was signed": (
        {"claims": {"auth_time": 1}, "signed": "before the claims were changed"},
        "SIGNATURE",
    ),
}
USERINFOS: dict[str, tuple[Fault, str]] = {
    "about somebody else": ({"claims": {"sub": "quelqu-un"}}, "USERINFO_SUB"),
    "about nobody": ({"drop": ["sub"]}, "USERINFO_SUB"),
    "for somebody else": ({"claims": {"aud": "quelqu-un"}}, "USERINFO_AUD"),
    "for us and somebody else": ({"claims": {"aud": ["franceconnect", "quelqu-un"]}}, "AUD"),
    "from somebody else": ({"claims": {"iss": OTHER}}, "USERINFO_ISS"),
    "of half a minute ago": ({"from_now": {"exp": -30}}, "USERINFO_EXP"),
    "in the clear": ({"in": "userinfo in the clear"}, "USERINFO_UNSIGNED"),
    "signed by nobody": ({"signed": "by nobody"}, "ALGORITHM"),
    "signed by a foreign key": ({"signed": "by a foreign key"}, "SIGNATURE"),
    "signed with the public key as a secret": ({"signed": "with the public key as a secret"}, "ALGORITHM"),
    "changed after it was signed": ({"claims": {"x": 1}, "signed": "before the claims were changed"}, "SIGNATURE"),
}


def refused(provider: Provider, fault: Fault) -> tuple[str, str]:
    """Somebody whom we know comes by this provider, which lies: the code of our page; nobody is signed in."""
    knows(provider)
    provider.obey(fault=fault)
    traveller = Traveller(provider)
    answer = traveller.arrives(SUBJECT)
    assert (answer.status_code, traveller.account) == (403, None)
    return answer.context["code"], answer.context["detail"]


def test_the_same_person_enters_when_the_provider_is_honest(provider: Provider) -> None:
    account = knows(provider)
    traveller = Traveller(provider)
    assert traveller.arrives(SUBJECT).status_code == 302
    assert traveller.account == str(account.pk)


@pytest.mark.parametrize("case", ID_TOKENS)
def test_an_identity_is_refused(franceconnect: Provider, case: str) -> None:
    fault, detail = ID_TOKENS[case]
    assert refused(franceconnect, {"in": "id_token", **fault}) == ("OIDC_TOKEN", detail)


@pytest.mark.parametrize("case", [case for case in ID_TOKENS if "signed" in case and "brings" not in case])
def test_an_identity_is_refused_with_the_other_algorithm(educonnect: Provider, case: str) -> None:
    fault, detail = ID_TOKENS[case]
    assert refused(educonnect, {"in": "id_token", **fault}) == ("OIDC_TOKEN", detail)


@pytest.mark.parametrize("case", USERINFOS)
def test_what_is_said_of_a_person_is_refused(franceconnect: Provider, case: str) -> None:
    fault, detail = USERINFOS[case]
    assert refused(franceconnect, {"in": "userinfo", **fault}) == ("OIDC_TOKEN", detail)


def test_unsigned_words_about_somebody_else_are_refused(educonnect: Provider) -> None:
    fault = {"in": "userinfo", "claims": {"sub": "quelqu-un"}}
    assert refused(educonnect, fault) == ("OIDC_TOKEN", "USERINFO_SUB")


LOW = [{"drop": ["acr"]}, {"claims": {"acr": "eidas0"}}, {"claims": {"acr": ["eidas1"]}}]


@pytest.mark.parametrize("kind", ["franceconnect", "proconnect"])
@pytest.mark.parametrize("lie", LOW)
def test_a_person_not_known_well_enough_is_refused(request: pytest.FixtureRequest, kind: str, lie: Fault) -> None:
    provider: Provider = request.getfixturevalue(kind)
    assert refused(provider, {"in": "id_token", **lie}) == ("OIDC_LEVEL", "ACR")


@pytest.mark.parametrize(("level", "enters"), [("eidas1", False), ("eidas2", True)])
def test_level_of_the_staff_is_that_of_the_settings(
    proconnect: Provider, settings: Any, level: str, enters: bool
) -> None:
    """It is asked for by « claims », as ProConnect wants; what it answers is looked at all the same."""
    wanted = {"PROCONNECT_ACR_ACCEPTED": "eidas2", "PROCONNECT_ACR_ESSENTIAL": "1"}
    settings.IDENTITY_PROVIDERS = identity_providers({**proconnect.environment, **wanted})
    knows(proconnect)
    proconnect.obey(
        people={SUBJECT: {"claims": {}, "acr": "eidas2"}}, fault={"in": "id_token", "claims": {"acr": level}}
    )
    traveller = Traveller(proconnect)
    asking = traveller.leaves()
    assert json.loads(asked(asking)["claims"])["id_token"]["acr"] == {"essential": True, "values": ["eidas2"]}
    answer = traveller.opens(traveller.is_known(asking, SUBJECT))
    assert (traveller.account is not None) is enters
    assert enters or answer.context["code"] == "OIDC_LEVEL"


def test_a_better_known_person_is_let_in(franceconnect: Provider) -> None:
    knows(franceconnect)
    franceconnect.obey(fault={"in": "id_token", "claims": {"acr": "eidas3"}})
    traveller = Traveller(franceconnect)
    traveller.arrives(SUBJECT)
    assert traveller.account is not None


def test_a_provider_that_calls_itself_otherwise_is_not_followed(franceconnect: Provider) -> None:
    franceconnect.obey(fault={"in": "discovery", "claims": {"issuer": OTHER}})
    answer = Traveller(franceconnect).opens("/connexion/franceconnect/")
    assert (answer.status_code, answer.context["detail"]) == (503, "DISCOVERY_ISSUER")


def test_a_provider_without_addresses_is_not_followed(franceconnect: Provider) -> None:
    franceconnect.obey(fault={"in": "discovery", "drop": ["jwks_uri"]})
    answer = Traveller(franceconnect).opens("/connexion/franceconnect/")
    assert (answer.status_code, answer.context["detail"]) == (503, "DISCOVERY_ADDRESS")


def test_forged_identities_do_not_make_us_ask_for_keys_each_time(franceconnect: Provider) -> None:
    knows(franceconnect)
    before = franceconnect.obey(fault={"in": "id_token", "signed": "by a key of an unknown name"}).get("/jwks", 0)
    for _ in range(4):
        assert Traveller(franceconnect).arrives(SUBJECT).context["detail"] == "KEY"
    assert franceconnect.obey()["/jwks"] - before == 2  # once to know them, once to know them better
