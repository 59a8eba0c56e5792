"""Who comes in through a provider, and as whom: by issuer and subject, then by an act of theirs (ACC-01)."""

from typing import Any

import pytest
from django.test import Client

from config.providers import identity_providers
from families import activation
from families.models import Attachment, Identity, Session, SignIn, Student, User
from ledger.journal import SIECLE
from ledger.models import JournalEntry
from tests import factories
from tests.factories import Family
from tests.oidc.journeys import Traveller, asked
from tests.oidc.people import SUBJECT, introduces, knows, linked
from tests.oidc.running import Provider

pytestmark = pytest.mark.django_db
PUPIL = {"FrEduCtPersonAffiliation": ["eleve2d"], "FrEduCtId": "eleve-1"}


@pytest.fixture
def family() -> Family:
    """Two parents who have no account yet."""
    made = factories.family()
    for parent in made.parents:
        parent.user = None
        parent.save()
    return made


def code_of(family: Family) -> str:
    """The code that the school hands out to the mother."""
    issued = activation.issue_codes(family.student.division, by=SIECLE, to=[str(family.mother.uuid)])
    return issued[0].code


def pupil_s_claims(student: Student, **changed: Any) -> dict[str, Any]:
    return {**PUPIL, "FrEduCtEleveINE": student.ine, "FrEduCtEleveUAI": student.school.uai, **changed}


# --- a representative -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["educonnect", "franceconnect"])
def test_representative_types_the_code_once_and_then_comes_straight_in(
    request: pytest.FixtureRequest, family: Family, kind: str
) -> None:
    provider: Provider = request.getfixturevalue(kind)
    introduces(provider)
    first = Traveller(provider)
    assert first.arrives(SUBJECT, next_page="/mon-compte/")["Location"] == "/premier-acces/"
    assert first.account is None
    assert first.client.post("/premier-acces/", {"code": code_of(family)})["Location"] == "/premier-acces/verifier/"
    assert first.account is None
    assert first.client.post("/premier-acces/verifier/")["Location"] == "/mon-compte/"
    family.mother.refresh_from_db()
    assert first.account == str(family.mother.user_id)
    assert list(Attachment.objects.values_list("representative", "way", "provider")) == [
        (family.mother.pk, "CODE", kind)
    ]
    again = Traveller(provider)
    assert again.arrives(SUBJECT)["Location"] == "/mes-services/"
    assert again.account == first.account


def test_name_and_address_of_a_representative_open_nothing(franceconnect: Provider, family: Family) -> None:
    """Whatever the provider says of them: those are written on every form of the school."""
    taken = factories.user(email="mere@exemple.invalid")
    family.mother.email = taken.email
    family.mother.user = taken
    family.mother.save()
    said = {"given_name": family.mother.first_name, "family_name": family.mother.family_name, "email": taken.email}
    introduces(franceconnect, **said)
    franceconnect.obey(fault={"in": "userinfo", "claims": {**said, "email_verified": True}})
    traveller = Traveller(franceconnect)
    assert traveller.arrives(SUBJECT)["Location"] == "/premier-acces/"
    assert traveller.account is None
    assert Identity.objects.count() == 0


def test_same_person_under_another_name_and_address_is_the_same(franceconnect: Provider) -> None:
    account = knows(franceconnect)
    introduces(franceconnect, family_name="Autre", given_name="Tout", email="autre@exemple.invalid")
    traveller = Traveller(franceconnect)
    traveller.arrives(SUBJECT)
    assert traveller.account == str(account.pk)
    account.refresh_from_db()
    assert (account.last_name, account.email) == ("", "")


def test_same_subject_at_two_issuers_is_two_people(educonnect: Provider, franceconnect: Provider) -> None:
    account = knows(educonnect)
    introduces(franceconnect)
    stranger = Traveller(franceconnect)
    assert stranger.arrives(SUBJECT)["Location"] == "/premier-acces/"
    assert stranger.account is None
    other = factories.user()
    linked(other, franceconnect)
    found = [Traveller(educonnect), Traveller(franceconnect)]
    for traveller in found:
        traveller.arrives(SUBJECT)
    assert [one.account for one in found] == [str(account.pk), str(other.pk)]


