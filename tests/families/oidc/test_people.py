"""From what a provider says to who is there, and as what."""

from typing import Any

import pytest

from families.oidc.claims import Claims, Who
from families.oidc.parties import party
from families.oidc.people import person
from families.oidc.refusals import Code, Refused
from tests.families.oidc.settings import described

PUPIL = {
    "FrEduCtPersonAffiliation": ["eleve2d"],
    "FrEduCtEleveINE": "070832327JA",
    "FrEduCtEleveUAI": "0990001N",
    "sn": "Martin",
    "givenName": "Camille",
}


@pytest.fixture(autouse=True)
def all_three(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = {
        **described("educonnect"), **described("franceconnect"), **described("proconnect"),
    }  # fmt: skip


def said(slug: str, about: dict[str, Any], **identity: Any) -> Claims:
    return person(party(slug), {"sub": "42", **identity}, {"sub": "42", **about}, id_token="jeton")


def refusal(slug: str, about: dict[str, Any], **identity: Any) -> tuple[Code, str]:
    with pytest.raises(Refused) as caught:
        said(slug, about, **identity)
    return caught.value.code, caught.value.detail


def test_a_pupil_of_a_lycee_comes_with_their_number_and_their_school() -> None:
    claims = said("educonnect", PUPIL)
    assert (claims.who, claims.ine, claims.uai) == (Who.PUPIL, "070832327JA", "0990001N")
    assert (claims.given_name, claims.family_name) == ("Camille", "Martin")
    assert (claims.provider, claims.issuer, claims.subject) == ("educonnect", "https://fournisseur.invalid", "42")


@pytest.mark.parametrize("said_as", [["eleve2d"], "eleve2d", ["ELEVE2D"], ["eleve1d", "eleve2d"]])
def test_an_affiliation_is_one_value_or_a_list(said_as: Any) -> None:
    assert said("educonnect", {**PUPIL, "FrEduCtPersonAffiliation": said_as}).who is Who.PUPIL


@pytest.mark.parametrize("ine", ["070832327ja", ["070832327JA"], ["070832327JA", "070832327JA"], " 070832327JA "])
def test_a_number_is_one_value_or_a_list_whatever_its_case(ine: Any) -> None:
    assert said("educonnect", {**PUPIL, "FrEduCtEleveINE": ine}).ine == "070832327JA"


@pytest.mark.parametrize("ine", ["", None, "123", ["070832327JA", "070832328JB"], {"ine": "070832327JA"}, 7, "é" * 11])
def test_a_number_that_is_not_one_designates_nobody(ine: Any) -> None:
    assert said("educonnect", {**PUPIL, "FrEduCtEleveINE": ine}).ine == ""


def test_a_school_is_found_in_a_composed_value() -> None:
    assert said("educonnect", {**PUPIL, "FrEduCtEleveUAI": "0990001N$MARTIN"}).uai == "0990001N"


def test_two_schools_at_once_are_none() -> None:
    assert said("educonnect", {**PUPIL, "FrEduCtEleveUAI": ["0990001N", "0990002P"]}).uai == ""


def test_a_representative_never_carries_the_number_of_a_pupil() -> None:
    claims = said("educonnect", {**PUPIL, "FrEduCtPersonAffiliation": ["resp1d", "resp2d"]})
    assert (claims.who, claims.ine, claims.uai) == (Who.REPRESENTATIVE, "", "")


@pytest.mark.parametrize(
    ("affiliation", "detail"),
    [
        (["resp1d"], "PRIMARY"),
        (["eleve1d"], "PRIMARY"),
        (["eleve2d", "resp2d"], "AFFILIATION"),
        (["agent"], "AFFILIATION"),
        ([], "AFFILIATION"),
        (None, "AFFILIATION"),
    ],
)
def test_who_is_neither_or_both_is_refused(affiliation: Any, detail: str) -> None:
    assert refusal("educonnect", {**PUPIL, "FrEduCtPersonAffiliation": affiliation}) == (Code.KIND, detail)


@pytest.mark.parametrize(("slug", "who"), [("franceconnect", Who.REPRESENTATIVE), ("proconnect", Who.STAFF)])
def test_the_two_others_vouch_for_one_kind_of_people_whatever_they_say(slug: str, who: Who) -> None:
    claims = said(slug, PUPIL)
    assert (claims.who, claims.ine, claims.uai) == (who, "", "")


def test_nothing_is_kept_of_an_address() -> None:
    assert "camille@exemple.fr" not in repr(said("educonnect", {**PUPIL, "email": "camille@exemple.fr"}))


def test_the_usual_name_is_shown_before_the_birth_name() -> None:
    names = {"given_name": "Dominique", "family_name": "Martin", "preferred_username": "Durand"}
    assert said("franceconnect", names).family_name == "Durand"
    assert said("franceconnect", {**names, "preferred_username": ""}).family_name == "Martin"


def test_a_name_is_shown_on_one_line_and_never_too_long() -> None:
    claims = said("franceconnect", {"given_name": "A\x00B\n\u202eC", "family_name": "x" * 500})
    assert (claims.given_name, len(claims.family_name)) == ("A B C", 100)


def test_the_identity_token_counts_before_what_is_added_to_it() -> None:
    assert said("franceconnect", {"given_name": "Autre"}, given_name="Dominique").given_name == "Dominique"


def test_somebody_may_be_known_by_another_claim(settings: Any) -> None:
    settings.IDENTITY_PROVIDERS = described("educonnect", SUBJECT="FrEduCtId")
    assert said("educonnect", {**PUPIL, "FrEduCtId": "resp-1"}).subject == "resp-1"
    for wrong in ("", None, ["resp-1"], "x" * 256, "a\x00b"):
        assert refusal("educonnect", {**PUPIL, "FrEduCtId": wrong}) == (Code.TOKEN, "SUBJECT")
