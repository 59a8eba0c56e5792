"""From what a provider says to who is there, as what. An e-mail address is not read, whatever it says (ACC-01)."""

import re
from collections.abc import Iterable
from typing import Any, Final

from families.oidc.claims import Claims, Who
from families.oidc.parties import Party
from families.oidc.refusals import Code, Refused, demand
from families.oidc.tokens import LONGEST_SUBJECT

LONGEST_NAME: Final = 100
AFFILIATIONS: Final = {"eleve2d": Who.PUPIL, "resp2d": Who.REPRESENTATIVE}
PRIMARY: Final = {"eleve1d", "resp1d"}
INE: Final = re.compile(r"[0-9A-Z]{11}")
UAI: Final = re.compile(r"[0-9]{7}[A-Z]")


def person(party: Party, identity: dict[str, Any], about: dict[str, Any], *, id_token: str) -> Claims:
    """`identity`: claims of the ID token; `about`: of the userinfo. Raises Refused (KIND, TOKEN)."""
    said = {**about, **identity}
    who = who_is(party, said)
    is_pupil = who is Who.PUPIL
    return Claims(
        provider=party.slug,
        issuer=party.issuer,
        subject=subject(party, said),
        who=who,
        given_name=name(said, "givenName", "given_name"),
        family_name=name(said, "sn", "preferred_username", "usual_name", "family_name"),
        ine=only_one(said.get("FrEduCtEleveINE"), INE) if is_pupil else "",
        uai=only_one(said.get("FrEduCtEleveUAI"), UAI) if is_pupil else "",
        id_token=id_token,
    )


def who_is(party: Party, said: dict[str, Any]) -> Who:
    """EduConnect says it, and never two things at once; the others vouch for one kind of people."""
    if len(party.who) == 1:
        return next(iter(party.who))
    told = {one.lower() for one in words(said.get("FrEduCtPersonAffiliation"))}
    found = {AFFILIATIONS[one] for one in told if one in AFFILIATIONS}
    demand(bool(found) or not told & PRIMARY, Code.KIND, "PRIMARY")
    demand(len(found) == 1, Code.KIND, "AFFILIATION")
    return found.pop()


def subject(party: Party, said: dict[str, Any]) -> str:
    """The claim that names somebody for ever, at this issuer: `sub`, unless the settings name another."""
    found = said.get(party.subject)
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_SUBJECT or not found.isprintable():
        raise Refused(Code.TOKEN, "SUBJECT")
    return found


def name(said: dict[str, Any], *claims: str) -> str:
    """The first of these claims that is there, on one line, of a length to show."""
    found = next((words(said[claim])[0] for claim in claims if words(said.get(claim))), "")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in found).split())[:LONGEST_NAME]


def only_one(said: Any, shape: re.Pattern[str]) -> str:
    """The one value of this shape; "" when there is none, or several: then it designates nobody."""
    found = {part for one in words(said) for part in pieces(one) if shape.fullmatch(part)}
    return found.pop() if len(found) == 1 else ""


def pieces(word: str) -> Iterable[str]:
    return (part.strip().upper() for part in word.split("$"))


def words(said: Any) -> list[str]:
    """A claim with one value or with several."""
    return [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str) and one]