# --- a pupil ----------------------------------------------------------------------------------------------------------
def test_pupil_is_found_by_number_and_school(educonnect: Provider) -> None:
    pupil = factories.student(factories.division(factories.school()))
    introduces(educonnect, **pupil_s_claims(pupil))
    traveller = Traveller(educonnect)
    traveller.arrives(SUBJECT)
    pupil.refresh_from_db()
    assert traveller.account == str(pupil.user_id)


@pytest.mark.parametrize(
    "changed",
    [
        {"FrEduCtEleveUAI": "0690001Z"},
        {"FrEduCtEleveINE": "999999999ZZ"},
        {"FrEduCtEleveINE": ""},
        {"FrEduCtEleveINE": None},
    ],
    ids=["another school", "another number", "a blank number", "no number"],
)
def test_pupil_who_is_not_found_is_nobody(educonnect: Provider, changed: dict[str, Any]) -> None:
    pupil = factories.student(factories.division(factories.school()))
    introduces(educonnect, **pupil_s_claims(pupil, **changed))
    traveller = Traveller(educonnect)
    answer = traveller.arrives(SUBJECT)
    assert (answer.status_code, answer.context["code"], traveller.account) == (403, "PUPIL_NOT_FOUND", None)
    pupil.refresh_from_db()
    assert pupil.user is None


def test_pupil_whose_number_siecle_does_not_know_is_nobody_s_blank(educonnect: Provider) -> None:
    pupil = factories.student(factories.division(factories.school()), ine="")
    introduces(educonnect, **pupil_s_claims(pupil))
    traveller = Traveller(educonnect)
    assert traveller.arrives(SUBJECT).context["code"] == "PUPIL_NOT_FOUND"
    assert traveller.account is None


@pytest.mark.parametrize(
    ("affiliation", "refusal"),
    [
        (["eleve1d"], ("OIDC_KIND", "PRIMARY")),
        (["resp1d"], ("OIDC_KIND", "PRIMARY")),
        (["eleve2d", "resp2d"], ("OIDC_KIND", "AFFILIATION")),
        ([], ("OIDC_KIND", "AFFILIATION")),
        ("national_5", ("OIDC_KIND", "AFFILIATION")),
    ],
)
def test_person_of_another_kind_is_refused(educonnect: Provider, affiliation: Any, refusal: tuple[str, str]) -> None:
    knows(educonnect)
    introduces(educonnect, FrEduCtPersonAffiliation=affiliation)
    traveller = Traveller(educonnect)
    answer = traveller.arrives(SUBJECT)
    assert (answer.context["code"], answer.context["detail"]) == refusal
    assert (answer.status_code, traveller.account) == (403, None)


def test_pupil_never_enters_as_their_parent(educonnect: Provider, family: Family) -> None:
    """Even if the identity of a pupil were linked to the account of a parent."""
    family.mother.user = knows(educonnect)
    family.mother.save()
    introduces(educonnect, **{**PUPIL, "FrEduCtEleveINE": "999999999ZZ", "FrEduCtEleveUAI": "0690001Z"})
    traveller = Traveller(educonnect)
    assert traveller.arrives(SUBJECT).context["code"] == "IDENTITY_KIND"
    assert traveller.account is None


# --- staff ------------------------------------------------------------------------------------------------------------
def test_staff_link_their_identity_once_signed_in_and_then_come_straight_in(proconnect: Provider) -> None:
    agent = factories.staff(factories.school())
    introduces(proconnect, email=agent.email)
    traveller = Traveller(proconnect)
    answer = traveller.arrives(SUBJECT)
    assert (answer.status_code, answer.context["code"], traveller.account) == (403, "STAFF_NOT_LINKED", None)
    typed = {"username": agent.username, "password": "mot-de-passe-solide"}
    assert traveller.client.post(answer.context["linking"], typed)["Location"] == "/mon-compte/relier/"
    traveller.client.post("/mon-compte/relier/")
    again = Traveller(proconnect)
    assert again.arrives(SUBJECT)["Location"] == "/admin/"
    assert again.account == str(agent.pk)


def test_family_s_account_is_not_entered_as_staff(proconnect: Provider) -> None:
    introduces(proconnect)
    linked(factories.user(), proconnect)
    traveller = Traveller(proconnect)
    assert traveller.arrives(SUBJECT).context["code"] == "IDENTITY_KIND"
    assert traveller.account is None


