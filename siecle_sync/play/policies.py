"""The policies that one may impose on the simulated campaign: NAME=VALUE, whatever the case. Raises CommandError."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.management.base import CommandError

from families.models import YearDivision
from orientation.enums import (
    Acceptances,
    AcknowledgementBy,
    AnsweredBy,
    Objection,
    OpinionChange,
    RecapTo,
    RecapWhen,
)

WORDS: Mapping[str, tuple[str, ...]] = {
    "acknowledgement_by": tuple(AcknowledgementBy.values),
    "opinion_change": tuple(OpinionChange.values),
    "objection": tuple(Objection.values),
    "answered_by": tuple(AnsweredBy.values),
    "acceptances": tuple(Acceptances.values),
    "recap_to": tuple(RecapTo.values),
    "recap_when": tuple(RecapWhen.values),
    "year_division": tuple(YearDivision.values),
}
NUMBERS: Mapping[str, int] = {"max_choices": 11, "specialties": 13, "specialties_if_outside": 13}  # from 1 to…
YES, NO = ("oui", "yes", "true", "1"), ("non", "no", "false", "0")
LONGEST = 40
NAMES = (*WORDS, *NUMBERS, "free_text", "opinion_values")
OF_THE_SCHOOL = "year_division"  # the only one that is not a column of the campaign


def read_policies(options: Iterable[str]) -> dict[str, Any]:
    """{name: value} from « NAME=VALUE » texts; the last one of a name counts."""
    return dict(read_policy(option) for option in options)


def read_policy(option: str) -> tuple[str, Any]:
    written, equals, value = option.partition("=")
    name = written.strip().lower().replace("-", "_")
    if not equals or name not in NAMES:
        raise misuse(
            f"Réglage inconnu\u00a0: « {option} ». Écrivez NOM=VALEUR, avec un de ces noms\u00a0: {listed(NAMES)}."
        )
    return name, read_value(name, value.strip())


def read_value(name: str, value: str) -> Any:
    if name in NUMBERS:
        return number(name, value)
    if name == "free_text":
        return yes_or_no(name, value)
    if name == "opinion_values":
        return opinions(name, value)
    word = value.upper().replace("-", "_")
    if word not in WORDS[name]:
        raise wrong(name, value, listed(WORDS[name]))
    return word


def number(name: str, value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= NUMBERS[name]:
        raise wrong(name, value, f"un nombre de 1 à {NUMBERS[name]}")
    return int(value)


def yes_or_no(name: str, value: str) -> bool:
    if value.lower() not in YES + NO:
        raise wrong(name, value, "oui ou non")
    return value.lower() in YES


def opinions(name: str, value: str) -> list[str]:
    found = [one.strip() for one in value.split(",")]
    if len(set(found)) != len(found) or not all(0 < len(one) <= LONGEST for one in found):
        raise wrong(name, value, f"des valeurs différentes de {LONGEST} caractères au plus, séparées par des virgules")
    return found


def wrong(name: str, value: str, expected: str) -> CommandError:
    return misuse(f"Le réglage « {name} » ne peut pas valoir « {value} ». Attendu\u00a0: {expected}.")


def misuse(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=2)


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)
