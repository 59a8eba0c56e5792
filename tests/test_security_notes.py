"""docs/securite-connexion.md says true things: its tests exist, its durations are those of the settings."""

import ast
import re
from datetime import timedelta
from functools import cache

import pytest
from django.conf import settings
from django.urls import reverse

from families import activation, addresses, passwords, renewal, sign_in_throttle, strength, typed_codes
from families.oidc import discovery, journeys
from families.oidc.parties import KINDS

ROOT = settings.BASE_DIR
NOTES = (ROOT / "docs" / "securite-connexion.md").read_text()
ROW = re.compile(r"^\| ([\d., ]+) \| (.+) \|$", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# Authentication, sessions, OAuth and OpenID Connect on the client's side: how many in each section of ASVS 5.0
SECTIONS = {
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2, "10.1": 2, "10.2": 3, "10.5": 5,
}  # fmt: skip
NO_CERTIFICATE = {"6.7.1"}  # and 6.7.2 with it: we have no cryptographic device


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text()) if (ROOT / path).is_file() else ast.Module([], [])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_proof_exists() -> None:
    proofs = set(PROOF.findall(NOTES))
    assert len(proofs) > 50
    assert {(path, name) for path, name in proofs if name not in functions_of(path)} == set()


def test_each_requirement_of_the_three_chapters_is_answered_once() -> None:
    answered = [one for ids, _ in ROW.findall(NOTES) for one in ids.split(", ")]
    wanted = {f"{section}.{number}" for section, last in SECTIONS.items() for number in range(1, last + 1)}
    assert sorted(answered) == sorted(wanted | NO_CERTIFICATE)


def test_each_file_that_holds_a_figure_exists() -> None:
    files = set(re.findall(r"`((?:families|static)/[\w./-]+)`", NOTES))
    assert {name for name in files if not (ROOT / name).is_file()} == set()


def told(what: str) -> str:
    figures = NOTES.partition("## Les durées")[2]
    found = re.search(rf"^\| {what} \| ([^|]+) \|", figures, re.MULTILINE)
    return found[1].strip() if found else ""


DURATIONS = {
    "session sans rien faire": timedelta(seconds=settings.SESSION_COOKIE_AGE),
    "session quoi qu’on fasse, familles": timedelta(hours=settings.SESSION_HOURS_FAMILIES),
    "session quoi qu’on fasse, personnel": timedelta(hours=settings.SESSION_HOURS_STAFF),
    "code reçu par courriel": passwords.VALIDITY,
    "code d’une nouvelle adresse": addresses.VALIDITY,
    "code d’activation": activation.VALIDITY,
    "code d’un nouveau mot de passe, remis par l’établissement": renewal.VALIDITY,
    "aller et retour chez un fournisseur": journeys.LIFE,
}
UNITS = {"minutes": timedelta(minutes=1), "heures": timedelta(hours=1), "jours": timedelta(days=1)}


@pytest.mark.parametrize("what", DURATIONS)
def test_the_durations_are_those_of_the_settings(what: str) -> None:
    number, unit = told(what).split(",")[0].split()
    assert int(number) * UNITS[unit] == DURATIONS[what]


def test_the_numbers_are_those_of_the_code() -> None:
    said = {what: [int(one) for one in re.findall(r"\d+", told(what))] for what in (
        "mot de passe", "mots de passe faux, compte et adresse", "code reçu par courriel",
    )}  # fmt: skip
    assert said["mot de passe"][0] == strength.LEAST
    minutes = settings.AXES_COOLOFF_TIME // timedelta(minutes=1)
    assert said["mots de passe faux, compte et adresse"] == [sign_in_throttle.PAIR_MOST, minutes]
    assert said["code reçu par courriel"][1:] == [typed_codes.MAX_TRIES, typed_codes.MAX_AN_HOUR]
    assert timedelta(hours=1) == discovery.LIFE


def test_each_door_is_an_address_of_the_site() -> None:
    doors = set(re.findall(r"`(/[\w/-]+/)`", NOTES.partition("## Qui est qui")[0]))
    names = ("sign_in", "activate", "attach", "lost_password", "renew_password", "second_factor")
    here = {reverse(f"families:{name}") for name in names}
    here |= {reverse("families:provider_start", args=[slug]) for slug in KINDS}
    assert doors == here