# --- whoever it is ----------------------------------------------------------------------------------------------------
def test_closed_account_stays_closed(provider: Provider) -> None:
    User.objects.filter(pk=knows(provider).pk).update(is_active=False)
    traveller = Traveller(provider)
    assert traveller.arrives(SUBJECT).context["code"] == "ACCOUNT_CLOSED"
    assert traveller.account is None


def test_somebody_signed_in_already_does_not_become_somebody_else(franceconnect: Provider) -> None:
    knows(franceconnect)
    me = factories.user()
    traveller = Traveller(franceconnect)
    traveller.client.force_login(me)
    assert traveller.arrives(SUBJECT).context["code"] == "IDENTITY_TAKEN"
    assert traveller.account == str(me.pk)


def test_somebody_signed_in_already_is_asked_for_their_password_there_again(provider: Provider) -> None:
    account = knows(provider)
    traveller = Traveller(provider)
    assert "prompt" not in asked(traveller.leaves())
    traveller.client.force_login(account)
    assert asked(traveller.leaves())["prompt"] == "login"


def test_sign_in_says_by_which_way(provider: Provider) -> None:
    account = knows(provider)
    Traveller(provider).arrives(SUBJECT)
    assert list(SignIn.objects.filter(user=account).values_list("way", flat=True)) == [provider.kind]
    assert list(Session.objects.filter(user=account).values_list("way", flat=True)) == [provider.kind]


def test_no_token_leaves_the_server(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    """Neither for the browser, nor for the logs, nor for the journal."""
    knows(provider)
    traveller = Traveller(provider)
    caplog.set_level("DEBUG")
    answer = traveller.arrives(SUBJECT)
    token = traveller.client.session["id_token"]
    page = traveller.client.get("/mon-compte/")
    shown = [answer.content.decode(), page.content.decode(), str(answer.headers), caplog.text]
    shown += [cookie.value for cookie in traveller.client.cookies.values()]
    shown += map(str, JournalEntry.objects.values_list("data", flat=True))
    assert [one for one in shown if token in one or token.split(".")[1] in one] == []
    assert [one for one in shown if SUBJECT in one] == []


def test_provider_without_discovery_is_described_by_hand(educonnect: Provider, settings: Any) -> None:
    paths = {"AUTHORIZATION": "auth", "TOKEN": "token", "USERINFO": "me"}
    by_hand = {f"EDUCONNECT_{name}_ENDPOINT": f"{educonnect.issuer}/{path}" for name, path in paths.items()}
    by_hand["EDUCONNECT_JWKS_URI"] = f"{educonnect.issuer}/jwks"
    settings.IDENTITY_PROVIDERS = identity_providers({**educonnect.environment, **by_hand})
    account = knows(educonnect)
    educonnect.obey(broken={"/.well-known/openid-configuration": 404})
    traveller = Traveller(educonnect)
    traveller.arrives(SUBJECT)
    assert traveller.account == str(account.pk)


def test_identifier_that_the_settings_name_is_the_one_that_counts(educonnect: Provider, settings: Any) -> None:
    """EduConnect: `sub` may be a pseudonym of the day, and FrEduCtId the one that stays."""
    settings.IDENTITY_PROVIDERS = identity_providers({**educonnect.environment, "EDUCONNECT_SUBJECT": "FrEduCtId"})
    account = factories.user()
    linked(account, educonnect, "resp-1")
    introduces(educonnect, "pseudonyme-du-jour")
    traveller = Traveller(educonnect)
    traveller.arrives("pseudonyme-du-jour")
    assert traveller.account == str(account.pk)


def test_local_form_knows_nothing_of_accounts_without_password(franceconnect: Provider, family: Family) -> None:
    introduces(franceconnect)
    traveller = Traveller(franceconnect)
    traveller.arrives(SUBJECT)
    traveller.client.post("/premier-acces/", {"code": code_of(family)})
    traveller.client.post("/premier-acces/verifier/")
    account = User.objects.get(pk=traveller.account)
    client = Client()
    for password in ("", account.password, "!"):
        client.post("/connexion/", {"username": account.username, "password": password})
    assert "_auth_user_id" not in client.session
