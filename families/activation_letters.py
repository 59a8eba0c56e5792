"""The activation letters of a division: one A4 page for each person who has no account yet (ACC-01).

A letter speaks to one person of one code: it says nothing of the other parent, not even that there is one.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.formats import date_format

from families.activation import PUPIL, IssuedCode, code_holders, issue_codes, without_account
from families.attachments import Person
from families.models import Division, School
from families.paper import how_to_reach, pdf_of
from ledger import clock
from ledger.journal import Actor


def waiting_for(division: Division) -> tuple[int, list[tuple[Person, str]]]:
    """How many persons without an account may have a letter; who of them has one that is valid, and for which child."""
    now = clock.now()
    pupils, representatives = without_account(division, now=now, minors=False)
    persons = [*pupils, *representatives]
    have = code_holders(persons, now=now)
    return len(persons), [(one, ", ".join(representatives.get(one, []))) for one in persons if one in have]


def activation_letters(
    division: Division, *, by: Actor, renew: bool, to: Collection[str] | None = None
) -> bytes | None:
    """A new code for each legal representative and each pupil of age without an account: the PDF of their letters.

    With `renew`, earlier codes stop working, and so do the letters that held them; without it, who has a valid letter
    has no other. `to`: only these uuids. None when nobody is left: somebody else has just printed them.
    """
    codes = issue_codes(division, by=by, minors=False, renew=renew, to=to)
    return letters_pdf(codes, division) if codes else None


def letters_pdf(codes: Iterable[IssuedCode], division: Division) -> bytes:
    """A page each, in this order."""
    letters = [letter(one, division) for one in codes]
    return pdf_of("activation", {"title": f"Lettres d’activation, {division.code}", "letters": letters})


def letter(issued: IssuedCode, division: Division) -> dict[str, Any]:
    """The words of one page."""
    school, pupil = division.school, issued.role == PUPIL
    last_day = issued.expires_at.astimezone(school.timezone).date() - timedelta(days=1)
    written = clock.now().astimezone(school.timezone).date()
    place = f"{issued.children or issued.person}, {division.code}"
    return {
        "school": {"name": school.name, "lines": how_to_reach(school)},
        "to": [place] if pupil else [issued.person, f"pour {place}"],
        "date": f"Le {_day(written)}",
        "object": "Ouvrez votre compte pour votre orientation" if pupil
        else f"Ouvrez votre compte pour l’orientation : {issued.children}",
        "before": [
            "Bonjour," if pupil else "Madame, Monsieur,",
            "Le service Orientation est le site où les familles disent ce qu’elles demandent pour la suite, lisent les "
            "réponses du conseil de classe et y répondent. Voici le code qui ouvre votre compte.",
        ],
        "label": f"Code d’activation pour {issued.person}",
        "code": issued.code,
        "after": [
            f"Il est valable jusqu’au {_day(last_day)} et ne sert qu’une fois. Passé ce jour, demandez-en un autre au "
            "secrétariat.",
            "Il est pour vous seul : ne le donnez à personne. Si vous aviez déjà reçu une lettre comme celle-ci, son "
            "code ne fonctionne plus.",
        ],
        "steps": _steps(pupil),
        "help": _help(school),
    }  # fmt: skip


def _day(value: Any) -> str:
    return date_format(value, "l j F Y").replace(" 1 ", " 1er ")


def _steps(pupil: bool) -> list[str]:
    steps = [
        f"Allez sur {settings.PUBLIC_URL}, avec un téléphone ou un ordinateur.",
        "Choisissez « Ouvrir votre compte » et tapez le code. Les tirets, les espaces et les majuscules ne comptent "
        "pas.",
        "Choisissez un identifiant et un mot de passe. Gardez-les pour vous : c’est avec eux que vous reviendrez.",
    ]
    if pupil:
        return steps
    return [
        *steps,
        "Dans « Mon compte », indiquez ou corrigez votre adresse électronique : vous recevrez les récapitulatifs et "
        "les rappels.",
        "Vous avez déjà un compte, pour un autre enfant ? Connectez-vous, puis choisissez « Rattacher un enfant » dans "
        "« Mon compte », et tapez le code.",
    ]


def _help(school: School) -> str:
    how = f"Appelez l’établissement au {school.phone}" if school.phone else "Adressez-vous à l’établissement"
    return (
        f"{how} : il vous aide à ouvrir votre compte, et vous donne un autre code si vous avez perdu celui-ci. Si vous "
        "ne pouvez pas utiliser internet, dites-le-lui sans attendre."
    )
